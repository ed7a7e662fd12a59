"""Files that are moved or renamed: nothing is embedded again, and their documents are the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.build import build, remove
from index.errors import DocumentNotFoundError
from index.history import log, undo
from index.store import Store
from index.types import BuildReport, Change
from index.verify import verify
from tests.fakes import HashEmbedder

TEXTS = {
    "harbour/bell.md": "The harbour master rings a brass bell at dawn.",
    "harbour/horn.md": "Boats answer the bell with their horns.",
    "orchard.md": "Quinces ripen late in the walled orchard.",
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def built(index: Path, *roots: Path) -> tuple[BuildReport, Sequence[str]]:
    """What a build did, and the texts that it embedded."""
    embedder = HashEmbedder()
    *_, report = build(roots, index, embedder=embedder)
    assert isinstance(report, BuildReport)
    assert verify(index) == []
    return report, embedder.embedded


def counts(report: BuildReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.renamed, report.removed, report.unchanged


def test_a_renamed_file_is_renamed(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    built(index, notes)
    (notes / "orchard.md").rename(notes / "quinces.md")
    report, embedded = built(index, notes)
    assert (counts(report), embedded) == ((0, 0, 1, 0, 2), [])
    assert report.changes == (Change("renamed", "quinces.md", "orchard.md"),)
    with Store(index) as store:
        assert store.document("orchard.md").id == "quinces.md"
        assert store.find_document("orchard.md").path == str(notes / "quinces.md")
        assert store.source_of("orchard.md").name == "quinces.md"
        assert list(store.passages_in(["orchard.md", "quinces.md"])) == [
            passage.id for passage in store.passages_of("quinces.md")
        ]


def test_a_renamed_folder_is_as_many_renamed_documents(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    built(index, notes)
    (notes / "harbour").rename(notes / "port")
    report, embedded = built(index, notes)
    assert (counts(report), embedded) == ((0, 0, 2, 0, 1), [])
    with Store(index) as store:
        assert store.former_ids() == {
            "harbour/bell.md": "port/bell.md",
            "harbour/horn.md": "port/horn.md",
        }


def test_a_file_moved_to_another_root_is_renamed(notes: Path, tmp_path: Path) -> None:
    index, other = tmp_path / "index", tmp_path / "other"
    other.mkdir()
    (other / "mine.md").write_text("Miners left chalk marks on the timber.")
    built(index, notes, other)
    (notes / "orchard.md").rename(other / "orchard.md")
    (notes / "harbour").rename(other / "harbour")
    report, embedded = built(index, notes, other)
    assert (counts(report), embedded) == ((0, 0, 3, 0, 1), [])
    with Store(index) as store:  # under the same ids: these are paths below the root
        assert store.former_ids() == {}
        assert store.document("orchard.md").path == str(other / "orchard.md")


def test_a_former_id_follows_several_renames_and_ends_where_it_is_taken(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    built(index, notes)
    for before, after in (("orchard", "quinces"), ("quinces", "fruit")):
        (notes / f"{before}.md").rename(notes / f"{after}.md")
        built(index, notes)
    with Store(index) as store:
        assert store.former_ids() == {"orchard.md": "fruit.md", "quinces.md": "fruit.md"}
    (notes / "orchard.md").write_text("Another orchard, of plums.")
    built(index, notes)
    with Store(index) as store:
        assert store.document("orchard.md").text == "Another orchard, of plums."
        assert store.former_ids() == {"quinces.md": "fruit.md"}
    (notes / "fruit.md").unlink()
    built(index, notes)
    with Store(index) as store, pytest.raises(DocumentNotFoundError):
        store.find_document("quinces.md")


def test_a_rename_can_be_undone(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    built(index, notes)
    (notes / "orchard.md").rename(notes / "quinces.md")
    built(index, notes)
    assert [(each.added, each.changed, each.removed) for each in log(index)] == [
        (0, 1, 0),
        (3, 0, 0),
    ]
    undo(index)
    with Store(index) as store:
        assert store.document("orchard.md").id == "orchard.md"
        assert len(store.passages_in(["orchard.md"])) == 1
    assert verify(index) == []


def test_of_copies_the_one_of_the_same_name_is_followed(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    for name in ("a.md", "b.md"):
        (notes / name).write_text("The same words in two files.")
    built(index, notes)
    (notes / "deep").mkdir()
    for name in ("b.md", "a.md"):
        (notes / name).rename(notes / "deep" / name)
    report, embedded = built(index, notes)
    assert (counts(report), embedded) == ((0, 0, 2, 0, 3), [])
    with Store(index) as store:
        assert store.former_ids() == {"a.md": "deep/a.md", "b.md": "deep/b.md"}


def test_a_collection_that_is_renamed_keeps_its_documents_and_those_taken_out_stay_out(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    lines = ({"_id": f"n{n}", "text": f"Entry {n} tells of ship {n * 7}."} for n in range(3))
    (notes / "log.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    built(index, notes)
    remove(index, ["n1", "orchard.md"])
    (notes / "log.jsonl").rename(notes / "ships.jsonl")
    (notes / "orchard.md").rename(notes / "quinces.md")
    report, embedded = built(index, notes)
    assert (counts(report), embedded) == ((0, 0, 2, 0, 2), [])
    with Store(index) as store:
        names = {document.id for document in store.documents(texts=False)}
    assert names == {"harbour/bell.md", "harbour/horn.md", "n0", "n2"}
    (notes / "quinces.md").write_text("Quinces ripened early this year.")
    report, _ = built(index, notes)
    assert counts(report) == (1, 0, 0, 0, 4)


def test_what_could_not_be_read_is_new_under_another_name(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    (notes / "log.md").write_bytes(b"\x00\x01")
    built(index, notes)
    (notes / "log.md").rename(notes / "data.md")
    report, _ = built(index, notes)
    assert [Path(skipped.path).name for skipped in report.skipped] == ["data.md"]
