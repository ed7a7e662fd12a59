"""Conversations that are kept: one SQLite file in the user's data folder, readable by its owner.

A conversation is kept until it is deleted, and then it is gone from the file as well: pages are
overwritten, and the log is emptied. A turn is one transaction, so that a process that is killed
loses nothing that was kept. Threads and processes may share the file.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from index.private import make_folder
from qa.errors import SessionError
from qa.types import Answer, Kept, Session
from qa.wire import dump, load

VERSION = 1
MOST = 500  # conversations listed; a search finds the others
LONGEST_TITLE = 200
MATCH = ("\ue000", "\ue001")  # around the words of a search

_SCHEMA = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, title TEXT, begun TEXT NOT NULL, changed TEXT NOT NULL,
    over TEXT NOT NULL);
CREATE TABLE turns (
    n INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL REFERENCES sessions,
    place INTEGER NOT NULL, asked TEXT NOT NULL, fingerprint TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT NOT NULL, UNIQUE (session, place));
CREATE VIRTUAL TABLE words USING fts5 (
    question, answer, tokenize = 'unicode61 remove_diacritics 2');
"""
_LISTED = """
SELECT s.id,
    coalesce(s.title, (SELECT question FROM turns WHERE session = s.id ORDER BY place LIMIT 1)),
    s.begun, s.changed, (SELECT count(*) FROM turns WHERE session = s.id), s.over
FROM sessions s ORDER BY s.changed DESC, s.rowid DESC
"""
_FOUND = f"""
SELECT t.session, snippet(words, -1, '{MATCH[0]}', '{MATCH[1]}', '…', 16)
FROM words JOIN turns t ON t.n = words.rowid WHERE words MATCH ? ORDER BY rank LIMIT 5000
"""  # noqa: S608 - ours
_TURNS = "SELECT place, asked, fingerprint, question, answer FROM turns WHERE session = ?"

T = TypeVar("T")
_Row = tuple[Any, ...]


