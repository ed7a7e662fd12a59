"""Digests of files, read a piece at a time, however large they are."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

_PIECE = 1 << 20  # bytes


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def crc32_of(path: Path, crc: int = 0, size: int | None = None) -> int:
    """CRC-32 of the first `size` bytes of a file, or all, going on from `crc`.

    Raises:
        OSError: it cannot be read.
    """
    left = path.stat().st_size if size is None else size
    with path.open("rb") as file:
        while left > 0 and (data := file.read(min(left, _PIECE))):
            crc, left = zlib.crc32(data, crc), left - len(data)
    return crc
