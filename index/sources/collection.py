"""Collections: one JSON object a line, each a document of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from index.clean import clean
from index.errors import SourceError
from index.metadata import describe, iso_date, publisher_of
from index.sources.files import (
    LARGEST,
    SourceFile,
    extras,
    names,
    one_line,
    provenance,
    sha256,
    shown,
)
from index.types import Document, Skipped

_FIELDS = {"_id", "text", "title", "authors", "published", "publisher"}


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield a document for each line, or the line and what is wrong with it."""
    with source.path.open("rb") as file:
        for number, (offset, line) in enumerate(_lines(file), start=1):
            try:
                if len(line) > LARGEST or not line.isspace():
                    yield _document(source, line, number, offset)
            except SourceError as error:
                yield Skipped(f"{source.shown}:{number}", str(error))


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line with its offset; of one that is too long as much as shows that it is."""
    offset = 0
    while line := file.readline(LARGEST + 1):
        yield offset, line
        offset += len(line)
        while len(line) > LARGEST and not line.endswith(b"\n"):
            line = file.readline(LARGEST + 1)
            offset += len(line)


def _document(source: SourceFile, data: bytes, number: int, offset: int) -> Document:
    data = data if len(data) > LARGEST else data.rstrip(b"\r\n")
    record = record_of(data)
    text = clean(str(record.get("text") or ""))
    if not text:
        raise SourceError("has no text")
    path, metadata = provenance(source)
    url = one_line(record.get("url") or "")
    published = one_line(record.get("published") or "")
    name = record.get("_id")
    return Document(
        id=shown(f"{source.id}:{number}" if name in (None, "") else str(name)),
        path=path,
        title=one_line(record.get("title") or "") or describe(text, source.path.name).title,
        authors=names(record.get("authors")),
        published=iso_date(published) or published or None,
        publisher=one_line(record.get("publisher") or "") or publisher_of([url]),
        text=text,
        sha256=sha256(data),
        metadata={
            **extras(record, _FIELDS),
            **metadata,
            "line_offset": str(offset),
            "line": str(number),
        },
    )


def record_of(data: bytes) -> dict[str, object]:
    """Read a line.

    Raises:
        SourceError: it is no object with a text, or too long.
    """
    if len(data) > LARGEST:
        raise SourceError(f"is a line of more than {LARGEST:,} bytes; split it")
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise SourceError("is nested too deeply to be read") from None
    except ValueError as error:
        raise SourceError(f"is no JSON object: {shown(str(error))}") from None
    if not isinstance(record, dict):
        raise SourceError("is no JSON object")
    if not isinstance(record.get("text"), str):
        raise SourceError('has no "text"')
    return record
