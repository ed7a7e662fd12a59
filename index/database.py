"""The file of the store: its tables, as numbered migrations, its transactions and named values."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from index.errors import IndexDamagedError, IndexingError, IndexMissingError, IndexVersionError
from index.private import make_folder

STORE = "store.sqlite"
_PASSING = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")

# Passage and document numbers are AUTOINCREMENT: a number that was ever given never means
# something else, so that caches are told apart from the store by their numbers alone.
MIGRATIONS = (
    """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, root TEXT NOT NULL, name TEXT NOT NULL,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL);
    CREATE TABLE skipped (
        source INTEGER REFERENCES sources ON DELETE CASCADE,
        path TEXT NOT NULL, reason TEXT NOT NULL);
    CREATE INDEX skipped_source ON skipped (source);
    CREATE TABLE documents (
        n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        path TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, published TEXT,
        publisher TEXT, sha256 TEXT NOT NULL, metadata TEXT NOT NULL, headings TEXT NOT NULL,
        text_sha256 TEXT NOT NULL, text TEXT NOT NULL);
    CREATE INDEX documents_source ON documents (source);
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        ordinal INTEGER NOT NULL, section INTEGER NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL, heading TEXT NOT NULL, key BLOB NOT NULL);
    CREATE UNIQUE INDEX passages_document ON passages (document, ordinal);
    CREATE INDEX passages_key ON passages (key);
    CREATE TABLE embeddings (
        n INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);
    CREATE TABLE states (
        n INTEGER PRIMARY KEY REFERENCES embeddings ON DELETE CASCADE, states BLOB NOT NULL);
    """,
    "ALTER TABLE documents ADD COLUMN pages TEXT NOT NULL DEFAULT '[]';",
    # What `index.history` keeps: each generation, and the rows that it replaced, column by column.
    """
    CREATE TABLE listed (
        id INTEGER PRIMARY KEY, source INTEGER REFERENCES sources ON DELETE CASCADE,
        path TEXT NOT NULL, reason TEXT NOT NULL);
    INSERT INTO listed (source, path, reason) SELECT source, path, reason FROM skipped;
    DROP TABLE skipped;
    ALTER TABLE listed RENAME TO skipped;
    CREATE INDEX skipped_source ON skipped (source);
    CREATE TABLE generations (
        number INTEGER PRIMARY KEY, made TEXT NOT NULL, kind TEXT NOT NULL,
        added INTEGER, changed INTEGER, removed INTEGER,
        documents INTEGER NOT NULL, passages INTEGER NOT NULL, bytes INTEGER NOT NULL, before TEXT);
    INSERT INTO generations (number, made, kind, documents, passages, bytes)
        SELECT value, (SELECT value FROM meta WHERE name = 'built'), 'build',
            (SELECT count(*) FROM documents), (SELECT count(*) FROM passages),
            (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)
        FROM meta WHERE name = 'generation' AND value > 0;
    CREATE TABLE former_sources (
        generation, row, was, id, path, root, name, size, mtime_ns, sha256,
        PRIMARY KEY (generation, row));
    CREATE TABLE former_skipped (
        generation, row, was, id, source, path, reason, PRIMARY KEY (generation, row));
    CREATE TABLE former_documents (
        generation, row, was, n, id, source, path, title, authors, published, publisher, sha256,
        metadata, headings, text_sha256, text, pages, PRIMARY KEY (generation, row));
    CREATE TABLE former_passages (
        generation, row, was, id, document, ordinal, section, first, last, heading, key,
        PRIMARY KEY (generation, row));
    """,
    # By what else renamed documents may still be looked for.
    "CREATE TABLE renamed_ids (former TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;",
)


def damaged(directory: Path, reason: object) -> IndexDamagedError:
    """Say that the store in `directory` cannot be relied on."""
    return IndexDamagedError(
        f"The index in {directory} is damaged ({reason}); delete that folder and make it anew "
        "with `quoth index build DOCUMENTS`."
    )


def failure(directory: Path, error: sqlite3.Error) -> IndexingError:
    """Say what SQLite could not do: a full disk or a busy file is no damage."""
    if getattr(error, "sqlite_errorname", "").startswith(_PASSING):
        return IndexingError(
            f"The index in {directory} cannot be used just now ({error}); see to that and try "
            "again: nothing is lost."
        )
    return damaged(directory, error)


def connect(directory: Path, *, write: bool) -> sqlite3.Connection:
    """Open the store in `directory`; for writing, make or migrate it where needed.

    Raises:
        IndexMissingError: there is none (only for reading).
        IndexVersionError: it has migrations that this version does not know, or lacks some.
        IndexDamagedError: the file is no store.
    """
    path = directory / STORE
    if write:
        make_folder(directory)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif not path.exists():
        raise IndexMissingError(
            f"There is no index in {directory}; make one with `quoth index build DOCUMENTS`."
        )
    try:
        connection = _open(path, write=write)
        try:
            _migrate(connection, directory, write=write)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise failure(directory, error) from error
    return connection


def _open(path: Path, *, write: bool) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    connection = _connect(f"{uri}?mode={'rw' if write else 'ro'}")
    if not write and not os.access(path.parent, os.W_OK):
        try:
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            # WAL mode wants two files beside the store, for which there is no room here; where
            # nobody can write, the store can be read as it lies there.
            connection.close()
            connection = _connect(f"{uri}?immutable=1")
    return connection


def _connect(uri: str) -> sqlite3.Connection:
    """A connection in autocommit mode, shared by threads under the store's own lock."""
    return sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None, check_same_thread=False)


