"""The tables of the store, as numbered migrations, and how a store of an older version gets them.

Each migration is one transaction. Before the first of them the store is copied, so that the older
version can be gone back to; the copy is let go of with the next generation that is built.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from index.errors import IndexVersionError

STORE = "store.sqlite"
_COPY = re.compile(r"store\.version-(\d+)\.sqlite")

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
    # A checksum of vector and states together; NULL for those of before.
    "ALTER TABLE embeddings ADD COLUMN crc INTEGER;",
)
NEWEST = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations a store has had; 0 where it was never made."""
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    return int(version)


def migrate(connection: sqlite3.Connection, directory: Path | None = None) -> None:
    """Give a store the migrations it lacks; `directory` is where a copy of before is kept."""
    version = version_of(connection)
    if directory is not None and 0 < version < NEWEST:
        _keep(connection, directory, version)
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")


def copies(directory: Path) -> dict[int, Path]:
    """The copies of the store of before a migration, by the version they are of."""
    found = ((path, _COPY.fullmatch(path.name)) for path in directory.glob("store.version-*"))
    return {int(match[1]): path for path, match in found if match}


def too_new(directory: Path, version: int) -> IndexVersionError:
    """Say that a newer version made the store, and where a copy of before is, if there is one."""
    before = [f"`{path}`" for number, path in copies(directory).items() if number <= NEWEST]
    hint = f", put its copy of before, {before[0]}, in place of `{STORE}`" if before else ""
    return IndexVersionError(
        f"The index in {directory} was made by a newer version of Quoth ({version}; this one reads "
        f"up to {NEWEST}); update Quoth{hint}, or name another folder with `--index`."
    )


def _keep(connection: sqlite3.Connection, directory: Path, version: int) -> None:
    """Copy the store, whole or not at all, in place of any other copy."""
    place = directory / f"store.version-{version}.sqlite"
    part = place.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        part.touch(0o600)
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
        for older in copies(directory).values():
            older.unlink()
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
