"""Make an index and keep it up to date. What does the work is imported when there is some.

for event in build(["notes"], "index-folder"):
    ...  # Progress, and a BuildReport last
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from index.errors import IndexingError, SourceError
from index.types import BuildReport, IndexStatus, Limits, Progress

if TYPE_CHECKING:
    from index.embedding import Embedder
    from index.store import Store


def build(
    paths: Sequence[str | Path],
    directory: str | Path,
    embedder_name: str | None = None,
    *,
    excludes: Sequence[str] = (),
    threads: int = 0,
    embedder: Embedder | None = None,
    absent: Collection[str | Path] = (),
    limits: Limits | None = None,
) -> Iterator[Progress | BuildReport]:
    """Make the index in `directory` hold the files and folders `paths`, and nothing else.

    Only what changed is read, and only texts that are new are embedded; the model is loaded where
    there are some. Without `paths`, those it was built of last are looked through again. Without
    a model, the index's own is used. What was read of paths that are `absent`, not there just
    now, stays. Closing the iterator, or killing the process, leaves the last committed
    generation; the next build goes on where this one stopped. What it replaces is kept within
    `limits`, for undo.

    Yields:
        Progress of the stages scan, read, model (where it is still to be prepared, which may come
        first), embed (in passages) and write, and last a BuildReport.

    Raises:
        SourceError: a path is not there, or nothing in them can be indexed.
        IndexLockedError: another process is changing the index.
        ModelError: the model is not on this machine.
    """
    with writing(directory) as store:
        yield from _build(
            store,
            paths,
            embedder_name,
            excludes=excludes,
            threads=threads,
            embedder=embedder,
            absent=absent,
            limits=limits,
        )


def rebuild(
    directory: str | Path,
    embedder_name: str | None = None,
    *,
    threads: int = 0,
    embedder: Embedder | None = None,
    limits: Limits | None = None,
) -> Iterator[Progress | BuildReport]:
    """Read and cut all files of an index anew; texts that are embedded already stay so."""
    existing(directory)
    with writing(directory) as store:
        yield from _build(
            store, (), embedder_name, threads=threads, embedder=embedder, again=True, limits=limits
        )


def remove(
    directory: str | Path, names: Sequence[str], limits: Limits | None = None
) -> BuildReport:
    """Take documents out of an index, each named by id, path, end of a path, or title.

    They stay out until their file changes, is named again, or the index is rebuilt.

    Raises:
        DocumentNotFoundError: a name fits no document, or several; nothing is removed then.
        SourceError: no document would be left.
    """
    from index.caches import save_caches
    from index.history import generation

    existing(directory)
    with writing(directory) as store:
        gone = {store.find_document(name).id for name in names}
        left = store.count("documents") - len(gone)
        if not left:
            raise SourceError(
                f"That would remove every document; delete the folder {directory} instead."
            )
        roots = json.dumps(_named_no_more(store, gone))
        with generation(store, "remove", limits or Limits()):
            store.set_meta("roots", roots)
            store.run("DELETE FROM documents WHERE id = ?", ((name,) for name in gone))
        save_caches(store.directory, store)
        return BuildReport(
            generation=store.generation,
            added=0,
            changed=0,
            removed=len(gone),
            unchanged=left,
            documents=left,
            passages=store.count("passages"),
            embedded=0,
            skipped=store.skipped(),
        )


def _named_no_more(store: Store, gone: Collection[str]) -> list[str]:
    """The files that an index was built of by name, less those that hold nothing else."""
    from index.sources.files import shown

    rows = store.rows("SELECT d.id, s.path FROM documents d JOIN sources s ON s.id = d.source")
    left = {path for name, path in rows if name not in gone}
    emptied = {path for name, path in rows if name in gone} - left
    return [root for root in store.roots if shown(root) not in emptied]


def status(directory: str | Path) -> IndexStatus:
    """Summarise an index.

    Raises:
        IndexMissingError: there is none.
    """
    from index.store import Store

    folder = Path(directory)
    with Store(folder) as store, store.snapshot() as generation:
        return IndexStatus(
            path=str(folder),
            generation=generation,
            documents=store.count("documents"),
            passages=store.count("passages"),
            model=store.meta("model") or "",
            built=store.meta("built") or "",
            sources=store.roots,
            skipped=store.skipped(),
            bytes=sum(map(_size, folder.rglob("*"))),
            details={
                name: store.meta(name) or "" for name in ("fingerprint", "chunking", "cleaning")
            }
            | {"dimension": str(store.dimension)},
        )


def _size(path: Path) -> int:
    """The bytes of a file; none for what is no file, or no longer there."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_size if S_ISREG(found.st_mode) else 0


def _build(
    store: Store,
    paths: Sequence[str | Path],
    name: str | None,
    *,
    excludes: Sequence[str] = (),
    threads: int = 0,
    embedder: Embedder | None = None,
    again: bool = False,
    absent: Collection[str | Path] = (),
    limits: Limits | None = None,
) -> Iterator[Progress | BuildReport]:
    from index.builder import Build
    from index.embedding import DEFAULT_MODEL, open_embedder

    roots: Sequence[str] = [absolute(path) for path in paths]
    if not roots:
        roots, excludes = store.roots, excludes or store.excludes
    if not roots:
        raise SourceError(
            "No documents were named, and it is not known what the index was built of; name files "
            "or folders: `quoth index build DOCUMENTS`."
        )
    if embedder is None:
        embedder = open_embedder(name or store.meta("model") or DEFAULT_MODEL, threads)
    if not (store.generation and embedder.recognises(store.fingerprint)):
        yield from embedder.prepare()
    limits, away = limits or Limits(), [absolute(path) for path in absent]
    build = Build(store, embedder, roots, excludes, again=again, limits=limits, absent=away)
    yield from build.run()


def absolute(path: str | Path) -> str:
    """A path as the index keeps it among those it was built of."""
    return str(Path(path).expanduser().absolute())


def existing(directory: str | Path) -> None:
    """Refuse to make an index where only an existing one makes sense.

    Raises:
        IndexMissingError: there is none, or none was ever finished.
    """
    from index.database import Database, unfinished  # not the store, which takes NumPy to read

    with Database(Path(directory), write=False) as database:
        if not database.generation:
            raise unfinished(database.directory)


@contextmanager
def writing(directory: str | Path) -> Iterator[Store]:
    """The store, with the right to change it."""
    from index.lock import locked
    from index.salvage import note
    from index.store import Store

    with locked(Path(directory)), Store(directory, write=True) as store:
        before = store.generation
        try:
            yield store
            if store.generation != before:
                note(store)
        except OSError as error:
            raise IndexingError(
                f"The index in {directory} could not be written ({error.strerror or error}); make "
                "room there and build again: what was done is kept."
            ) from error
