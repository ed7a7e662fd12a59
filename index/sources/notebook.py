"""Notebooks (`.ipynb`): text, code and what it printed, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from index.errors import SourceError
from index.sources.blocks import About, Block, assemble, document
from index.sources.encodings import decode
from index.sources.files import SourceFile, contents, names, one_line, sha256
from index.sources.markdown import blocks_of
from index.types import Document

PRINTED = 20_000  # characters of one output: what is longer is a log or a dump

Cell = Mapping[str, Any]


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the notebook as one document."""
    data = contents(source.path)
    try:
        record = json.loads(decode(data))
    except (ValueError, RecursionError):
        raise SourceError("is no notebook: it is not written in JSON, or cut off") from None
    cells = _cells(record)
    if cells is None:
        raise SourceError("is no notebook: it has no cells")
    said = record.get("metadata")
    said = said if isinstance(said, Mapping) else {}
    about = About(
        title=one_line(said.get("title") or said.get("name") or ""),
        authors=names(said.get("authors")),
        published=one_line(said.get("date") or ""),
    )
    blocks = (
        replace(block, page=f"cell {number}")
        for number, cell in enumerate(cells, start=1)
        for block in _blocks(cell)
    )
    yield document(source, sha256(data), assemble(blocks), about)


def _cells(record: object) -> list[Cell] | None:
    """The cells of version 4, or those on the sheets of version 3."""
    if not isinstance(record, dict):
        return None
    sheets = [record, *_list(record.get("worksheets"))]
    if not any(isinstance(sheet.get("cells"), list) for sheet in sheets):
        return None
    return [cell for sheet in sheets for cell in _list(sheet.get("cells"))]


def _list(value: object) -> list[Cell]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _blocks(cell: Cell) -> Iterator[Block]:
    text = _text(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    if kind == "markdown":
        yield from blocks_of(text)
    elif kind == "heading":
        level = cell.get("level")
        yield Block(one_line(text), level if isinstance(level, int) and 1 <= level <= 6 else 1)
    else:
        yield Block(text)
        for output in _list(cell.get("outputs")):
            yield from _output(output)


def _output(output: Cell) -> Iterator[Block]:
    """What a cell printed or returned; pictures and errors are none of its words."""
    kind = output.get("output_type")
    if kind in ("error", "pyerr"):
        return
    data = output.get("data", output)  # version 3 has no such level
    data = data if isinstance(data, Mapping) else {}
    if tables := list(_tables(_text(data.get("text/html", data.get("html"))))):
        yield from tables
        return
    if written := _text(data.get("text/markdown")):
        yield from blocks_of(written)
        return
    plain = _text(data.get("text/plain", data.get("text")))
    if kind != "stream" and plain.startswith("<") and plain.rstrip().endswith(">"):
        return  # what a picture is called
    yield Block(_shortened(plain))


def _tables(page: str) -> Iterator[Block]:
    """The tables in what was returned, with heads in their rows; nothing where lxml is absent."""
    if "<table" not in page:
        return
    try:
        from index.sources.tree import parse, pieces

        tree = parse(page)
    except ModuleNotFoundError:
        return
    if tree is not None:
        yield from (Block(piece.text) for piece in pieces(tree))


def _shortened(text: str) -> str:
    return text if len(text) <= PRINTED else text[:PRINTED].rpartition("\n")[0] or text[:PRINTED]


def _text(value: object) -> str:
    """Text, which is written as one string or as its lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""
