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
from collections.abc import Callable, Iterator
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
PIECE = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"  # go to a cell
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]|(?P<line>\r?\n)"
    r"|(?P<text>[^\x1b\r\n]+)"
)
BARE = {
    "python": "pass",
    "import textual": "import textual.app, textual.widgets",
}


class Terminal:
    """A process in a pseudo-terminal, and the characters on its screen."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        """Start it, and the clock."""
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._rest = ""
        self._cells = [[" "] * COLUMNS for _ in range(ROWS)]
        self._at = [0, 0]
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)

    def seen(self) -> str:
        """The screen, row by row."""
        return "\n".join("".join(row) for row in self._cells)

    def until(self, met: Callable[[str], bool], quiet: float = 0.0) -> float:
        """Read on until the screen is so, and stays so for `quiet` seconds; when it became so."""
        since = None
        while True:
            now = time.perf_counter() - self._started
            since = (since or now) if met(self.seen()) else None
            if since is not None and now - since >= quiet:
                return since
            ready, _, _ = select.select([self._ours], [], [], quiet if since else LONGEST)
            if ready:
                self._draw(os.read(self._ours, 1 << 16).decode(errors="replace"))
            elif since is None:
                raise RuntimeError(f"What was waited for never came:\n{self.seen()}")

    def _draw(self, text: str) -> None:
        """Put what was written where it belongs; half an escape waits for its other half."""
        text = self._rest + text
        whole = text.rfind("\x1b") if "\x1b" in text[-24:] else len(text)
        self._rest = text[whole:]
        for piece in PIECE.finditer(text, 0, whole):
            if piece["row"]:
                self._at = [int(piece["row"]) - 1, int(piece["column"]) - 1]
            elif piece["line"]:
                self._at = [min(self._at[0] + 1, ROWS - 1), 0]
            for character in piece["text"] or "":
                if self._at[0] < ROWS and self._at[1] < COLUMNS:
                    self._cells[self._at[0]][self._at[1]] = character
                self._at[1] += 1

    def type(self, text: str) -> None:
        """Type."""
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
        yield "first frame", terminal.until(lambda seen: "Ask your documents" in seen)
        terminal.type(f"{QUESTION}\r")
        yield "lexical answer", terminal.until(lambda seen: "confidence " in seen)
        yield "final answer", terminal.until(_refined, quiet=1.0)


def _refined(seen: str) -> bool:
    """Whether an answer is on the screen, and no sign that a better one is to come."""
    return "confidence " in seen and "…" not in seen


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
