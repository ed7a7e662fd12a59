"""The generations of an index: what each changed, and the way back to any of the last few.

While a generation is made, triggers keep every row that it touches as it was before, in the same
transaction; vectors stay as long as a kept row names them. Going back puts those rows in place
again, generation by generation, and is itself a generation that can be undone: nothing is lost by
it, and numbers never go backwards. It embeds nothing, and what is kept costs what has changed, not
a copy of the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.build import existing, status, writing
from index.caches import discard_caches, save_caches
from index.errors import IndexingError
from index.store import Store
from index.types import Generation, IndexStatus, Limits

RECORDED = ("sources", "skipped", "documents", "passages")  # each parent before its children
LISTED = 200  # generations that the log still names once they cannot be gone back to

# A vector is counted for each generation that alone keeps it from being dropped.
_HELD = """
    SELECT generation, sum(bytes) FROM (
        SELECT generation, 300 + length(headings) + length(text) AS bytes
            FROM former_documents WHERE was
        UNION ALL SELECT generation, 100 FROM former_passages
        UNION ALL SELECT f.generation, length(e.vector) + length(s.states)
            FROM (SELECT DISTINCT generation, key FROM former_passages WHERE was) f
            JOIN embeddings e USING (key) JOIN states s USING (n)
            WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.key = f.key))
    GROUP BY generation
"""
_UNUSED = """
    FROM embeddings WHERE key NOT IN (SELECT key FROM passages)
        AND key NOT IN (SELECT key FROM former_passages WHERE was)
