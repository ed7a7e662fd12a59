"""Documents in, ranked hits out: `build` makes an index, `Searcher` finds passages in it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.build import build
from index.errors import IndexingError
from index.types import BuildReport, Document, Hit, Passage, Progress, Skipped

if TYPE_CHECKING:
    from index.search import Searcher

__all__ = [
    "BuildReport",
    "Document",
    "Hit",
    "IndexingError",
    "Passage",
    "Progress",
    "Searcher",
    "Skipped",
    "build",
]


def __getattr__(name: str) -> Any:
    """Load what searches when it is first asked for: NumPy alone costs 0.1 s at import."""
    if name == "Searcher":
        return import_module("index.search").Searcher
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
