"""Every vector index against an exact NumPy oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.errors import IndexDamagedError
from index.vectors import VECTORS, VectorIndex

DIMENSION = 16
NONE = np.empty(0, np.int64)
NO_VECTORS = np.empty((0, DIMENSION), np.float32)

each_kind = pytest.mark.parametrize("kind", VECTORS)


def unit_rows(count: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def filled(kind: str, ids: list[int], seed: int = 0) -> tuple[VectorIndex, dict[int, np.ndarray]]:
    index, vectors = VECTORS[kind](DIMENSION), unit_rows(len(ids), seed)
    index.apply(NONE, np.array(ids, np.int64), vectors)
    return index, dict(zip(ids, vectors, strict=True))


def check(
    index: VectorIndex, held: dict[int, np.ndarray], k: int, allowed: list[int] | None = None
) -> None:
    queries = unit_rows(3, seed=99)
    scores, ids = index.search(queries, k, None if allowed is None else np.array(allowed, np.int64))
    among = sorted(held if allowed is None else held.keys() & set(allowed))
    assert scores.shape == ids.shape == (3, min(k, len(among)))
    for query, row, found in zip(queries, scores, ids, strict=True):
        exact = sorted(((float(held[i] @ query), i) for i in among), reverse=True)[:k]
        assert found.tolist() == [i for _, i in exact]
        np.testing.assert_allclose(row, [score for score, _ in exact], atol=1e-5)


@each_kind
@settings(max_examples=30, deadline=None)
@given(
    ids=st.lists(st.integers(1, 2**40), unique=True, max_size=40),
    k=st.integers(0, 50),
    data=st.data(),
)
def test_search_filters_and_changes_are_exact(kind: str, ids: list[int], k: int, data) -> None:
    index, held = filled(kind, ids)
    check(index, held, k)
    some = st.lists(st.sampled_from([*ids, 2**41]), unique=True)
    check(index, held, k, data.draw(some, "allowed"))
    removed = data.draw(some, "removed")
    added = {2**42 + i: vector for i, vector in enumerate(unit_rows(5, seed=7))}
    index.apply(
        np.array(removed, np.int64), np.array(list(added), np.int64), np.array(list(added.values()))
    )
    held = {i: vector for i, vector in held.items() if i not in removed} | added
    assert sorted(index.ids()) == sorted(held)
    check(index, held, k)


@each_kind
def test_what_is_saved_is_what_is_loaded(kind: str, tmp_path: Path) -> None:
    index, held = filled(kind, [3, 1, 4, 15])
    index.save(tmp_path / "v", 7)
    index.save(tmp_path / "v", 8)
    loaded = VECTORS[kind](DIMENSION)
    loaded.load(tmp_path / "v")
    assert loaded.generation == 8
    check(loaded, held, 3)
    loaded.apply(np.array([3]), NONE, NO_VECTORS)
    del held[3]
    check(loaded, held, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


@each_kind
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "other length", "noise"])
def test_damage_is_noticed(kind: str, damage: str, tmp_path: Path) -> None:
    path = tmp_path / "v"
    filled(kind, list(range(50)))[0].save(path, 1)
    data = bytearray(path.read_bytes())
    data[-400] ^= 1
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "cut": data[:-9], "noise": b"x" * 999}.get(damage, data))
    with pytest.raises(IndexDamagedError, match="made anew"):
        VECTORS[kind](8 if damage == "other length" else DIMENSION).load(path)
