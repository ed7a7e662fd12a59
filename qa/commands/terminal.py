"""Writing to the terminal: results, notes, and progress that only a terminal sees."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from index.types import Progress
from qa.config import Settings

Event = TypeVar("Event")

_REDRAW_SECONDS = 0.1


def write(text: str) -> None:
    """Write a result, and a line end after it."""
    sys.stdout.write(f"{text}\n")


def write_json(value: object, indent: int | None = 2) -> None:
    """Write one JSON document; without indent it is one line, sent at once."""
    write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent))
    if indent is None:
        sys.stdout.flush()


def note(text: str) -> None:
    """Tell something that is no result."""
    sys.stdout.flush()
    sys.stderr.write(f"quoth: {text}\n")


def width() -> int:
    """The width to wrap to: 0, not at all, where standard output is no terminal."""
    return min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 0


def color(settings: Settings) -> bool:
    """Whether to write bold text."""
    return settings.color and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def track(events: Iterable[Progress | Event], settings: Settings) -> Iterator[Event]:
    """Pass events on, and draw the progress among them on one line of standard error."""
    drawn, stage, started, last = False, "", 0.0, 0.0
    draws = sys.stderr.isatty() and not settings.quiet
    from qa.reports import render_progress  # imported late: a question needs none of it

    def wipe() -> None:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    try:
        for event in events:
            if not isinstance(event, Progress):
                wipe()
                yield event
                continue
            now = time.monotonic()
            if event.stage != stage:
                stage, started, last = event.stage, now, 0.0
            if draws and (now - last >= _REDRAW_SECONDS or event.done == event.total):
                columns = shutil.get_terminal_size().columns
                line = render_progress(event, now - started, columns)
                sys.stderr.write(f"\r\x1b[K{line}")
                sys.stderr.flush()
                drawn, last = True, now
    finally:
        wipe()
