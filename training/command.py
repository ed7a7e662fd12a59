"""What the commands have in common: how they tell of progress, and how they fail."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index.errors import ModelError


class TrainingError(Exception):
    """What a command cannot go on without; one sentence and the way out, shown as it is."""


class Clock:
    """Counts what is done, and tells how long the rest will take at the same speed."""

    def __init__(self, total: int) -> None:
        """Start it, with `total` to do."""
        self._total, self._done, self._timed = total, 0, 0
        self._started = time.monotonic()

    def skip(self, count: int) -> None:
        """Count what was done before."""
        self._done += count

    def add(self, count: int) -> None:
        """Count what has just been done."""
        self._done += count
        self._timed += count

    def __str__(self) -> str:
        """As in "250/4,000, 12 min left"; nothing is known of the time before something is done."""
        said = f"{self._done:,}/{self._total:,}"
        if not self._timed:
            return said
        left = (time.monotonic() - self._started) / self._timed * (self._total - self._done)
        return f"{said}, {left / 60:.0f} min left" if left >= 90 else f"{said}, {left:.0f} s left"


def positive(text: str) -> int:
    """A number from 1, as an option's value."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def make(folder: Path) -> None:
    """Make a folder, unless it is there.

    Raises:
        TrainingError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainingError(
            f"{folder} cannot be made a folder ({error.strerror}); name another."
        ) from error


def run(main: Callable[[], None]) -> None:
    """Run a command; what goes wrong is told in a sentence, and the exit code is then 1."""
    try:
        main()
    except (TrainingError, ModelError) as error:
        sys.exit(str(error))
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        sys.exit(f"{named}{error.strerror or error}; make it possible and start again.")
    except KeyboardInterrupt:
        sys.exit("Stopped before it was done; give the same command again.")
