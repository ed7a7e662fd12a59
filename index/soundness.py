"""Whether what was made of a text is still as it was made, each embedding by itself."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from index.states import PACKED
from index.store import AT_ONCE, NEAR, Store


def checksum(vector: bytes, states: bytes) -> int:
    """CRC-32 of what was made of a text."""
    return zlib.crc32(states, zlib.crc32(vector))


def sound(vector: bytes, states: bytes, crc: int | None) -> bool:
    """Whether this is a vector of length 1 with whole states, and what it was when it was made.

    `crc` is None where no checksum was kept.
    """
    if not vector or len(vector) % 4 or len(states) % PACKED:
        return False
    unit = abs(np.linalg.norm(np.frombuffer(vector, "<f4")) - 1) < NEAR
    return bool(unit) and crc in (None, checksum(vector, states))


def spoilt(store: Store) -> Iterator[int]:
    """The numbers of the embeddings that are not sound or of a length of their own."""
    usual = store.rows(
        "SELECT length(vector) FROM embeddings WHERE key IN (SELECT key FROM passages)"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    ((last,),) = store.rows("SELECT ifnull(max(n), -1) FROM embeddings")
    for first in range(0, last + 1, AT_ONCE // 10):
        for n, used, vector, states, crc in store.rows(
            "SELECT n, key IN (SELECT key FROM passages), vector, states, crc FROM embeddings"
            " LEFT JOIN states USING (n) WHERE n >= ? AND n < ?",
            first,
            first + AT_ONCE // 10,
        ):
            fits = not used or len(vector) == usual[0][0]
            if states is not None and not (fits and sound(vector, states, crc)):
                yield n
