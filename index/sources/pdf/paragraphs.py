"""Lines that follow each other, as paragraphs, list items, captions and code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.sources.pdf.shapes import Kind, Line
from index.sources.pdf.tables import Rows

ENDS = re.compile(r"[.!?…:;。！？][\"'’”»)\]]*[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡]*(?:\[\d+\])?$")
BULLET = r"[•‣▪◦●○■□►▸➢✓*–—-]"
ITEM = re.compile(
    rf"(?:{BULLET}|\(?(?:\d{{1,3}}|[a-z]|[ivx]{{1,5}})[.)]|\[\d{{1,3}}\])\s+\S", re.UNICODE
)
_BULLETED = re.compile(rf"{BULLET}\s")
LEADER = re.compile(r" … \S{1,8}$")  # a line of a table of contents
CAPTION = re.compile(
    r"(?:Table|Figure|Fig\.?|Chart|Box|Exhibit|Plate|Map|Diagram|Listing|Algorithm)\s+"
    r"(?:\d+(?:\.\d+)*|[A-Z]\d*|[IVX]+)\b\s*[.:—–|-]?\s"
)
_INDENT = 0.8  # of the letters' size


@dataclass(slots=True)
class Part:
    """A paragraph, a heading, a list item, a table, ... of one page, or gone on to others.

    `lines` are as they were set; one that begins with a newline is a line in itself. `turns` says
    which of them are the first on the next pages. `flush` says that the first line is not
    indented, `full` that the last one reaches far to the right, so that it may have been cut
    there, and `brim` that it does so to the edge.
    """

    kind: Kind
    lines: list[str]
    page: int
    size: float = 0.0
    bold: bool = False
    flush: bool = False
    full: bool = False
    brim: bool = False
    floats: bool = False
    rows: Rows = field(default_factory=list)
    headed: bool = True
    turns: list[tuple[int, int]] = field(default_factory=list)

    @property
    def last_page(self) -> int:
        """The page that it ends on."""
        return self.turns[-1][1] if self.turns else self.page


@dataclass(frozen=True, slots=True)
class _Column:
    """What is usual where a line stands: the edges, how far apart lines are, how they begin."""

    left: float
    right: float
    leading: float
    hanging: bool


def leading(stacks: Sequence[Sequence[Line]]) -> float:
    """How far apart the lines of paragraphs are, as a multiple of the letters' size."""
    gaps = sorted(
        (after.base - line.base) / line.size
        for stack in stacks
        for line, after in itertools.pairwise(stack)
        if after.base > line.base
    )
    return gaps[len(gaps) // 4] if gaps else 1.2


def parts(stack: Sequence[Line], page: int, usual: float, right: float) -> Iterator[Part]:
    """The paragraphs and items of a stack of lines of a column that ends at `right`."""
    if all(line.mono for line in stack):
        yield _code(stack, page)
        return
    column = _column(stack, usual, right)
    start = 0
    for at in range(1, len(stack) + 1):
        if at == len(stack) or _begins(stack, start, at, column):
            yield _part(stack[start:at], page, column)
            start = at


def _column(stack: Sequence[Line], usual: float, right: float) -> _Column:
    left = min(line.x0 for line in stack)
    size = stack[0].size
    indented = sum(line.x0 > left + _INDENT * size for line in stack)
    hanging = (
        len(stack) > 3
        and stack[0].x0 <= left + 1
        and stack[1].x0 > left + _INDENT * size
        and 2 * indented > len(stack)
    )
    return _Column(left, right, usual * size, hanging)


def _begins(stack: Sequence[Line], start: int, at: int, column: _Column) -> bool:
    """Whether a paragraph begins with a line, by the line before it."""
    before, line, size = stack[at - 1], stack[at], stack[at].size
    if line.base - before.base > 1.28 * column.leading:
        return True
    if line.bold != before.bold or abs(line.size - before.size) > 0.06 * size:
        return True
    ended = bool(ENDS.search(before.text))
    item = bool(ITEM.match(stack[start].text))
    if _BULLETED.match(line.text) or (ITEM.match(line.text) and (ended or item)):
        return True
    if CAPTION.match(line.text) and ended:
        return True
    if not ended and not item and (line.text[0].islower() or before.text[-1] in "-\u00ad"):
        return False
    if item:
        return _ends_item(stack[start : at + 1], column)
    if _centred(before, line) or _centred_in(before, line, column):
        return False
    if column.hanging:
        return line.x0 <= column.left + 0.3 * size and at - start > 1
    shift = line.x0 - before.x0
    if 4 * size > shift > _INDENT * size and (ended or at - start > 1):
        return True
    return ended and _fits(before, line, column) > 0.5 * size


def _ends_item(lines: Sequence[Line], column: _Column) -> bool:
    """Whether the last of these lines is no more of the item that the first one begins."""
    first, before, line = lines[0], lines[-2], lines[-1]
    if line.x0 < first.x0 - 0.4 * line.size:
        return True
    if line.x0 >= first.x0 + 0.3 * line.size:
        return False
    hangs = len(lines) > 2 and before.x0 > first.x0 + 0.3 * line.size
    ended = bool(ENDS.search(before.text))
    return hangs or (ended and _fits(before, line, column) > 0.5 * line.size)


def _fits(before: Line, line: Line, column: _Column) -> float:
    """How much room was left where the first word of a line could still have stood."""
    word = line.text.split(" ", 1)[0]
    needed = line.width * (len(word) + 1) / max(1, len(line.text))
    return column.right - before.x1 - needed


def _centred(before: Line, line: Line) -> bool:
    middle = before.x0 + before.x1 - line.x0 - line.x1
    return abs(middle) < 3 and abs(before.width - line.width) > 4


def _centred_in(before: Line, line: Line, column: _Column) -> bool:
    return all(
        abs(one.x0 - column.left - (column.right - one.x1)) < 3 and one.x0 - column.left > one.size
        for one in (before, line)
    )


def _part(stack: Sequence[Line], page: int, column: _Column) -> Part:
    first, last = stack[0], stack[-1]
    kind: Kind = "text"
    if CAPTION.match(first.text):
        kind = "caption"
    elif ITEM.match(first.text):
        kind = "item"
    lines = [first.text]
    for before, line in itertools.pairwise(stack):
        room = _fits(before, line, column)
        own = room > 0.35 * (column.right - column.left) and not _centred(before, line)
        own = own or bool(LEADER.search(before.text))
        lines.append(f"\n{line.text}" if own else line.text)
    return Part(
        kind,
        lines,
        page,
        first.size,
        all(line.bold for line in stack),
        flush=column.hanging or first.x0 <= column.left + _INDENT * first.size,
        full=column.right - last.x1 < 0.18 * (column.right - column.left),
        brim=len(stack) > 1 and abs(column.right - last.x1) < 0.1 * last.size,
        floats=kind == "caption",
    )


def _code(stack: Sequence[Line], page: int) -> Part:
    """Lines of typewriter letters, each with the room before it."""
    left = min(line.x0 for line in stack)
    widest = max(stack, key=lambda line: len(line.text))
    advance = widest.width / max(1, len(widest.text))
    usual = min((after.base - line.base for line, after in itertools.pairwise(stack)), default=0.0)
    lines: list[str] = []
    for at, line in enumerate(stack):
        if at and usual and line.base - stack[at - 1].base > 1.6 * usual:
            lines.append("\n")
        lines.append(f"\n{' ' * round((line.x0 - left) / max(1.0, advance))}{line.text}")
    return Part("code", lines, page, stack[0].size)
