"""Whether an index is what it claims to be: every promise that can be checked, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.caches import LEXICAL_FOLDER, VECTORS_FOLDER
from index.errors import IndexDamagedError
from index.lexical import LexicalIndex
from index.store import AT_ONCE, NEAR, Store, embedding_key
from index.vectors import VECTORS

_COUNTS = {
    "passages of no document": "passages WHERE document NOT IN (SELECT n FROM documents)",
    "documents of no file": "documents WHERE source NOT IN (SELECT id FROM sources)",
    "passages without a vector": "passages WHERE key NOT IN (SELECT key FROM embeddings)",
    "vectors without their word-piece states": "embeddings WHERE n NOT IN (SELECT n FROM states)",
    "word-piece states of no vector": "states WHERE n NOT IN (SELECT n FROM embeddings)",
}


def verify(directory: str | Path) -> list[str]:
    """Check an index; each problem is one sentence, and none means that all is well.

    Checked are SQLite's own structure, every text against its hash, every passage against its
    text and key, every vector's length and norm, rows that belong to nothing, and the caches.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: it cannot be read at all.
    """
    folder = Path(directory)
    with Store(folder) as store, store.snapshot() as generation:
        problems = [
            f"SQLite reports: {row[0]}."
            for row in store.rows("PRAGMA integrity_check(5)")
            if row[0] != "ok"
        ]
        problems += _rows(store)
        problems += _texts(store)
        if not any("vector" in problem for problem in problems):
            problems += _vectors(store)
        problems += _caches(folder, store, generation)
        return problems


def _rows(store: Store) -> Iterator[str]:
    for what, where in _COUNTS.items():
        if count := store.count(where):
            yield f"There are {count} {what}; run `quoth index rebuild`."


def _texts(store: Store) -> Iterator[str]:
    for n, name, sha256, text in _documents(store):
        if hashlib.sha256(text.encode()).hexdigest() != sha256:
            yield f"The text of {name} is not what was stored; run `quoth index rebuild`."
            continue
        spans = store.rows(
            "SELECT ordinal, first, last, key FROM passages WHERE document = ? ORDER BY ordinal", n
        )
        end = 0
        for number, (ordinal, first, last, key) in enumerate(spans):
            if ordinal != number or not end <= first < last <= len(text):
                yield f"The passages of {name} are out of order; run `quoth index rebuild`."
                break
            if embedding_key(store.fingerprint, text[first:last]) != key:
                yield f"A vector of {name} is of another text; run `quoth index rebuild`."
                break
            end = last


def _documents(store: Store) -> Iterator[tuple[int, str, str, str]]:
    for (n,) in store.rows("SELECT n FROM documents"):
        ((name, sha256, text),) = store.rows(
            "SELECT id, text_sha256, text FROM documents WHERE n = ?", n
        )
        yield n, name, sha256, text


def _vectors(store: Store) -> Iterator[str]:
    ids = store.passage_ids()
    wrong = 0
    for first in range(0, len(ids), AT_ONCE):
        try:
            vectors = store.vectors(ids[first : first + AT_ONCE])
        except IndexDamagedError as error:
            yield str(error)
            return
        wrong += int(np.sum(~(np.abs(np.linalg.norm(vectors, axis=1) - 1) < NEAR)))
    if wrong:
        yield f"{wrong} vectors are not of length 1; run `quoth index rebuild`."


def _caches(folder: Path, store: Store, generation: int) -> Iterator[str]:
    """A cache that is stale or damaged is no problem: it is made good when it is next opened."""
    wanted = store.passage_ids()
    vectors = VECTORS["auto"](store.dimension)
    try:
        vectors.load(folder / VECTORS_FOLDER, whole=True)
        lexical = LexicalIndex(folder / LEXICAL_FOLDER, create=False, whole=True)
    except IndexDamagedError as error:
        yield str(error)
        return
    for cache, name in ((vectors, VECTORS_FOLDER), (lexical, LEXICAL_FOLDER)):
        if cache.generation != generation:
            yield f"{folder / name} is of another generation; it is made good at the next question."
        elif not np.array_equal(np.sort(cache.ids()), wanted):
            yield f"{folder / name} holds other passages; delete it: it is made anew."
