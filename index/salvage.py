"""What can be saved of a store that is of no other use: embeddings, and what it was built of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from index.migrations import STORE, copies
from index.private import opener
from index.soundness import checksum, sound
from index.store import Store

ASIDE = "damaged.sqlite"  # the damaged store, until there is a new one in its place
SPARE = "built-of.json"  # what the index is built of, should the store not be able to tell
AT_ONCE = 200  # rows asked for at once; what lies on a damaged page takes its neighbours with it
_PAGE = 4096  # bytes of a page
_COUNTED = slice(24, 28)  # where its first page counts changes, ...
_PAGES = slice(28, 32)  # ... and pages
_NAMES = ("roots", "excludes", "model")

Row = tuple[bytes, bytes, bytes, int | None]  # key, vector, states, checksum


def note(store: Store) -> None:
    """Keep beside the store what it is built of, and let go of what was before it.

    Raises:
        OSError: it cannot be written.
    """
    folder = store.directory
    spare: dict[str, object] = {name: store.meta(name) for name in _NAMES}
    spare["numbers"] = dict(store.rows("SELECT name, seq FROM sqlite_sequence"))
    ((spare["embeddings"],),) = store.rows("SELECT max(n) FROM embeddings")
    store.rows("PRAGMA wal_checkpoint(PASSIVE)")
    with (folder / STORE).open("rb") as file:
        spare["page"] = file.read(_PAGE).hex()
    beside = folder / f"{SPARE}.new"
    with open(beside, "w", encoding="utf-8", opener=opener) as file:
        json.dump(spare, file)
    beside.replace(folder / SPARE)
    for old in (folder / ASIDE, folder / f"{ASIDE}-wal", *copies(folder).values()):
        old.unlink(missing_ok=True)


def set_aside(folder: Path) -> None:
    """Put the store in `folder`, whose lock is held, out of the way."""
    (folder / f"{STORE}-shm").unlink(missing_ok=True)
    for end in ("-wal", ""):
        with suppress(FileNotFoundError):
            (folder / f"{STORE}{end}").replace(folder / f"{ASIDE}{end}")
    if (folder / ASIDE).exists():
        _mend(folder / ASIDE, str(_spare(folder).get("page") or ""))


def _mend(path: Path, page: str) -> None:
    """Let SQLite open what is left of a store: give it its first page, and all of its length.

    The first page says where the tables begin, which only a migration changes.
    """
    with path.open("r+b") as file:
        head = file.read(_PAGE)
        if page and head[: _COUNTED.start] != bytes.fromhex(page)[: _COUNTED.start]:
            head = bytes.fromhex(page)
            file.seek(0)
            file.write(head)
        length = _PAGE * int.from_bytes(head[_PAGES])
        if head.startswith(b"SQLite format 3\0") and length > path.stat().st_size:
            file.truncate(length)


def begin_again(store: Store) -> None:
    """Give a new store what can be saved of the one that was set aside, if there is one.

    It goes on with the numbers of that one, which never mean something else.
    """
    spare = _spare(store.directory)
    with _reading(store.directory / ASIDE) as old:
        spare |= _meta(old)
    numbers = spare.pop("numbers", None)
    with store.transaction():
        for name in _NAMES:
            if isinstance(value := spare.get(name), str):
                store.set_meta(name, value)
        for table, last in numbers.items() if isinstance(numbers, dict) else ():
            if table in ("documents", "passages") and isinstance(last, int):
                store.rows("DELETE FROM sqlite_sequence WHERE name = ?", table)
                store.rows("INSERT INTO sqlite_sequence VALUES (?, ?)", table, last)
    last = spare.get("embeddings")
    carry(store.directory / ASIDE, store, last if isinstance(last, int) else 0)


def carry(source: Path, store: Store, last: int = 0) -> int:
    """Give `store` the embeddings of the store in the file `source` that can be read.

    Their numbers went up to `last` at least, should it not be able to tell.

    Returns:
        How many it did not have yet. They are dropped with its next generation if nothing needs
        them then.
    """
    carried = 0
    with _reading(source) as old:
        for rows in _embeddings(old, last):
            with store.transaction():
                carried += sum(_take(store, *row) for row in rows)
    return carried


def _take(store: Store, key: bytes, vector: bytes, states: bytes, crc: int | None) -> bool:
    if not sound(vector, states, crc):
        return False
    found = store.rows(
        "INSERT INTO embeddings (key, vector, crc) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING n",
        key,
        vector,
        checksum(vector, states),
    )
    for (n,) in found:
        store.rows("INSERT INTO states VALUES (?, ?)", n, states)
    return bool(found)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The store in a file, or an empty one where there is no such file."""
    uri = f"{path.resolve().as_uri()}?mode=rw" if path.exists() else ":memory:"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        yield connection


def _spare(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / SPARE).read_bytes())
    except (OSError, ValueError):  # there is none, or it is damaged as well
        return {}
    return found if isinstance(found, dict) else {}


def _meta(old: sqlite3.Connection) -> dict[str, object]:
    try:
        return dict(old.execute("SELECT name, value FROM meta").fetchall())
    except sqlite3.DatabaseError:
        return {}


def _embeddings(old: sqlite3.Connection, last: int) -> Iterator[list[Row]]:
    """The embeddings that can be read, some at a time; there were `last` of them at least."""
    columns = set()
    with suppress(sqlite3.DatabaseError):
        columns = {row[1] for row in old.execute("PRAGMA table_info(embeddings)")}
        ((found,),) = old.execute("SELECT max(n) FROM embeddings").fetchall()
        last = max(last, found or 0)
    if not columns:
        return
    crc = "crc" if "crc" in columns else "NULL"
    select = (
        f"SELECT key, vector, states, {crc} FROM embeddings JOIN states USING (n)"  # noqa: S608
        " WHERE n >= ? AND n < ?"
    )
    for first in range(0, last + 1, AT_ONCE):
        try:
            yield old.execute(select, (first, first + AT_ONCE)).fetchall()
        except sqlite3.DatabaseError:  # one by one, then, but for those that cannot be read
            for n in range(first, first + AT_ONCE):
                with suppress(sqlite3.DatabaseError):
                    yield old.execute(select, (n, n + 1)).fetchall()
