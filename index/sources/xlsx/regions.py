"""The tables of a sheet: set apart by empty rows, their heads found, a line for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.sources.blocks import Block, rows
from index.sources.bounds import COLUMNS
from index.sources.tables import bare, headed, is_value, merged
from index.sources.xlsx.sheet import NOT_CALCULATED, Merge, Sheet, stretches
from index.types import Page

_LOOKED_AT = 8  # rows at the top of a table of which one may be its head
_LONGEST_HEAD = 80  # characters
_PROSE = 60  # characters from which a cell alone in its row is a remark, not an entry

Table = list[list[str]]
Lines = list[tuple[int, str]]  # the numbers of rows, and what stands in each


@dataclass(slots=True)
class _Heads:
    columns: list[int]
    names: list[str]


def blocks_of(sheet: Sheet, label: str) -> Iterator[Block]:
    """The blocks of a sheet called by a label; each line is cited by its row."""
    for lines in texts(sheet):
        turns, at, last = list[Page](), 0, 0
        for number, text in lines:
            if number != last:
                turns.append(Page(at, f"{label}, row {number}"))
            at, last = at + len(text) + 1, number
        made = "\n".join(text for _, text in lines)
        yield Block(made, 0, turns[0].label, tuple(turns[1:]))


def texts(sheet: Sheet) -> Iterator[Lines]:
    """All that stands on a sheet: titles and remarks, and tables with their heads in each row."""
    before: _Heads | None = None
    for run in stretches(sheet):
        for numbers, columns in _apart(sheet, run):
            made, before = _region(sheet, numbers, columns, before)
            yield from made


def _apart(sheet: Sheet, run: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Tables side by side: with an empty column between, and not in the same rows."""
    filled: dict[int, list[int]] = {}
    for number in run:
        for column in sheet.rows[number]:
            filled.setdefault(column, []).append(number)
    groups: list[list[int]] = []
    for column in sorted(filled)[:COLUMNS]:
        if not groups or column > groups[-1][-1] + 1:
            groups.append([])
        groups[-1].append(column)
    rows_in = [sorted({n for column in group for n in filled[column]}) for group in groups]
    extents = {(numbers[0], numbers[-1]) for numbers in rows_in}
    wide = all(len(group) > 1 for group in groups)
    if len(groups) > 1 and wide and len(extents) == len(groups):
        yield from zip(rows_in, groups, strict=True)
    else:
        yield list(run), [column for group in groups for column in group]


def _region(
    sheet: Sheet, numbers: Sequence[int], columns: list[int], before: _Heads | None
) -> tuple[list[Lines], _Heads | None]:
    """The texts of one table, and the heads it has, which a table below may share."""
    table = [[sheet.rows[number].get(at, "") for at in columns] for number in numbers]
    first = 0
    found: list[Lines] = []
    while first < len(table) and sum(map(bool, table[first])) == 1 and len(columns) > 1:
        found.append([(numbers[first], bare(table[first]))])
        first += 1
    if first == len(table) or len(columns) == 1:
        rest = zip(numbers[first:], table[first:], strict=True)
        return found + [[(number, bare(row))] for number, row in rest], before
    bold = [number in sheet.bold for number in numbers[first : first + _LOOKED_AT + 1]]
    at = _head(table[first:], bold)
    if before and set(columns) <= set(before.columns) and not headed(table[first:], surely=True):
        heads = _Heads(columns, [before.names[before.columns.index(each)] for each in columns])
        return [*found, list(_lines(numbers[first:], table[first:], heads.names))], before
    if at is None:
        plain = map(_without_head, table[first:])
        return [*found, list(zip(numbers[first:], plain, strict=True))], None
    top = first + at
    while top > first and _over(sheet, numbers[top - 1], table[top - 1]):
        top -= 1
    last = first + at
    while last + 2 < len(table) and _over(sheet, numbers[last], table[last], table[last + 1]):
        last += 1
    found += [[(numbers[at], _without_head(table[at]))] for at in range(first, top)]
    over = [
        _spread(table[place], numbers[place], columns, sheet.merges)
        for place in range(top, last + 1)
    ]
    heads = _Heads(columns, merged(over))
    under = list(_lines(numbers[last + 1 :], table[last + 1 :], heads.names))
    return [*found, under], heads


def _head(table: Table, bold: Sequence[bool]) -> int | None:
    """The place of the row that names the columns: texts in most of them, each once."""
    width = max(sum(map(bool, row)) for row in table[:200])
    for at, row in enumerate(table[:_LOOKED_AT]):
        names = [cell for cell in row if cell]
        if at + 1 == len(table) or 2 * len(names) <= width or len(names) < 2:
            continue
        if not all(map(_names, names)) or 2 * len(set(names)) <= len(names):
            return None
        if len(names) == 2 and width == 2:
            return at if _names_two(table[at + 1 :], bold=at < len(bold) and bold[at]) else None
        return at
    return None


def _names_two(body: Table, *, bold: bool) -> bool:
    """Whether a row over two columns names them, rather than being the first of a list of pairs."""
    columns = [[cell for cell in column if cell] for column in zip(*body[:200], strict=True)]
    figures = [cell for cell in columns[-1] if is_value(cell)]
    repeated = any(len(set(column)) < len(column) for column in columns)
    return bold or repeated or 1 < len(figures) == len(columns[-1])


def _names(cell: str) -> bool:
    year = cell.isdigit() and len(cell) == 4 and cell[:2] in ("19", "20")
    short = len(cell) <= _LONGEST_HEAD and cell != NOT_CALCULATED
    return short and (year or not is_value(cell))


def _over(sheet: Sheet, number: int, row: Sequence[str], below: Sequence[str] = ()) -> bool:
    """Whether a row of heads names several columns at once, that have heads of their own below."""
    across = any(
        first <= number <= last and left < right for first, left, last, right in sheet.merges
    )
    return across and all(_names(cell) for cell in (*row, *below) if cell)


def _spread(
    row: Sequence[str], number: int, columns: list[int], merges: Sequence[Merge]
) -> list[str]:
    """A row of heads with what is merged over several columns in each of them."""
    spread = list(row)
    for first, left, last, right in merges:
        if first <= number <= last and left < right and left in columns:
            text = row[columns.index(left)]
            for at, column in enumerate(columns):
                if left <= column <= right:
                    spread[at] = spread[at] or text
    return spread


def _lines(numbers: Sequence[int], table: Table, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    for number, row in zip(numbers, table, strict=True):
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and len(filled[0]) > _PROSE:
            yield number, filled[0]
        else:
            yield number, next(rows([names, row]))


def _without_head(row: Sequence[str]) -> str:
    """A name and what stands beside it, or just cells."""
    filled = [cell for cell in row if cell]
    if len(filled) == 2 and _names(filled[0]):
        return f"{filled[0].rstrip(' :')}: {filled[1]}"
    return bare(filled)
