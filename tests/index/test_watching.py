"""Watching: files are really changed, and what is told of it is waited for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from index.build import build
from index.lock import locked
from index.store import Store
from index.types import BuildReport, Change, Notice, Progress
from index.verify import verify
from index.watching import _Relevant, watch
from tests.fakes import HashEmbedder

PATIENCE = 30  # seconds in which what is waited for comes, on the slowest machine


class Watched:
    """An index that is watched in a thread, and what is told of it."""

    def __init__(self, index: Path, embedder: HashEmbedder) -> None:
        self.index, self.embedder = index, embedder
        self.stop = threading.Event()
        self.told: Queue[BuildReport | Notice] = Queue()
        self.builds = 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _update(self, absent: Collection[str]) -> Iterator[Progress | BuildReport]:
        self.builds += 1
        return build((), self.index, embedder=self.embedder, absent=absent)

    def _run(self) -> None:
        for event in watch(self.index, self._update, self.stop):
            if not isinstance(event, Progress):
                self.told.put(event)

    def next(self) -> BuildReport | Notice:
        return self.told.get(timeout=PATIENCE)

    def report(self) -> BuildReport:
        event = self.next()
        assert isinstance(event, BuildReport), event
        return event

    def notice(self, kind: str) -> str:
        event = self.next()
        assert isinstance(event, Notice), event
        assert event.kind == kind
        return event.sentence

    def until(self, documents: int) -> list[BuildReport]:
        """The reports up to that of so many documents."""
        reports = [self.report()]
        while reports[-1].documents != documents:
            reports.append(self.report())
        return reports


@contextmanager
def watched(tmp_path: Path, *roots: str) -> Iterator[Watched]:
    """Each root with a document of its own, built and watched; the index is sound at the end."""
    folders = [tmp_path / root for root in roots]
    for folder in folders:
        folder.mkdir()
        (folder / f"{folder.name}.md").write_text(f"The first words of {folder.name}.")
    embedder = HashEmbedder()
    list(build(folders, tmp_path / "index", embedder=embedder))
    embedder.embedded.clear()
    following = Watched(tmp_path / "index", embedder)
    try:
        following.notice("watching")
        yield following
    finally:
        following.stop.set()
        following.thread.join(PATIENCE)
    assert not following.thread.is_alive()
    assert verify(tmp_path / "index") == []


def save(path: Path, text: str) -> None:
    """Save as editors do: beside, then in place."""
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text)
    beside.rename(path)


def test_a_save_a_new_folder_and_a_moved_one_are_a_generation_each(tmp_path: Path) -> None:
    with watched(tmp_path, "notes") as following:
        save(tmp_path / "notes/heron.md", "A heron stands in the mill race.")
        assert following.report().changes == (Change("added", "heron.md"),)
        (tmp_path / "notes/deep/down").mkdir(parents=True)
        save(tmp_path / "notes/deep/down/mine.md", "Miners left chalk marks on the timber.")
        assert following.report().changes == (Change("added", "deep/down/mine.md"),)
        (tmp_path / "notes/deep").rename(tmp_path / "notes/high")
        moved = Change("renamed", "high/down/mine.md", "deep/down/mine.md")
        assert following.report().changes == (moved,)
        save(tmp_path / "notes/high/down/mine.md", "The marks were washed away.")
        assert following.report().changes == (Change("changed", "high/down/mine.md"),)
        (tmp_path / "notes/heron.md").unlink()
        assert following.report().changes == (Change("removed", "heron.md"),)
        assert following.told.empty()
    assert len(following.embedder.embedded) == 3


def test_many_files_at_once_are_few_generations_and_one_that_is_bad_is_listed(
    tmp_path: Path,
) -> None:
    with watched(tmp_path, "notes") as following:
        (tmp_path / "notes/bad.md").write_bytes(b"\x00\x01")
        for number in range(300):
            (tmp_path / f"notes/{number}.md").write_text(f"Entry {number} of the log.")
        reports = following.until(301)
        assert len(reports) <= 3
        assert [Path(skipped.path).name for skipped in reports[-1].skipped] == ["bad.md"]
        (tmp_path / "notes/bad.md").write_text("Good by now.")
        assert following.report().skipped == ()


def test_a_root_that_is_away_or_empty_is_waited_for_and_nothing_of_it_is_lost(
    tmp_path: Path,
) -> None:
    with watched(tmp_path, "notes", "disk") as following:
        (tmp_path / "disk").rename(tmp_path / "unplugged")
        assert str(tmp_path / "disk") in following.notice("away")
        save(tmp_path / "notes/heron.md", "A heron stands in the mill race.")
        report = following.report()
        assert (report.documents, report.removed) == (3, 0)
        (tmp_path / "disk").mkdir()  # a mount point without its disk
        save(tmp_path / "notes/heron.md", "Two herons stand there.")
        assert following.report().documents == 3
        (tmp_path / "disk").rmdir()
        (tmp_path / "unplugged").rename(tmp_path / "disk")
        assert str(tmp_path / "disk") in following.notice("back")
        save(tmp_path / "disk/new.md", "What is new on it.")
        assert following.report().changes == (Change("added", "new.md"),)
    assert sorted(following.embedder.embedded) == [
        "A heron stands in the mill race.",
        "Two herons stand there.",
        "What is new on it.",
    ]


def test_a_file_that_is_named_itself_is_followed_when_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("The first words.")
    list(build([tmp_path / "one.md"], tmp_path / "index", embedder=HashEmbedder()))
    following = Watched(tmp_path / "index", HashEmbedder())
    following.notice("watching")
    save(tmp_path / "one.md", "Other words, in another file.")
    assert following.report().changes == (Change("changed", "one.md"),)
    following.stop.set()
    following.thread.join(PATIENCE)
    assert not following.thread.is_alive()


def test_who_else_is_changing_the_index_is_named_and_waited_for(tmp_path: Path) -> None:
    with watched(tmp_path, "notes") as following:
        with locked(tmp_path / "index"):
            save(tmp_path / "notes/heron.md", "A heron stands in the mill race.")
            assert f"process {os.getpid()}" in following.notice("locked")
        assert following.report().added == 1


def test_what_the_index_is_built_of_by_now_is_watched(tmp_path: Path) -> None:
    with watched(tmp_path, "notes") as following:
        (tmp_path / "more").mkdir()
        (tmp_path / "more/more.md").write_text("More words.")
        both = [tmp_path / "notes", tmp_path / "more"]
        list(build(both, tmp_path / "index", embedder=following.embedder))
        save(tmp_path / "notes/heron.md", "A heron stands in the mill race.")
        assert following.report().documents == 3
        assert str(tmp_path / "more") in following.notice("watching")
        save(tmp_path / "more/more.md", "Still more words.")
        assert following.report().changed == 1


def test_a_build_that_fails_is_told_once_and_tried_again(tmp_path: Path) -> None:
    with watched(tmp_path, "notes") as following:
        (tmp_path / "notes/notes.md").rename(tmp_path / "notes/notes.bin")
        assert "can be indexed" in following.notice("failed")
        (tmp_path / "notes/notes.bin").rename(tmp_path / "notes/again.md")
        assert following.report().changes == (Change("renamed", "again.md", "notes.md"),)
        assert following.told.empty()


@pytest.mark.parametrize(
    ("path", "relevant"),
    [
        ("notes/a.md", True),
        ("notes/gone folder", True),
        ("notes/image.png", False),
        ("notes/.git/a.md", False),
        ("notes/.a.md.swp", False),
        ("notes/old/a.md", False),
        ("notes/index/store.sqlite-wal", False),
        ("notes/index", False),
        ("notes", True),
    ],
)
def test_only_what_may_be_a_document_starts_a_build(
    tmp_path: Path, path: str, relevant: bool
) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/image.png").touch()
    ours: Callable[[str], bool] = _Relevant(
        [str(tmp_path / "notes")], tmp_path / "notes/index", ["old/"]
    )
    assert ours(str(tmp_path / path)) is relevant


def test_the_index_may_lie_in_what_is_watched(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "one.md").write_text("The first words.")
    list(build([notes], notes / "index", embedder=HashEmbedder()))
    following = Watched(notes / "index", HashEmbedder())
    following.notice("watching")
    for number in range(3):
        save(notes / "one.md", f"Version {number}.")
        following.report()
    following.stop.set()
    following.thread.join(PATIENCE)
    assert following.builds <= 5  # its own writing starts none
    with Store(notes / "index") as store:
        assert store.generation == 4
