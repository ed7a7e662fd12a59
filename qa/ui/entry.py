"""A kept conversation as a row of a list."""

from __future__ import annotations

import re
from datetime import datetime

from textual.content import Content

from qa.types import Session
from qa.ui import wording

_MATCH = re.compile("\ue000(.*?)\ue001", re.DOTALL)


def entry(session: Session, facts: str, width: int, *, cursor: bool = False) -> Content:
    """Write a row: the title, then when, how long and over which index, then what was found."""
    lines = [Content(wording.flow(session.title)).stylize("bold"), Content(facts).stylize("$dim")]
    lines = [line.truncate(max(width - 2, 8), ellipsis=True) for line in lines]
    if session.excerpt:
        lines.append(_excerpt(session.excerpt))
    signs = ["▶ " if cursor else "  ", *["  "] * (len(lines) - 1)]
    return Content("\n").join(
        Content.assemble(sign, line) for sign, line in zip(signs, lines, strict=True)
    )


def facts(session: Session, here: str, present: str, today: datetime) -> str:
    """When a conversation was held, how long it is, over which index; and whether it goes on."""
    name = wording.flow(session.index).replace("\\", "/").rstrip("/").rpartition("/")[2]
    parts = [
        wording.lately(session.changed, today),
        wording.counted(session.turns, "question"),
        "this index" if session.index == here else f"over {name or 'no index'}",
        "going on now" if session.id == present else "",
    ]
    return " · ".join(part for part in parts if part)


def _excerpt(excerpt: str) -> Content:
    pieces = _MATCH.split(wording.flow(excerpt))
    return Content.assemble(
        *((piece, "bold underline" if n % 2 else "$dim") for n, piece in enumerate(pieces))
    )
