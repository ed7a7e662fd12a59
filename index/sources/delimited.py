"""Tables as text (`.csv`, `.tsv`): each row a line with the heads of its columns.

A row is named as spreadsheets name it: the first one, usually the heads, is row 1. Large tables
are several documents, so that neither memory nor a library's list grows with every row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from index.clean import strip_invisible
from index.digests import sha256_of
from index.errors import SourceError
from index.metadata import Described
from index.sources.blocks import About, Body, document
from index.sources.bounds import CELL, COLUMNS
from index.sources.encodings import LONGEST_LINE, encoding_in, is_binary
from index.sources.files import SourceFile
from index.sources.tables import bare, headed
from index.types import Document, Page, Skipped

if TYPE_CHECKING:
    from _csv import Reader

ROWS = 10_000  # of one document
_LONGEST = 4_000_000  # characters of one document, before a new one is begun
_SAMPLE = 65_536  # characters that the dialect is told from
_LOOKED_AT = 100  # rows of them
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # how Excel says which delimiter it used

Row = tuple[int, list[str]]  # its number, its cells


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield the table, in documents of `ROWS` rows; what cannot be parsed ends it with a reason."""
    digest = sha256_of(source.path)
    with source.path.open("rb") as raw:
        if is_binary(raw.read(_SAMPLE)):
            raise SourceError("is binary, not text")
    title = re.sub(r"[\s_-]+", " ", source.path.stem).strip() or source.path.stem
    with _opened(source.path) as file:
        found = _rows(file, source.path.suffix)
        first = list(islice(found, _LOOKED_AT))
        head = _head([row for row in first if not isinstance(row, csv.Error)])
        part = _Part()
        for row in chain(first, found):
            if isinstance(row, csv.Error):
                where = f"{source.shown}, from row {part.last + 1:,}"
                yield Skipped(where, f"cannot be parsed: {row}")
                continue
            number, cells = row
            if head is None or number != head[0]:
                part.add(number, line(head[1] if head and number > head[0] else (), cells))
            if part.full:
                yield _document(source, digest, title, part)
                part = _Part(part.last + 1)
    if part.lines or part.first == 1:
        if not part.lines and head:
            part.add(head[0], bare(head[1]))
        yield _document(source, digest, title, part)


def line(head: Sequence[str], row: Sequence[str]) -> str:
    """A row with its heads; cells beyond the last head stand alone."""
    if not head:
        return bare(row)
    named = [*head, *[""] * (len(row) - len(head))]
    cells = zip(named, row, strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


@dataclass(slots=True)
class _Part:
    """Rows on their way into a document; `first` is the number of the first of them."""

    first: int = 1
    last: int = 0
    size: int = 0
    lines: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.lines) >= ROWS or self.size >= _LONGEST

    def add(self, number: int, text: str) -> None:
        self.last = number
        if text := strip_invisible(text).strip():
            self.pages.append(Page(self.size, f"row {number:,}"))
            self.lines.append(text)
            self.size += len(text) + 1


def _document(source: SourceFile, digest: str, title: str, part: _Part) -> Document:
    if part.first > 1:
        title = f"{title}, rows {part.first:,} to {part.last:,}"
        source = SourceFile(
            source.path,
            source.root,
            source.size,
            source.mtime_ns,
            f"{source.id}/{part.first}-",
            source.within,
        )
    body = Body("\n".join(part.lines), (), tuple(part.pages))
    return document(source, digest, body, About(title=title), Described(title))


def _opened(path: Path) -> TextIO:
    return io.open(path, encoding=encoding_in(path), errors="replace", newline="")  # noqa: UP020


def _rows(file: TextIO, suffix: str) -> Iterator[Row | csv.Error]:
    """The rows that are not empty, with their numbers; what ends them, if it is not the end."""
    delimiter, start = _dialect(file, suffix)
    try:
        for number, cells in enumerate(_reader(file, delimiter), start=start):
            row = [" ".join(cell.split()) for cell in cells[:COLUMNS]]
            if any(row):
                yield number, row
    except csv.Error as error:
        yield error


def _reader(file: TextIO, delimiter: str) -> Reader:
    csv.field_size_limit(CELL)
    return csv.reader(_lines(file), delimiter=delimiter)


def _lines(file: TextIO) -> Iterator[str]:
    while text := file.readline(LONGEST_LINE):
        if len(text) == LONGEST_LINE:
            raise csv.Error(f"a line is longer than {LONGEST_LINE:,} characters")
        yield text.replace("\0", "")


def _dialect(file: TextIO, suffix: str) -> tuple[str, int]:
    """The delimiter, and the number of the row that the file now stands at."""
    sample = file.read(_SAMPLE)
    file.seek(0)
    if match := _SEP.match(sample.removeprefix("\ufeff")):
        file.readline()
        return match[1], 2
    complete = sample[: sample.rfind("\n") + 1] or sample
    usual = "\t" if suffix.lower() == ".tsv" else ","
    best = max(_DELIMITERS, key=lambda each: (_fit(complete, each), each == usual))
    return (best if _fit(complete, best) else usual), 1


def _fit(sample: str, delimiter: str) -> float:
    """How well a delimiter cuts rows of equal length: the share of such rows, more for longer."""
    try:
        rows = islice(_reader(io.StringIO(sample, newline=""), delimiter), _LOOKED_AT)
        lengths = Counter(len(row) for row in rows if row)
    except csv.Error:
        return 0
    if not lengths:
        return 0
    length, count = lengths.most_common(1)[0]
    return count / lengths.total() + min(length, 50) / 1_000 if length > 1 else 0


def _head(rows: Sequence[Row]) -> tuple[int, list[str]] | None:
    """The number and the cells of the row that names the columns, below any title; or None."""
    if not rows:
        return None
    widths = Counter(len(row) for _, row in rows if len(row) > 1)
    usual = widths.most_common(1)[0][0] if widths else 0
    at = next((at for at, (_, row) in enumerate(rows) if len(row) >= max(2, usual)), 0)
    table = [row for _, row in rows[at:]]
    while table[0] and not table[0][-1] and all(not row[len(table[0]) - 1 :] for row in table[1:]):
        table[0].pop()  # a delimiter at the end of the line
    return rows[at] if headed(table) else None


def line_of(path: Path, row: int) -> int:
    """The line of the file in which a row begins, counted from 1; 0 where there is no such row."""
    with _opened(path) as file:
        delimiter, start = _dialect(file, path.suffix)
        reader = _reader(file, delimiter)
        before = start - 1
        for number, _ in enumerate(reader, start=start):
            if number == row:
                return before + 1
            before = start - 1 + reader.line_num
    return 0
