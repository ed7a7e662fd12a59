"""Whether what was indexed is still in the file that it was read from."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from index.sources.files import Steps, path_of, sha256
from index.sources.parts import opened, steps_of
from index.types import Document, State

_CHUNK = 1_000_000  # bytes


def state(document: Document) -> State:
    """Whether the source of a document still has the bytes that were indexed.

    What lies in an archive or a mailbox is looked at by itself: what else changes there is of no
    account.
    """
    path, steps = path_of(document), steps_of(document)
    try:
        info = path.stat()
        known = path, info.st_mtime_ns, info.st_size, steps
        if "line_offset" in document.metadata:
            digest = _line_digest(*known, int(document.metadata["line_offset"]))
        else:
            digest = _digest(*known)
    except OSError:
        return "missing"
    return "current" if digest == document.sha256 else "changed"


@lru_cache(maxsize=4096)
def _line_digest(path: Path, _mtime_ns: int, _size: int, steps: Steps, offset: int) -> str:
    with opened(path, steps) as file:
        file.seek(offset)
        return sha256(file.readline().rstrip(b"\r\n"))


@lru_cache(maxsize=4096)
def _digest(path: Path, _mtime_ns: int, _size: int, steps: Steps) -> str:
    digest = hashlib.sha256()
    with opened(path, steps) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
