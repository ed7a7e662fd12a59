"""What passes between a build and the process that reads files for it: frames of JSON.

Nothing but strings and numbers is taken from the other side: it reads what strangers wrote.
"""

from __future__ import annotations

import json
import os
from dataclasses import astuple
from pathlib import Path
from typing import Any, BinaryIO

from index.errors import SourceError
from index.sources.files import SourceFile
from index.types import Document, Heading, Page, Skipped

LARGEST_FRAME = 1 << 30  # bytes; the longest text there may be takes a fifth
_LENGTH = 8

Found = Document | Skipped | None  # None where a file ends


def send(file: BinaryIO, value: object) -> None:
    """Write one frame, at once."""
    data = json.dumps(value, ensure_ascii=False, check_circular=False).encode("utf-8", "replace")
    file.write(len(data).to_bytes(_LENGTH, "big"))
    file.write(data)
    file.flush()


def receive(file: BinaryIO) -> Any:
    """Read one frame.

    Raises:
        EOFError: there are no more.
        ValueError: it is none.
    """
    length = int.from_bytes(_exactly(file, _LENGTH), "big")
    if length > LARGEST_FRAME:
        raise ValueError(f"a frame of {length} bytes")
    return json.loads(_exactly(file, length))


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data


def order(source: SourceFile, seconds: float) -> list[object]:
    """What a reader has to know of a file; a path travels as its bytes."""
    path, root = (os.fsencode(path).hex() for path in (source.path, source.root))
    return [path, root, source.size, source.mtime_ns, source.id, seconds]


def ordered(record: Any) -> tuple[SourceFile, float]:
    """The file to read, and how long that may take in seconds."""
    path, root, size, mtime_ns, name, seconds = record
    path, root = (Path(os.fsdecode(bytes.fromhex(raw))) for raw in (path, root))
    return SourceFile(path, root, size, mtime_ns, name), seconds


def told(found: Found) -> object:
    """What was found, as JSON has it."""
    if not isinstance(found, Document):
        return found and [found.path, found.reason]
    headings, pages = map(astuple, found.headings), map(astuple, found.pages)
    names = [found.id, found.path, found.title, list(found.authors), found.published]
    texts = [found.publisher, found.text, found.sha256, dict(found.metadata)]
    return [*names, *texts, list(headings), list(pages)]


def heard(record: Any) -> Found:
    """What was told.

    Raises:
        SourceError: it is nothing of the kind.
    """
    try:
        if record is None:
            return None
        if len(record) == 2:
            return Skipped(*_strings(record))
        name, path, title, authors, published, publisher, text, sha256, said, marks, pages = record
        known = [published or "", publisher or "", *authors, *said, *said.values()]
        _strings([name, path, title, text, sha256, *known])
        return Document(
            name,
            path,
            title,
            tuple(authors),
            published,
            publisher,
            text,
            sha256,
            said,
            tuple(Heading(*map(int, mark)) for mark in marks),
            tuple(Page(int(start), *_strings([label])) for start, label in pages),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise SourceError("could not be read: what reads it said nothing of use") from error


def _strings(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError
    return values
