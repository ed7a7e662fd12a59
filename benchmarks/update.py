"""Seconds to bring an index up to date: `python -m benchmarks.update [FILES...]` (1000 10000).

Makes a folder of so many short notes and an index of it, with the real model, in a temporary
folder; then runs `quoth index build` as a user does, a fresh process each time: on unchanged
files, after one file was changed, one added, one renamed, and a folder of 100 renamed. Prints the
best and the median of several runs, and appends them to `benchmarks/results/update.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

RESULTS = Path(__file__).parent / "results" / "update.jsonl"
RUNS = 5
IN_A_FOLDER = 100
NOUNS = ("ferry", "harbour", "council", "kettle", "garden", "orchard", "mill", "bridge", "pilot")

Step = Callable[[Path, int], None]


def notes(folder: Path, count: int) -> None:
    """Write so many notes of a sentence each, no two the same."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    for number in range(count):
        path = note(folder, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        one, other = chance.sample(NOUNS, 2)
        path.write_text(f"Note {number}. The {one} beside the {other} needs a new {number}.\n")


def note(folder: Path, number: int) -> Path:
    """The file of a note."""
    return folder / f"part-{number // IN_A_FOLDER:03}" / f"note-{number:05}.txt"


def unchanged(_folder: Path, _run: int) -> None:
    """Change nothing."""


def changed(folder: Path, run: int) -> None:
    """Write other words into one note."""
    note(folder, 7).write_text(f"Version {run} of this note tells of a heron.\n")


def added(folder: Path, run: int) -> None:
    """Add a note."""
    (folder / f"added-{run}.txt").write_text(f"Added in run {run}: a note on eels.\n")


def renamed(folder: Path, run: int) -> None:
    """Give one note another name, each time another note."""
    path = note(folder, 100 + run)
    path.rename(path.with_name(f"renamed-{run}.txt"))


def folder_renamed(folder: Path, run: int) -> None:
    """Give a folder of notes another name."""
    (folder / f"part-{run + 2:03}").rename(folder / f"moved-{run}")


STEPS: tuple[Step, ...] = (unchanged, changed, added, renamed, folder_renamed)


def build(folder: Path, index: Path) -> tuple[float, dict[str, int]]:
    """Bring the index up to date in a process of its own: its seconds, and what it reports."""
    command = [sys.executable, "-m", "qa.cli", "--index", str(index)]
    command += ["index", "build", str(folder), "--json"]
    began = perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return perf_counter() - began, json.loads(done.stdout)


def measure(count: int) -> dict[str, object]:
    """Measure every step on so many notes; print a line for each."""
    with TemporaryDirectory() as scratch:
        folder, index = Path(scratch) / "notes", Path(scratch) / "index"
        notes(folder, count)
        seconds, report = build(folder, index)
        print(f"{count} files: {report['documents']} documents; first build {seconds:.1f} s")
        kept: dict[str, object] = {"files": count, "first build": round(seconds, 2)}
        for step in STEPS:
            runs = []
            for run in range(RUNS):
                step(folder, run)
                seconds, report = build(folder, index)
                runs.append(seconds)
            name, middle = step.__name__.replace("_", " "), statistics.median(runs)
            print(f"  {name:<16}{min(runs):7.2f} s best {middle:7.2f} s median", flush=True)
            kept |= {name: round(middle, 3), f"{name}, best": round(min(runs), 3)}
            kept[f"{name}, embedded"] = report["embedded"]
    return kept


def main() -> None:
    """Measure the numbers of files named, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--note", default="", help="what this run tries, kept in the history")
    given = parser.parse_args()
    for count in given.files:
        kept = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **measure(count)}
        kept |= {"load": round(os.getloadavg()[0], 1), "note": given.note}
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept) + "\n")


if __name__ == "__main__":
    main()