def now() -> str:
    """This moment, ISO, in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def query(words: str) -> str:
    """What was typed as a query of FTS5: every word literally, each perhaps only begun."""
    found = re.findall(r"[^\W_]+", words.encode(errors="replace").decode())
    return " ".join(f'"{word}"*' for word in found)


class SessionFile:
    """The file of all conversations. It is made when the first answer is kept."""

    def __init__(self, path: Path, *, over: Path | str = "", keeps: bool = True) -> None:
        """Keep what is asked over the index in the folder `over`; or only read, without `keeps`."""
        self.keeps = keeps
        self._path = path
        self._over = str(over)
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.RLock()
        self._deleted: list[tuple[_Row, list[_Row]]] = []

    @property
    def path(self) -> str:
        """The file."""
        return str(self._path)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # Writing

    def keep(self, session: str, place: int, answer: Answer) -> Kept:
        """Keep the answer to the turn at `place` of a conversation, in one transaction.

        Raises:
            SessionError: the file cannot be written.
        """
        kept = Kept(answer, now(), self.fingerprint())
        if self.keeps:
            begin = (session, None, kept.asked, kept.asked, self._over)
            row = (place, kept.asked, kept.fingerprint, _whole(answer.question), dump(answer))
            with self._writing() as connection:
                connection.execute("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?, ?)", begin)
                _drop(connection, "session = ? AND place = ?", session, place)
                _insert(connection, session, row, answer)
                connection.execute(
                    "UPDATE sessions SET changed = ? WHERE id = ?", (kept.asked, session)
                )
        return kept

    def fingerprint(self) -> str:
        """What tells the present index from others; nothing where none is open."""
        return ""

    def rename(self, session: str, title: str) -> None:
        """Name a conversation; an empty name is its first question again."""
        name = " ".join(_whole(title).split())[:LONGEST_TITLE] or None
        with self._writing() as connection:
            connection.execute("UPDATE sessions SET title = ? WHERE id = ?", (name, session))

    def delete(self, session: str) -> None:
        """Delete a conversation from the file, log and free pages included."""
        with self._writing() as connection:
            found = connection.execute("SELECT * FROM sessions WHERE id = ?", (session,)).fetchone()
            if found is None:
                return
            self._deleted.append((found, connection.execute(_TURNS, (session,)).fetchall()))
            _drop(connection, "session = ?", session)
            connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._with(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))

    def restore(self) -> str:
        """Bring back what this object deleted last."""
        with self._lock:
            if not self._deleted:
                return ""
            row, turns = self._deleted[-1]
            with self._writing() as connection:
                connection.execute("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?, ?)", row)
                for turn in turns:
                    _insert(connection, row[0], turn, load(turn[-1]))
            self._deleted.pop()
            return str(row[0])

    # Reading

    def listed(self, words: str = "") -> Sequence[Session]:
        """The conversations that hold these words in a turn or their name; the latest first."""
        rows = self._rows(_LISTED)
        if not words.strip():
            return [Session(*row) for row in rows[:MOST]]
        excerpts: dict[str, str] = {}
        if asked := query(words):
            for session, excerpt in self._rows(_FOUND, asked):
                excerpts.setdefault(session, excerpt)
        wanted = words.casefold().split()
        return [
            replace(Session(*row), excerpt=excerpts.get(row[0], ""))
            for row in rows
            if row[0] in excerpts or all(word in str(row[1]).casefold() for word in wanted)
        ][:MOST]

    def turns(self, session: str) -> Sequence[Kept]:
        """The turns of a conversation, oldest first.

        Raises:
            SessionError: the file or a turn cannot be read.
        """
        rows = self._rows(f"{_TURNS} ORDER BY place", session)
        return [Kept(load(answer), asked, mark) for _, asked, mark, _, answer in rows]

    def find(self, name: str) -> Session:
        """The one conversation whose id begins so.

        Raises:
            SessionError: there is none, or there are several.
        """
        rows = self._rows(_LISTED)
        found = [Session(*row) for row in rows if name and row[0].startswith(name)]
        if len(found) != 1:
            many = f"{len(found)} conversations" if found else "No conversation"
            verb = "begin" if found else "begins"
            raise SessionError(f"{many} {verb} with {name!r}; see `quoth sessions list`.")
        return found[0]

    def questions(self, most: int = 200) -> Sequence[str]:
        """What was asked last, oldest first, each question once."""
        rows = self._rows(
            "SELECT question FROM turns GROUP BY question ORDER BY max(n) DESC LIMIT ?", most
        )
        return [row[0] for row in reversed(rows)]

    # The file

    def _rows(self, sql: str, *values: object) -> list[_Row]:
        if not self._path.exists():
            return []
        return self._with(lambda connection: connection.execute(sql, values).fetchall())

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing."""
        with self._lock:
            connection = self._with(lambda connection: connection)
            try:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    yield connection
            except sqlite3.Error as error:
                self.close()
                raise self._failure(error) from error

    def _with(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                if self._connection is not None and not self._path.exists():
                    self.close()  # moved away: what is written now would go with it
                if self._connection is None:
                    self._connection = self._open()
                return work(self._connection)
            except (sqlite3.Error, OSError) as error:
                self.close()
                raise self._failure(error) from error

    def _open(self) -> sqlite3.Connection:
        make_folder(self._path.parent)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._path.chmod(0o600)  # SQLite gives its log the same mode
        connection = sqlite3.connect(
            self._path, timeout=5, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise SessionError(
                f"The conversations in {self.path} were kept by a newer version of Quoth; "
                "update Quoth, or name another file as `sessions` in the settings."
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA secure_delete = ON")
        if version == 0:
            _make(connection)

    def _failure(self, error: Exception) -> SessionError:
        return SessionError(
            f"Conversations cannot be kept or read in {self.path} ({error}); move that file away, "
            "or see that its folder can be written: asking goes on without."
        )


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process just has."""
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in _SCHEMA.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _insert(connection: sqlite3.Connection, session: str, row: _Row, answer: Answer) -> None:
    added = connection.execute(
        "INSERT INTO turns (session, place, asked, fingerprint, question, answer)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (session, *row),
    )
    said = answer.text if answer.status == "answered" else ""
    connection.execute(
        "INSERT INTO words (rowid, question, answer) VALUES (?, ?, ?)",
        (added.lastrowid, _whole(answer.question), _whole(said)),
    )


def _drop(connection: sqlite3.Connection, where: str, *values: object) -> None:
    numbers = f"SELECT n FROM turns WHERE {where}"  # noqa: S608 - ours
    connection.execute(f"DELETE FROM words WHERE rowid IN ({numbers})", values)  # noqa: S608
    connection.execute(f"DELETE FROM turns WHERE {where}", values)  # noqa: S608


def _whole(text: str) -> str:
    """The text with ? for halves of characters, which SQLite does not take, and without NUL."""
    return text.encode(errors="replace").decode().replace("\0", "�")
