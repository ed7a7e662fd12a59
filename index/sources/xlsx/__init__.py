"""Workbooks: each sheet's tables, a line a row with the heads of its columns, as it is shown.

Hidden sheets, rows and columns are left out, and the document says so; a formula whose value the
file does not hold is shown as not calculated.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import IO, Any

from index.digests import sha256_of
from index.errors import SourceError
from index.metadata import describe
from index.sources.blocks import Block, assemble
from index.sources.files import SourceFile
from index.sources.ooxml import opened
from index.sources.package import BROKEN, DAMAGED, PART, STREAM, Package
from index.sources.properties import about, merged, placed
from index.sources.xlsx.formats import GENERAL, code_of, shown
from index.sources.xlsx.regions import blocks_of
from index.sources.xlsx.sheet import Budget, Look, Sheet, parser_of, read_sheet
from index.types import Document

_STRICT = b"http://purl.oclc.org/ooxml/"


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document.

    Raises:
        SourceError: it is none, is damaged or protected, or has no text.
    """
    digest = sha256_of(source.path)
    with Package(source.path) as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what openpyxl would not write back
        package.expect("xlsx")
        for name in package.infos:
            if name.endswith((".xml", ".rels")):
                package.size(name, STREAM if "/worksheets/" in name else PART)
        strict = package.has("xl/workbook.xml") and _STRICT in package.read("xl/workbook.xml")
        if strict:
            yield opened(package, lambda file: _document(source, digest, file))
            return
        try:
            with source.path.open("rb") as file:
                yield _document(source, digest, file)
        except (KeyError, TypeError, AttributeError, IndexError, SyntaxError, *BROKEN):
            raise SourceError(DAMAGED) from None


def _document(source: SourceFile, digest: str, file: IO[bytes]) -> Document:
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(file, read_only=True, data_only=True)
    blocks, left_out = _blocks(reader)
    core = reader.wb.properties
    title = about(core.title).title or describe("", source.path.name).title
    told = about(
        title,
        core.creator,
        (core.modified, core.created),
        core.lastModifiedBy,
        subject=core.subject,
        keywords=core.keywords,
        category=core.category,
    )
    return placed(source, digest, assemble(blocks), merged(told, {"left out": left_out}))


def _blocks(reader: Any) -> tuple[list[Block], str]:
    """The blocks of all sheets, and what was left out of them."""
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.worksheet._reader import WorkSheetParser

    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    reader.read_properties()
    apply_stylesheet(reader.archive, reader.wb)
    look, parser, budget = _look(reader.wb), parser_of(WorkSheetParser), Budget()
    blocks: list[Block] = []
    left_out: list[str] = []
    for each, relation in reader.parser.find_sheets():
        if not relation.Type.endswith("/worksheet"):
            continue
        if each.state != "visible":
            left_out.append(f"hidden sheet {each.name}")
            continue
        with reader.archive.open(relation.target) as part:
            found = parser(
                part,
                reader.shared_strings,
                data_only=True,
                epoch=reader.wb.epoch,
                date_formats=reader.wb._date_formats,  # noqa: SLF001  # nothing else tells them
                timedelta_formats=reader.wb._timedelta_formats,  # noqa: SLF001
            )
            sheet = read_sheet(found, look, budget)
        label = f"sheet {each.name}"
        made = list(blocks_of(sheet, label))
        blocks += [Block(each.name, 1, label), *made] if made else []
        left_out += _left_out(sheet, each.name)
    if not any(not block.level for block in blocks):
        return [], ""
    return blocks, "; ".join(left_out)


def _left_out(sheet: Sheet, name: str) -> Iterator[str]:
    if sheet.hidden_rows:
        yield f"{len(sheet.hidden_rows):,} hidden rows of sheet {name}"
    if sheet.hidden_columns:
        yield f"{sheet.hidden_columns:,} hidden columns of sheet {name}"
    if sheet.not_calculated:
        yield (
            f"{sheet.not_calculated:,} formulas of sheet {name} whose values the file does not "
            "hold; save it in a spreadsheet program"
        )


def _look(workbook: Any) -> Look:
    """What shows a value, and tells whether it is bold, by the number of its cell's style."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE

    styles, own = workbook._cell_styles, workbook._number_formats  # noqa: SLF001
    fonts = workbook._fonts  # noqa: SLF001

    @cache
    def code(style: int) -> str:
        number = styles[style].numFmtId if style < len(styles) else 0
        if number < BUILTIN_FORMATS_MAX_SIZE:
            return code_of(number, BUILTIN_FORMATS.get(number, GENERAL))
        place = number - BUILTIN_FORMATS_MAX_SIZE
        return own[place] if place < len(own) else GENERAL

    @cache
    def bold(style: int) -> bool:
        return style < len(styles) and bool(fonts[styles[style].fontId].b)

    return Look(lambda value, style: shown(value, code(style)), bold)
