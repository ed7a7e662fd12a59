"""A copy of an index, rebuilt while questions are answered from the index itself, then swapped in.

The swap is one transaction that makes the live store what the copy is, so that a reader sees the
one or the other, whole, and goes on with the file that it has open.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from index.caches import save_caches
from index.errors import IndexingError
from index.migrations import STORE
from index.salvage import carry
from index.store import Store

BESIDE = "beside"  # the folder of the copy within that of the index


def beside(store: Store) -> Path:
    """The folder of a copy of the index, to be rebuilt while `store` stays as it is.

    What an interrupted rebuild has embedded there is gone on with.
    """
    folder = store.directory / BESIDE
    if not _continues(folder, store):
        _copy(store, folder)
    return folder


def _continues(folder: Path, store: Store) -> bool:
    try:
        with Store(folder) as left:
            names = ("generation", "built", "roots")
            return all(left.meta(name) == store.meta(name) for name in names)
    except IndexingError:
        return False


def publish(source: Path, store: Store) -> None:
    """Make `store`, whose lock is held, what the store in `source` is: its next generation."""
    with Store(source, write=True) as new:
        store.become(new)
    save_caches(store.directory, store)
    shutil.rmtree(source, ignore_errors=True)


def _copy(store: Store, folder: Path) -> None:
    """Make `folder` hold a copy of the store, whole or not at all."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    with Store(part, write=True) as copy:
        copy.become(store)
        carry(folder / STORE, copy)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
