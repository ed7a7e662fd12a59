"""Whatever is not as it was stored is found and named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.errors import IndexMissingError
from index.repair import repair
from index.store import Store
from index.verify import verify
from tests.fakes import HashEmbedder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text(
        " ".join(f"Larks rise {n} times." for n in range(160)), encoding="utf-8"
    )
    (notes / "b.md").write_text("Owls do not.", encoding="utf-8")
    list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


def test_a_sound_index_has_no_problems(index: Path) -> None:
    assert verify(index) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE documents SET text = text || 'x' WHERE id = 'b.md'", "text of b.md is not"),
        ("UPDATE passages SET last = last + 1 WHERE id = 1", "A vector of a.md is of another text"),
        ("UPDATE passages SET first = 0 WHERE id = 2", "passages of a.md are out of order"),
        ("UPDATE passages SET last = 99999 WHERE id = 2", "passages of a.md are out of order"),
        ("DELETE FROM embeddings WHERE n = 1", "passages without a vector"),
        ("DELETE FROM states WHERE n = 1", "vectors without their word-piece states"),
        ("UPDATE embeddings SET vector = zeroblob(128) WHERE n = 1", "not as they were made"),
        ("UPDATE states SET states = zeroblob(68) WHERE n = 1", "not as they were made"),
        ("UPDATE embeddings SET vector = x'00' WHERE n = 2", "not as they were made"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM sources", "documents of no file"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM documents", "passages of no document"),
        ("DELETE FROM passages WHERE id = 1", "passages of a.md are out of order"),
        ("UPDATE meta SET value = '7' WHERE name = 'generation'", "log of generations ends at 1"),
    ],
)
def test_each_kind_of_damage_is_named(index: Path, change: str, said: str) -> None:
    with Store(index, write=True) as store:
        for statement in change.split(";"):
            store.rows(statement)
    assert any(said in problem for problem in verify(index))


def test_a_vector_that_is_no_number_is_found(index: Path) -> None:
    with Store(index, write=True) as store:
        blob = np.full(32, np.nan, np.float32).tobytes()
        store.run("UPDATE embeddings SET vector = ? WHERE n = 1", [(blob,)])
    assert any("not as they were made" in problem for problem in verify(index))


def test_a_cache_that_holds_other_passages_is_found(index: Path) -> None:
    with Store(index, write=True) as store:
        store.rows("DELETE FROM documents WHERE id = 'b.md'")
    problems = verify(index)
    assert [problem.count("holds other passages") for problem in problems] == [1, 1]


def test_repairing_reads_anew_what_is_spoilt(index: Path) -> None:
    with Store(index, write=True) as store:
        store.rows("UPDATE documents SET text = 'other' WHERE id = 'b.md'")
        store.rows("DELETE FROM embeddings WHERE n = 1")
        store.rows("DELETE FROM states WHERE n = 2")
        store.rows("UPDATE embeddings SET vector = zeroblob(128) WHERE n = 3")
        store.rows("UPDATE embeddings SET vector = x'00' WHERE n = 4")
        assert store.count("embeddings") > 4
    assert verify(index)
    list(repair(index, embedder=HashEmbedder()))
    assert verify(index) == []


def test_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        verify(tmp_path)
