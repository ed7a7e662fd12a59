"""How an index is brought up to date: scan, read what changed, embed what is new, write."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from index.changes import Changes, Moved, moved
from index.chunking import CHUNKING, chunk
from index.clean import CLEANING
from index.digests import sha256_of
from index.draft import Draft
from index.embedding import Embedder, encoded
from index.errors import IndexingError, SourceError
from index.history import generation
from index.sources import SourceFile, find
from index.sources.files import shown
from index.sources.worker import Worker
from index.store import Source, Store
from index.types import BuildReport, Document, Limits, Progress, Skipped

BATCH = 64  # texts embedded between two commits; a kill loses two batches, a second's work

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
        absent: Collection[str] = (),
    ) -> None:
        """Prepare a run; `again` reads and cuts everything anew, whether it changed or not.

        What was read of the roots that are `absent` stays as it is.
        """
        self._store = store
        self._embedder = embedder
        self._roots = roots
        self._excludes = excludes
        self._named = {shown(root) for root in roots}
        self._absent = [shown(root) for root in absent]
        self._asked = again
        self._limits = limits
        known = bool(store.generation) and embedder.recognises(store.fingerprint)
        self._draft = Draft(store)
        self._settle(store.fingerprint if known else embedder.fingerprint)
        if again:
            self._draft.distrust()
        self._known = store.sources()
        pairs = store.rows("SELECT d.id, s.path FROM documents d JOIN sources s ON s.id = d.source")
        self._before: dict[str, str] = dict(pairs)  # document id to the path of its file
        self._skipped: list[Skipped] = []  # before any file was opened
        self._worker = Worker()
        self._embedded = 0

    def _settle(self, fingerprint: str) -> None:
        """Begin reading for the model of this fingerprint; what differs makes all be read anew."""
        store = self._store
        self._rules = {"fingerprint": fingerprint, "chunking": CHUNKING, "cleaning": CLEANING}
        names = {"fingerprint": "model", "chunking": "chunking rules", "cleaning": "cleaning rules"}
        self._news = [
            names[rule]
            for rule, value in self._rules.items()
            if store.generation and store.meta(rule) != value
        ]
        self._again = self._asked or bool(self._news)
        self._draft.restart(fingerprint)
        self._after: dict[str, str] = {}
        self._changes = Changes()
        self._moved: Mapping[str, Moved] = {}
        self._shifted = False  # whether a line stands elsewhere in its collection than before

    def run(self) -> Iterator[Progress | BuildReport]:
        """Do it all, yielding progress, and the report last."""
        try:
            yield from self._run()
        finally:
            self._draft.close()

    def _run(self) -> Iterator[Progress | BuildReport]:
        files = yield from self._scan()
        gone = {path for path in self._known.keys() - files.keys() if not self._waits(path)}
        while True:
            changed, touched = self._compare(files)
            unread = files.keys() | self._known.keys()
            unread -= gone | {path for path, _, _ in changed}
            self._after = {name: path for name, path in self._before.items() if path in unread}
            with self._worker:
                yield from self._read(changed, gone)
            if not (total := self._draft.missing()):
                break
            yield from self._embedder.prepare()
            if self._embedder.fingerprint == self._rules["fingerprint"]:
                break
            self._settle(self._embedder.fingerprint)  # on this machine it is compiled otherwise
        yield from self._embed(total)
        yield from self._write(changed, gone, touched)

    def _scan(self) -> Generator[Progress, None, dict[str, SourceFile]]:
        news = f"the {' and the '.join(self._news)} changed: all is read anew" * bool(self._news)
        yield Progress("scan", 0, detail=news)
        files: dict[str, SourceFile] = {}
        present = [root for root in self._roots if shown(root) not in self._absent]
        for found in find(present, self._excludes):
            if isinstance(found, Skipped):
                self._skipped.append(found)
            else:
                files[shown(str(found.path))] = found
        yield Progress("scan", len(files), len(files), news)
        return files

    def _waits(self, path: str) -> bool:
        """Whether this was read of a root that is not there just now."""
        return any(path == root or path.startswith(root + os.sep) for root in self._absent)

    def _compare(self, files: Mapping[str, SourceFile]) -> tuple[list[Changed], list[Source]]:
        """The files to read, and those of which only the date has changed.

        A file that could not be read at all is tried again each time, and so is one that is named
        itself and whose documents were removed by hand.
        """
        changed, touched = [], []
        failed = {skipped.path for skipped in self._store.skipped()}
        failed |= self._named - set(self._before.values())
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

    def _read(self, changed: Sequence[Changed], gone: Collection[str]) -> Iterator[Progress]:
        new = [(path, sha256) for path, _, sha256 in changed if path not in self._known]
        failed = {skipped.path for skipped in self._store.skipped()}
        self._moved = moved(self._store, [self._known[path] for path in sorted(gone)], new, failed)
        for number, (path, file, sha256) in enumerate(changed):
            yield Progress("read", number, len(changed), path)
            root = shown(str(file.root))
            self._draft.source(Source(path, root, file.id, file.size, file.mtime_ns, sha256))
            try:
                for found in self._worker.read(file):
                    if found is None:  # it takes its time; this lets a build be cancelled
                        yield Progress("read", number, len(changed), path)
                    elif isinstance(found, Skipped):
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
        moved, former = self._moved.get(path), None
        if moved is not None:
            former = next(iter(moved.get(document.sha256, ())), None)
            if former is not None:
                moved[document.sha256].remove(former)
            elif path not in self._named:
                return  # it was taken out by hand, and its file has only been moved since
        was = self._before.get(document.id)
        old = self._store.document(document.id) if was == path and not self._again else None
        if old and replace(old, metadata=document.metadata) == document:
            self._draft.keep(document)
            self._shifted |= old.metadata != document.metadata
        else:
            embedder = self._embedder
            cut = chunk(document, embedder.count_tokens, embedder.max_tokens)
            self._draft.add(path, document, cut)
            if former is not None:
                self._draft.rename(former, document.id)
                self._changes.add("renamed", document.id, former)
            else:
                self._changes.add("added" if was is None else "changed", document.id)
        self._after[document.id] = path

    def _embed(self, total: int) -> Iterator[Progress]:
        if not total:
            return
        yield Progress("embed", 0, total)
        for batch, made in encoded(self._embedder, self._draft.batches(BATCH)):
            self._draft.embed(batch, made)
            self._embedded += len(batch)
            yield Progress("embed", self._embedded, total)

    def _write(
        self, changed: Collection[Changed], gone: Collection[str], touched: Sequence[Source]
    ) -> Iterator[Progress | BuildReport]:
        if not self._after:
            raise SourceError(
                f"Nothing in {', '.join(self._roots)} can be indexed ({self._reason()}); "
                "name files or folders with documents."
            )
        for name in sorted(self._before.keys() - self._after.keys() - self._changes.former):
            self._changes.add("removed", name)
        store = self._store
        news = bool(self._changes.counts) or self._shifted or self._again or not store.generation
        meta = self._rules | {
            "model": self._embedder.name,
            "roots": json.dumps(list(self._roots)),
            "excludes": json.dumps(list(self._excludes)),
        }
        yield Progress("write", 0, 1)
        if news or changed or gone or touched or self._differs(meta):
            for skipped in self._skipped:
                self._draft.skip(skipped)
            kind = "rebuild" if self._again else "build"
            with generation(store, kind, self._limits) if news else store.transaction():
                self._draft.commit(gone, touched, meta)
        if news:
            self._refresh()
        yield Progress("write", 1, 1)
        yield self._report()

    def _reason(self) -> str:
        """Why the first of what is left out is left out."""
        return self._skipped[0].reason if self._skipped else self._draft.reason()

    def _differs(self, meta: Mapping[str, str]) -> bool:
        """Whether what is told of the index as a whole has changed, though no file has."""
        former = self._store.rows("SELECT path, reason FROM skipped WHERE source IS NULL")
        now = [(skipped.path, skipped.reason) for skipped in self._skipped]
        return former != now or any(self._store.meta(n) != value for n, value in meta.items())

    def _refresh(self) -> None:
        """Bring what is derived from the store to its new generation."""
        from index.caches import save_caches
        from index.profiles import open_profiles

        save_caches(self._store.directory, self._store)
        open_profiles(self._store.directory, self._store, write=True)

    def _report(self) -> BuildReport:
        store, counts = self._store, self._changes.counts
        added, changed, renamed, removed = (
            counts[kind] for kind in ("added", "changed", "renamed", "removed")
        )
        return BuildReport(
            generation=store.generation,
            added=added,
            changed=changed,
            removed=removed,
            unchanged=len(self._after) - added - changed - renamed,
            documents=len(self._after),
            passages=store.count("passages"),
            embedded=self._embedded,
            skipped=store.skipped(),
            renamed=renamed,
            changes=tuple(self._changes.first),
        )


def _digest(path: Path) -> str:
    """SHA-256 of a file, or nothing where it cannot be read: then reading it says why."""
    try:
        return sha256_of(path)
    except OSError:
        return ""
