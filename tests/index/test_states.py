"""Packed word-piece states keep what ranking needs of them: cosines, lengths and places."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.states import DIMENSION, pack, project, unit, unpack


def test_cosines_survive_projection_and_rounding() -> None:
    chance = np.random.default_rng(1)
    states = chance.standard_normal((400, 384)).astype(np.float32)
    states[1::2] += 2 * states[::2]  # pairs that are near each other
    spans = np.array([(3 * i, 3 * i + 2) for i in range(400)], np.int32)
    kept = unpack(pack(states, spans))
    true, seen = unit(states) @ unit(states).T, kept.states @ kept.states.T
    assert np.abs(true - seen).mean() < 0.12
    assert (seen[np.arange(0, 400, 2), np.arange(1, 400, 2)] > 0.6).all()
    assert kept.starts.tolist() == spans[:, 0].tolist()
    np.testing.assert_allclose(kept.norms, np.linalg.norm(project(states), axis=1), rtol=1e-3)


def test_projection_is_orthogonal_but_for_subsampling() -> None:
    rows = project(np.eye(384, dtype=np.float32))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
    assert rows.shape == (384, DIMENSION)


@given(st.integers(0, 40), st.sampled_from([8, 32, 384, 768]))
def test_any_number_of_pieces_of_any_dimension_comes_back(count: int, dimension: int) -> None:
    states = np.ones((count, dimension), np.float32)
    spans = np.arange(2 * count, dtype=np.int32).reshape(count, 2)
    packed = pack(states, spans)
    assert len(packed) == count * 68
    assert unpack(packed).states.shape == (count, DIMENSION)


def test_a_zero_state_stays_zero() -> None:
    kept = unpack(pack(np.zeros((1, 384), np.float32), np.zeros((1, 2), np.int32)))
    assert not kept.states.any()
    assert kept.norms[0] == 0
