"""Measures against values worked out by hand, and against the field's own package."""

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, nDCG

from qa.evaluation.calibration import (
    auc,
    calibration_error,
    percentile,
    refusals,
    reliability,
)
from qa.evaluation.metrics import (
    average_precision,
    contains,
    exact_match,
    group_labels,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
    token_f1,
    token_overlap,
)

RANKING = ["a", "b", "c", "d"]
QRELS = {"b": 1, "d": 2, "z": 1}


def test_ranking_by_hand():
    assert recall(RANKING, QRELS, 2) == pytest.approx(1 / 3)
    assert precision(RANKING, QRELS, 4) == pytest.approx(2 / 4)
    assert precision(RANKING, QRELS, 10) == pytest.approx(2 / 10)
    assert reciprocal_rank(RANKING, QRELS, 4) == pytest.approx(1 / 2)
    assert average_precision(RANKING, QRELS, 4) == pytest.approx((1 / 2 + 2 / 4) / 3)
    # Gains 0 1 0 2 at discounts log2(2..5); ideal 2 1 1.
    assert ndcg(RANKING, QRELS, 4) == pytest.approx(
        (1 / 1.584963 + 2 / 2.321928) / (2 + 1 / 1.584963 + 1 / 2), abs=1e-6
    )


@pytest.mark.parametrize("measure", [recall, precision, reciprocal_rank, average_precision, ndcg])
def test_nothing_found_is_zero(measure):
    assert measure([], QRELS, 5) == 0
    assert measure(["x", "y"], QRELS, 5) == 0


names = st.sampled_from([f"d{number}" for number in range(12)])


@given(
    ranking=st.lists(names, unique=True, min_size=1),
    qrels=st.dictionaries(names, st.integers(1, 3), min_size=1),
    k=st.integers(1, 12),
)
def test_ranking_agrees_with_ir_measures(ranking, qrels, k):
    run = {"q": {name: float(-rank) for rank, name in enumerate(ranking)}}
    measures = {R @ k: recall, P @ k: precision, RR @ k: reciprocal_rank}
    measures |= {AP @ k: average_precision, nDCG @ k: ndcg}
    expected = ir_measures.calc_aggregate(list(measures), {"q": qrels}, run)
    for measure, ours in measures.items():
        assert ours(ranking, qrels, k) == pytest.approx(expected[measure], abs=1e-6)


def test_labels_that_one_passage_holds_are_one_item():
    ranking, qrels = group_labels([{0, 1}, {1}, set()], [1, 3, 1])
    assert ranking == ["passage 0", "passage 1", "passage 2"]
    assert qrels == {"passage 0": 3, "label 2": 1}


def test_a_passage_for_each_label_is_a_perfect_ranking():
    ranking, qrels = group_labels([{1}, {0}], [1, 1])
    assert ndcg(ranking, qrels, 2) == 1
    assert average_precision(ranking, qrels, 2) == 1


def test_token_overlap_by_hand():
    assert token_overlap({1, 2, 3, 4}, {3, 4, 5}) == pytest.approx((2 / 3, 2 / 4, 2 / 5))
    assert token_overlap(set(), {1}) == (0, 0, 0)


def test_short_answers_as_squad_counts_them():
    assert exact_match("The  Café Royal!", ["café royal"]) == 1
    assert exact_match("1874", ["1875", "1876"]) == 0
    assert exact_match("“rock ’n’ roll”", ["\"Rock 'n' Roll\""]) == 1
    # Two of three words given are right, two of two are found: 2 * (2/3 * 1) / (2/3 + 1).
    assert token_f1("old Ada Moss", ["nobody", "Ada Moss"]) == pytest.approx(0.8)
    assert token_f1("the", ["Ada"]) == 0


def test_an_answer_is_contained_as_whole_words_only():
    assert contains(["Born in 1874, they say."], ["1874"]) == 1
    assert contains(["Born in 18745."], ["1874"]) == 0
    assert contains(["anything"], ["the"]) == 0
    assert contains([], ["1874"]) == 0


def measured(answerable, refused, confidence):
    columns = [np.array(column, dtype=float) for column in (answerable, refused, confidence)]
    found = refusals(np.ones((1, len(answerable))), *columns)
    return {name: float(value[0]) for name, value in found.items()}


def test_refusals_by_hand():
    # Refused: questions 2 (wrongly) and 3 (rightly); 4 should have been refused too.
    values = measured([1, 1, 0, 0, 1], [0, 1, 1, 0, 0], [0.9, 0.4, 0.2, 0.6, 0.6])
    assert values["refusal_precision"] == pytest.approx(1 / 2)
    assert values["refusal_recall"] == pytest.approx(1 / 2)
    assert values["refusal_f1"] == pytest.approx(1 / 2)
    assert values["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    # Of six pairs: .9 beats both, .4 beats one, .6 beats one and ties one.
    assert values["auc"] == pytest.approx((2 + 1 + 1.5) / 6)


def test_never_refusing_earns_no_precision():
    values = measured([1, 0], [0, 0], [0.5, 0.5])
    assert values["refusal_precision"] == values["refusal_recall"] == values["refusal_f1"] == 0
    assert values["balanced_accuracy"] == values["auc"] == 0.5


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.3, 0.5, 0.9])), min_size=2),
    st.integers(0, 99),
)
def test_weights_mean_repetition(pairs, seed):
    answerable = np.array([outcome for outcome, _ in pairs], dtype=float)
    confidence = np.array([said for _, said in pairs])
    picks = np.random.default_rng(seed).integers(0, len(pairs), len(pairs))
    weights = np.bincount(picks, minlength=len(pairs))[None, :]
    repeated = auc(np.ones((1, len(picks))), answerable[picks], confidence[picks])
    assert auc(weights, answerable, confidence) == pytest.approx(repeated)


def test_calibration_by_hand():
    bins = reliability([True, False, True, True], [0.95, 0.91, 0.55, 1.0])
    assert [(item.low, item.count) for item in bins] == [(0.5, 1), (0.9, 3)]
    assert bins[1].answerable == pytest.approx(2 / 3)
    gap = abs((0.95 + 0.91 + 1.0) / 3 - 2 / 3)
    assert calibration_error(bins) == pytest.approx((1 * 0.45 + 3 * gap) / 4)


def test_percentiles_are_interpolated():
    assert percentile([30, 10, 20], 0.5) == 20
    assert percentile([10, 20], 0.95) == pytest.approx(19.5)
    assert percentile([7], 0.95) == 7
