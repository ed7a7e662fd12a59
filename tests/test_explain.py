"""An explanation adds up to the score it explains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ranking import combine
from index.types import Document, Hit, Passage
from qa.explain import explain

_DOCUMENT = Document("d", "d.txt", "D", (), None, None, "text", "00")
_PASSAGE = Passage(1, "d", 0, 0, 0, 4, "", "text")
_WEIGHTS = {"hybrid": 1.0, "sentence": 0.5}


def _hits(rows: list[tuple[float, float, float]]) -> list[Hit]:
    columns = np.array(rows, np.float32).reshape(-1, 3).T
    signals = dict(zip(("dense", "hybrid", "sentence"), columns, strict=True))
    scores = combine({name: signals[name] for name in _WEIGHTS}, _WEIGHTS)
    return [
        Hit(_PASSAGE, _DOCUMENT, float(score), {n: float(v[i]) for n, v in signals.items()})
        for i, score in enumerate(scores)
    ]


_NUMBER = st.floats(-50, 50, width=32)


@given(st.lists(st.tuples(_NUMBER, _NUMBER, _NUMBER), min_size=1, max_size=20))
def test_contributions_add_up_to_the_score(rows: list[tuple[float, float, float]]) -> None:
    hits = _hits(rows)
    for hit, parts in zip(hits, explain(hits, _WEIGHTS), strict=True):
        assert sum(part.contribution for part in parts.values()) == pytest.approx(
            hit.score, abs=1e-5
        )


def test_each_signal_ranks_on_its_own_and_ties_share_a_rank() -> None:
    first, second, third = explain(_hits([(0.9, 1, 0), (0.1, 2, 5), (0.9, 0, 2)]), _WEIGHTS)
    assert [parts["dense"].rank for parts in (first, second, third)] == [1, 3, 1]
    assert [parts["hybrid"].rank for parts in (first, second, third)] == [2, 1, 3]
    assert (second["sentence"].value, second["sentence"].weight) == (5, 0.5)
    assert first["dense"].weight == first["dense"].contribution == 0


def test_of_hits_past_the_candidates_it_is_told_what_found_them() -> None:
    hits = _hits([(0.9, 1, 0), (0.1, 2, 5)])
    hits.append(Hit(_PASSAGE, _DOCUMENT, 0.0, {"dense": 0.5, "hybrid": 0.25}))
    *_, last = explain(hits, _WEIGHTS)
    assert {name: (part.value, part.rank) for name, part in last.items()} == {
        "dense": (0.5, 2),
        "hybrid": (0.25, 3),
    }
    assert all(part.weight == part.contribution == 0 for part in last.values())


def test_nothing_found_needs_no_explanation() -> None:
    assert explain([], _WEIGHTS) == []
