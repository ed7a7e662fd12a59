"""Whether an index is what it claims to be: every promise that can be checked, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from index.caches import LEXICAL_FOLDER, VECTORS_FOLDER
from index.errors import IndexDamagedError
from index.lexical import STAMP, LexicalIndex
from index.profiles import PROFILES_FILE, load_profiles
from index.soundness import spoilt
from index.store import Ids, Store, embedding_key
from index.vectors import STAMP as VECTORS_STAMP
from index.vectors import VECTORS

REPAIR = "`quoth index repair` makes it whole."
_COUNTS = {
    "passages of no document": "passages WHERE document NOT IN (SELECT n FROM documents)",
    "documents without a passage": "documents WHERE n NOT IN (SELECT document FROM passages)",
    "documents of no file": "documents WHERE source NOT IN (SELECT id FROM sources)",
    "notes on files that are not there": "skipped WHERE source NOT IN (SELECT id FROM sources)",
    "passages without a vector": "passages WHERE key NOT IN (SELECT key FROM embeddings)",
    "vectors without their word-piece states": "embeddings WHERE n NOT IN (SELECT n FROM states)",
    "word-piece states of no vector": "states WHERE n NOT IN (SELECT n FROM embeddings)",
    "rows kept of generations that are not": "former_documents WHERE generation NOT IN"
    " (SELECT number FROM generations WHERE before IS NOT NULL)",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in one sentence, and where.

    In the `store` itself, in some of its `rows`, or in the `caches`, which are made of it.
    """

    part: Literal["store", "rows", "caches"]
    sentence: str


def verify(directory: str | Path) -> list[str]:
    """Check an index; each problem is one sentence, and none means that all is well.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: it cannot be read at all.
    """
    return [problem.sentence for problem in problems(directory)]


def problems(directory: str | Path) -> list[Problem]:
    """Check an index and name what is wrong with it.

    Checked are SQLite's own structure, every text against its hash, every passage against its
    text and key, every vector's length, norm and checksum, rows that belong to nothing, the log of
    generations, and the caches.

    Raises:
        IndexMissingError: there is no index.
        IndexDamagedError: it cannot be read at all.
    """
    folder = Path(directory)
    with Store(folder) as store, store.snapshot() as generation:
        found = [
            Problem("store", f"SQLite reports: {row[0]}; {REPAIR}")
            for row in store.rows("PRAGMA integrity_check(5)")
            if row[0] != "ok"
        ]
        rows = [*_rows(store), *_texts(store), *_embeddings(store), *_generations(store)]
        found += [Problem("rows", f"{sentence}; {REPAIR}") for sentence in rows]
        caches = [*_caches(folder, store, generation), *_profiles(folder)]
        found += [Problem("caches", f"{sentence}; {REPAIR}") for sentence in caches]
        return found


def _rows(store: Store) -> Iterator[str]:
    for what, where in _COUNTS.items():
        if count := store.count(where):
            yield f"There are {count} {what}"


def _texts(store: Store) -> Iterator[str]:
    for n, name, sha256, text in _documents(store, "documents"):
        if _differs(text, sha256):
            yield f"The text of {name} is not what was stored"
            continue
        spans = store.rows(
            "SELECT ordinal, first, last, key FROM passages WHERE document = ? ORDER BY ordinal", n
        )
        end = 0
        for number, (ordinal, first, last, key) in enumerate(spans):
            if ordinal != number or not end <= first < last <= len(text):
                yield f"The passages of {name} are out of order"
                break
            if embedding_key(store.fingerprint, text[first:last]) != key:
                yield f"A vector of {name} is of another text"
                break
            end = last
    for _, name, sha256, text in _documents(store, "former_documents"):
        if sha256 is not None and _differs(text, sha256):
            yield f"The text that {name} had in a former generation is not what was stored"


def _differs(text: object, sha256: str) -> bool:
    return hashlib.sha256(str(text).encode(errors="replace")).hexdigest() != sha256


def _documents(store: Store, table: str) -> Iterator[tuple[int, str, str, str]]:
    """Number, id, hash and text of each document, one at a time."""
    for row in store.column(f"SELECT rowid FROM {table}").tolist():  # noqa: S608 - ours
        yield from store.rows(
            f"SELECT n, id, text_sha256, text FROM {table} WHERE rowid = ?",  # noqa: S608
            row,
        )


def _embeddings(store: Store) -> Iterator[str]:
    if count := sum(1 for _ in spoilt(store)):
        yield f"{count} vectors or their word-piece states are not as they were made"


def _generations(store: Store) -> Iterator[str]:
    ((last,),) = store.rows("SELECT ifnull(max(number), 0) FROM generations")
    if last != store.generation:
        yield f"The log of generations ends at {last}, the index is at {store.generation}"


def _caches(folder: Path, store: Store, generation: int) -> Iterator[str]:
    """What is missing, unfinished or of another generation is made good when it is next used."""
    wanted = store.passage_ids()
    vectors, lexical = folder / VECTORS_FOLDER, folder / LEXICAL_FOLDER
    try:
        if (vectors / VECTORS_STAMP).exists():
            saved = VECTORS["auto"](store.dimension)
            saved.load(vectors, whole=True)
            if saved.generation == generation and not _same(saved.ids(), wanted):
                yield f"{vectors} holds other passages"
        if (lexical / STAMP).exists():
            words = LexicalIndex(lexical, create=False, whole=True)
            if words.generation == generation and not _same(words.ids(), wanted):
                yield f"{lexical} holds other passages"
    except IndexDamagedError as error:
        yield str(error).partition(";")[0]


def _same(held: Ids, wanted: Ids) -> bool:
    return np.array_equal(np.sort(held), wanted)


def _profiles(folder: Path) -> Iterator[str]:
    if (folder / PROFILES_FILE).exists() and load_profiles(folder) is None:
        yield f"{folder / PROFILES_FILE} is not what was saved"
