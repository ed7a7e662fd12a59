"""Tables as lines that can be read, and quoted, alone: each row with the heads of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.blocks import rows
from index.sources.bounds import COLUMNS, SPANNED

Cells = Sequence[str]

_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-]\d\d(?:\d\d)?)?")
_LETTERS = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
_TAIL = 200  # rows that are looked at to tell whether the first one is a head


def grid(table: Sequence[Sequence[tuple[str, int, int]]], heads: int) -> list[list[str]]:
    """Rows of (text, columns, rows that it spans) as rows of texts.

    What spans rows stands in each; what spans columns in each of them too if it is a head, else
    in the first. A row of one cell over several columns is one text.
    """
    found: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}  # column to a text from above, and for how many rows
    hung = 0
    for place, row in enumerate(table):
        cells: list[str] = []
        for text, across, down in row:
            _drop(hanging, cells)
            for step in range(max(1, min(across, COLUMNS - len(cells)))):
                shown = text if not step or place < heads else ""
                if down > 1:
                    hanging[len(cells)] = shown, min(down, len(table) - place)
                cells.append(shown)
        _drop(hanging, cells)
        hung += len(hanging)
        hanging = {at: (text, left - 1) for at, (text, left) in hanging.items() if left > 1}
        if hung > SPANNED:
            hanging.clear()
        alone = len(row) == 1 and row[0][1] > 1 and place >= heads
        found.append(cells[:1] if alone else cells[:COLUMNS])
    return found


def _drop(hanging: dict[int, tuple[str, int]], cells: list[str]) -> None:
    """Add what hangs down from the rows above into the columns that come next."""
    while (at := len(cells)) in hanging:
        cells.append(hanging[at][0])


def lines(table: Sequence[Cells], heads: int, *, sides: bool = False) -> Iterator[str]:
    """A line a row: under the heads in its first rows, if it has any, else after its side head."""
    if not heads:
        for row in table:
            yield f"{row[0]}: {'; '.join(filter(None, row[1:]))}" if sides else bare(row)
        return
    head = merged(table[:heads])
    head += [""] * (max(map(len, table)) - len(head))  # no cell is lost for want of a head
    for row in table[heads:]:
        if len(row) == 1 and len(head) > 1:
            yield row[0]
        else:
            yield from list(rows([head, row]))
    if len(table) == heads:
        yield bare(head)


def merged(heads: Sequence[Cells]) -> list[str]:
    """Heads over heads as one for each column: "Fares Adults"."""
    width = max(map(len, heads))
    padded = [[*row, *[""] * (width - len(row))] for row in heads]
    return [" ".join(filter(None, dict.fromkeys(column))) for column in zip(*padded, strict=True)]


def bare(row: Cells) -> str:
    """A row that has no heads."""
    return " | ".join(filter(None, row))


def headed(table: Sequence[Cells], *, surely: bool = False) -> bool:
    """Whether the first row names the columns: short names, each once, over other things.

    `surely` asks for more: that what stands below is of another kind, numbers or dates.
    """
    head, body = table[0], table[1 : _TAIL + 1]
    if not body or len(head) < 2 or not all(head[1:]) or len(set(head)) < len(head):
        return False
    if any(len(name) > 80 or (is_value(name) and not _YEAR.fullmatch(name)) for name in head):
        return False
    columns = [[row[at] for row in body if at < len(row) and row[at]] for at in range(len(head))]
    if any(name in column for name, column in zip(head, columns, strict=True)):
        return False
    named = any(not is_value(name) for name in head)
    return named and (not surely or any(_of_values(column) for column in columns))


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date, an address or the like, which names no column."""
    letters = len(_LETTERS.findall(cell[:100]))
    return (any(c.isdigit() for c in cell) and letters <= 3 and letters * 2 < len(cell)) or bool(
        _ADDRESS.fullmatch(cell)
    )


def _of_values(column: Cells) -> bool:
    return bool(column) and 2 * sum(map(is_value, column)) > len(column)
