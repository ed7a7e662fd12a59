"""The two caches of the store, opened as they must be: whole, and of the store's generation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamagedError, IndexingError
from index.lexical import Entry, LexicalIndex
from index.lock import locked
from index.store import AT_ONCE, Store
from index.vectors import VECTORS, VectorIndex

Ids = NDArray[np.int64]

VECTORS_FOLDER = "vectors"
FORMER_FILE = "vectors.faiss"  # where vectors were kept before
LEXICAL_FOLDER = "lexical"
EXACT_BELOW = 50_000  # passages: a second and a half to make the word index anew
_NONE = np.empty(0, np.int64)


def open_caches(
    directory: Path, store: Store, *, write: bool | None = None, kind: str = "auto"
) -> tuple[VectorIndex, LexicalIndex]:
    """Open both caches at the store's generation, making good what is stale, damaged or missing.

    What had to be made good is saved where `write` allows it (None: where this process can get
    the right to change the index), and otherwise kept in memory. Nothing is embedded.
    """
    with store.snapshot() as generation:
        vectors = _load_vectors(directory, store.dimension, kind)
        lexical = _load_lexical(directory)
        if vectors.generation == lexical.generation == generation:
            return vectors, lexical
        if write is None:
            # Where nothing can be written, or there is no room, they are made in memory.
            with suppress(IndexingError, OSError), locked(directory, wait=0):
                return open_caches(directory, store, write=True, kind=kind)
            return open_caches(directory, store, write=False, kind=kind)
        # A reader that began before another process committed must not undo newer caches.
        if max(vectors.generation, lexical.generation) > generation:
            write = False
        if vectors.generation != generation:
            folder = directory / VECTORS_FOLDER if write else None
            if write:
                (directory / FORMER_FILE).unlink(missing_ok=True)
            vectors.update(store.passage_ids(), store.vectors, generation, folder)
        if lexical.generation != generation:
            lexical = _sync_lexical(lexical, directory if write else None, store, generation)
        return vectors, lexical


def save_caches(directory: Path, store: Store) -> None:
    """Bring the files of both caches to the store's generation; the lock must be held.

    Raises:
        OSError: they cannot be written.
    """
    open_caches(directory, store, write=True)


def discard_caches(directory: Path) -> None:
    """Remove the files of both caches: they are of another store, or not to be trusted."""
    for name in (VECTORS_FOLDER, LEXICAL_FOLDER):
        shutil.rmtree(directory / name, ignore_errors=True)


def _load_vectors(directory: Path, dimension: int, kind: str) -> VectorIndex:
    vectors = VECTORS[kind](dimension)
    try:
        vectors.load(directory / VECTORS_FOLDER)
    except IndexDamagedError:
        return VECTORS[kind](dimension)
    return vectors


def _load_lexical(directory: Path) -> LexicalIndex:
    try:
        return LexicalIndex(directory / LEXICAL_FOLDER, create=False)
    except IndexDamagedError:
        return LexicalIndex()


def _sync_lexical(
    lexical: LexicalIndex, directory: Path | None, store: Store, generation: int
) -> LexicalIndex:
    """Bring the word index up to date, in place or as a new one beside that is then swapped in.

    Removed passages go on to count in BM25's document frequencies until their segment is merged,
    so that after a removal a small index is made anew; in a large one up to 1% is let pass.
    """
    held, wanted = lexical.ids(), store.passage_ids()
    removed, added = np.setdiff1d(held, wanted), np.setdiff1d(wanted, held)
    ghosts = len(removed) + lexical.removed
    if len(held) and directory and (not ghosts or EXACT_BELOW < len(wanted) > 100 * ghosts):
        lexical.apply(removed, _entries(store, added), generation)
        return lexical
    if directory is None:
        fresh = LexicalIndex()
        fresh.apply(_NONE, _entries(store, wanted), generation)
        return fresh
    folder = directory / LEXICAL_FOLDER
    beside = folder.with_name(f"{LEXICAL_FOLDER}.new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        LexicalIndex(beside).apply(_NONE, _entries(store, wanted), generation)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)  # where there is no room it must not take any
        raise
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return LexicalIndex(folder, create=False)


def _entries(store: Store, ids: Ids) -> Iterator[Entry]:
    for first in range(0, len(ids), AT_ONCE):
        titles: dict[str, str] = {}
        for passage in store.passages(ids[first : first + AT_ONCE]):
            name = passage.document_id
            title = titles.get(name) or titles.setdefault(name, store.document(name).title)
            yield Entry(passage.id, passage.text, f"{title}\n{passage.heading}")
