"""The process that reads files: `python -m index.sources.child LIFELINE MEMORY`.

It has neither network nor other programs, writes no large files, and says nothing but what it
found. `index.sources.worker` starts it, and ends it where it takes too long.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from types import FrameType
from typing import Any

from index.sources import read
from index.sources.files import LARGEST
from index.sources.messages import ordered, receive, send, told

GRACE = 5  # seconds after which we end ourselves, should whoever started us be unable to
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


def forbid(event: str, _arguments: tuple[Any, ...]) -> None:
    """An audit hook: a document is read with nothing but this process."""
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"reading a document may not use {event}")


def limit(memory: int) -> None:
    """Bound what a hostile file can take: memory, the size of files written, traces of a crash."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: LARGEST,
        # Of the address space, libraries and mapped files would count as well.
        resource.RLIMIT_DATA: memory,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
            resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))


def end_with_parent(lifeline: int) -> None:
    """End at once when the other end of a pipe is closed, as it is when its holder dies.

    A signal does that even while a parser is busy, where a thread would have to wait for its turn.
    """
    if sys.platform == "win32":
        return
    import fcntl

    def leave(_signal: int, _frame: FrameType | None) -> None:
        os._exit(1)

    if sys.platform != "linux":  # there the system itself ends us
        signal.signal(signal.SIGIO, leave)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    # While we were starting it may have been closed already, and then no signal comes.
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(1)


def end_after(seconds: float) -> None:
    """End when this time has passed, or never for 0."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def main(lifeline: str, memory: str) -> None:
    """Read the files that standard input names, and write what they hold to standard output."""
    end_with_parent(int(lifeline))
    limit(int(memory))
    sys.addaudithook(forbid)
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # parsers may print
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            source, seconds = ordered(receive(sys.stdin.buffer))
            end_after(seconds + GRACE)
            for found in read(source):
                send(output, told(found))
            send(output, told(None))
            end_after(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
