"""What lies within files: members of archives, messages of mailboxes, what is attached to mails.

A part is read by the reader of its own format, as a file of its own would be. Its document says in
which file it lies, and by which steps it is found there again.
"""

from __future__ import annotations

import json
import lzma
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from index.errors import SourceError
from index.sources.bounds import DEPTH, MEMBER, RATIO, RATIO_FREE, Budget
from index.sources.files import SourceFile, Step, Steps, Within, shown
from index.types import Document, Skipped

# What the libraries that unpack raise, each as it likes, on what is no archive or not whole.
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
_OPENERS = {"zip": "archive", "tar": "archive", "mbox": "mailbox", "mail": "mail"}
_CHUNK = 1_000_000  # bytes
_LONGEST_NAME = 150  # bytes of a name of a file, in any file system


def within(source: SourceFile) -> Within:
    """The place in which the parts of a file lie.

    Raises:
        SourceError: it lies too deep in others itself.
    """
    place = source.within or Within(source.path, (), "", Budget())
    if len(place.steps) >= DEPTH:
        raise SourceError(f"lies more than {DEPTH} deep in other files; take it out and add it")
    return place


def inner_path(name: str) -> str:
    """The name of a member as a path below its archive, wherever it would lead by itself."""
    parts = name.replace("\\", "/").split("/")
    kept = [part for part in parts if part not in ("", ".", "..") and part[1:] != ":"]
    return shown("/".join(kept)) or "unnamed"


def passed_over(name: str) -> bool:
    """Whether a member is hidden, or what an operating system adds."""
    return any(part[:1] == "." or part == "__MACOSX" for part in name.split("/"))


def read_part(
    source: SourceFile, step: Step, name: str, chunks: Iterable[bytes]
) -> Iterator[Document | Skipped]:
    """Read a part, whose bytes come in `chunks`, by the reader of its format.

    `name` is a path fit to be shown. One part lies on the disk at a time, in a folder that nobody
    else can open.
    """
    from index.sources import read

    place = within(source)
    inner = Within(place.path, (*place.steps, step), f"{place.name}/{name}", place.budget)
    with tempfile.TemporaryDirectory(prefix="quoth-") as folder:
        path = Path(folder) / _file_name(name)
        part = SourceFile(path, path.parent, 0, 0, f"{source.id}/{name}", inner)
        try:
            size = _written(path, chunks)
        except (SourceError, *DAMAGE) as error:
            reason = str(error) if isinstance(error, SourceError) else _damaged(error)
            yield Skipped(part.shown, reason)
            return
        yield from read(SourceFile(path, path.parent, size, 0, part.id, inner))


def _damaged(error: Exception) -> str:
    return shown(f"is damaged and cannot be unpacked: {error or type(error).__name__}")


def _file_name(name: str) -> str:
    """A name for the part on this disk: its own, as far as any disk can have it."""
    last = name.rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    room = _LONGEST_NAME - len(suffix.encode())
    return (stem.encode()[: max(1, room)].decode(errors="ignore") + dot + suffix) or "unnamed"


def _written(path: Path, chunks: Iterable[bytes]) -> int:
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
    return size


def bounded(file: BinaryIO, packed: int, budget: Budget) -> Iterator[bytes]:
    """The bytes of a member, of which `packed` lie in the archive, as long as they are no bomb.

    Raises:
        SourceError: they are.
    """
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        budget.unpacked(len(chunk))
        if size > MEMBER:
            raise SourceError(f"unpacks to more than {MEMBER:,} bytes; unpack it yourself")
        if size > RATIO_FREE and size > RATIO * packed:
            raise SourceError(
                f"unpacks to more than {RATIO} times its size, as nothing honest does"
            )
        yield chunk


# Finding a part again


def steps_of(document: Document) -> Steps:
    """The steps that lead to a document in its file; none where it is the file."""
    known = json.loads(document.metadata.get("part", "[]"))
    return tuple((str(kind), str(name)) for kind, name in known)


@contextmanager
def opened(path: Path, steps: Steps) -> Iterator[BinaryIO]:
    """The bytes of a part, as its file is now.

    Raises:
        OSError: the file, or the part in it, is not there or cannot be read.
    """
    file: BinaryIO = path.open("rb")
    try:
        for kind, name in steps:
            module = import_module(f"index.sources.{_OPENERS[kind]}")
            kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, or by the next step
            try:
                for chunk in module.part(file, kind, name):
                    kept.write(chunk)
            except (SourceError, KeyError, *DAMAGE) as error:
                kept.close()
                raise FileNotFoundError(os.strerror(2)) from error
            file.close()
            kept.seek(0)
            file = kept
        yield file
    finally:
        file.close()
