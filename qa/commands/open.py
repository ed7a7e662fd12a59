"""`quoth [DOCUMENTS...]`: the terminal UI."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path

from index.build import existing
from index.errors import IndexMissingError
from qa.config import Settings
from qa.errors import QuothError

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def open_ui(arguments: Namespace, settings: Settings) -> int:
    """Open the terminal UI; without documents and without an index, over the shipped seeds."""
    documents = arguments.documents or ([] if _has_index(settings) else [str(SEEDS)])
    if missing := next((name for name in documents if not Path(name).exists()), None):
        raise QuothError(
            f"{missing} is neither a file, a folder nor a command; see `quoth --help`."
        )
    served = "TEXTUAL_DRIVER" in os.environ  # `textual serve` speaks to a browser through pipes
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise QuothError(
            "The terminal UI needs a terminal; elsewhere use `quoth index build DOCUMENTS` and "
            "`quoth ask QUESTION`."
        )
    if arguments.exclude:
        from qa.commands.index import update  # NumPy and all that it brings: 0.1 s before the UI

        update(documents, arguments.exclude, settings)
        documents = []
    from tui import run_app

    return run_app(settings, documents)


def _has_index(settings: Settings) -> bool:
    try:
        existing(settings.index)
    except IndexMissingError:
        return False
    return True
