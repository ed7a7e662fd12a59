"""Tables of Word: rows and cells as they are seen, and which rows or columns are heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.sources.docx.styles import is_on, value
from index.sources.ooxml import W
from index.sources.tables import bare, grid, headed, is_value, lines

if TYPE_CHECKING:
    from lxml.etree import _Element

_LONGEST_SIDE = 60  # characters of a cell that names what stands beside it


@dataclass(slots=True)
class Cell:
    """A cell: its element, the columns and rows it spans, and what was read of it."""

    element: _Element
    across: int
    down: int = 1
    text: str = ""
    bold: bool = False


@dataclass(slots=True)
class Row:
    """A row: its cells from the first column on, and whether it is told to be a head."""

    cells: list[Cell]
    head: bool


def rows_of(table: _Element) -> list[Row]:
    """The rows of a table, without those that a change deletes."""
    found: list[Row] = []
    open_cells: dict[int, Cell] = {}  # column to the cell that spans rows from above
    for row in _inside(table, "tr"):
        properties = row.find(f"{W}trPr")
        if properties is not None and any(_is(properties, name) for name in ("del", "hidden")):
            continue
        cells: list[Cell] = []
        column = _number(properties, "gridBefore", 0)
        if column:
            cells.append(Cell(row, column))
        for element in _inside(row, "tc"):
            about = element.find(f"{W}tcPr")
            across = _number(about, "gridSpan", 1)
            merge = about.find(f"{W}vMerge") if about is not None else None
            above = open_cells.get(column)
            if merge is not None and value(merge) != "restart" and above is not None:
                above.down += 1
            else:
                cell = Cell(element, across)
                cells.append(cell)
                open_cells.pop(column, None)
                if merge is not None:
                    open_cells[column] = cell
            column += across
        found.append(Row(cells, properties is not None and _is(properties, "tblHeader")))
    return found


def _inside(parent: _Element, name: str) -> Iterator[_Element]:
    """Children of a name, in controls and changes too, though never in tables within."""
    for child in parent:
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in {f"{W}{each}" for each in ("sdt", "sdtContent", "ins", "customXml")}:
            yield from _inside(child, name)


def _is(properties: _Element, name: str) -> bool:
    element = properties.find(f"{W}{name}")
    return element is not None and is_on(element)


def _number(properties: _Element | None, name: str, usual: int) -> int:
    told = value(properties.find(f"{W}{name}")) if properties is not None else ""
    return min(int(told), 1_000) if told.isdigit() else usual


def table_lines(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """The line for each row that is no head, with its place; a title over all columns is a line."""
    first = 0
    while first < len(rows) - 1 and len(filled := _filled(rows[first])) < 2:
        if rows[first].head and len(rows[first].cells) > 1:
            break
        if filled:
            yield first, filled[0]
        first += 1
    rest = rows[first:]
    spans = [[(c.text, c.across, c.down) for c in row.cells] for row in rest]
    heads = _heads(rest)
    texts = grid(spans, heads)
    bold_side = heads == 0 and _bold_side(rest)
    if not heads and not bold_side and texts and _looks_headed(texts):
        heads = 1
    alone = [len(_filled(row)) == 1 and row.cells[0].bold for row in rest]
    short = all(len(row[0]) <= _LONGEST_SIDE and not is_value(row[0]) for row in texts if row)
    pairs = max(map(len, texts), default=0) == 2 and short and all(row[0] for row in texts if row)
    sides = not heads and (bold_side or pairs)
    if sides:
        texts = [[row[0].rstrip(" :"), *row[1:]] for row in texts]
    if heads == len(texts):
        yield first, "\n".join(map(bare, texts))
        return
    for place in range(heads, len(texts)):
        if alone[place]:
            yield first + place, bare(texts[place])
        elif any(texts[place]):
            made = list(lines([*texts[:heads], texts[place]], heads, sides=sides))
            yield first + place, "\n".join(made)


def _filled(row: Row) -> list[str]:
    return [cell.text for cell in row.cells if cell.text]


def _heads(rows: Sequence[Row]) -> int:
    """How many rows at the top are heads, by what the table or its letters tell."""
    told = next((at for at, row in enumerate(rows) if not row.head), len(rows))
    if told or len(rows) < 2:
        return min(told, len(rows))
    if not (_bold(rows[0].cells) and not all(_bold(row.cells) for row in rows[1:])):
        return 0
    deepest = max((cell.down for cell in rows[0].cells), default=1)
    return min(deepest, len(rows) - 1)


def _bold(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if cell.text]
    return len(filled) > 1 and all(cell.bold for cell in filled)


def _bold_side(rows: Sequence[Row]) -> bool:
    """Whether the first cell of each row names the others."""
    full = [row.cells for row in rows if len(row.cells) > 1]
    named = [cells for cells in full if cells[0].text]
    if not named or len(named) < len(full):
        return False
    return all(cells[0].bold or cells[0].text.endswith(":") for cells in named)


def _looks_headed(texts: Sequence[Sequence[str]]) -> bool:
    wide = max(map(len, texts)) > 2
    return headed(texts, surely=not wide)
