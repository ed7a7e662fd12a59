"""Indexes of files that hold several documents: what changes in one leaves the others alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.build import build
from index.holdings import check, holdings
from index.sources import locate, state
from index.store import Store
from index.types import BuildReport
from tests.fakes import HashEmbedder
from tests.index.test_archives import MILL, WEIR, archive
from tests.index.test_mail import OWN, QUESTION, mail, mailbox


def built(paths: Sequence[Path], directory: Path, embedder: HashEmbedder) -> BuildReport:
    last = list(build(paths, directory, embedder=embedder))[-1]
    assert isinstance(last, BuildReport)
    return last


def counts(report: BuildReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, report.embedded


def test_messages_that_come_and_go_leave_the_others_alone(tmp_path: Path) -> None:
    path, index, embedder = tmp_path / "all.mbox", tmp_path / "index", HashEmbedder()
    first, second = mail("One", OWN, Message_ID="<1@w>"), mail("Two", QUESTION, Message_ID="<2@w>")
    mailbox(path, [first, second])
    assert counts(built([path], index, embedder))[:4] == (2, 0, 0, 0)
    mailbox(path, [mail("New", "A letter above.", Message_ID="<0@w>"), first, second])
    with Store(index) as store:
        assert [state(each) for each in store.documents()] == ["current"] * 2
    assert counts(built([path], index, embedder)) == (1, 0, 0, 2, 1)
    with Store(index) as store:
        moved = store.document("all.mbox/2@w")
        assert state(moved) == "current"
        start = moved.text.index("kitchen")
        line = path.read_text().split("\n")[locate(moved, start, start + 7).line - 1]
        assert "kitchen" in line
    mailbox(path, [second])
    assert counts(built([path], index, embedder)) == (0, 0, 2, 1, 0)


def test_members_that_come_and_go_leave_the_others_alone(tmp_path: Path) -> None:
    index, embedder = tmp_path / "index", HashEmbedder()
    path = archive(tmp_path, {"mill.txt": MILL, "weir.md": WEIR})
    assert counts(built([path], index, embedder))[:4] == (2, 0, 0, 0)
    archive(tmp_path, {"new.txt": "More of it.", "mill.txt": MILL, "weir.md": WEIR + " Still."})
    assert counts(built([path], index, embedder))[:4] == (1, 1, 0, 1)
    assert counts(built([path], index, embedder)) == (0, 0, 0, 3, 0)
    found = {name: now for part in check(index) for name, now in part.items()}
    assert set(found.values()) == {"current"}
    assert {holding.document.file for holding in holdings(index)} == {str(path)}
