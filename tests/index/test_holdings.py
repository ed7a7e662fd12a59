"""The documents of an index as a library lists them, over real files."""

from __future__ import annotations

import os
from collections import ChainMap
from pathlib import Path

from index.build import build, remove, status
from index.holdings import check, holdings
from index.profiles import PROFILES_FILE, load_profiles, open_profiles, save_profiles
from index.store import Store
from index.types import Holding
from tests.fakes import HashEmbedder

FERRY = (
    "The ferry crosses at six and again at nine, weather and the tide permitting. In winter the "
    "morning boat carries the post and a crate of bread, and in summer it carries walkers who ask "
    "the same three questions. The ferryman keeps the answers on a card in his hat, and has never "
    "yet been known to read them from it. He sells tickets from a tobacco tin, and gives change "
    "in whatever coins the last passenger had. Dogs travel free if they stay out of the engine."
)


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def made(tmp_path: Path, **texts: str) -> tuple[Path, Path]:
    folder, index = tmp_path / "notes", tmp_path / "index"
    write(folder, **texts)
    list(build([folder], index, embedder=HashEmbedder()))
    return folder, index


def by_id(index: Path) -> dict[str, Holding]:
    return {holding.document.id: holding for holding in holdings(index)}


def near(index: Path) -> dict[str, list[str]]:
    return {
        name: [other.document_id for other in holding.near]
        for name, holding in by_id(index).items()
        if holding.near
    }


def test_how_long_each_document_is(tmp_path: Path) -> None:
    _, index = made(tmp_path, ferry=FERRY, bell="The bell rang twice.")
    found = by_id(index)
    assert found["bell.md"].words == 4
    assert found["bell.md"].passages == 1
    assert found["ferry.md"].words == len(FERRY.split())
    with Store(index) as store:
        assert found["ferry.md"].passages == len(store.passages_of("ferry.md"))
    assert found["ferry.md"].document.text == ""


def test_near_duplicates_come_and_go_with_updates(tmp_path: Path) -> None:
    folder, index = made(tmp_path, ferry=FERRY, bell="The bell rang twice.")
    assert near(index) == {}
    write(folder, copy=FERRY.replace("at nine", "at ten"))
    list(build([folder], index, embedder=HashEmbedder()))
    assert near(index) == {"copy.md": ["ferry.md"], "ferry.md": ["copy.md"]}
    assert 0.7 < by_id(index)["copy.md"].near[0].similarity < 1
    remove(index, ["ferry.md"])
    assert near(index) == {}


def test_an_update_reads_only_what_is_new_and_an_old_index_all(tmp_path: Path) -> None:
    folder, index = made(tmp_path, ferry=FERRY, bell="The bell rang twice.")
    path = index / PROFILES_FILE
    known = load_profiles(index)
    assert known is not None
    known["words"] = 1_000
    save_profiles(index, known)
    write(folder, reed="Reeds hide the landing stage.")
    list(build([folder], index, embedder=HashEmbedder()))
    assert sorted(h.words for h in holdings(index)) == [5, 1_000, 1_000]
    for spoiled in (b"", b"nothing of the kind", path.read_bytes()[:200]):
        path.write_bytes(spoiled)
        assert sorted(h.words for h in holdings(index)) == [4, 5, len(FERRY.split())]
        assert path.stat().st_size > 200


def test_profiles_are_made_in_memory_where_nothing_may_be_written(tmp_path: Path) -> None:
    _, index = made(tmp_path, ferry=FERRY)
    (index / PROFILES_FILE).unlink()
    with Store(index) as store:
        profiles = open_profiles(index, store, write=False)
    assert profiles["words"].tolist() == [len(FERRY.split())]
    assert not (index / PROFILES_FILE).exists()


def test_what_has_become_of_the_files(tmp_path: Path) -> None:
    folder, index = made(tmp_path, same="Same.", gone="Gone.", other="Was.", touched="Touched.")
    (folder / "gone.md").unlink()
    write(folder, other="Is now.")
    os.utime(folder / "touched.md", (1, 1))
    assert dict(ChainMap(*map(dict, check(index)))) == {
        "same.md": "current",
        "gone.md": "missing",
        "other.md": "changed",
        "touched.md": "current",
    }


def test_a_file_named_itself_stays_out_once_it_is_removed(tmp_path: Path) -> None:
    folder, index = made(tmp_path, bell="The bell rang twice.")
    write(tmp_path, alone="A note that lies by itself.")
    alone = tmp_path / "alone.md"
    list(build([folder, alone], index, embedder=HashEmbedder()))
    remove(index, ["alone.md"])
    assert status(index).sources == (str(folder),)
    list(build([], index, embedder=HashEmbedder()))
    assert set(by_id(index)) == {"bell.md"}
    list(build([folder, alone], index, embedder=HashEmbedder()))
    assert set(by_id(index)) == {"bell.md", "alone.md"}
