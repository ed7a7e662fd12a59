"""A page taken apart: tables, side boxes, columns; then its paragraphs in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from index.sources.pdf.columns import Strip, strips
from index.sources.pdf.fragments import fragments
from index.sources.pdf.order import in_order, stacks
from index.sources.pdf.paragraphs import Part, leading, parts
from index.sources.pdf.rows import parted, rows
from index.sources.pdf.shapes import Line, Rect, Sheet, around, beside, overlap, within
from index.sources.pdf.tables import Table, ruled, unruled

_MOST = 1_500  # stretches of lines on a page; a map has more, and no columns
_SMALL = 0.93  # of the letters' size of the page: footnotes are smaller
_NOTE_MARKS = "⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§0123456789["


@dataclass(slots=True)
class Leaf:
    """A page before it is laid out: the stretches of its lines, its tables and boxes.

    `turned` are the lines that run at another angle than most, by that angle; `pictured` says
    that a picture covers most of the page.
    """

    number: int
    width: float
    height: float
    lines: list[Line]
    turned: dict[int, list[Line]]
    tables: list[Table]
    boxes: list[Rect]
    rules: list[Rect]
    pictured: bool
    hidden: bool
    strange: int
    letters: int


@dataclass(slots=True)
class _Item:
    """Something to be read as a whole, and where it stands."""

    place: Rect
    lines: list[Line] = field(default_factory=list)
    table: Table | None = None
    box: list[Line] | None = None

    @property
    def x0(self) -> float:
        return self.place.x0

    @property
    def x1(self) -> float:
        return self.place.x1

    @property
    def top(self) -> float:
        return self.place.top

    @property
    def bottom(self) -> float:
        return self.place.bottom


def leaf(sheet: Sheet, number: int) -> Leaf:
    """Gather the words of a page into lines and the tables that are drawn on it."""
    letters = {angle: sum(len(w.text) for w in words) for angle, words in sheet.words.items()}
    main = max(letters, key=lambda angle: letters[angle], default=0)
    words = sheet.words.get(main, [])
    upright = main == 0
    tables = ruled(sheet.rules, sheet.boxes, words) if upright else []
    free = [word for word in words if not any(within(word, _rect(t), 0) for t in tables)]
    lines = _bulleted(fragments(free), sheet.dots)
    covered = sum(image.width * image.height for image in sheet.images)
    return Leaf(
        number,
        sheet.width,
        sheet.height,
        lines,
        {angle: fragments(found) for angle, found in sheet.words.items() if angle != main},
        tables,
        _boxes(sheet.boxes, lines, tables) if upright else [],
        sheet.rules if upright else [],
        covered > 0.4 * sheet.width * sheet.height,
        sheet.hidden,
        sheet.strange,
        sum(letters.values()),
    )


def _bulleted(lines: list[Line], dots: Sequence[Rect]) -> list[Line]:
    """Lines with the bullets before them, where those are drawn."""
    for dot in dots[:500]:
        middle = (dot.top + dot.bottom) / 2
        near = [
            line
            for line in lines
            if line.top - 1 < middle < line.bottom and -1 < line.x0 - dot.x1 < 1.6 * line.size
        ]
        if near and dot.height < 0.6 * near[0].size:
            first = min(near, key=lambda line: line.x0)
            first.text, first.x0 = f"• {first.text}", dot.x0
    return lines


def _rect(table: Table) -> Rect:
    return Rect(table.x0, table.top, table.x1, table.bottom)


def _boxes(drawn: Sequence[Rect], lines: Sequence[Line], tables: Sequence[Table]) -> list[Rect]:
    """The boxes that set several lines of text apart from the rest of it."""
    found: list[Rect] = []
    frames = sorted(_united(drawn), key=lambda box: -box.width * box.height)
    for box in frames[:200]:
        inside = [line for line in lines if within(line, box, 0)]
        bases = {round(line.base) for line in inside}
        if not len(bases) >= 2 or len(inside) > 0.8 * len(lines):
            continue
        if any(within(box, other) for other in (*found, *map(_rect, tables))):
            continue
        if all(line.x0 > box.x0 - 2 and line.x1 < box.x1 + 2 for line in inside):
            found.append(box)
    return found


def _united(boxes: Sequence[Rect]) -> list[Rect]:
    """Boxes of one width that stand on each other, as coloured rows do, as one."""
    found: list[Rect] = []
    for box in sorted(boxes[:2_000], key=lambda box: (round(box.x0), round(box.x1), box.top)):
        last = found[-1] if found else None
        if (
            last is not None
            and abs(last.x0 - box.x0) < 2
            and abs(last.x1 - box.x1) < 2
            and box.top - last.bottom < 30
            and (box.height < 30 or box.top - last.bottom < 2)
        ):
            found[-1] = last._replace(bottom=max(last.bottom, box.bottom))
        else:
            found.append(box)
    return found


def laid_out(page: Leaf) -> list[Part]:
    """The parts of a page in the order of reading; notes come last, and what runs aslant."""
    boxed = {
        id(line): at for line in page.lines for at, b in enumerate(page.boxes) if within(line, b)
    }
    free = [line for line in page.lines if id(line) not in boxed]
    items = [_Item(_rect(table), table=table) for table in page.tables]
    for at, box in enumerate(page.boxes):
        items.append(_Item(box, box=[line for line in page.lines if boxed.get(id(line)) == at]))
    found = _read(free, items, page)
    for lines in page.turned.values():
        for part in _read(lines, [], page):
            part.floats = True
            found.append(part)
    main: list[Part] = []
    notes: list[Part] = []
    for part in found:
        (notes if part.kind == "note" else main).append(part)
    return main + notes


def _read(lines: Sequence[Line], items: list[_Item], page: Leaf) -> list[Part]:
    """Lines and what stands among them, as parts in order."""
    if len(lines) > _MOST:
        return [Part("code", [f"\n{line.text}" for line in lines], page.number)]
    frames = [item.place for item in items]
    lines = _with_initials(lines)
    between = strips(lines, frames)
    whole = rows(lines, lambda one, other: any(s.between(one, other) for s in between))
    taken: set[int] = set()
    for table, used in unruled(whole):
        taken.update(map(id, used))
        items.append(_Item(_rect(table), table=table))
        frames.append(items[-1].place)
    rest = [part for line in whole if id(line) not in taken for part in parted(line)]
    columns = stacks(rest, frames, page.rules)
    ends = around([*lines, *frames]) if lines or frames else Rect(0, 0, 0, 0)
    items += [_Item(_column(around(stack), between, ends), stack) for stack in columns]
    usual = leading(columns)
    body = median(line.size for line in rest for _ in line.text) if rest else 0.0
    found: list[Part] = []
    for item in in_order(items):
        if item.table is not None:
            found.append(_table(item.table, page.number))
        elif item.box is not None:
            inner = _read(item.box, [], page)
            for part in inner:
                part.floats = True
            found += inner
        else:
            right = _edge(item, columns)
            made = list(parts(item.lines, page.number, usual, right))
            if _is_note(item, page, body, columns):
                made = list(_notes(made))
            found += made
    return found


def _column(place: Rect, between: Sequence[Strip], ends: Rect) -> Rect:
    """The place of a stack with all the width of its column, or of the page where it has none."""
    half = (place.bottom - place.top) / 2
    along = [
        strip
        for strip in between
        if min(strip.bottom, place.bottom) - max(strip.top, place.top) > half
    ]
    # A title over columns may be no wider than one of them.
    if abs(place.x0 + place.x1 - ends.x0 - ends.x1) < 0.06 * ends.width:
        along = [strip for strip in along if place.bottom > strip.start]
    left = max((s.x1 for s in along if s.x1 <= place.x0 + 2), default=ends.x0)
    right = min((s.x0 for s in along if s.x0 >= place.x1 - 2), default=ends.x1)
    return place._replace(x0=min(left, place.x0), x1=max(right, place.x1))


def _table(table: Table, number: int) -> Part:
    return Part("table", [], number, floats=True, rows=table.rows, headed=table.headed)


def _edge(item: _Item, columns: Sequence[Sequence[Line]]) -> float:
    """Where the column of a stack ends; a short stack is told by a longer one near it."""
    own = max(line.x1 for line in item.lines)
    if len(item.lines) > 2:
        return own
    left, size = min(line.x0 for line in item.lines), item.lines[0].size
    alike = [
        stack
        for stack in columns
        if len(stack) > 2
        and abs(min(line.x0 for line in stack) - left) < 3 * size
        and abs(stack[0].size - size) < 0.06 * size
    ]
    if not alike:
        return own
    near = min(alike, key=lambda stack: abs(stack[0].base - item.lines[0].base))
    return max(own, *(line.x1 for line in near))


def _with_initials(lines: Sequence[Line]) -> list[Line]:
    """Lines with the large letter that a first paragraph may begin with put before its words."""
    if not lines:
        return []
    body = median(line.size for line in lines)
    found = list(lines)
    for initial in [line for line in lines if line.size > 1.8 * body and len(line.text) == 1]:
        beside_it = [
            line
            for line in found
            if line is not initial
            and line.size < 1.3 * body
            and -2 < line.x0 - initial.x1 < 1.5 * body
            and beside(line, initial) > 0
        ]
        if not initial.text.isalpha() or len(beside_it) < 2:
            continue
        first = min(beside_it, key=lambda line: line.base)
        apart = first.x0 - initial.x1 > 0.3 * body and initial.text in "AIO"
        first.text = f"{initial.text}{' ' if apart else ''}{first.text}"
        for line in beside_it:
            line.x0 = initial.x0
        found = [line for line in found if line is not initial]
    return found


def _is_note(item: _Item, page: Leaf, body: float, columns: Sequence[Sequence[Line]]) -> bool:
    """Whether a stack is notes: small, in the lower half, marked, and the last of its column."""
    first = item.lines[0]
    small = first.size <= _SMALL * body
    if first.top < 0.4 * page.height:
        return False
    under = [
        line
        for stack in columns
        for line in stack
        if line.top > item.bottom
        and (not small or line.size > _SMALL * body)
        and overlap(line, item) > 3
    ]
    rule = any(
        0 <= first.top - one.bottom < 2.5 * body
        and overlap(one, item) > 10
        and one.width < 0.6 * page.width
        for one in page.rules
        if one.width > 20
    )
    marks = (rule, first.text[:1] in _NOTE_MARKS)
    return not under and (any(marks) if small else all(marks))


def _notes(made: Sequence[Part]) -> Iterator[Part]:
    """The parts of a stack of notes, each with the lines that go on after its first."""
    note: Part | None = None
    for part in made:
        if note is not None and part.lines[0][:1] not in _NOTE_MARKS:
            note.lines += part.lines
            continue
        part.kind, part.floats = "note", True
        note = part
        yield note
