"""Stopped at random instants an index is whole; more often: `python -m benchmarks.faults`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.faults import OPERATIONS


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_stopped_at_any_instant_the_index_is_whole_and_nothing_is_embedded_again(how: str) -> None:
    kills = {"killed": 3 * len(OPERATIONS), "interrupted": len(OPERATIONS)}[how]
    command = [sys.executable, "-m", "benchmarks.faults", "--kills", str(kills), "--seed", "5"]
    command += ["--interrupt"] if how == "interrupted" else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{kills} with seed 5: all whole" in done.stdout
