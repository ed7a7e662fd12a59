"""Every vector index against an exact NumPy oracle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index import vectors as module
from index.approximate import InvertedLists
from index.errors import IndexDamagedError
from index.vectors import STAMP, VECTORS, SegmentedIndex, VectorIndex

DIMENSION = 16
Held = Mapping[int, NDArray[np.float32]]
# With so few vectors every list is probed, so that lists are as good as exact but for rounding.
KINDS = {**VECTORS, "lists": partial(SegmentedIndex, exact_below=8)}

each_kind = pytest.mark.parametrize("kind", KINDS)


def unit_rows(count: int, seed: int, dimension: int = DIMENSION) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def vectors_of(ids: Iterable[int], seed: int = 0) -> dict[int, NDArray[np.float32]]:
    ids = list(ids)
    return dict(zip(ids, unit_rows(len(ids), seed), strict=True))


def update(index: VectorIndex, held: Held, generation: int = 1, folder: Path | None = None) -> int:
    """Bring the index to `held`; how many vectors it asked for."""
    asked: list[int] = []

    def fetch(ids: NDArray[np.int64]) -> NDArray[np.float32]:
        asked.extend(ids.tolist())
        return np.array([held[i] for i in ids.tolist()], np.float32).reshape(-1, DIMENSION)

    index.update(np.array(sorted(held), np.int64), fetch, generation, folder)
    return len(asked)


def check(index: VectorIndex, held: Held, k: int, allowed: list[int] | None = None) -> None:
    """The same ids and scores as exact search; from lists, true scores that are nearly as good."""
    queries = unit_rows(3, seed=99)
    scores, ids = index.search(queries, k, None if allowed is None else np.array(allowed, np.int64))
    among = sorted(held if allowed is None else held.keys() & set(allowed))
    assert scores.shape == ids.shape == (3, min(k, len(among)))
    rough = "lists" in index.details["vector search"]
    for query, row, found in zip(queries, scores, ids, strict=True):
        exact = sorted(((float(held[i] @ query), i) for i in among), reverse=True)[:k]
        best = np.array([score for score, _ in exact])
        assert np.all(best + (0.03 if rough else 1e-5) >= row)
        assert len(set(found.tolist())) == len(found)
        for score, id_ in zip(row, found.tolist(), strict=True):
            assert float(held[id_] @ query) == pytest.approx(score, abs=0.03 if rough else 1e-5)
        if rough:
            assert np.sum(best - row) <= 0.1 * len(row)
        else:
            assert found.tolist() == [i for _, i in exact]


@each_kind
@settings(max_examples=30, deadline=None)
@given(
    ids=st.lists(st.integers(1, 2**40), unique=True, max_size=40),
    k=st.integers(0, 50),
    data=st.data(),
)
def test_search_filters_and_changes_are_exact(kind: str, ids: list[int], k: int, data) -> None:
    index, held = KINDS[kind](DIMENSION), vectors_of(ids)
    update(index, held)
    check(index, held, k)
    some = st.lists(st.sampled_from([*ids, 2**41]), unique=True)
    check(index, held, k, data.draw(some, "allowed"))
    removed = data.draw(some, "removed")
    held = {i: v for i, v in held.items() if i not in removed}
    held |= vectors_of((2**42 + i for i in range(5)), seed=7)
    update(index, held, 2)
    assert sorted(index.ids()) == sorted(held)
    check(index, held, k)
    check(index, held, k, data.draw(some, "allowed after"))


@each_kind
@pytest.mark.parametrize("count", [0, 4, 60])
def test_what_is_kept_is_what_is_loaded(kind: str, count: int, tmp_path: Path) -> None:
    folder, held = tmp_path / "v", vectors_of(range(1, count + 1))
    index = KINDS[kind](DIMENSION)
    update(index, held, 7, folder)
    loaded = KINDS[kind](DIMENSION)
    loaded.load(folder, whole=True)
    assert loaded.generation == 7
    check(loaded, held, 3)
    added = vectors_of(range(100, 110), seed=3)
    later = {i: v for i, v in held.items() if i != 3} | added
    assert update(loaded, later, 8, folder) >= len(added)
    check(loaded, later, 30)
    again = KINDS[kind](DIMENSION)
    again.load(folder, whole=True)
    assert again.generation == 8
    check(again, later, 30)
    check(index, held, 3)  # a reader of the former generation sees what it saw
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_adding_a_few_writes_a_few(tmp_path: Path) -> None:
    index, held = VECTORS["auto"](DIMENSION), vectors_of(range(1, 501))
    update(index, held, 1, tmp_path)
    (rows,) = tmp_path.glob("rows-*")
    assert update(index, {**held, **vectors_of([600, 601], 5)}, 2, tmp_path) == 2
    assert [*tmp_path.glob("rows-*")] == [rows]
    assert rows.stat().st_size == 502 * DIMENSION * 4


def test_rows_that_a_kill_left_behind_are_written_over(tmp_path: Path) -> None:
    index, held = VECTORS["auto"](DIMENSION), vectors_of(range(1, 51))
    update(index, held, 1, tmp_path)
    (rows,) = tmp_path.glob("rows-*")
    with rows.open("ab") as file:
        file.write(b"half a row")
    (tmp_path / "row-ids-2.i64").write_bytes(b"never named")
    loaded = VECTORS["auto"](DIMENSION)
    loaded.load(tmp_path, whole=True)
    check(loaded, held, 5)
    later = {**held, **vectors_of([600], 5)}
    update(loaded, later, 3, tmp_path)
    check(loaded, later, 5)
    assert not (tmp_path / "row-ids-2.i64").exists()


def test_many_vectors_go_into_lists_whose_recall_is_measured(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    centres = unit_rows(60, seed=1, dimension=48)
    rows = centres[chance.integers(60, size=6_000)] + 0.5 * unit_rows(6_000, 2, 48)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    index = SegmentedIndex(48, exact_below=5_000)
    index.update(np.arange(6_000), lambda ids: rows[ids], 1, tmp_path)
    loaded = SegmentedIndex(48, exact_below=5_000)
    loaded.load(tmp_path)
    assert "lists" in loaded.details["vector search"]
    tuned = InvertedLists.build(np.arange(6_000), lambda ids: rows[ids], 48).tuning
    assert tuned.recall >= 0.98
    assert tuned.probes < tuned.lists
    queries = rows[:200] + 0.5 * unit_rows(200, 9, 48)
    _, ids = loaded.search(queries, 10)
    exact = np.argsort(-(queries @ rows.T), axis=1)[:, :10]
    held = [len(np.intersect1d(a, b)) for a, b in zip(ids, exact, strict=True)]
    assert np.mean(held) / 10 > 0.95
    few = np.arange(0, 6_000, 100)
    _, ids = loaded.search(queries, 60, few)
    assert sorted(ids[0]) == few.tolist()


def test_lists_are_made_anew_when_much_was_added_or_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BESIDE", 20)
    index, held = SegmentedIndex(DIMENSION, exact_below=50), vectors_of(range(1, 101))
    assert update(index, held, 1, tmp_path) >= 100
    (lists,) = tmp_path.glob("lists-*")
    held |= vectors_of(range(200, 210), 1)
    assert update(index, held, 2, tmp_path) == 10
    assert [*tmp_path.glob("lists-*")] == [lists]
    held |= vectors_of(range(300, 315), 2)
    assert update(index, held, 3, tmp_path) >= 125
    check(index, held, 10)
    assert [*tmp_path.glob("lists-*")] != [lists]
    held = {i: v for i, v in held.items() if i > 80}
    update(index, held, 4, tmp_path)
    assert index.details["vector search"] == "exact"
    check(index, held, 10)


@each_kind
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "noise"])
def test_damage_of_any_file_is_noticed(kind: str, damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "v"
    update(KINDS[kind](DIMENSION), vectors_of(range(1, 60)), 1, folder)
    for path in folder.iterdir():
        data = path.read_bytes()
        if not data:
            continue  # nothing was removed yet
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 4
        found = {"empty": b"", "cut": data[:-9], "noise": b"x" * 999, "flipped": bytes(flipped)}
        path.unlink()
        if damage != "missing":
            path.write_bytes(found[damage])
        if path.name == STAMP and damage == "flipped":
            path.write_bytes(data.replace(b'"version": 1', b'"version": 2'))
        with pytest.raises(IndexDamagedError, match="made anew"):
            KINDS[kind](DIMENSION).load(folder)
        path.write_bytes(data)
    with pytest.raises(IndexDamagedError, match="made anew"):
        KINDS[kind](8).load(folder)
    KINDS[kind](DIMENSION).load(folder, whole=True)
