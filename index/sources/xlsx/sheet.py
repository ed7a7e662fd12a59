"""A sheet as rows of shown texts, read row by row, without what is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element

CELLS = 2_000_000  # filled cells of a workbook: about a minute to read
NOT_CALCULATED = "(not calculated)"
_LONGEST_MERGE = 100_000  # rows

Merge = tuple[int, int, int, int]  # first row and column, last row and column


@dataclass(frozen=True, slots=True)
class Look:
    """How cells look, by the number of their style: their text, and whether it is bold."""

    show: Callable[[Any, int], str]
    bold: Callable[[int], bool]


@dataclass(slots=True)
class Sheet:
    """What is seen of a sheet: texts by row and column, counted from 1, without empty ones."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    bold: set[int] = field(default_factory=set)  # rows of which every cell is
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: int = 0
    not_calculated: int = 0


class Budget:
    """How many more cells of a workbook are read."""

    def __init__(self) -> None:
        """Begin with as many as there may be."""
        self._left = CELLS

    def take(self, cells: int) -> None:
        """Count some.

        Raises:
            SourceError: there are too many.
        """
        self._left -= cells
        if self._left < 0:
            raise SourceError(f"has more than {CELLS:,} filled cells; split it into workbooks")


def read_sheet(parser: Any, look: Look, budget: Budget) -> Sheet:
    """Read all of a sheet with a parser of openpyxl.

    Raises:
        SourceError: it has too many cells.
    """
    sheet = Sheet()
    for number, cells in parser.parse():
        texts: dict[int, str] = {}
        bold = True
        for cell in cells:
            value = cell["value"]
            if value is None:
                continue
            if value is NOT_CALCULATED:
                sheet.not_calculated += 1
            if text := look.show(value, cell["style_id"]):
                texts[cell["column"]] = text
                bold = bold and look.bold(cell["style_id"])
        if texts:
            budget.take(len(texts))
            sheet.rows[number] = texts
            if bold:
                sheet.bold.add(number)
    _hide(sheet, parser)
    if parser.merged_cells is not None:
        sheet.merges = [
            (each.min_row, each.min_col, each.max_row, each.max_col)
            for each in parser.merged_cells.mergeCell
        ]
    _fill(sheet)
    return sheet


def _hide(sheet: Sheet, parser: Any) -> None:
    """Take out rows and columns that are hidden; not what only a filter or an outline folds away.

    A filter and an outline show that there is more, and a click brings it back.
    """
    filtered = range(0)
    found = getattr(parser, "auto_filter", None)
    if found is not None and found.ref and found.filterColumn:
        first, _, last = found.ref.replace("$", "").partition(":")
        rows = [int("".join(filter(str.isdigit, end)) or 0) for end in (first, last or first)]
        filtered = range(rows[0], rows[1] + 1)
    for name, about in parser.row_dimensions.items():
        if _hidden(about) and int(name) not in filtered and sheet.rows.pop(int(name), {}):
            sheet.hidden_rows.add(int(name))
    for about in parser.column_dimensions.values():
        if _hidden(about):
            columns = range(int(about["min"]), int(about["max"]) + 1)
            gone = {at for row in sheet.rows.values() for at in row if at in columns}
            sheet.hidden_columns += len(gone)
            for row in sheet.rows.values():
                for at in gone:
                    row.pop(at, None)


def _hidden(about: dict[str, str]) -> bool:
    return about.get("hidden") in ("1", "true") and about.get("outlineLevel") in (None, "0")


def _fill(sheet: Sheet) -> None:
    """What is merged over several rows stands in each that has anything else."""
    for first, column, last, _ in sheet.merges:
        text = sheet.rows.get(first, {}).get(column)
        if text and first < last <= first + _LONGEST_MERGE:
            for number in range(first + 1, last + 1):
                if number in sheet.rows:
                    sheet.rows[number].setdefault(column, text)


def parser_of(base: type[Any]) -> type[Any]:
    """The parser of openpyxl, which is loaded only where a workbook is read, made to tell more."""

    class Parser(base):  # type: ignore[misc]  # it comes without types
        """Tells of a formula whose value is not stored, where no value would be seen."""

        def parse_cell(self, element: _Element) -> dict[str, Any]:
            cell: dict[str, Any] = super().parse_cell(element)
            unknown = cell["value"] is None and len(element) and element.get("t") != "str"
            if unknown and any(child.tag.endswith("}f") for child in element):
                cell["value"] = NOT_CALCULATED
            return cell

    return Parser


def stretches(sheet: Sheet) -> Iterator[list[int]]:
    """Runs of rows without an empty one between; hidden ones divide nothing."""
    run: list[int] = []
    for number in sorted(sheet.rows):
        if run and any(at not in sheet.hidden_rows for at in range(run[-1] + 1, number)):
            yield run
            run = []
        run.append(number)
    if run:
        yield run
