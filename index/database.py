"""The file of the store: how it is opened, its transactions and named values."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from index.errors import IndexDamagedError, IndexingError, IndexMissingError
from index.lock import locked
from index.migrations import NEWEST, STORE, migrate, too_new, version_of
from index.private import make_folder

_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")
_PASSING = (*_NO_ROOM, "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")


def damaged(directory: Path, reason: object) -> IndexDamagedError:
    """Say that the store in `directory` cannot be relied on."""
    return IndexDamagedError(
        f"The index in {directory} is damaged ({reason}); `quoth index repair` makes it whole."
    )


def failure(directory: Path, error: sqlite3.Error) -> IndexingError:
    """Say what SQLite could not do: a full disk or a busy file is no damage."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_PASSING):
        hint = "make room on its disk" if name.startswith(_NO_ROOM) else "see to that"
        return IndexingError(
            f"The index in {directory} cannot be used just now ({error}); {hint} and try again: "
            "nothing is lost."
        )
    return damaged(directory, error)


def connect(directory: Path, *, write: bool) -> sqlite3.Connection:
    """Open the store in `directory`, migrated; for writing, make it where there is none.

    A reader migrates it as well, or, where it may not or another process is changing the index, a
    copy in a temporary file.

    Raises:
        IndexMissingError: there is none (only for reading).
        IndexVersionError: it has migrations that this version does not know.
        IndexDamagedError: the file is no store.
    """
    path = directory / STORE
    try:
        if write:
            make_folder(directory)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        elif not path.exists():
            raise IndexMissingError(
                f"There is no index in {directory}; make one with `quoth index build DOCUMENTS`."
            )
        return _migrated(directory, write=write)
    except sqlite3.DatabaseError as error:
        raise failure(directory, error) from error
    except OSError as error:
        raise IndexingError(
            f"The index in {directory} cannot be opened ({error.strerror or error}); see to that, "
            "or name another folder with `--index`."
        ) from error


def _migrated(directory: Path, *, write: bool) -> sqlite3.Connection:
    connection = _open(directory / STORE, write=write)
    try:
        version = _known(connection, directory, write=write)
        if write:
            migrate(connection, directory)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
        elif version < NEWEST:
            older, connection = connection, _brought_up(connection, directory)
            older.close()
    except BaseException:
        connection.close()
        raise
    return connection


def _known(connection: sqlite3.Connection, directory: Path, *, write: bool) -> int:
    """The version of a store that this version of the program can use."""
    version = version_of(connection)
    if version > NEWEST:
        raise too_new(directory, version)
    if not write and not version:
        raise unfinished(directory)
    return version


def _brought_up(older: sqlite3.Connection, directory: Path) -> sqlite3.Connection:
    """A connection to read from, of a store that another version has made."""
    try:
        with locked(directory):
            connect(directory, write=True).close()
    except IndexingError:
        copy = _connect("")  # SQLite's own temporary file, which goes with the connection
        older.backup(copy)
        migrate(copy)
        return copy
    return _open(directory / STORE, write=False)


def _open(path: Path, *, write: bool) -> sqlite3.Connection:
    uri = path.resolve().as_uri()
    connection = _connect(f"{uri}?mode={'rw' if write else 'ro'}")
    if write:
        return connection
    try:
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        # WAL mode wants a file beside the store, for which there is no right or no room here.
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            return _copied(path, log)
        connection = _connect(f"{uri}?immutable=1")
    return connection


def _copied(path: Path, log: Path) -> sqlite3.Connection:
    """A connection to a copy of a store and of its log, in SQLite's own temporary file."""
    with TemporaryDirectory(prefix="quoth-") as folder:
        for file in (path, log):
            shutil.copyfile(file, Path(folder) / file.name)
        with closing(_connect((Path(folder) / path.name).as_uri())) as whole:
            copy = _connect("")
            whole.backup(copy)
    return copy


def _connect(uri: str) -> sqlite3.Connection:
    """A connection in autocommit mode, shared by threads under the store's own lock."""
    return sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None, check_same_thread=False)


def unfinished(directory: Path) -> IndexMissingError:
    """Say that a first build was begun in `directory`, and never ended."""
    return IndexMissingError(
        f"The index in {directory} was never finished; go on with `quoth index build DOCUMENTS`."
    )


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
