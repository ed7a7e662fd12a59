"""Tables: ruled ones by their rules, others by cells that stand in line over several rows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from index.sources.pdf.columns import MARKER
from index.sources.pdf.fragments import fragments
from index.sources.pdf.shapes import Line, Rect, Word, around, overlap, within

_NEAR = 3.0  # points by which rules may miss each other
_GAP = 0.9  # of the letters' size: cells are so far apart
_NUMBER = re.compile(r"[-+−–(]?[$€£¥]?\s?\d[\d.,\s]*\s?[%)]?")

Rows = list[list[str]]
Gap = tuple[float, float]


@dataclass(slots=True)
class Table:
    """A table: where it stands, its rows of cells, and whether the first one names the columns."""

    x0: float
    top: float
    x1: float
    bottom: float
    rows: Rows
    headed: bool = True


def ruled(rules: Sequence[Rect], boxes: Sequence[Rect], words: Sequence[Word]) -> list[Table]:
    """The tables whose cells are drawn, with the words in them."""
    found = []
    for across, down in _grids([*rules, *(side for box in boxes for side in _edges(box))]):
        frame = around([*across, *down])
        ys = _levels([rule.top for rule in across] + [frame.top, frame.bottom])
        xs = _levels([rule.x0 for rule in down] + [frame.x0, frame.x1])
        inside = [word for word in words if within(word, frame, 0)]
        if len(xs) < 3 or len(ys) < 3 or not inside:
            continue
        rows = _cells(inside, xs, ys, across, down)
        filled = sum(bool(cell) for row in rows for cell in row)
        if len(rows) >= 2 and len(rows[0]) >= 2 and filled >= max(3, len(rows)):
            first = [cell for cell in rows[0] if cell]
            named = 2 * sum(bool(_NUMBER.fullmatch(cell)) for cell in first) < max(1, len(first))
            found.append(Table(frame.x0, frame.top, frame.x1, frame.bottom, rows, named))
    return found


def _edges(box: Rect) -> list[Rect]:
    return [
        Rect(box.x0, box.top, box.x1, box.top),
        Rect(box.x0, box.bottom, box.x1, box.bottom),
        Rect(box.x0, box.top, box.x0, box.bottom),
        Rect(box.x1, box.top, box.x1, box.bottom),
    ]


def _grids(rules: Sequence[Rect]) -> list[tuple[list[Rect], list[Rect]]]:
    """Rules that touch each other, as those across and those down, for each group of them."""
    rules = rules[:2_000]
    groups: list[list[Rect]] = []
    for rule in rules:
        near = Rect(rule.x0 - _NEAR, rule.top - _NEAR, rule.x1 + _NEAR, rule.bottom + _NEAR)
        touched = [group for group in groups if any(_touch(near, other) for other in group)]
        groups = [group for group in groups if all(group is not other for other in touched)]
        groups.append([rule, *(other for group in touched for other in group)])
    found = []
    for group in groups:
        across = [rule for rule in group if rule.width > rule.height]
        down = [rule for rule in group if rule.height >= rule.width]
        if len(across) >= 3 and len(down) >= 3:
            found.append((across, down))
    return found


def _touch(one: Rect, other: Rect) -> bool:
    return (
        one.x0 <= other.x1
        and other.x0 <= one.x1
        and one.top <= other.bottom
        and other.top <= one.bottom
    )


def _levels(values: Sequence[float]) -> list[float]:
    """Values that differ by more than a hair, in order."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _cells(
    words: Sequence[Word],
    xs: Sequence[float],
    ys: Sequence[float],
    across: Sequence[Rect],
    down: Sequence[Rect],
) -> Rows:
    """The words of each cell; what no rule parts is one cell, in its first column and row."""
    held: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        column = max((at for at in range(len(xs) - 1) if xs[at] <= x), default=0)
        level = max((at for at in range(len(ys) - 1) if ys[at] <= y), default=0)
        while column and not _parts(down, xs[column], y):
            column -= 1
        while level and not _parts([_turned(rule) for rule in across], ys[level], x):
            level -= 1
        held.setdefault((level, column), []).append(word)
    rows = [
        [cell_text(fragments(held.get((level, column), []))) for column in range(len(xs) - 1)]
        for level in range(len(ys) - 1)
    ]
    used = [at for at in range(len(xs) - 1) if any(row[at] for row in rows)]
    return [[row[at] for at in used] for row in rows if any(row)]