"""


@contextmanager
def generation(store: Store, kind: str, limits: Limits) -> Iterator[int]:
    """Make what the block changes the store's next generation, whose number is yielded.

    It is one transaction: all of it is committed or, where the block raises, nothing.
    """
    with store.transaction():
        number = store.generation + 1
        before = dict(store.rows("SELECT name, value FROM meta"))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if number > 1:
            _record(store, number)
        else:
            discard_caches(store.directory)  # of another store, under the same numbers
        store.set_meta("built", now)
        yield number
        for table in RECORDED:
            for event in ("insert", "update", "delete"):
                store.rows(f"DROP TRIGGER IF EXISTS temp.record_{table}_{event}")
        store.set_meta("generation", str(number))
        ((size,),) = store.rows(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        )
        store.rows(
            f"INSERT INTO generations VALUES ({'?, ' * 9}?)",  # noqa: S608 - ours
            number,
            now,
            kind,
            *_told(store, number),
            store.count("documents"),
            store.count("passages"),
            size,
            json.dumps(before) if number > 1 else None,
        )
        _forget(store, limits, size)
        store.rows(f"DELETE FROM states WHERE n IN (SELECT n {_UNUSED})")  # noqa: S608 - ours
        store.rows(f"DELETE {_UNUSED}")


def log(directory: str | Path) -> list[Generation]:
    """The generations of an index, the newest first.

    Raises:
        IndexMissingError: there is no index.
    """
    with Store(directory) as store, store.snapshot() as present:
        held = _held(store)
        oldest = min(_kept(store), default=present + 1) - 1
        rows: list[tuple[Any, ...]] = store.rows(
            "SELECT number, made, kind, added, changed, removed, documents, passages, bytes"
            " FROM generations ORDER BY number DESC"
        )
        opened = {n: n >= oldest if n < present else None for n, *_ in rows}
        values = [(*row, held.get(row[0] + 1, 0), opened[row[0]]) for row in rows]
        return [Generation(*row) for row in values]


def undo(
    directory: str | Path, number: int | None = None, limits: Limits | None = None
) -> IndexStatus:
    """Go back to what the index was before its last generation, or was in generation `number`.

    That is the next generation: undoing it returns.

    Raises:
        IndexMissingError: there is no index.
        IndexingError: that generation is not kept.
        IndexLockedError: another process is changing the index.
    """
    existing(directory)
    with writing(directory) as store:
        present = store.generation
        wanted = present - 1 if number is None else number
        kept = _kept(store)
        if not all(later in kept for later in range(wanted + 1, present + 1)) or wanted >= present:
            raise IndexingError(_unkept(directory, number, min(kept, default=0) - 1, present))
        _go_back(store, wanted, limits or Limits())
        save_caches(store.directory, store)
    return status(directory)


def _unkept(directory: str | Path, number: int | None, oldest: int, present: int) -> str:
    if number == present:
        return f"The index in {directory} is at generation {number}; name an earlier one."
    if oldest < 0 or number is None:
        return (
            f"The index in {directory} has no former generation to go back to; each build, "
            "rebuild and removal from now on keeps one."
        )
    return (
        f"The index in {directory} cannot go back to generation {number}; it keeps generations "
        f"{oldest} to {present - 1}, see `quoth index log`."
    )


def _go_back(store: Store, wanted: int, limits: Limits) -> None:
    # Rows that are put back may come before those that they belong to; all are checked at the end.
    store.rows("PRAGMA foreign_keys = OFF")
    try:
        with generation(store, "undo", limits) as number:
            for later in range(number - 1, wanted, -1):
                _put_back(store, later)
            ((before,),) = store.rows("SELECT before FROM generations WHERE number = ?", wanted + 1)
            store.rows(
                "DELETE FROM renamed_ids WHERE former IN (SELECT id FROM documents)"
                " OR id NOT IN (SELECT id FROM documents)"
            )
            store.rows("DELETE FROM meta")
            for name, value in json.loads(before).items():
                store.set_meta(name, value)
            if store.rows("PRAGMA foreign_key_check") or store.count(
                "passages WHERE key NOT IN (SELECT key FROM embeddings JOIN states USING (n))"
            ):
                raise IndexingError(
                    f"The index in {store.directory} does not hold all of generation {wanted} any "
                    "more, and stays as it is; `quoth index verify` tells what is wrong."
                )
    finally:
        store.rows("PRAGMA foreign_keys = ON")


def _put_back(store: Store, number: int) -> None:
    for table in RECORDED:
        touched = f"SELECT row FROM former_{table} WHERE generation = ?"  # noqa: S608 - ours
        store.rows(f"DELETE FROM {table} WHERE rowid IN ({touched})", number)  # noqa: S608
    for table in RECORDED:
        names = ", ".join(_columns(store, table))
        store.rows(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM former_{table}"  # noqa: S608
            " WHERE generation = ? AND was",
            number,
        )


def _record(store: Store, number: int) -> None:
    """From now on keep each row of the recorded tables as it was when it is touched first."""
    for table in RECORDED:
        columns = ", ".join(f"OLD.{name}" for name in _columns(store, table))
        names = ", ".join(_columns(store, table))
        for event, row, was in (("insert", "NEW", 0), ("update", "OLD", 1), ("delete", "OLD", 1)):
            into, values = ("", "") if not was else (f", {names}", f", {columns}")
            store.rows(
                f"CREATE TEMP TRIGGER record_{table}_{event}"  # noqa: S608 - ours
                f" {'BEFORE' if was else 'AFTER'} {event} ON main.{table} BEGIN"
                f" INSERT INTO former_{table} (generation, row, was{into})"
                f" SELECT {number}, {row}.rowid, {was}{values} WHERE NOT EXISTS (SELECT 1"
                f" FROM former_{table} WHERE generation = {number} AND row = {row}.rowid); END"
            )


def _columns(store: Store, table: str) -> list[str]:
    return [name for (name,) in store.rows("SELECT name FROM pragma_table_info(?)", table)]


def _told(store: Store, number: int) -> tuple[int, int, int]:
    """How many documents this generation added, changed (or renamed) and removed, by their ids."""
    if number == 1:
        return store.count("documents"), 0, 0
    what = [n for n in _columns(store, "documents") if n not in ("n", "source", "text")]
    store.rows("CREATE TEMP TABLE was (id PRIMARY KEY, what)")
    store.rows("CREATE TEMP TABLE is_now (id PRIMARY KEY, what)")
    joined = " || char(0) || ".join(f"ifnull({name}, '')" for name in what)
    try:
        store.rows(
            f"INSERT INTO was SELECT id, {joined} FROM former_documents"  # noqa: S608 - ours
            " WHERE generation = ? AND was",
            number,
        )
        store.rows(
            f"INSERT INTO is_now SELECT id, {joined} FROM documents WHERE n IN"  # noqa: S608
            " (SELECT row FROM former_documents WHERE generation = ?)",
            number,
        )
        store.rows(
            "UPDATE OR IGNORE was SET id = (SELECT r.id FROM renamed_ids r WHERE r.former = was.id)"
            " WHERE id IN (SELECT r.former FROM renamed_ids r JOIN is_now USING (id))"
            " AND id NOT IN (SELECT id FROM is_now)"
        )
        return (
            store.count("is_now WHERE id NOT IN (SELECT id FROM was)"),
            store.count("is_now JOIN was USING (id) WHERE is_now.what <> was.what"),
            store.count("was WHERE id NOT IN (SELECT id FROM is_now)"),
        )
    finally:
        store.rows("DROP TABLE was")
        store.rows("DROP TABLE is_now")


def _held(store: Store) -> dict[int, int]:
    """The bytes that are kept of what each generation replaced."""
    return {number: int(size or 0) for number, size in store.rows(_HELD)}


def _kept(store: Store) -> set[int]:
    """The generations that can be undone."""
    rows = store.rows("SELECT number FROM generations WHERE before IS NOT NULL")
    return {number for (number,) in rows}


def _forget(store: Store, limits: Limits, size: int) -> None:
    """Let go of the oldest of what is kept, as far as the limits want it."""
    held, total = _held(store), 0
    allowed = 1e6 * limits.megabytes or size / 2
    gone = 0
    for place, number in enumerate(sorted(_kept(store), reverse=True)):
        total += held.get(number, 0)
        if place >= limits.generations or (place and total > allowed):
            gone = number
            break
    for table in RECORDED:
        store.rows(f"DELETE FROM former_{table} WHERE generation <= ?", gone)  # noqa: S608 - ours
    store.rows("UPDATE generations SET before = NULL WHERE number <= ?", gone)
    store.rows("DELETE FROM generations WHERE number <= ?", min(gone, store.generation - LISTED))
