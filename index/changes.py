"""What a build changes: documents counted by kind; files that were only moved told from new ones.

A file that has another name or place, and the same bytes, holds the same documents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import PurePath

from index.store import Source, Store
from index.types import Change, ChangeKind

FIRST = 5  # documents of each kind that a report names
Moved = dict[str, list[str]]  # the ids that a file's documents had, by the SHA-256 of each


class Changes:
    """Documents that were added, changed, renamed or removed: how many, and the first of each."""

    def __init__(self) -> None:
        """Begin with none; `former` are the ids that renamed documents had."""
        self.counts: Counter[ChangeKind] = Counter()
        self.first: list[Change] = []
        self.former: set[str] = set()

    def add(self, kind: ChangeKind, document_id: str, former: str = "") -> None:
        """Count one more."""
        self.counts[kind] += 1
        if former:
            self.former.add(former)
        if self.counts[kind] <= FIRST:
            self.first.append(Change(kind, document_id, former))


def moved(
    store: Store, gone: Iterable[Source], new: Iterable[tuple[str, str]], failed: Collection[str]
) -> dict[str, Moved]:
    """By the path of a new file, what the file that is gone and was the same held.

    `new` are paths with the SHA-256 of their bytes; what could not be read at its old place
    (`failed`) is new at another. Where several were the same, one of the same name is preferred.
    """
    same: defaultdict[str, list[Source]] = defaultdict(list)
    for source in gone:
        if source.sha256 and source.path not in failed:
            same[source.sha256].append(source)
    found = {}
    for path, sha256 in new:
        if candidates := same.get(sha256):
            name = PurePath(path).name
            old = next((s for s in candidates if PurePath(s.path).name == name), candidates[0])
            candidates.remove(old)
            found[path] = _held(store, old)
    return found


def _held(store: Store, source: Source) -> Moved:
    held: Moved = {}
    for sha256, name in store.rows(
        "SELECT d.sha256, d.id FROM documents d JOIN sources s ON s.id = d.source"
        " WHERE s.path = ? ORDER BY d.n",
        source.path,
    ):
        held.setdefault(sha256, []).append(name)
    return held