def _turned(rule: Rect) -> Rect:
    return Rect(rule.top, rule.x0, rule.bottom, rule.x1)


def _parts(down: Sequence[Rect], x: float, y: float) -> bool:
    """Whether a rule stands at x, beside y."""
    return any(
        abs(rule.x0 - x) <= _NEAR + 0.5 and rule.top - _NEAR <= y <= rule.bottom + _NEAR
        for rule in down
    )


def cell_text(lines: Sequence[Line]) -> str:
    """The lines of a cell as one line; a soft hyphen follows the hyphen at a line's end."""
    ordered = sorted(lines, key=lambda line: (round(line.base), line.x0))
    text = ""
    for line in ordered:
        cut = text[-1:] in ("-", "\u00ad") and line.text[:1].islower()
        text += ("\u00ad" if cut else " ") + line.text
    return text.strip()


def unruled(lines: Sequence[Line]) -> list[tuple[Table, list[Line]]]:
    """Tables of lines with cells in the same columns, and the lines that they are made of."""
    found = []
    for group in _groups(lines):
        table = _aligned(group)
        if table is not None:
            found.append((table, group))
    return found


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of lines with several cells each, one soon below the other, that leave gaps free."""
    groups: list[tuple[list[Line], list[Gap]]] = []
    for line in sorted(lines, key=lambda one: one.base):
        if not _is_row(line):
            continue
        for group, free in reversed(groups):
            last = group[-1]
            size = max(line.size, last.size)
            amid = any(last.base < one.base < line.base and overlap(one, last) > 0 for one in lines)
            near = line.base - last.base < (9 if amid else 3.6) * size
            alike = abs(line.size - last.size) < 0.35 * last.size
            shared = _shared(free, _gaps(line), 0.4 * line.size)
            free_between = not any(
                last.base < other.base < line.base and _covers(other, shared) for other in lines
            )
            if near and alike and shared and 2 * len(shared) >= len(free) and free_between:
                group.append(line)
                free[:] = shared
                break
        else:
            groups.append(([line], _gaps(line)))
    found = [group for group, _ in groups if len(group) >= 3 and _airy(group)]
    return [_with_continued(group, lines) for group in found]


def _gaps(line: Line) -> list[Gap]:
    return [(before.x1, cell.x0) for before, cell in zip(line.cells, line.cells[1:], strict=False)]


def _shared(some: Sequence[Gap], others: Sequence[Gap], least: float) -> list[Gap]:
    """What gaps have in common with others, where it is wide enough."""
    both = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return [(left, right) for left, right in both if right - left >= least]


def _covers(line: Line, gaps: Sequence[Gap]) -> bool:
    """Whether a line reaches over all gaps, as none of a table's does."""
    cells = line.cells or [line]
    return all(any(cell.x0 < left and cell.x1 > right for cell in cells) for left, right in gaps)


def _airy(group: Sequence[Line]) -> bool:
    """Whether lines are not just justified text with wide spaces: as wide throughout a line."""
    covered = (sum(cell.width for cell in line.cells) / line.width for line in group)
    widths = [[right - left for left, right in _gaps(line)] for line in group]
    even = [min(found) for found in widths if max(found) - min(found) < 0.12 * group[0].size]
    spaces = len(even) > 0.6 * len(group) and (
        max(even) - min(even) > 0.12 * group[0].size or len({len(found) for found in widths}) > 1
    )
    return median(covered) < 0.85 and not spaces


def _is_row(line: Line) -> bool:
    """Whether a line has several cells, wide apart, and not just a mark before its text."""
    wide = sum(
        cell.x0 - before.x1 > _GAP * max(cell.size, before.size)
        for before, cell in zip(line.cells, line.cells[1:], strict=False)
    )
    marked = bool(line.cells) and bool(MARKER.fullmatch(line.cells[0].text))
    return wide > marked


