"""A real terminal with a real process in it."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# The process leads the session of the terminal, as under a shell: closing that hangs it up.
_START = """
import fcntl, runpy, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.argv = ["quoth", *sys.argv[1:]]
runpy.run_module("qa.cli", run_name="__main__")
"""
_ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[PX^_].*?\x1b\\|.)")
ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds after which a test gives up


class Terminal:
    """What a person has before them: keys in, characters out."""

    def __init__(self, arguments: list[str], folder: Path) -> None:
        """Run `quoth` with these arguments in a folder."""
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._before = termios.tcgetattr(self._theirs)
        kept = str(folder / "sessions.sqlite")
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            cwd=folder,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "PYTHONPATH": str(ROOT),
                "QUOTH_SESSIONS": kept,
            },
            start_new_session=True,
        )
        self.output = b""

    def _read(self, seconds: float) -> bool:
        """Take what is shown within so long; false once nobody shows anything any more."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            part = os.read(self._ours, 65_536)
        except OSError:  # Linux says so where all of the other end is closed
            return False
        self.output += part
        return bool(part)

    @property
    def text(self) -> str:
        """All that was shown so far, without what moves about and colours."""
        return _ESCAPES.sub(b"", self.output).decode(errors="replace")

    def until(self, pattern: str) -> None:
        """Wait for a regular expression to be met by what is shown."""
        self.until_so(lambda: re.search(pattern, self.text))

    def until_so(self, so: Callable[[], object]) -> None:
        """Wait for something to be so."""
        end = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < end, f"never so\n{self.text[-3000:]}"
            assert self._read(0.1)

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self._ours, keys)

    def hang_up(self) -> None:
        """Close the terminal, as a window is closed."""
        os.close(self._theirs)
        os.close(self._ours)
        self._ours = self._theirs = -1

    def end(self) -> int:
        """Wait for the process to end, and return its exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"does not end\n{self.text[-3000:]}"
            if self._ours >= 0:
                self._read(0.05)
            else:
                time.sleep(0.05)
        while self._ours >= 0 and select.select([self._ours], [], [], 0)[0] and self._read(0):
            pass
        return self.process.returncode

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was: its modes, its first screen, and its cursor."""
        modes = termios.tcgetattr(self._theirs) == self._before
        left = self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")
        cursor = self.output.rfind(b"\x1b[?25h") > self.output.rfind(b"\x1b[?25l")
        mouse = self.output.rfind(b"\x1b[?1000l") > self.output.rfind(b"\x1b[?1000h")
        return modes and left and cursor and mouse

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self._ours >= 0:
            self.hang_up()


@contextmanager
def quoth(folder: Path, *arguments: str) -> Iterator[Terminal]:
    """The program in a terminal of its own."""
    terminal = Terminal([*arguments], folder)
    try:
        yield terminal
    finally:
        terminal.close()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "qa.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
