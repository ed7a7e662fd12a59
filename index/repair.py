"""Make a damaged index whole again, with as little as that takes.

Caches are made anew from the store. Where rows are wrong, everything is read anew. A store that
cannot be relied on is set aside: a new one is built of the same files, with the embeddings that
can be read of it, so that only what was lost is embedded again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.build import build, rebuild, writing
from index.caches import discard_caches, save_caches
from index.errors import IndexDamagedError, IndexMissingError
from index.lock import locked
from index.profiles import PROFILES_FILE, open_profiles
from index.salvage import ASIDE, SPARE, begin_again, set_aside
from index.store import Store
from index.types import BuildReport, Limits, Progress
from index.verify import problems

if TYPE_CHECKING:
    from index.embedding import Embedder


def repair(
    directory: str | Path,
    embedder_name: str | None = None,
    *,
    threads: int = 0,
    embedder: Embedder | None = None,
) -> Iterator[Progress | BuildReport]:
    """Find what is wrong with an index and put it right.

    Where files must be read anew, former generations, which may be damaged as well, are let go of.

    Yields:
        Progress, and a BuildReport last where files had to be read anew.

    Raises:
        IndexMissingError: there is no index, or nothing is known of what it was built of.
        IndexLockedError: another process is changing the index.
    """
    folder = Path(directory)
    yield Progress("verify", 0)
    worst = _worst(folder)
    if worst == "caches":
        with writing(folder) as store:
            discard_caches(folder)
            (folder / PROFILES_FILE).unlink(missing_ok=True)
            save_caches(folder, store)
            open_profiles(folder, store, write=True)
    if worst == "rows":
        none = Limits(generations=0)
        yield from rebuild(folder, embedder_name, threads=threads, embedder=embedder, limits=none)
    if worst in ("store", "begun"):
        yield Progress("salvage", 0)
        with locked(folder):
            if worst == "store":
                set_aside(folder)
            with Store(folder, write=True) as store:
                begin_again(store)
        yield from build((), folder, embedder_name, threads=threads, embedder=embedder)


def begun(folder: Path) -> bool:
    """Whether there was an index in the folder, which has no store that is finished any more."""
    return any((folder / name).exists() for name in (ASIDE, SPARE))


def _worst(folder: Path) -> Literal["store", "begun", "rows", "caches", ""]:
    """Where the damage is that takes most to repair; begun: a repair of the store was."""
    try:
        found = {problem.part for problem in problems(folder)}
    except IndexMissingError:
        if not begun(folder):
            raise
        return "begun"
    except IndexDamagedError:
        return "store"
    for part in ("store", "rows", "caches"):
        if part in found:
            return part
    return ""
