"""Files and folders that are their owner's alone, whatever the umask: they hold what was read."""

from __future__ import annotations

import os
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, which nobody else can enter.

    Raises:
        OSError: it cannot be made.
    """
    for missing in reversed([place for place in (path, *path.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def opener(path: str, flags: int) -> int:
    """Open a file, as `open(..., opener=opener)` wants it; a new one is private."""
    return os.open(path, flags, 0o600)
