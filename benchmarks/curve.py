"""What more examples buy a reader: `python -m benchmarks.curve FOLDER NAME=RUN:STEPS...`.

FOLDER holds `examples.jsonl.gz` of `training.data`; each RUN is the `--out` of a finished
`training.train` of so many steps, named for what was tried ("full", "layers 3", "rank 16", with
the options in brackets: `layers 3[--layers 3]=...`). Each is measured on the questions held back,
as `training.evaluate` does, and appended to `results/curve.jsonl`; `benchmarks.plots` draws it.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from training.lesson import PASSAGES
from training.train import QUESTIONS

RESULTS = Path(__file__).parent / "results" / "curve.jsonl"
FORM = re.compile(r"(?P<name>[^\[=]+)(?:\[(?P<options>[^\]]*)\])?=(?P<run>.+):(?P<steps>\d+)")


def measured(
    folder: Path, weights: Path, options: str, most: int, without: Sequence[Path]
) -> dict[str, float]:
    """What `training.evaluate` finds for all sources together."""
    command = [sys.executable, "-m", "training.evaluate", str(folder), "--weights", str(weights)]
    command += [word for other in without for word in ("--without", str(other))]
    command += ["--most", str(most), "--json", *shlex.split(options)]
    found: dict[str, float] = json.loads(subprocess.check_output(command))["all"]
    return found


def main() -> None:
    """Measure the runs named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", nargs="+", metavar="NAME=RUN:STEPS")
    parser.add_argument("--without", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--most", type=int, default=400, help="questions, the same for all")
    given = parser.parse_args()
    for text in given.runs:
        named = FORM.fullmatch(text)
        if not named:
            parser.error(f"{text} does not read NAME=RUN:STEPS")
        weights = Path(named["run"]) / "reader.safetensors"
        row = {
            "name": named["name"],
            "steps": int(named["steps"]),
            "pairs": int(named["steps"]) * QUESTIONS * PASSAGES,
            "mb": round(weights.stat().st_size / 1e6, 1),
            **measured(given.folder, weights, named["options"] or "", given.most, given.without),
        }
        print(json.dumps(row), flush=True)
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
