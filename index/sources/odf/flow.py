"""Texts of OpenDocument as blocks: paragraphs, headings, lists, tables, notes, boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.sources.blocks import Block
from index.sources.docx.text import tidied
from index.sources.odf.styles import DRAW, FO, OFFICE, TABLE, TEXT, Styles
from index.sources.tables import grid, headed, lines
from index.types import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_NOTHING = re.compile(
    rf"{re.escape(TEXT)}(?:tracked-changes|hidden-text|hidden-paragraph|table-of-content"
    r"|(?:alphabetical|illustration|table|object|user)-index|bibliography|ruby-text|\w+-decls)"
    rf"|{re.escape(OFFICE)}(?:annotation|annotation-end|forms)"
)
_SHAPES = re.compile(
    rf"{re.escape(DRAW)}(?:frame|g|custom-shape|rect|ellipse|text-box|line|connector)"
)
_MOST_REPEATED = 1_000  # columns or rows that are given once for many
_DEEPEST = 40


class Flow:
    """Reads a text from its first element to its last; `pages` is how many it went over."""

    def __init__(self, styles: Styles) -> None:
        """Read with the styles of a file."""
        self._styles = styles
        self.pages = 1
        self._after: list[Block] = []
        self._turns: list[tuple[int, int]] = []
        self._counts: dict[str, list[int]] = {}
        self._depth = 0

    def blocks(self, parent: _Element) -> Iterator[Block]:
        """The blocks of all that stands in an element."""
        if self._depth > _DEEPEST:
            return
        self._depth += 1
        items: list[str] = []
        begins = ""
        for child in parent:
            tag = child.tag
            if not isinstance(tag, str) or _NOTHING.fullmatch(tag) or _undisplayed(child):
                continue
            if tag != f"{TEXT}list" and items:
                yield Block("\n".join(items), 0, begins)
                yield from self._rest()
                items = []
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child)
            elif tag == f"{TEXT}list":
                begins = begins if items else self._label()
                items += self._items(child, "", 1)
            elif tag == f"{TABLE}table":
                yield from self._table(child)
            elif tag == f"{TEXT}soft-page-break":
                self.pages += 1
            else:
                yield from self.blocks(child)
        if items:
            yield Block("\n".join(items), 0, begins)
        yield from self._rest()
        self._depth -= 1

    def words(self, paragraph: _Element) -> str:
        """The words of a paragraph; its notes and boxes wait to come after it."""
        parts: list[str] = []
        self._turns = []
        self._say(paragraph, parts)
        return "".join(parts)

    def _label(self) -> str:
        return f"page {self.pages}"

    def _rest(self) -> Iterator[Block]:
        waiting, self._after = self._after, []
        yield from waiting

    def _paragraph(self, element: _Element) -> Iterator[Block]:
        name = element.get(f"{TEXT}style-name")
        if self._styles.property(name, "paragraph", f"{FO}break-before") == "page":
            self.pages += 1
        begins = self._label()
        text = self.words(element)
        if not self._styles.hides(name) and text.strip():
            level = element.get(f"{TEXT}outline-level") or "1" if element.tag == f"{TEXT}h" else ""
            if level.isdigit() or self._styles.is_title(name):
                yield Block(" ".join(text.split()), min(int(level or 1), 6), begins)
            else:
                turns = tuple(
                    Page(len(tidied(text[:at]).lstrip(" ")), f"page {number}")
                    for at, number in self._turns
                )
                yield Block(tidied(text).lstrip(" ").rstrip(), 0, begins, turns)
        yield from self._rest()

    def _say(self, element: _Element, parts: list[str]) -> None:
        if element.text:
            parts.append(" ".join(element.text.split("\n")))
        for child in element:
            self._inline(child, parts)
            if child.tail:
                parts.append(" ".join(child.tail.split("\n")))

    def _inline(self, child: _Element, parts: list[str]) -> None:
        tag = child.tag
        if not isinstance(tag, str) or _NOTHING.fullmatch(tag):
            return
        if tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c") or "1"
            parts.append(" " * (min(int(count), 1_000) if count.isdigit() else 1))
        elif tag == f"{TEXT}tab":
            parts.append(" ")
        elif tag == f"{TEXT}line-break":
            parts.append("\n")
        elif tag == f"{TEXT}soft-page-break":
            self.pages += 1
            self._turns.append((sum(map(len, parts)), self.pages))
        elif tag == f"{TEXT}note":
            self._note(child, parts)
        elif _SHAPES.fullmatch(tag):
            turns = self._turns
            self._after += list(self.blocks(child))
            self._turns = turns
        elif not self._styles.hides(child.get(f"{TEXT}style-name")) and not _undisplayed(child):
            self._say(child, parts)

    def _note(self, note: _Element, parts: list[str]) -> None:
        cited = note.find(f"{TEXT}note-citation")
        mark = "".join(map(str, cited.itertext())) if cited is not None else ""
        body = note.find(f"{TEXT}note-body")
        parts.append(f"[{mark}]" if mark else "")
        if body is not None:
            inner = Flow(self._styles)
            text = "\n".join(block.text for block in inner.blocks(body))
            self._after.append(Block(f"[{mark}] {text}".strip(), 0, self._label()))

    def _items(self, element: _Element, style: str, level: int) -> Iterator[str]:
        """The items of a list, each with what is seen before it."""
        style = element.get(f"{TEXT}style-name") or style
        counts = self._counts.setdefault(style, [])
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or (
            element.get(f"{TEXT}continue-list") is not None
        )
        del counts[level if goes_on else level - 1 :]
        while len(counts) < level:
            counts.append(self._styles.start(style, len(counts) + 1) - 1)
        for item in element:
            if item.tag not in (f"{TEXT}list-item", f"{TEXT}list-header"):
                continue
            told = item.get(f"{TEXT}start-value") or ""
            fresh = item.tag == f"{TEXT}list-item"
            for child in item:
                if child.tag == f"{TEXT}list":
                    if self._depth < _DEEPEST:
                        self._depth += 1
                        yield from self._items(child, style, level + 1)
                        self._depth -= 1
                    continue
                if child.tag not in (f"{TEXT}p", f"{TEXT}h"):
                    continue
                text = tidied(self.words(child)).strip()
                if text and fresh:
                    del counts[level:]
                    counts[level - 1] = int(told) if told.isdigit() else counts[level - 1] + 1
                marker = f"{self._styles.marker(style, counts)} ".lstrip() if fresh else "  "
                fresh = fresh and not text
                if text:
                    lead = f"{'  ' * (level - 1)}{marker}"
                    yield lead + text.replace("\n", "\n" + " " * len(lead))

    def _table(self, table: _Element) -> Iterator[Block]:
        begins = self._label()
        spans: list[list[tuple[str, int, int]]] = []
        heads = 0
        rows = [row for row in table.iter(f"{TABLE}table-row") if _of(row, table)]
        for row in rows:
            parent = row.getparent()
            over = parent is not None and parent.tag == f"{TABLE}table-header-rows"
            heads += over and heads == len(spans)
            cells = [self._cell(cell) for cell in row if cell.tag == f"{TABLE}table-cell"]
            spans.append(cells)
        if spans and all(len(row) < 2 for row in spans):
            yield from (Block(text, 0, begins) for row in spans for text, _, _ in row if text)
        elif spans:
            texts = grid(spans, heads)
            wide = max(map(len, texts)) > 2
            heads = heads or int(headed(texts, surely=not wide))
            made = lines(texts, heads, sides=not heads and not wide)
            yield Block("\n".join(filter(None, made)), 0, begins)
        yield from self._rest()

    def _cell(self, cell: _Element) -> tuple[str, int, int]:
        kept, self._after = self._after, []
        text = " ".join(" ".join(block.text.split()) for block in self.blocks(cell))
        self._after = kept + self._after
        return text, number(cell, "number-columns-spanned"), number(cell, "number-rows-spanned")


def number(element: _Element, name: str) -> int:
    """How many columns or rows something takes, or is given for; 1 where nothing tells."""
    told = element.get(f"{TABLE}{name}") or "1"
    return max(1, min(int(told), _MOST_REPEATED)) if told.isdigit() else 1


def _of(row: _Element, table: _Element) -> bool:
    """Whether a row is of this table, not of one within it."""
    return next(row.iterancestors(f"{TABLE}table"), None) is table


def _undisplayed(element: _Element) -> bool:
    return element.get(f"{TEXT}display") in ("none", "condition") and element.tag in (
        f"{TEXT}section",
        f"{TEXT}p",
    )
