"""`quoth [DOCUMENTS...]`: the terminal UI."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from qa.commands.index import update
from qa.config import Settings
from qa.errors import QuothError

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def open_ui(arguments: Namespace, settings: Settings) -> int:
    """Open the terminal UI; without documents and without an index, over the shipped seeds."""
    documents = arguments.documents
    if not documents and not _has_index(settings):
        documents = [str(SEEDS)]
    if documents:
        update(documents, arguments.exclude, settings)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise QuothError("the terminal UI needs a terminal; elsewhere use `quoth ask QUESTION`.")
    from tui import run_app

    return run_app(settings, ())


def _has_index(settings: Settings) -> bool:
    from index.build import status

    from index.errors import IndexMissingError

    try:
        status(settings.index)
    except IndexMissingError:
        return False
    return True
