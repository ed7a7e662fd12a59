"""Mailboxes (`.mbox`): each message a document with a state of its own, read as a stream."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO, cast

from index.errors import SourceError
from index.sources.bounds import MESSAGE
from index.sources.files import SourceFile, Within, shown
from index.sources.mail import message
from index.sources.parts import within
from index.types import Document, Skipped

# "From ada@weir.example Mon May  3 09:12:00 2021": a line of prose has no such time.
_FROM = re.compile(rb"From .{0,300}\d\d:\d\d.{0,60}\r?\n?")
_ESCAPED = re.compile(rb"(?m)^>(>*From )")
_ID = re.compile(rb"(?im)^Message-ID:\s*<([^<>\r\n]{1,300})>")
_LINE = 1_000_000  # bytes read at once of what may be one line
_SHORT_DIGEST = 16


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield the messages, and what is attached to them, or the number of one and its fault."""
    place = within(source)
    ids: set[str] = set()
    with source.path.open("rb") as file:
        for number, (offset, data) in enumerate(messages(cast("BinaryIO", file)), start=1):
            where = f"{source.shown}:{number}"
            if data is None:
                yield Skipped(where, f"is a mail of more than {MESSAGE:,} bytes; save it by itself")
                continue
            named = _ID.search(data[: data.find(b"\n\n") + 1 or len(data)])
            name = shown(named[1].decode("utf-8", "replace")) if named else str(number)
            step = ("mbox", f"{offset}:{_digest(data)}")
            part = SourceFile(
                source.path,
                source.root,
                len(data),
                source.mtime_ns,
                f"{source.id}/{name if name not in ids else number}",
                Within(place.path, (*place.steps, step), place.name, place.budget),
            )
            try:
                yield from message(part, data, ids)
            except SourceError as error:
                yield Skipped(where, str(error))
            ids.add(name)


def messages(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The messages with their offsets, one at a time; of one that is too large only the offset.

    Raises:
        SourceError: the file is no mailbox.
    """
    offset, start = 0, -1
    lines: list[bytes] = []
    size = 0
    blank = True
    while line := file.readline(_LINE):
        if blank and _FROM.fullmatch(line):
            if start >= 0:
                yield start, _joined(lines, size)
            start, lines, size = offset, [], 0
        elif start < 0 and line.strip():
            raise SourceError('is no mailbox: it does not begin with a line "From ..."')
        elif start >= 0:
            size += len(line)
            if size <= MESSAGE:
                lines.append(line)
        blank = line in (b"\n", b"\r\n")
        offset += len(line)
    if start >= 0:
        yield start, _joined(lines, size)


def _joined(lines: list[bytes], size: int) -> bytes | None:
    """A message as it was before it was put among others; None where it is too large."""
    if size > MESSAGE:
        return None
    data = b"".join(lines).rstrip(b"\r\n") + b"\n"
    return _ESCAPED.sub(rb"\1", data) if b"\n>" in data else data


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_SHORT_DIGEST]


# Finding a message again


@dataclass(frozen=True, slots=True)
class _Box:
    """A mailbox as it is now; another one is the same if the system says so."""

    identity: tuple[int, int, int, int]
    file: BinaryIO = field(compare=False)


@lru_cache(maxsize=4)
def _offsets(box: _Box) -> dict[str, int]:
    box.file.seek(0)
    try:
        return {_digest(data): at for at, data in messages(box.file) if data is not None}
    except SourceError:  # it is none any more
        return {}


def part(file: BinaryIO, kind: str, name: str) -> Iterator[bytes]:
    """The bytes of a message: where it was, or wherever it is now; else what is in its place.

    Raises:
        KeyError: it is nowhere, and nothing in its place.
    """
    _, here = message_of(file, name)
    if here is None:
        raise KeyError(f"{kind} {name}")
    yield here


def message_of(file: BinaryIO, name: str) -> tuple[int, bytes | None]:
    """The message that a step leads to, and its offset: where it was, or else wherever it is now.

    Where it is gone, what is in its place, if there is anything.
    """
    place, _, digest = name.partition(":")
    offset = int(place)
    here = _message_at(file, offset)
    if here is None or _digest(here) != digest:
        info = os.fstat(file.fileno())
        box = _Box((info.st_dev, info.st_ino, info.st_mtime_ns, info.st_size), file)
        if (moved := _offsets(box).get(digest)) is not None:
            return moved, _message_at(file, moved)
    return offset, here


def _message_at(file: BinaryIO, offset: int) -> bytes | None:
    file.seek(offset)
    try:
        return next(messages(file), (0, None))[1]
    except SourceError:
        return None
