"""What ranking promises whatever its weights: fair sums, and late interaction as it is defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import ranking
from index.lexical import analyze
from index.ranking import (
    Query,
    Signals,
    View,
    combine,
    interaction,
    passage_signals,
    sentence_interaction,
    view,
)
from index.sentences import sentences
from index.states import project, unit, unpack
from tests.fakes import HashEmbedder

WORDS = ("barge", "lock", "towpath", "heron", "mill", "weir", "coal", "winter")
TEXT = "The barge passed the lock. A heron watched the weir. Coal was dear that winter."

texts = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), min_size=1, max_size=4
).map(lambda said: " ".join(f"The {' '.join(words)} stood there." for words in said))


def seen(
    text: str, id_: int = 1, document: str = "a", section: int = 0, max_tokens: int = 256
) -> View:
    """A passage as ranking sees it, whose encoder reads so many words."""
    spans = sentences(text)
    stems = [frozenset(analyze(text[start:end])) for start, end in spans]
    (states,) = HashEmbedder(max_tokens=max_tokens).encode([text]).states
    return view(id_, document, section, spans, stems, unpack(states))


def asked(text: str) -> Query:
    encoding = HashEmbedder().encode_query(text)
    weights = np.arange(1, len(encoding.pieces) + 1, dtype=np.float32)
    pieces = unit(project(encoding.states))
    terms = dict.fromkeys(analyze(text), 1.0)
    return Query(text, terms, encoding.vector, pieces, weights / weights.sum())


def signals_of(query: Query, views: list[View]) -> Signals:
    return passage_signals(query, views, {v.id: v for v in views})


# --- combining ---------------------------------------------------------------------------------

values = st.integers(-100, 100)
tables = st.integers(2, 6).flatmap(
    lambda n: st.lists(st.lists(values, min_size=n, max_size=n), min_size=1, max_size=4)
)
shares = st.lists(st.floats(0.05, 5), min_size=4, max_size=4)


def combined(table: list[list[int]], weights: list[float]) -> ranking.Floats:
    signals = {str(i): np.array(row, np.float32) for i, row in enumerate(table)}
    return combine(signals, {name: weights[int(name)] for name in signals})


@given(tables, shares)
def test_scores_lie_between_0_and_1(table: list[list[int]], weights: list[float]) -> None:
    scores = combined(table, weights)
    assert scores.shape == (len(table[0]),)
    assert (scores >= -1e-6).all()
    assert (scores <= 1 + 1e-6).all()


@given(tables, shares, st.data(), st.integers(1, 300))
def test_a_stronger_signal_lets_nobody_else_overtake(
    table: list[list[int]], weights: list[float], data: st.DataObject, more: int
) -> None:
    signal = data.draw(st.integers(0, len(table) - 1))
    candidate = data.draw(st.integers(0, len(table[0]) - 1))
    before = combined(table, weights)
    table[signal][candidate] += more
    after = combined(table, weights)
    lead = (after[candidate] - after) - (before[candidate] - before)
    assert (lead >= -1e-5).all()


@given(tables, shares, st.integers(-50, 50), st.sampled_from([0.25, 0.5, 2, 8]))
def test_what_is_measured_from_another_zero_or_in_another_unit_counts_the_same(
    table: list[list[int]], weights: list[float], shift: int, unit_: float
) -> None:
    moved = [[int(4 * value * unit_) + shift for value in row] for row in table]
    np.testing.assert_allclose(combined(table, weights), combined(moved, weights), atol=1e-5)


def test_a_signal_that_is_the_same_for_all_decides_nothing() -> None:
    assert combined([[7, 7, 7]], [1.0] * 4).tolist() == [0, 0, 0]
    scores = combined([[7, 7, 7], [3, 1, 2]], [1.0] * 4)
    assert np.argsort(-scores).tolist() == [0, 2, 1]


def test_one_candidate_is_scored_as_well() -> None:
    assert np.isfinite(combined([[3], [-2]], [1.0] * 4)).all()


def test_every_weighted_signal_is_one_that_is_measured() -> None:
    pool, weights = ranking.load_weights()
    measured = {"hybrid", ranking.READER, *signals_of(asked("a barge"), [seen(TEXT)])}
    assert pool > 0
    assert weights.keys() <= measured
    assert all(weight >= 0 for weight in weights.values())
    assert weights.keys() - ranking.NEEDS_ENCODER, "words alone must be able to rank"


# --- late interaction --------------------------------------------------------------------------


def naive(query: Query, v: View) -> tuple[float, list[float]]:
    """Late interaction as its definition says it: one loop for each sum and each maximum."""
    assert query.pieces is not None
    assert query.weights is not None

    def score(first: int, last: int) -> float:
        if first == last:
            return 0.0
        return sum(
            float(weight) * max(float(piece @ other) for other in v.pieces[first:last])
            for piece, weight in zip(query.pieces, query.weights, strict=True)
        )

    ends = [*v.firsts[1:], len(v.pieces)]
    return score(0, len(v.pieces)), [
        score(int(first), int(last)) for first, last in zip(v.firsts, ends, strict=True)
    ]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    st.lists(st.tuples(texts, st.sampled_from([0, 1, 4, 256])), min_size=1, max_size=4),
)
def test_late_interaction_is_what_its_definition_says(
    words: list[str], passages: list[tuple[str, int]]
) -> None:
    query = asked(" ".join(words))
    views = [seen(text, number, max_tokens=most) for number, (text, most) in enumerate(passages)]
    whole, parts = interaction(query, views), sentence_interaction(query, views)
    for v, score, scores in zip(views, whole, parts, strict=True):
        expected, by_sentence = naive(query, v)
        assert score == pytest.approx(expected, abs=1e-5)
        np.testing.assert_allclose(scores, by_sentence, atol=1e-5)


def test_a_passage_that_holds_every_word_interacts_best() -> None:
    views = [seen(TEXT), seen("Quinces ripen late. Wasps know it.")]
    query = asked("heron watched the weir")
    whole, parts = interaction(query, views), sentence_interaction(query, views)
    assert whole[0] == pytest.approx(1, abs=0.02)
    assert whole[0] > whole[1]
    assert parts[0].argmax() == 1


def test_without_an_encoder_there_is_nothing_to_interact_with() -> None:
    query = Query("heron", {"heron": 1.0})
    whole, parts = interaction(query, [seen(TEXT)]), sentence_interaction(query, [seen(TEXT)])
    assert whole.tolist() == [0]
    assert [p.tolist() for p in parts] == [[0, 0, 0]]
    assert [p.tolist() for p in ranking.sentence_cosines(query, [seen(TEXT)])] == [[0, 0, 0]]


# --- views -------------------------------------------------------------------------------------


def test_each_word_piece_belongs_to_the_sentence_it_stands_in() -> None:
    v = seen(TEXT)
    counts = np.diff(np.append(v.firsts, len(v.pieces)))
    assert counts.tolist() == [len(TEXT[s:e].rstrip(".").split()) for s, e in v.sentences]
    np.testing.assert_allclose(np.linalg.norm(v.sentence_vectors, axis=1), 1, atol=1e-3)
    assert v.all_stems == set(analyze(TEXT))


def test_a_sentence_is_nearest_to_itself() -> None:
    v = seen(TEXT)
    for number, (start, end) in enumerate(v.sentences):
        (cosines,) = ranking.sentence_cosines(asked(TEXT[start:end]), [v])
        assert cosines.argmax() == number
        assert cosines[number] == pytest.approx(1, abs=0.02)


def test_a_single_sentence_is_the_whole_passage() -> None:
    query, views = asked("herons at the weir"), [seen("A heron watched the weir.")]
    whole, (only,) = interaction(query, views), sentence_interaction(query, views)
    assert only.tolist() == pytest.approx(whole.tolist())


def test_sentences_past_the_encoders_limit_keep_their_words_only() -> None:
    v = seen(TEXT, max_tokens=7)
    assert [len(held) > 0 for held in v.stems] == [True] * 3
    assert not v.sentence_vectors[2].any()
    (scores,) = sentence_interaction(asked("coal in winter"), [v])
    assert scores[2] == 0
    assert signals_of(Query("coal", {"coal": 1.0}), [v])["coverage"].tolist() == [1]


def test_a_passage_without_pieces_ranks_and_is_last() -> None:
    empty = seen("Mist lay there.", 2, "b", max_tokens=0)
    found = signals_of(asked("heron at the weir"), [seen(TEXT), empty])
    for name, values_ in found.items():
        assert np.isfinite(values_).all(), name
        assert values_[0] >= values_[1], name


# --- signals -----------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(WORDS), max_size=5), st.lists(texts, min_size=1, max_size=5))
def test_signals_are_finite_one_for_each_passage_and_within_their_range(
    words: list[str], said: list[str]
) -> None:
    views = [seen(text, number, f"d{number % 2}") for number, text in enumerate(said)]
    text = " ".join(words)
    query = asked(text) if words else Query(text, {})
    found = signals_of(query, views)
    for name, values_ in found.items():
        assert values_.shape == (len(views),), name
        assert np.isfinite(values_).all(), name
    assert ((found["coverage"] >= 0) & (found["coverage"] <= 1 + 1e-6)).all()
    for whole, parts in zip(
        interaction(query, views), sentence_interaction(query, views), strict=True
    ):
        assert (parts <= whole + 1e-5).all()


def test_neighbours_lend_their_words_within_a_document_only() -> None:
    query = asked("heron coal")
    one, other = "A heron stood there.", "Coal was dear."
    beside = signals_of(query, [seen(one, 1, "a"), seen(other, 2, "a")])["coverage"]
    apart = signals_of(query, [seen(one, 1, "a"), seen(other, 2, "b")])["coverage"]
    distant = signals_of(query, [seen(one, 1, "a"), seen(other, 9, "a")])["coverage"]
    assert beside.tolist() == [1, 1]
    assert apart.tolist() == distant.tolist() == [0.5, 0.5]


def test_a_section_speaks_for_its_passages() -> None:
    query = asked("heron at the weir")
    said = [seen("Mist lay there.", 1, "a", 0), seen("A heron stood at the weir.", 2, "a", 0)]
    other = seen("Mist hung there.", 4, "a", 1)
    found = signals_of(query, [*said, other])
    for name in ("sentence_section", "words_section"):
        assert found[name][0] == found[name][1] > found[name][2], name


def test_rare_words_weigh_more_and_none_weighs_nothing() -> None:
    weights = [ranking.idf(frequency, 50) for frequency in range(51)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    query = Query("coal heron", {"coal": weights[40], "heron": weights[2]})
    assert 0 < query.covered({"coal"}) < 0.5 < query.covered({"heron"}) < 1
    assert query.covered({"coal", "heron", "mill"}) == pytest.approx(1)
    assert Query("", {}).covered({"coal"}) == 0
