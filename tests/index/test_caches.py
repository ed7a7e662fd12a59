"""The caches heal themselves from the store, and nothing is embedded for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.caches import LEXICAL_FOLDER, VECTORS_FOLDER, open_caches
from index.lexical import LexicalIndex
from index.lock import locked
from index.store import Store
from index.vectors import VECTORS
from tests.fakes import HashEmbedder

TEXTS = ["Otters sleep holding hands.", "Peat keeps butter for ages.", "Kelp grows a foot a day."]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number, text in enumerate(TEXTS):
        (notes / f"{number}.md").write_text(text, encoding="utf-8")
    list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


def check(directory: Path) -> None:
    """Both caches find each passage first for its own words and its own vector."""
    with Store(directory) as store:
        vectors, lexical = open_caches(directory, store)
        passages = store.passages(store.passage_ids())
        assert lexical.count == len(vectors.ids()) == len(passages)
        for passage in passages:
            assert lexical.search(passage.text, 1)[0][0] == passage.id
            query = HashEmbedder().encode_query(passage.text).vector[None]
            assert vectors.search(query, 1)[1][0, 0] == passage.id


def generations(directory: Path) -> tuple[int, int]:
    vectors = VECTORS["auto"](32)
    vectors.load(directory / VECTORS_FOLDER)
    return vectors.generation, LexicalIndex(directory / LEXICAL_FOLDER, create=False).generation


@pytest.mark.parametrize("damage", ["missing", "overwritten", "cut"])
def test_damaged_caches_are_made_anew_and_saved(index: Path, damage: str) -> None:
    folders = (index / VECTORS_FOLDER, index / LEXICAL_FOLDER)
    files = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    for path in files:
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(b"?" * 200 if damage == "overwritten" else path.read_bytes()[:-3])
    if damage == "missing":
        shutil.rmtree(index / LEXICAL_FOLDER)
    check(index)
    assert generations(index) == (1, 1)


def test_stale_caches_are_brought_up_to_date(index: Path, tmp_path: Path) -> None:
    former = tmp_path / "former"
    shutil.copytree(index, former)
    notes = tmp_path / "notes"
    (notes / "0.md").unlink()
    (notes / "3.md").write_text("Moss drinks fog.", encoding="utf-8")
    list(build([notes], index, embedder=HashEmbedder()))
    shutil.rmtree(index / VECTORS_FOLDER)
    shutil.rmtree(index / LEXICAL_FOLDER)
    shutil.copytree(former / VECTORS_FOLDER, index / VECTORS_FOLDER)
    shutil.copytree(former / LEXICAL_FOLDER, index / LEXICAL_FOLDER)
    assert generations(index) == (1, 1)
    check(index)
    assert generations(index) == (2, 2)


def test_what_is_only_added_does_not_make_the_word_index_anew(index: Path, tmp_path: Path) -> None:
    before = {path.name for path in (index / LEXICAL_FOLDER).iterdir()}
    (tmp_path / "notes" / "4.md").write_text("Moss drinks fog.", encoding="utf-8")
    list(build([], index, embedder=HashEmbedder()))
    assert before < {path.name for path in (index / LEXICAL_FOLDER).iterdir()}
    check(index)


def test_where_another_process_has_the_right_they_are_made_in_memory(index: Path) -> None:
    shutil.rmtree(index / VECTORS_FOLDER)
    shutil.rmtree(index / LEXICAL_FOLDER)
    with locked(index):
        check(index)
    assert not (index / VECTORS_FOLDER).exists()
    assert not (index / LEXICAL_FOLDER).exists()
    check(index)
    assert generations(index) == (1, 1)


def test_a_reader_of_the_past_does_not_undo_newer_caches(index: Path, tmp_path: Path) -> None:
    with Store(index) as store, store.snapshot():
        (tmp_path / "notes" / "0.md").unlink()
        list(build([], index, embedder=HashEmbedder()))
        vectors, lexical = open_caches(index, store)
        np.testing.assert_array_equal(np.sort(vectors.ids()), store.passage_ids())
        np.testing.assert_array_equal(np.sort(lexical.ids()), store.passage_ids())
    assert generations(index) == (2, 2)
