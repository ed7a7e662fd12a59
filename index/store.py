"""The store: one SQLite file that holds all there is to know; everything else is derived from it.

Passages are kept as spans of their document's text, vectors under the key of what they embed.
A `Store` may be used from several threads; `snapshot` lets a reader see one generation whole
while another process commits the next.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.database import Database, damaged, failure, unfinished
from index.errors import DocumentNotFoundError
from index.types import Document, Heading, Page, Passage, Skipped

Ids = NDArray[np.int64]

CACHED_TEXT = 16_000_000  # code points of documents kept in memory, 16 to 64 MB
NEAR = 1e-3  # how far from 1 the length of a vector may lie
AT_ONCE = 5_000  # rows fetched at once where there may be hundreds of thousands

_LIGHT = "SELECT id, path, title, authors, published, publisher, sha256, metadata FROM documents"
_WHOLE = _LIGHT.replace(" FROM", ", headings, pages, text FROM")
_NUMBERED = _WHOLE.replace("id,", "n, id,", 1)


def embedding_key(fingerprint: str, text: str) -> bytes:
    """The name, 16 bytes, under which what `fingerprint` makes of `text` is kept."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when it was read; `sha256` is of its bytes.

    `path` is fit to be shown; documents are named after `name`, which is unique in the index.
    """

    path: str
    root: str
    name: str
    size: int
    mtime_ns: int
    sha256: str


class Store(Database):
    """An open store. Close it, or use it as a context manager."""

    def __init__(self, directory: Path | str, *, write: bool = False) -> None:
        """Open the store in `directory`; `write` makes it where there is none.

        Raises:
            IndexMissingError: no index was ever finished there (only for reading).
            IndexDamagedError: the file cannot be read.
            IndexVersionError: another version of the program made it.
        """
        super().__init__(Path(directory), write=write)
        self._texts: OrderedDict[int, Document] = OrderedDict()
        self._texts_of = self._cached = 0  # their generation, their code points
        if not write and not self.generation:
            self.close()
            raise unfinished(self.directory)

    # What is known of the index as a whole

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the model whose vectors these are."""
        return self.meta("fingerprint") or ""

    @property
    def dimension(self) -> int:
        """The length of a vector; 0 while there is none."""
        found = self.rows("SELECT length(vector) FROM passages JOIN embeddings USING (key) LIMIT 1")
        return int(found[0][0]) // 4 if found else 0

    @property
    def roots(self) -> tuple[str, ...]:
        """The files and folders that the index was built of."""
        return tuple(json.loads(self.meta("roots") or "[]"))

    @property
    def excludes(self) -> tuple[str, ...]:
        """The patterns of files that were left out on purpose."""
        return tuple(json.loads(self.meta("excludes") or "[]"))

    def sources(self) -> dict[str, Source]:
        """Every file that was read, by path."""
        found = self.rows("SELECT path, root, name, size, mtime_ns, sha256 FROM sources")
        return {row[0]: Source(*row) for row in found}

    def source_of(self, document_id: str) -> Source:
        """The file that a document was read from.

        Raises:
            DocumentNotFoundError: no document has this id.
        """
        found = self.rows(
            "SELECT s.path, s.root, s.name, s.size, s.mtime_ns, s.sha256 FROM documents d"
            " JOIN sources s ON s.id = d.source WHERE d.id = ?",
            self.present_id(document_id),
        )
        if not found:
            raise _not_found(document_id, ())
        return Source(*found[0])

    def skipped(self) -> tuple[Skipped, ...]:
        """What the last build left out, by path."""
        found = self.rows("SELECT path, reason FROM skipped ORDER BY path")
        return tuple(Skipped(*row) for row in found)

    # Documents

    def document(self, document_id: str) -> Document:
        """The document of this id, or that had it before it was renamed.

        Raises:
            DocumentNotFoundError: there is none.
        """
        found = self.rows("SELECT n FROM documents WHERE id = ?", self.present_id(document_id))
        if not found:
            raise _not_found(document_id, ())
        return self._documents([found[0][0]])[found[0][0]]

    def present_id(self, document_id: str) -> str:
        """The id that a document has now which may have been renamed since it had this one."""
        found = self.rows(
            "SELECT r.id FROM renamed_ids r JOIN documents USING (id) WHERE r.former = ?"
            " AND r.former NOT IN (SELECT id FROM documents)",
            document_id,
        )
        return str(found[0][0]) if found else document_id

    def former_ids(self) -> dict[str, str]:
        """What renamed documents were called before, with the id of each now."""
        return dict(self.rows("SELECT former, id FROM renamed_ids JOIN documents USING (id)"))

    def documents(self, *, texts: bool = True) -> list[Document]:
        """All documents by title; without `texts` they have no `text`, `headings` and `pages`."""
        found = self.rows(f"{_WHOLE if texts else _LIGHT} ORDER BY title, id")
        return [_document(row) for row in found]

    def described(self, document_ids: Iterable[str]) -> list[Document]:
        """The documents of these ids, as far as there are any, without their texts."""
        where = "WHERE id IN (SELECT value FROM json_each(?))"
        return [
            _document(row) for row in self.rows(f"{_LIGHT} {where}", json.dumps([*document_ids]))
        ]

    def find_document(self, name: str) -> Document:
        """The one document with this id, path, end of a path, title, or former id, in that order.

        Raises:
            DocumentNotFoundError: none, or several; the message names those that come near.
        """
        light = self.documents(texts=False)
        wanted = name.casefold()
        suffix, present = "/" + name.replace("\\", "/").lstrip("./"), self.present_id(name)
        tests: tuple[Callable[[Document], bool], ...] = (
            lambda document: document.id == name,
            lambda document: document.path == name,
            lambda document: document.path.replace("\\", "/").endswith(suffix),
            lambda document: document.title.casefold() == wanted,
            lambda document: document.id == present,
        )
        for test in tests:
            found = [document for document in light if test(document)]
            if len(found) == 1:
                return self.document(found[0].id)
            if found:
                raise DocumentNotFoundError(
                    f"{name!r} may mean {len(found)} documents; name one by its id: "
                    f"{', '.join(document.id for document in found[:5])}."
                )
        raise _not_found(name, light)

    def _documents(self, numbers: Iterable[int]) -> dict[int, Document]:
        """The documents of these numbers, as far as they can be out of those read last."""
        with self.snapshot() as generation:
            if generation != self._texts_of:
                self._texts.clear()
                self._texts_of, self._cached = generation, 0
            wanted = set(numbers)
            documents = {n: self._texts[n] for n in wanted & self._texts.keys()}
            for n in documents:
                self._texts.move_to_end(n)
            missing = json.dumps(sorted(wanted - documents.keys()))
            where = "WHERE n IN (SELECT value FROM json_each(?))"
            for n, *row in self.rows(f"{_NUMBERED} {where}", missing):
                documents[n] = self._texts[n] = _document(row)
                self._cached += len(documents[n].text)
            while self._cached > CACHED_TEXT and len(self._texts) > 1:
                self._cached -= len(self._texts.popitem(last=False)[1].text)
            return documents

    # Passages. Ids that are not in the store are an error: read within one `snapshot`.

    def passage_ids(self) -> Ids:
        """Every passage's id, int64 (n,), ascending."""
        return self.column("SELECT id FROM passages ORDER BY id")

    def passages(self, ids: Iterable[int]) -> list[Passage]:
        """The passages of these ids, in this order."""
        columns = "p.document, p.id, p.ordinal, p.section, p.first, p.last, p.heading"
        return self._passages(self._of(columns, ids))

    def passages_of(self, document_id: str) -> list[Passage]:
        """All passages of a document, in reading order."""
        found = self.rows(
            "SELECT p.document, p.id, p.ordinal, p.section, p.first, p.last, p.heading"
            " FROM documents d JOIN passages p ON p.document = d.n WHERE d.id = ?"
            " ORDER BY p.ordinal",
            document_id,
        )
        return self._passages(found)

    def near(self, ids: Iterable[int], reach: int) -> list[Passage]:
        """These passages, those beside each, and those of its section up to `reach` away, by id."""
        found = self.rows(
            "SELECT DISTINCT p.document, p.id, p.ordinal, p.section, p.first, p.last, p.heading"
            " FROM json_each(?) j JOIN passages q ON q.id = j.value JOIN passages p"
            " ON p.document = q.document AND p.ordinal BETWEEN q.ordinal - ? AND q.ordinal + ?"
            " AND (p.section = q.section OR abs(p.ordinal - q.ordinal) = 1) ORDER BY p.id",
            json.dumps([int(i) for i in ids]),
            reach,
            reach,
        )
        return self._passages(found)

    def document_ids_of(self, ids: Iterable[int]) -> list[str]:
        """The ids of the documents that these passages stand in, in this order."""
        return [row[0] for row in self._of("d.id", ids, "JOIN documents d ON d.n = p.document")]

    def vectors(self, ids: Iterable[int]) -> NDArray[np.float32]:
        """The vectors of these passages: float32 (n, dim), unit rows, in this order."""
        wanted = np.fromiter(ids, np.int64)
        vectors = np.empty((len(wanted), self.dimension), np.float32)
        for first in range(0, len(wanted), AT_ONCE):
            part = wanted[first : first + AT_ONCE]
            found = self._of("e.vector", part, "JOIN embeddings e ON e.key = p.key")
            joined = b"".join(row[0] for row in found)
            if len(joined) != vectors[first : first + AT_ONCE].nbytes:
                raise damaged(self.directory, "vectors differ in length")
            vectors[first : first + AT_ONCE] = np.frombuffer(joined, np.float32).reshape(
                len(part), -1
            )
        return vectors

    def states(self, ids: Iterable[int]) -> list[bytes]:
        """The packed word-piece states of these passages, in this order."""
        join = "JOIN embeddings e ON e.key = p.key JOIN states s ON s.n = e.n"
        return [row[0] for row in self._of("s.states", ids, join)]

    def passages_in(self, document_ids: Iterable[str]) -> Ids:
        """Ids, int64 (n,) ascending, of all passages of these documents, renamed since or not."""
        return self.column(
            "SELECT DISTINCT p.id FROM json_each(?) j LEFT JOIN renamed_ids r ON r.former = j.value"
            " JOIN documents d ON d.id IN (j.value, r.id)"
            " JOIN passages p ON p.document = d.n ORDER BY p.id",
            json.dumps(list(document_ids)),
        )

    def column(self, sql: str, *values: object) -> Ids:
        """Run one statement and fetch the numbers that it selects, int64 (n,)."""
        with self._lock:
            try:
                cursor = self._connection.execute(sql, values)
                return np.fromiter((row[0] for row in cursor), np.int64)
            except sqlite3.DatabaseError as error:
                raise failure(self.directory, error) from error

    def _of(self, columns: str, ids: Iterable[int], join: str = "") -> list[tuple[Any, ...]]:
        wanted = [int(i) for i in ids]
        found = self.rows(
            f"SELECT {columns} FROM json_each(?) j JOIN passages p ON p.id = j.value {join}"  # noqa: S608 - ours
            " ORDER BY j.key",
            json.dumps(wanted),
        )
        if len(found) != len(wanted):
            raise damaged(self.directory, "it lacks passages or vectors that it should have")
        return found

    def _passages(self, rows: Sequence[Sequence[Any]]) -> list[Passage]:
        documents = self._documents(row[0] for row in rows)
        return [
            Passage(
                number,
                documents[n].id,
                ordinal,
                section,
                first,
                last,
                heading,
                documents[n].text[first:last],
            )
            for n, number, ordinal, section, first, last, heading in rows
        ]


def _document(row: Sequence[Any]) -> Document:
    id_, path, title, authors, published, publisher, sha256, metadata, *rest = row
    headings, pages, text = rest or ("[]", "[]", "")
    return Document(
        id_,
        path,
        title,
        tuple(json.loads(authors)),
        published,
        publisher,
        text,
        sha256,
        _strings(metadata),
        tuple(Heading(*heading) for heading in json.loads(headings)),
        tuple(Page(*page) for page in json.loads(pages)),
    )


def _strings(text: str) -> Mapping[str, str]:
    content: Mapping[str, str] = json.loads(text)
    return content


def _not_found(name: str, light: Sequence[Document]) -> DocumentNotFoundError:
    from difflib import get_close_matches  # only where something was mistyped

    wanted = name.casefold()
    names = {text.casefold(): text for document in light for text in (document.title, document.id)}
    near = [text for folded, text in names.items() if wanted and wanted in folded][:3]
    near = near or [names[match] for match in get_close_matches(wanted, list(names)[:5_000])]
    hint = f"did you mean {', '.join(map(repr, near))}? " if near else ""
    return DocumentNotFoundError(
        f"No document has the id, path or title {name!r}; {hint}`quoth index list` names them all."
    )
