"""Going from one generation of an index to another, and back: a rebuild beside, and undo.

A generation is changed by one transaction that makes the live store what another store is, so
that a reader sees the one or the other, whole, and goes on with the file that it has open. What
can be undone needs no note of its own: the former generation is the newest one kept in `former/`
that is older than the store's. Its number never goes backwards: what is gone back to is counted
as one generation more, and the caches are brought to it from the store, without embedding.

Only what makes everything anew keeps the former generation (a rebuild, a build with another model
or other rules, an undo). A copy takes the disk space of the whole store and half a second for
every 100 MB: next to a rebuild that is little, but not next to an everyday build of one changed
file, which is undone by changing the file back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.build import existing, status, writing
from index.caches import open_caches
from index.errors import IndexingError
from index.store import Store
from index.types import IndexStatus

FORMER, BESIDE = "former", "beside"  # folders within that of the index


def beside(store: Store) -> Path:
    """The folder of a copy of the index, to be rebuilt while `store` stays as it is.

    A copy that an interrupted rebuild of the same generation left is gone on with, for what it
    has embedded; any other is made anew.
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
    with keeping(store), Store(source, write=True) as new:
        _outnumber(new, store)
        store.become(new)
    open_caches(store.directory, store, write=True)


@contextmanager
def keeping(store: Store) -> Iterator[None]:
    """Keep the present generation for `undo`, in place of older ones, if the block commits one."""
    _copy(store, store.directory / FORMER / str(store.generation))
    yield
    kept = _former(store)
    for folder in (store.directory / BESIDE, *(store.directory / FORMER).iterdir()):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def undo(directory: str | Path) -> IndexStatus:
    """Go back to the former generation, and keep the present one: undoing again returns to it.

    Raises:
        IndexMissingError: there is no index.
        IndexingError: no former generation is kept.
        IndexLockedError: another process is changing the index.
    """
    existing(directory)
    with writing(directory) as store:
        former = _former(store)
        if former is None:
            raise IndexingError(
                f"The index in {directory} has no former generation to go back to; one is kept "
                "by `quoth index rebuild`."
            )
        publish(former, store)
    return status(directory)


def _former(store: Store) -> Path | None:
    kept = {int(p.name): p for p in (store.directory / FORMER).glob("*") if p.name.isdecimal()}
    return kept.get(max((number for number in kept if number < store.generation), default=0))


def _copy(store: Store, folder: Path) -> None:
    """Make `folder` hold a copy of the store, whole or not at all."""
    part = folder.with_name(f"{folder.name}.part")
    for old in (part, folder):
        shutil.rmtree(old, ignore_errors=True)
    with Store(part, write=True) as copy:
        copy.become(store)
    part.rename(folder)


def _outnumber(new: Store, store: Store) -> None:
    """Count `new` as the generation after the store's, and never give a row's number again.

    Caches tell passages by their numbers alone: one that either store has given is used up.
    """
    with new.transaction():
        new.set_meta("generation", str(store.generation + 1))
        for table, last in store.rows("SELECT name, seq FROM sqlite_sequence"):
            new.rows("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", last, table)
