"""How an index is brought up to date: scan, read what changed, embed what is new, write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from index.caches import open_caches
from index.chunking import CHUNKING, chunk
from index.clean import CLEANING
from index.draft import Draft
from index.embedding import Embedder, encoded
from index.errors import IndexingError, SourceError
from index.history import generation
from index.profiles import open_profiles
from index.sources import SourceFile, find, read
from index.sources.files import shown
from index.store import Source, Store
from index.types import BuildReport, Document, Limits, Progress, Skipped

BATCH = 64  # texts embedded between two commits: about a second's work, all that a kill can lose

Changed = tuple[str, SourceFile, str]  # the path as it is stored, the file, its SHA-256


class Build:
    """One run over the files of an index, by a process that holds its lock."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        roots: Sequence[str],
        excludes: Sequence[str],
        *,
        again: bool,
        limits: Limits,
    ) -> None:
        """Prepare a run; `again` reads and cuts everything anew, whether it changed or not."""
        self._store = store
        self._embedder = embedder
        self._roots = roots
        self._excludes = excludes
        self._rules = {
            "fingerprint": embedder.fingerprint,
            "chunking": CHUNKING,
            "cleaning": CLEANING,
        }
        names = {"fingerprint": "model", "chunking": "chunking rules", "cleaning": "cleaning rules"}
        self._news = [
            names[rule]
            for rule, value in self._rules.items()
            if store.generation and store.meta(rule) != value
        ]
        self._again = again or bool(self._news)
        self._limits = limits
        self._draft = Draft(store, embedder.fingerprint)
        if again:
            self._draft.distrust()
        self._known = store.sources()
        pairs = store.rows("SELECT d.id, s.path FROM documents d JOIN sources s ON s.id = d.source")
        self._before: dict[str, str] = dict(pairs)  # document id to the path of its file
        self._after: dict[str, str] = {}
        self._added = self._changed = self._embedded = 0
        self._moved = False  # whether a line stands elsewhere in its collection than before

    def run(self) -> Iterator[Progress | BuildReport]:
        """Do it all, yielding progress, and the report last."""
        files = yield from self._scan()
        changed, touched = self._compare(files)
        gone = self._known.keys() - files.keys()
        unread = files.keys() - {path for path, _, _ in changed}
        self._after = {name: path for name, path in self._before.items() if path in unread}
        yield from self._read(changed)
        yield from self._embed()
        yield from self._write(gone, touched)

    def _scan(self) -> Generator[Progress, None, dict[str, SourceFile]]:
        news = f"the {' and the '.join(self._news)} changed: all is read anew" * bool(self._news)
        yield Progress("scan", 0, detail=news)
        files: dict[str, SourceFile] = {}
        for found in find(self._roots, self._excludes):
            if isinstance(found, Skipped):
                self._draft.skip(found)
            else:
                files[shown(str(found.path))] = found
        yield Progress("scan", len(files), len(files), news)
        return files

    def _compare(self, files: Mapping[str, SourceFile]) -> tuple[list[Changed], list[Source]]:
        """The files to read, and those of which only the date has changed.

        A file that could not be read at all is tried again each time, and so is one that is named
        itself and whose documents were removed by hand.
        """
        changed, touched = [], []
        failed = {skipped.path for skipped in self._store.skipped()}
        failed |= {shown(root) for root in self._roots} - set(self._before.values())
        for path, file in files.items():
            known = self._known.get(path)
            if self._again or path in failed or (known and known.name != file.id):
                known = None
            if known and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
                continue
            sha256 = _digest(file.path)
            if known and known.sha256 == sha256:
                touched.append(replace(known, size=file.size, mtime_ns=file.mtime_ns))
            else:
                changed.append((path, file, sha256))
        return changed, touched

    def _read(self, changed: Sequence[Changed]) -> Iterator[Progress]:
        for number, (path, file, sha256) in enumerate(changed):
            yield Progress("read", number, len(changed), path)
            root = shown(str(file.root))
            self._draft.source(Source(path, root, file.id, file.size, file.mtime_ns, sha256))
            try:
                for found in read(file):
                    if isinstance(found, Skipped):
                        self._draft.skip(found, path)
                    else:
                        self._take(path, found)
            except Exception as error:  # whatever ails one file must not stop a build
                if isinstance(error, IndexingError) and not isinstance(error, SourceError):
                    raise
                reason = f"it cannot be read ({str(error) or type(error).__name__})"
                self._draft.skip(Skipped(path, reason), path)
        yield Progress("read", len(changed), len(changed))

    def _take(self, path: str, document: Document) -> None:
        """Put a document into the draft, if it is not what the store has already."""
        if document.id in self._after:
            other = self._after[document.id]
            reason = f"its id {document.id!r} is already that of a document in {other}"
            self._draft.skip(Skipped(path, reason), path)
            return
        was = self._before.get(document.id)
        old = self._store.document(document.id) if was == path and not self._again else None
        if old and replace(old, metadata=document.metadata) == document:
            self._draft.keep(document)
            self._moved |= old.metadata != document.metadata
        else:
            embedder = self._embedder
            cut = chunk(document, embedder.count_tokens, embedder.max_tokens)
            self._draft.add(path, document, cut)
            self._added += was is None
            self._changed += was is not None
        self._after[document.id] = path

    def _embed(self) -> Iterator[Progress]:
        if not (total := self._draft.missing()):
            return
        yield Progress("embed", 0, total)
        for batch, made in encoded(self._embedder, self._draft.batches(BATCH)):
            self._draft.embed(batch, made)
            self._embedded += len(batch)
            yield Progress("embed", self._embedded, total)

    def _write(
        self, gone: Collection[str], touched: Sequence[Source]
    ) -> Iterator[Progress | BuildReport]:
        removed = len(self._before.keys() - self._after.keys())
        if not self._after:
            raise SourceError(
                f"Nothing in {', '.join(self._roots)} can be indexed ({self._draft.reason()}); "
                "name files or folders with documents."
            )
        store = self._store
        news = any((self._added, self._changed, removed, self._moved, self._again))
        news = news or not store.generation
        meta = self._rules | {
            "model": self._embedder.name,
            "roots": json.dumps(list(self._roots)),
            "excludes": json.dumps(list(self._excludes)),
        }
        yield Progress("write", 0, 1)
        kind = "rebuild" if self._again else "build"
        with generation(store, kind, self._limits) if news else store.transaction():
            self._draft.commit(gone, touched, meta)
        if news:
            open_caches(store.directory, store, write=True)
            open_profiles(store.directory, store, write=True)
        yield Progress("write", 1, 1)
        yield BuildReport(
            generation=store.generation,
            added=self._added,
            changed=self._changed,
            removed=removed,
            unchanged=len(self._after) - self._added - self._changed,
            documents=len(self._after),
            passages=store.count("passages"),
            embedded=self._embedded,
            skipped=store.skipped(),
        )


def _digest(path: Path) -> str:
    """SHA-256 of a file, or nothing where it cannot be read: then reading it says why."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
