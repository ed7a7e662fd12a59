"""The documents of an index as a library lists them: how long, how alike, how up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from index.duplicates import alike
from index.profiles import Profiles, open_profiles
from index.sources.condition import state
from index.sources.files import path_of
from index.store import Store
from index.types import Document, Holding, NearDuplicate, State

AT_ONCE = 200  # documents checked between two reports


def holdings(directory: str | Path) -> list[Holding]:
    """All documents of an index, without their texts, by title.

    Raises:
        IndexMissingError: there is no index.
    """
    with Store(directory) as store, store.snapshot():  # its own: this may take some seconds once
        documents = store.documents(texts=False)
        numbers = dict(store.rows("SELECT id, n FROM documents"))
        passages = dict(store.rows("SELECT document, count(*) FROM passages GROUP BY document"))
        former = defaultdict[str, list[str]](list)
        for name, present in store.former_ids().items():
            former[present].append(name)
        profiles = open_profiles(store.directory, store)
    words = dict(zip(profiles["n"].tolist(), profiles["words"].tolist(), strict=True))
    names = {n: name for name, n in numbers.items()}
    near = _near(profiles)
    return [
        Holding(
            document,
            passages.get(n := numbers[document.id], 0),
            words[n],
            tuple(
                NearDuplicate(names[other], share)
                for share, other in sorted(near[n], key=lambda pair: (-pair[0], pair[1]))
            ),
            tuple(former[document.id]),
        )
        for document in documents
    ]


def _near(profiles: Profiles) -> defaultdict[int, list[tuple[float, int]]]:
    """By the number of a document, those that are nearly the same, with how similar they are."""
    worded = profiles[profiles["words"] > 0]
    near: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for one, other, share in alike(worded["signature"]):
        first, second = int(worded["n"][one]), int(worded["n"][other])
        near[first].append((share, second))
        near[second].append((share, first))
    return near


def check(directory: str | Path) -> Iterator[Mapping[str, State]]:
    """What has become of the files of all documents, by id, some documents at a time.

    A file of the same size and date as when it was read is taken for unchanged, as in a build.

    Raises:
        IndexMissingError: there is no index.
    """
    with Store(directory) as store, store.snapshot():
        documents = store.documents(texts=False)
        rows = store.rows(
            "SELECT d.id, s.size, s.mtime_ns FROM documents d JOIN sources s ON s.id = d.source"
        )
    read = {name: (size, mtime) for name, size, mtime in rows}
    now: dict[Path, tuple[int, int] | None] = {}
    found: dict[str, State] = {}
    for document in documents:
        found[document.id] = _state(document, read.get(document.id), now)
        if len(found) == AT_ONCE:
            yield found
            found = {}
    yield found


def _state(
    document: Document, read: tuple[int, int] | None, now: dict[Path, tuple[int, int] | None]
) -> State:
    path = path_of(document)
    if path not in now:
        now[path] = _size_and_date(path)
    if now[path] is None:
        return "missing"
    return "current" if now[path] == read else state(document)


def _size_and_date(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns
