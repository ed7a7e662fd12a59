"""Quoth: answers over your own documents, in the documents' own words, with checked citations.

with Assistant.open("path/to/index") as assistant:
    answer = assistant.ask("Who leads the Nuffield Trust?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.assistant import Assistant as Assistant

    __version__: str

__all__ = ["Assistant", "__version__"]


def __getattr__(name: str) -> object:
    """Import on first use: `quoth --help` needs neither the assistant nor package metadata."""
    if name == "Assistant":
        from qa.assistant import Assistant

        return Assistant
    if name == "__version__":
        from importlib.metadata import version

        return version("quoth")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
