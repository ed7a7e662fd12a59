"""Embeddings out of a store that is of no other use: what takes long to make is not made again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from index.database import STORE
from index.store import Store

AT_ONCE = 200  # rows asked for at once; what lies on a damaged page takes its neighbours with it


def carry(source: Path, store: Store, name: str = STORE) -> int:
    """Give `store` the embeddings that can be read of the file `name` in `source`.

    Returns:
        How many it did not have yet. They are dropped with its next generation if nothing needs
        them then.
    """
    path = source / name
    if not path.exists():
        return 0
    carried = 0
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as old:
        for rows in _readable(old):
            with store.transaction():
                for key, vector, states in rows:
                    found = store.rows(
                        "INSERT INTO embeddings (key, vector) VALUES (?, ?)"
                        " ON CONFLICT (key) DO NOTHING RETURNING n",
                        key,
                        vector,
                    )
                    for (n,) in found:
                        store.rows("INSERT INTO states VALUES (?, ?)", n, states)
                        carried += 1
    return carried


def _readable(old: sqlite3.Connection) -> Iterator[list[tuple[bytes, bytes, bytes]]]:
    """The rows that can be read, some at a time."""
    try:
        ((last,),) = old.execute("SELECT max(n) FROM embeddings").fetchall()
    except sqlite3.DatabaseError:
        return
    for first in range(0, (last or 0) + 1, AT_ONCE):
        try:
            rows = old.execute(
                "SELECT key, vector, states FROM embeddings JOIN states USING (n)"
                " WHERE n >= ? AND n < ?",
                (first, first + AT_ONCE),
            ).fetchall()
        except sqlite3.DatabaseError:
            continue
        yield rows