def unfinished(directory: Path) -> IndexMissingError:
    """Say that a first build was begun in `directory`, and never ended."""
    return IndexMissingError(
        f"The index in {directory} was never finished; go on with `quoth index build DOCUMENTS`."
    )


def _migrate(connection: sqlite3.Connection, directory: Path, *, write: bool) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise IndexVersionError(
            f"The index in {directory} was made by a newer version of Quoth; update Quoth, or "
            "name another folder with `--index`."
        )
    if not write and version == 0:
        raise unfinished(directory)
    if not write and version < len(MIGRATIONS):
        raise IndexVersionError(
            f"The index in {directory} was made by an older version of Quoth; bring it up to "
            "date with `quoth index build`."
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
    if write:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")


class Database:
    """An open store file, shared by threads."""

    def __init__(self, directory: Path, *, write: bool) -> None:
        """Open the file in `directory`; `write` makes and migrates it where needed."""
        self.directory = directory
        self._connection = connect(directory, write=write)
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        """Use the store until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement and fetch all its rows.

        Raises:
            IndexDamagedError: SQLite cannot read the file.
        """
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.DatabaseError as error:
                raise failure(self.directory, error) from error

    def run(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of values."""
        with self._lock:
            try:
                self._connection.executemany(sql, rows)
            except sqlite3.DatabaseError as error:
                raise failure(self.directory, error) from error

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """See one generation, which is yielded, until the end of the block. May be nested."""
        with self._lock:
            if self._connection.in_transaction:
                yield self.generation
                return
            self.rows("BEGIN")
            try:
                yield self.generation
            finally:
                self.rows("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, all of it or nothing; within another one, with that."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self.rows("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.rows("ROLLBACK")
                raise
            self.rows("COMMIT")

    def become(self, other: Database) -> None:
        """Take over all that `other` holds, in one transaction: readers see all of it or nothing.

        Both stay open. It is a copy page by page, which keeps what `other` lost or spoilt.
        """
        with self._lock, other._lock:
            try:
                other._connection.backup(self._connection)
            except sqlite3.Error as error:
                raise failure(self.directory, error) from error

    def meta(self, name: str) -> str | None:
        """A named value, or None."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def set_meta(self, name: str, value: str) -> None:
        """Keep a named value (the store must be open for writing)."""
        self.rows("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, value)

    @property
    def generation(self) -> int:
        """The number of the last committed build; 0 before the first."""
        return int(self.meta("generation") or 0)

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - ours
