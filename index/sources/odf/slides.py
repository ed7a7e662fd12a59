"""Presentations of OpenDocument: slide after slide, with notes told from what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.sources.blocks import Block
from index.sources.odf.flow import Flow
from index.sources.odf.styles import DRAW, SHOW, Styles

if TYPE_CHECKING:
    from lxml.etree import _Element

_FURNITURE = ("header", "footer", "date-time", "page-number", "page")


def blocks(body: _Element, styles: Styles) -> Iterator[Block]:
    """All slides."""
    first = True
    for place, page in enumerate(body.findall(f"{DRAW}page"), start=1):
        made = list(_slide(page, place, styles, first=first))
        first = first and not made
        yield from made


def _slide(page: _Element, place: int, styles: Styles, *, first: bool) -> Iterator[Block]:
    name = page.get(f"{DRAW}style-name")
    hidden = styles.property(name, "drawing-page", f"{SHOW}visibility") == "hidden"
    label = f"slide {place}, hidden" if hidden else f"slide {place}"
    flow = Flow(styles)
    title = ""
    inner: list[Block] = []
    for shape in page:
        kind = shape.get(f"{SHOW}class") or ""
        empty = shape.get(f"{SHOW}placeholder") == "true"
        if shape.tag == f"{SHOW}notes" or kind in _FURNITURE or empty:
            continue
        texts = [Block(block.text, 0, label) for block in flow.blocks(shape)]
        if kind == "title" and not title:
            title = " ".join(" ".join(block.text for block in texts).split())
        else:
            inner += texts
    told = title or f"Slide {place}"
    if title or inner:
        yield Block(told, 1 if first else 2, label)
        yield from inner
    notes = page.find(f"{SHOW}notes")
    shapes = list(notes) if notes is not None else []
    said = [
        block.text
        for shape in shapes
        if shape.get(f"{SHOW}class") == "notes" and shape.get(f"{SHOW}placeholder") != "true"
        for block in flow.blocks(shape)
    ]
    if said:
        yield Block(f"{told} (speaker notes)", 3, f"{label}, notes")
        yield from (Block(text, 0, f"{label}, notes") for text in said)
