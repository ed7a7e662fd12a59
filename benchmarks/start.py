"""From a cold process to the first frame and the first answer: `python -m benchmarks.start`.

Each run starts `quoth` anew in a pseudo-terminal, over an index that exists, and types a question
as soon as the first frame is out. What is on the screen is read off what the process writes.
Beside it stands what Python and the bare import of Textual take, measured in turn with it. Prints
the medians, with the fastest and the slowest, and appends them to `benchmarks/results/start.jsonl`.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from index.build import build
from qa.commands.open import SEEDS
from qa.upkeep import calibrated

QUESTION = "What did Hunt announce in December 2016?"
RESULTS = Path(__file__).parent / "results" / "start.jsonl"
ROWS, COLUMNS = 34, 120
LONGEST = 60.0  # seconds
ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")
BARE = {
    "python": "pass",
    "import textual": "import textual.app, textual.widgets",
}


class Terminal:
    """A process in a pseudo-terminal, and what it has written so far, without the escapes."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        """Start it, and the clock."""
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._text = b""
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)

    def until(self, *words: str) -> float:
        """Read on until some of these words are on the screen; the seconds since the start."""
        wanted = [word.encode() for word in words]
        while not any(word in ESCAPE.sub(b"", self._text) for word in wanted):
            ready, _, _ = select.select([self._ours], [], [], LONGEST)
            if not ready:
                raise RuntimeError(f"{' or '.join(words)} never came:\n{self._text.decode()}")
            self._text += os.read(self._ours, 1 << 16)
        return time.perf_counter() - self._started

    def type(self, text: str) -> None:
        """Type; what was on the screen before is told no more."""
        self._text = b""
        os.write(self._ours, text.encode())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


def bare(code: str) -> float:
    """The seconds that a Python process takes for some code."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def quoth(index: Path, environment: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Start it, ask, and tell when each stage was seen."""
    command = [sys.executable, "-m", "qa.cli", "--index", str(index)]
    with closing(Terminal(command, environment)) as terminal:
        yield "first frame", terminal.until("Ask your documents")
        terminal.type(f"{QUESTION}\r")
        yield "lexical answer", terminal.until("by words alone", "confidence")
        yield "final answer", terminal.until("confidence")


def measure(index: Path, runs: int, room: Path) -> dict[str, list[float]]:
    """All times of all runs, after one that fills the caches of the file system."""
    environment = os.environ | {"TERM": "xterm-256color", "HF_HUB_OFFLINE": "1"}
    environment["QUOTH_SESSIONS"] = str(room / "sessions.sqlite")
    list(quoth(index, environment))
    times: dict[str, list[float]] = {}
    for _ in range(runs):
        for name, code in BARE.items():
            times.setdefault(name, []).append(bare(code))
        for name, seconds in quoth(index, environment):
            times.setdefault(name, []).append(seconds)
    return times


def main() -> None:
    """Measure over the shipped documents, or an index that there is, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, help="an index that there is, instead of the seeds'")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--note", default="", help="what this run tries, kept in the history")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = given.index or Path(folder) / "index"
        if given.index is None:
            for _ in calibrated(build([SEEDS], index), index):
                pass
        times = measure(index, given.runs, Path(folder))
    kept: dict[str, object] = {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    kept |= {"runs": given.runs, "load": round(os.getloadavg()[0], 1)}
    print(f"seconds from the start of the process, {given.runs} runs{'':8}median   (range)")
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"  {name:<44}{middle:12.3f}   ({min(values):.3f} to {max(values):.3f})")
        kept[name] = {"median": round(middle, 3), "fastest": round(min(values), 3)}
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**kept, "note": given.note}) + "\n")


if __name__ == "__main__":
    main()