def _with_continued(group: list[Line], lines: Sequence[Line]) -> list[Line]:
    """The lines of a table with those that go on in one cell only."""
    frame = around(group)
    bases = [line.base for line in group]
    more: list[Line] = []
    for line in sorted(lines, key=lambda one: one.base):
        if (
            len(line.cells) < 2
            and frame.top < line.base < frame.bottom + 6 * line.size
            and line.x0 >= frame.x0 - 1
            and line.x0 <= frame.x1
            and line.x1 <= frame.x1 + 10 * line.size
            and any(0 < line.base - base < 1.4 * line.size for base in bases)
            and not _covers(line, _gaps(group[0]))
            and line.x0 > group[0].cells[0].x1
        ):
            more.append(line)
            bases.append(line.base)
    return sorted([*group, *more], key=lambda line: line.base)


def _aligned(group: Sequence[Line]) -> Table | None:
    """The table that lines are, if their cells stand in line."""
    columns = _bands(group)
    several = [line for line in group if len(line.cells) >= 2]
    if len(columns) < 2 or not all(_short(cell) for line in several for cell in line.cells):
        return None
    rows: list[list[list[Line]]] = []
    leading = min(after.base - line.base for line, after in itertools.pairwise(several))
    last: Line | None = None
    for line in group:
        cells: list[list[Line]] = [[] for _ in columns]
        for cell in line.cells or [line]:
            cells[_column(cell, columns)].append(cell)
        continued = (
            last is not None
            and not cells[0]
            and line.base - last.base < 1.35 * max(line.size, 0.75 * leading)
        )
        if continued and rows:
            for held, added in zip(rows[-1], cells, strict=True):
                held.extend(added)
        else:
            rows.append(cells)
        last = line
    texts = [[cell_text(cell) for cell in row] for row in rows]
    signs = any(not any(map(str.isalnum, "".join(cells))) for cells in zip(*texts, strict=True))
    cells_of = [cell for line in group for cell in line.cells or [line]]
    listed = sum(len(cell.text) for cell in cells_of if cell.mono)
    if len(texts) < 2 or signs or 2 * listed > sum(len(cell.text) for cell in cells_of):
        return None  # equations below each other have a column of signs; listings stay as they are
    frame = around(group)
    named = sum(bool(_NUMBER.fullmatch(cell)) for cell in texts[0]) < 0.5 * len(columns)
    headed = named if len(columns) > 2 else _is_head(group, texts)
    return Table(frame.x0, frame.top, frame.x1, frame.bottom, texts, headed)


def _bands(group: Sequence[Line]) -> list[tuple[float, float]]:
    """Where the columns are: what the cells of all rows cover, put together."""
    bands: list[tuple[float, float]] = []
    several = [line for line in group if len(line.cells) >= 2]
    usual = median(len(line.cells) for line in several)
    for cell in sorted(
        (cell for line in several if len(line.cells) >= usual for cell in line.cells),
        key=lambda cell: cell.x0,
    ):
        if bands and cell.x0 < bands[-1][1] + 0.2 * cell.size:
            bands[-1] = bands[-1][0], max(bands[-1][1], cell.x1)
        else:
            bands.append((cell.x0, cell.x1))
    return bands


def _column(cell: Line, columns: Sequence[tuple[float, float]]) -> int:
    """The column that a cell shares most with, or is nearest to."""
    return max(
        range(len(columns)),
        key=lambda at: min(cell.x1, columns[at][1]) - max(cell.x0, columns[at][0]),
    )


def _short(cell: Line) -> bool:
    return cell.text.count(" ") < 14


def _is_head(group: Sequence[Line], texts: Rows) -> bool:
    """Whether the first of two columns' rows names them: bold, or words over numbers."""
    first, others = group[0], group[1:]
    if first.bold and not all(line.bold for line in others):
        return True
    numbers = [bool(_NUMBER.fullmatch(row[-1])) for row in texts]
    return not numbers[0] and all(numbers[1:])
