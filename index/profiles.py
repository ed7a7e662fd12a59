"""What is derived from each document's text alone: how many words it has, and its signature.

A cache of the store like the two others, but for documents: under their numbers, which never mean
something else, so that only those that are new are read.
"""

from __future__ import annotations

import json
import os
import zlib
from bisect import bisect_left
from collections.abc import Collection, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.duplicates import PLACES, Signature, alike, signature
from index.errors import IndexingError
from index.lock import locked
from index.private import opener
from index.store import Store

PROFILES_FILE = "profiles-1.npy.crc"  # the number is that of the rules in `index.duplicates`
Profiles = NDArray[np.void]  # fields n int64, words int64, signature uint32 (PLACES,); n ascending
_PROFILE = np.dtype([("n", "<i8"), ("words", "<i8"), ("signature", "<u4", (PLACES,))])


def open_profiles(directory: Path, store: Store, *, write: bool | None = None) -> Profiles:
    """The profiles of all documents of the store, by number; makes those that are missing.

    They are saved where `write` allows it (None: where this process can get the right to change
    the index).
    """
    with store.snapshot():
        loaded = load_profiles(directory)
        known = np.empty(0, _PROFILE) if loaded is None else loaded
        wanted = np.array([n for (n,) in store.rows("SELECT n FROM documents")], np.int64)
        kept = known[np.isin(known["n"], wanted)]
        missing = np.setdiff1d(wanted, kept["n"])
        profiles = np.concatenate([kept, np.array(list(_made(store, missing)), _PROFILE)])
        profiles.sort(order="n")
    if len(missing) or len(kept) < len(known):
        if write:
            save_profiles(directory, profiles)
        elif write is None:
            # Where another process is changing the index, or nobody may, they are made again.
            with suppress(IndexingError, OSError), locked(directory, wait=0):
                save_profiles(directory, profiles)
    return profiles


def near(store: Store, document_ids: Collection[str]) -> set[frozenset[str]]:
    """The pairs among these documents that are nearly the same, by their ids.

    Only what is kept of these few documents is read; one that nothing is kept of yet is like none.
    """
    names, where = json.dumps(sorted(document_ids)), "WHERE id IN (SELECT value FROM json_each(?))"
    numbers = dict(store.rows(f"SELECT n, id FROM documents {where} ORDER BY n", names))  # noqa: S608
    try:
        known = np.load(store.directory / PROFILES_FILE, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return set()
    if known.dtype != _PROFILE or known.ndim != 1:
        return set()
    rows = [row for number in numbers if (row := _row(known, number)) is not None]
    if len(rows) < 2:
        return set()
    found = [numbers[int(row["n"])] for row in rows]
    pairs = alike(np.stack([row["signature"] for row in rows]))
    return {frozenset((found[one], found[other])) for one, other, _ in pairs}


def _row(known: Profiles, number: int) -> np.void | None:
    """What is kept of one document that has words."""
    place = bisect_left(known, number, key=lambda row: row["n"])
    kept = place < len(known) and known[place]["n"] == number and known[place]["words"]
    return known[place] if kept else None


def _made(store: Store, numbers: NDArray[np.int64]) -> Iterator[tuple[int, int, Signature]]:
    for n in numbers.tolist():
        ((text,),) = store.rows("SELECT text FROM documents WHERE n = ?", n)
        yield n, *signature(text)


def load_profiles(directory: Path) -> Profiles | None:
    """What was saved; None where it is missing or not whole."""
    try:
        data = (directory / PROFILES_FILE).read_bytes()
        if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
            return None
        known: Profiles = np.load(BytesIO(data[:-4]), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return known if known.dtype == _PROFILE and known.ndim == 1 else None


def save_profiles(directory: Path, profiles: Profiles) -> None:
    """Write beside with a checksum, flush to disk, swap in by rename."""
    path = directory / PROFILES_FILE
    beside = path.with_name(f"{path.name}.new")
    saved = BytesIO()
    np.save(saved, profiles, allow_pickle=False)
    data = saved.getbuffer()
    try:
        with open(beside, "wb", opener=opener) as file:
            file.write(data)
            file.write(zlib.crc32(data).to_bytes(4, "little"))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        beside.unlink()  # where there is no room it must not take any
        raise
    beside.replace(path)
