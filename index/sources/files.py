"""Files on disk: naming them, decoding bytes, and telling whether a source has changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from index.chunking import APART, BODY_START
from index.clean import strip_invisible
from index.errors import SourceError
from index.sources.bounds import Budget
from index.types import Document

_RAW_PATH = "raw_path"  # metadata: the path as bytes, percent-encoded, where it cannot be shown
# A document may name metadata as it likes; these decide which file and what part of it is read.
RESERVED = frozenset({_RAW_PATH, BODY_START, APART, "file", "part", "line_offset", "line"})
LARGEST = 200_000_000  # bytes of a file that is one document of plain text

Step = tuple[str, str]  # the kind of what a part lies in, and what it is found by there
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Where a part of a file lies: in the file at `path`, by `steps` of (kind, name).

    `name` is what is added to the file's path to show the part's; `budget` is what may be unpacked.
    """

    path: Path
    steps: Steps
    name: str
    budget: Budget


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file found under `root`. `id` is unique among those found together, and safe to show.

    What lies `within` another file is at `path` only for as long as it is being read.
    """

    path: Path
    root: Path
    size: int
    mtime_ns: int
    id: str
    within: Within | None = None

    @property
    def shown(self) -> str:
        """The path, fit to be shown; that of a part goes on from the file that it lies in."""
        part = self.within
        return shown(f"{part.path}{part.name}" if part else str(self.path))


def shown(name: str) -> str:
    """A name fit for a terminal and a store: what cannot be seen, or encoded, is escaped."""
    if name.isascii() and name.isprintable():  # nearly all are, and there may be very many
        return name
    return "".join(
        c if c != "\n" and strip_invisible(c) else ascii(c)[1:-1]
        for c in name.encode("utf-8", "backslashreplace").decode()
    )


def provenance(source: SourceFile) -> tuple[str, dict[str, str]]:
    """A document's `path`, and the metadata that leads to a part, or to a name not to be shown."""
    part = source.within
    path = str(part.path if part else source.path)
    metadata = {} if shown(path) == path else {_RAW_PATH: quote(os.fsencode(path))}
    if part:
        metadata |= {"file": shown(path), "part": json.dumps(part.steps)}
    return source.shown, metadata


def contents(path: Path) -> bytes:
    """All bytes of a file that is one document, however it grows while it is read.

    Raises:
        SourceError: there are too many.
    """
    with path.open("rb") as file:
        data = file.read(LARGEST + 1) if os.fstat(file.fileno()).st_size <= LARGEST else None
    if data is None or len(data) > LARGEST:
        raise SourceError(
            f"is larger than {LARGEST:,} bytes, which one document may have; split it"
        )
    return data


def path_of(document: Document) -> Path:
    """The file that a document was read from, even where its name cannot be shown."""
    raw = document.metadata.get(_RAW_PATH)
    return Path(os.fsdecode(unquote_to_bytes(raw)) if raw else document.file)


def sha256(data: bytes) -> str:
    """Hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()


def one_line(value: object) -> str:
    """A value of some metadata as one clean line."""
    return " ".join(strip_invisible(str(value)).split())


def extras(record: Mapping[str, object], taken: Collection[str]) -> dict[str, str]:
    """What else a source says of a document, as lines; never under a name that we rely on."""
    return {
        name: one_line(value if isinstance(value, str) else _plain(value))
        for key, value in record.items()
        if key not in taken and value is not None and (name := one_line(key)) not in RESERVED
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)


def names(value: object) -> tuple[str, ...]:
    """Authors, given as a list, as mappings with a name, or as one string."""
    if isinstance(value, str):
        # Only so much is looked at, and one space at a time, that it stays linear.
        value = re.split(r" ?; ?| and | ?, ?(?=\S{1,100} )", one_line(value))
    found = value if isinstance(value, list | tuple) else [value] if value else []
    people = (item.get("name", "") if isinstance(item, Mapping) else item for item in found)
    return tuple(name for person in people if (name := one_line(person)))
