"""The next generation of a store, drawn up in a file beside it and committed in one transaction.

Memory stays bounded however much is read, and readers see nothing of it before it is whole. The
file is scratch: it lies where there must be room for the index anyway, which a temporary folder
in memory has not, and is made anew by every build. Only
embeddings are committed as they are made: under their keys they harm nobody, and a build that was
interrupted finds them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple

from index.embedding import Encoded
from index.soundness import checksum, spoilt
from index.store import Source, Store, embedding_key
from index.types import Document, Passage, Skipped

DRAFT = "draft.sqlite"
_NAMES = ("new_sources", "new_skipped", "kept", "renamed", "new_documents", "new_passages")
_TABLES = """
    CREATE TABLE draft.new_sources (path PRIMARY KEY, root, name, size, mtime_ns, sha256);
    CREATE TABLE draft.new_skipped (source, path, reason);
    CREATE TABLE draft.kept (id PRIMARY KEY, metadata);
    CREATE TABLE draft.renamed (former PRIMARY KEY, id);
    CREATE TABLE draft.new_documents (
        id PRIMARY KEY, source, path, title, authors, published, publisher, sha256, metadata,
        headings, pages, text_sha256, text);
    CREATE TABLE draft.new_passages (document, ordinal, section, first, last, heading, key);
    CREATE INDEX draft.new_passages_document ON new_passages (document)
"""
# Looked up key by key: as `key NOT IN (...)` SQLite lists all embeddings for every document.
_MISSING = """NOT EXISTS (
    SELECT 1 FROM embeddings e JOIN states USING (n) WHERE e.key = new_passages.key)"""

# A source that was read anew keeps its row, and of its documents those that are as before.
_COMMIT = """
    INSERT INTO sources (path, root, name, size, mtime_ns, sha256)
        SELECT * FROM new_sources WHERE true
        ON CONFLICT (path) DO UPDATE SET root = excluded.root, name = excluded.name,
        size = excluded.size,
        mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256;
    DELETE FROM documents WHERE id NOT IN (SELECT id FROM kept)
        AND source IN (SELECT s.id FROM sources s JOIN new_sources USING (path));
    UPDATE documents SET metadata = (SELECT metadata FROM kept WHERE kept.id = documents.id)
        WHERE id IN (SELECT id FROM kept);
    DELETE FROM skipped WHERE source IS NULL
        OR source IN (SELECT s.id FROM sources s JOIN new_sources USING (path));
    INSERT INTO documents (source, id, path, title, authors, published, publisher, sha256,
            metadata, headings, pages, text_sha256, text)
        SELECT s.id, n.id, n.path, n.title, n.authors, n.published, n.publisher, n.sha256,
            n.metadata, n.headings, n.pages, n.text_sha256, n.text
        FROM new_documents n JOIN sources s ON s.path = n.source ORDER BY n.rowid;
    INSERT INTO passages (document, ordinal, section, first, last, heading, key)
        SELECT d.n, p.ordinal, p.section, p.first, p.last, p.heading, p.key
        FROM new_passages p JOIN documents d ON d.id = p.document ORDER BY p.rowid;
    INSERT INTO skipped (source, path, reason) SELECT s.id, n.path, n.reason
        FROM new_skipped n LEFT JOIN sources s ON s.path = n.source;
    UPDATE renamed_ids SET id = (SELECT r.id FROM renamed r WHERE r.former = renamed_ids.id)
        WHERE id IN (SELECT former FROM renamed);
    INSERT OR REPLACE INTO renamed_ids SELECT former, id FROM renamed;
    DELETE FROM renamed_ids WHERE former IN (SELECT id FROM documents)
        OR id NOT IN (SELECT id FROM documents)
