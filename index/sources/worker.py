"""Files read in a process of their own, which can be killed: parsers meet what strangers wrote.

A file that takes too long, or too much memory, or crashes a parser, is left out with its reason;
a fresh process goes on with the next. Short plain texts are read here: starting a process takes as
long as reading a hundred of them.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self, cast

from index.errors import SourceError
from index.sources import OUT_OF_MEMORY, READERS, SourceFile, read
from index.sources.content import misnamed
from index.sources.files import shown
from index.sources.messages import Found, heard, order, receive, send
from index.types import Skipped

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0  # for a file, and ...
SECONDS_A_MEGABYTE = 5.0
MEMORY = 2_000_000_000  # bytes
FILES = 500  # after so many a fresh process goes on, so that leaks of parsers do not add up
SHORT = 65_536  # bytes
PLAIN = frozenset({"plain", "markdown", "collection"})
TICK = 0.25  # seconds between two signs of life
_AHEAD = 2  # documents read before they are asked for
_DEAD = object()


class Worker:
    """A reader of files, one after the other; its process starts when it is first needed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY, short: int = SHORT) -> None:
        """Allow a file so many seconds and bytes; plain text of less than `short` is read here."""
        self._seconds = seconds
        self._memory = memory
        self._short = short
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        """Read until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process, whatever it does; reading another file starts a new one."""
        if self._process:
            self._process.end()
            self._process = None

    def read(self, source: SourceFile) -> Iterator[Found]:
        """A file's documents and what is left out of it; None is a sign of life while it is read.

        Nothing is raised for what is wrong with a file. Leaving before the end kills the process.
        """
        plain = READERS.get(source.path.suffix.lower()) in PLAIN
        if plain and source.size < self._short and not misnamed(source):
            yield from read(source)
            return
        limit = self._seconds + SECONDS_A_MEGABYTE * source.size / 1e6
        done = False
        try:
            for found in self._started(source, limit).found(limit):
                done = isinstance(found, Skipped) and found.reason == OUT_OF_MEMORY
                yield found
            done = not done
        except TimeoutError:
            reason = f"took longer than {limit:.0f} s to read; leave it out, or split it"
            yield Skipped(source.shown, reason)
        except EOFError:
            yield Skipped(
                source.shown, f"crashes what reads {source.path.suffix} files{self._ended()}"
            )
        except (SourceError, OSError) as error:
            yield Skipped(source.shown, f"cannot be read: {shown(str(error))}")
        finally:
            if not done or (self._process and self._process.files >= FILES):
                self.close()

    def _started(self, source: SourceFile, limit: float) -> _Process:
        """The process, with this file to read: a new one where there is none, or it has died."""
        if self._process:
            try:
                self._process.order(source, limit)
            except OSError:
                self.close()
            else:
                return self._process
        self._process = _Process(self._memory)
        self._process.order(source, limit)
        return self._process

    def _ended(self) -> str:
        code = self._process.ended() if self._process else 0
        return f" (signal {-code})" if code < 0 else ""


class _Process:
    """A running `index.sources.child`: killed at the end, and ending by itself with this one."""

    def __init__(self, memory: int) -> None:
        # What it unpacks lies in a folder of its own, which goes with it however it ends.
        self._room = tempfile.TemporaryDirectory(prefix=f"quoth-{os.getpid()}-")
        room = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._room.name)
        theirs, self._lifeline = os.pipe()
        try:
            program = [sys.executable, "-W", "ignore", "-m", "index.sources.child"]
            self._child = subprocess.Popen(  # noqa: S603 - ourselves
                [*program, str(theirs), str(memory)],
                cwd=ROOT,
                env=os.environ | room,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=() if sys.platform == "win32" else (theirs,),
                start_new_session=True,  # Ctrl-C is for us
            )
        except BaseException:
            os.close(self._lifeline)
            self._room.cleanup()
            raise
        finally:
            os.close(theirs)
        self.pid = self._child.pid
        self.files = 0
        self._heard: queue.Queue[object] = queue.Queue(_AHEAD)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def order(self, source: SourceFile, seconds: float) -> None:
        """Have a file read."""
        send(cast("BinaryIO", self._child.stdin), order(source, seconds))
        self.files += 1

    def found(self, seconds: float) -> Iterator[Found]:
        """What the file holds, and None at least every `TICK` seconds while we wait for it.

        Raises:
            TimeoutError: we have waited this long altogether.
            EOFError: the process has died, or talks nonsense.
        """
        left = seconds
        while True:
            started = time.monotonic()
            try:
                record = self._heard.get(timeout=max(0.0, min(TICK, left)))
            except queue.Empty:
                left -= time.monotonic() - started
                if left <= 0:
                    raise TimeoutError from None
                yield None
                continue
            left -= time.monotonic() - started
            if record is _DEAD:
                raise EOFError
            if (known := heard(record)) is None:
                return
            yield known

    def ended(self) -> int:
        """The exit status of a process that has closed its output; negative: a signal."""
        with suppress(subprocess.TimeoutExpired):
            return self._child.wait(1)
        return 0

    def end(self) -> None:
        """Kill the process, and leave nothing of it."""
        self._child.kill()
        while self._listener.is_alive():
            with suppress(queue.Empty):  # it may be waiting for room
                self._heard.get(timeout=0.01)
        self._child.wait()
        os.close(self._lifeline)
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):
                cast("BinaryIO", pipe).close()
        self._room.cleanup()

    def _listen(self) -> None:
        """Take in frames until there are no more, no farther ahead than a few."""
        try:
            while True:
                self._heard.put(receive(cast("BinaryIO", self._child.stdout)))
        except Exception:  # the end, or nonsense: either way the process is of no use
            self._heard.put(_DEAD)
