"""Spreadsheets of OpenDocument: the cells as they are shown, which the file holds as texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.sources.blocks import Block
from index.sources.odf.flow import Flow
from index.sources.odf.styles import OFFICE, TABLE, TEXT, Styles
from index.sources.xlsx.regions import blocks_of
from index.sources.xlsx.sheet import NOT_CALCULATED, Budget, Sheet

if TYPE_CHECKING:
    from lxml.etree import _Element

_COLUMNS = 16_384


def blocks(body: _Element, styles: Styles) -> tuple[list[Block], str]:
    """The blocks of all sheets, and what was left out of them."""
    made: list[Block] = []
    left_out: list[str] = []
    budget = Budget()
    for table in body.findall(f"{TABLE}table"):
        name = table.get(f"{TABLE}name") or ""
        shown = styles.property(table.get(f"{TABLE}style-name"), "table", f"{TABLE}display")
        if shown == "false":
            left_out.append(f"hidden sheet {name}")
            continue
        sheet = _sheet(table, styles, budget)
        label = f"sheet {name}"
        inner = list(blocks_of(sheet, label))
        made += [Block(name, 1, label), *inner] if inner else []
        if sheet.hidden_rows:
            left_out.append(f"{len(sheet.hidden_rows):,} hidden rows of sheet {name}")
    return made, "; ".join(left_out)


def _sheet(table: _Element, styles: Styles, budget: Budget) -> Sheet:
    sheet = Sheet()
    place = 0
    for row in table.iter(f"{TABLE}table-row"):
        times = _times(row, "number-rows-repeated")
        cells = dict(_cells(row, styles, sheet, place + 1))
        if row.get(f"{TABLE}visibility") == "collapse":
            sheet.hidden_rows.update(
                range(place + 1, place + 1 + min(times, 100_000)) if cells else ()
            )
        elif cells:
            budget.take(len(cells) * times)
            for at in range(times):
                sheet.rows[place + 1 + at] = dict(cells)
        place += times
    return sheet


def _cells(row: _Element, styles: Styles, sheet: Sheet, place: int) -> Iterator[tuple[int, str]]:
    column = 1
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        times = _times(cell, "number-columns-repeated")
        text = ""
        if cell.tag == f"{TABLE}table-cell" and len(cell):
            flow = Flow(styles)
            text = " ".join(" ".join(flow.words(p).split()) for p in cell.findall(f"{TEXT}p"))
        if not text and cell.get(f"{TABLE}formula") and not cell.get(f"{OFFICE}value-type"):
            text = NOT_CALCULATED
        if text:
            across, down = (_times(cell, f"number-{each}-spanned") for each in ("columns", "rows"))
            if across > 1 or down > 1:
                sheet.merges.append((place, column, place + down - 1, column + across - 1))
            for at in range(column, min(column + times, _COLUMNS)):
                yield at, text
        column += times


def _times(element: _Element, name: str) -> int:
    told = element.get(f"{TABLE}{name}") or "1"
    return max(1, min(int(told), 1_100_000)) if told.isdigit() else 1