"""


class Draft:
    """What is to change in `store`, for the model of this fingerprint."""

    def __init__(self, store: Store, fingerprint: str = "") -> None:
        """Begin an empty draft; a store has one at most."""
        self._store = store
        self._fingerprint = fingerprint
        self._path = store.directory / DRAFT
        self._path.unlink(missing_ok=True)  # of a build that was killed
        self._path.touch(0o600)
        store.rows("ATTACH DATABASE ? AS draft", f"{self._path.resolve().as_uri()}?mode=rw")
        store.rows("PRAGMA draft.journal_mode = MEMORY")
        store.rows("PRAGMA draft.synchronous = OFF")
        for table in _TABLES.split(";"):
            store.rows(table)

    def close(self) -> None:
        """Let go of all that was not committed, but for embeddings."""
        self._store.rows("DETACH DATABASE draft")
        self._path.unlink()

    def restart(self, fingerprint: str) -> None:
        """Forget what was put down, and go on for the model of this fingerprint."""
        self._fingerprint = fingerprint
        for name in _NAMES:
            self._store.rows(f"DELETE FROM draft.{name}")  # noqa: S608 - ours

    def source(self, source: Source) -> None:
        """This file is read anew: of its documents those remain that are kept or added."""
        self._store.run("INSERT INTO new_sources VALUES (?, ?, ?, ?, ?, ?)", [astuple(source)])

    def skip(self, skipped: Skipped, source: str | None = None) -> None:
        """List what is left out, found in the file `source` or before any was opened."""
        row = (source, skipped.path, skipped.reason)
        self._store.run("INSERT INTO new_skipped VALUES (?, ?, ?)", [row])

    def keep(self, document: Document) -> None:
        """This document of a file that is read anew is as it was, but for its metadata."""
        row = (document.id, json.dumps(dict(document.metadata)))
        self._store.run("INSERT INTO kept VALUES (?, ?)", [row])

    def rename(self, former: str, document_id: str) -> None:
        """The document of this id was called `former` before, and may still be looked for so."""
        self._store.run("INSERT OR REPLACE INTO renamed VALUES (?, ?)", [(former, document_id)])

    def add(self, source: str, document: Document, passages: Sequence[Passage]) -> None:
        """This document of the file `source` is new or differs from before."""
        row = (
            document.id,
            source,
            document.path,
            document.title,
            json.dumps(document.authors),
            document.published,
            document.publisher,
            document.sha256,
            json.dumps(dict(document.metadata)),
            json.dumps([astuple(heading) for heading in document.headings]),
            json.dumps([astuple(page) for page in document.pages]),
            hashlib.sha256(document.text.encode()).hexdigest(),
            document.text,
        )
        spans = [
            (p.ordinal, p.section, p.start, p.end, p.heading, self._key(p.text)) for p in passages
        ]
        with self._store.transaction():
            self._store.run(f"INSERT INTO new_documents VALUES ({'?, ' * 12}?)", [row])  # noqa: S608
            self._store.run(
                "INSERT INTO new_passages VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((document.id, *span) for span in spans),
            )

    def reason(self) -> str:
        """Why the first of what is left out is left out."""
        found = self._store.rows("SELECT reason FROM new_skipped LIMIT 1")
        return str(found[0][0]) if found else "there are no documents"

    def distrust(self) -> None:
        """Drop the embeddings that are not as they were made, so that they are made again."""
        bad = [(n,) for n in spoilt(self._store)]
        with self._store.transaction():
            self._store.run("DELETE FROM embeddings WHERE n = ?", bad)

    def missing(self) -> int:
        """The number of texts that are still to be embedded."""
        counted = f"SELECT count(DISTINCT key) FROM new_passages WHERE {_MISSING}"  # noqa: S608 - ours
        return int(self._store.rows(counted)[0][0])

    def batches(self, size: int) -> Iterator[dict[bytes, str]]:
        """Texts still to be embedded, under their keys, about `size` at once, of like length."""
        window: dict[bytes, str] = {}
        former: Collection[bytes] = ()  # of these the last may still be in the making
        for (name,) in self._store.rows("SELECT id FROM new_documents ORDER BY rowid"):
            ((text,),) = self._store.rows("SELECT text FROM new_documents WHERE id = ?", name)
            spans = self._store.rows(
                f"SELECT key, first, last FROM new_passages WHERE document = ? AND {_MISSING}",  # noqa: S608
                name,
            )
            for key, first, last in spans:
                if key not in former:
                    window[key] = text[first:last]
                if len(window) >= 16 * size:
                    yield from _by_length(window, size)
                    window, former = {}, window.keys()
        yield from _by_length(window, size)

    def embed(self, keys: Iterable[bytes], encoded: Encoded) -> None:
        """Commit what the model made of the texts of these keys."""
        with self._store.transaction():
            for key, row, states in zip(keys, encoded.vectors, encoded.states, strict=True):
                vector = row.astype("<f4").tobytes()
                ((n,),) = self._store.rows(
                    "INSERT OR REPLACE INTO embeddings (key, vector, crc) VALUES (?, ?, ?)"
                    " RETURNING n",
                    key,
                    vector,
                    checksum(vector, states),
                )
                self._store.rows("INSERT INTO states VALUES (?, ?)", n, states)

    def commit(
        self, gone: Iterable[str], touched: Iterable[Source], meta: Mapping[str, str]
    ) -> None:
        """Make the draft the store's next state; `gone` are the paths of files that are no more."""
        with self._store.transaction():
            self._store.run("DELETE FROM sources WHERE path = ?", ((path,) for path in gone))
            self._store.run(
                "UPDATE sources SET size = ?, mtime_ns = ? WHERE path = ?",
                ((source.size, source.mtime_ns, source.path) for source in touched),
            )
            for statement in _COMMIT.split(";"):
                self._store.rows(statement)
            for name, value in meta.items():
                self._store.set_meta(name, value)

    def _key(self, text: str) -> bytes:
        return embedding_key(self._fingerprint, text)


def _by_length(window: Mapping[bytes, str], size: int) -> Iterator[dict[bytes, str]]:
    order = sorted(window, key=lambda key: len(window[key]))
    for first in range(0, len(order), size):
        yield {key: window[key] for key in order[first : first + size]}
