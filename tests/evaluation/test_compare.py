"""Two runs side by side, runs over time, and gates."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import QuestionSetError
from qa.evaluation.compare import compare, holm, mcnemar, randomisation
from qa.evaluation.history import Gate, gate, history, parse_gate, render_comparison
from qa.evaluation.questions import Question
from qa.evaluation.run import Record, make_result


def record(name, correct, answerable=True, confidence=0.5, rank=1.0, text="said"):
    refused = bool(correct) != answerable
    answer = {
        "status": "not_found" if refused else "answered",
        "confidence": confidence,
        "answer": text,
        "short_answer": None,
    }
    values = {
        "correct": float(correct),
        "brier": (confidence - answerable) ** 2,
        "MRR@10": rank,
        "latency_ms": 5.0,
    }
    return Record(Question(name, f"What is {name}?", answerable=answerable), answer, values)


def result(name, *records, **facts):
    defaults = {"set_name": "small", "set_sha256": "", "k": 10, "created": "2026-01-02T03:04:05"}
    defaults |= {"version": "1", "index": {"generation": 1}, "settings": {}}
    return make_result(records, name=name, **{**defaults, **facts})


def by_name(comparison):
    return {item.metric: item for item in comparison.differences}


def test_mcnemar_by_hand():
    assert mcnemar(0, 0) == 1
    assert mcnemar(1, 5) == pytest.approx(2 * (comb(6, 0) + comb(6, 1)) / 64)
    assert mcnemar(3, 3) == 1
    assert mcnemar(1000, 2000) < 1e-60


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1))
def test_holm_only_raises_and_keeps_the_order(values):
    adjusted = holm(values)
    assert all(0 <= p <= q <= 1 for p, q in zip(values, adjusted, strict=True))
    pairs = sorted(zip(values, adjusted, strict=True))
    assert [q for _, q in pairs] == sorted(adjusted)


def test_randomisation_agrees_with_every_sign_counted():
    delta = np.array([1.0, 1.0, 1.0, -0.5, 2.0])
    signs = np.array([[1 - 2 * (row >> bit & 1) for bit in range(5)] for row in range(32)])
    exact = np.mean(abs(signs @ delta) >= delta.sum() - 1e-12)
    chance = np.random.default_rng(1).choice([-1.0, 1.0], (20_000, 5))
    assert randomisation(delta, chance) == pytest.approx(exact, abs=0.01)


def test_equal_runs_differ_in_nothing():
    records = [record(str(number), number % 2, rank=number / 7) for number in range(7)]
    found = compare(result("a", *records), result("b", *records))
    assert found.questions == 7
    assert found.flips == ()
    for item in found.differences:
        assert (item.difference, item.low, item.high, item.adjusted) == (0, 0, 0, 1)
        assert item.verdict == "same"


def test_a_real_gain_is_told_from_a_chance_one():
    before = [record(str(n), n % 3 == 0, rank=0.2 + n % 5 / 10) for n in range(40)]
    after = [record(str(n), n < 39, rank=0.2 + (n + 1) % 5 / 10) for n in range(40)]
    found = by_name(compare(result("a", *before), result("b", *after)))
    assert (found["correct"].verdict, found["correct"].test) == ("better", "mcnemar")
    assert found["correct"].difference == pytest.approx(39 / 40 - 14 / 40)
    assert found["correct"].low <= found["correct"].difference <= found["correct"].high
    assert (found["MRR@10"].verdict, found["MRR@10"].test) == ("same", "randomisation")
    assert found["MRR@10"].low <= 0 <= found["MRR@10"].high


def test_a_lower_brier_is_better():
    before = [record(str(n), 1, confidence=0.5 + n / 100) for n in range(30)]
    after = [record(str(n), 1, confidence=0.8 + n / 200) for n in range(30)]
    assert by_name(compare(result("a", *before), result("b", *after)))["brier"].verdict == "better"


def test_refusing_is_compared_as_a_set():
    def asked(said):
        return [record(str(n), 1, answerable=n % 2 == 0, confidence=said(n)) for n in range(60)]

    before, after = asked(lambda _: 0.5), asked(lambda n: 0.9 if n % 2 == 0 else 0.1)
    found = by_name(compare(result("a", *before), result("b", *after)))
    assert (found["auc"].first, found["auc"].second) == (0.5, 1.0)
    assert (found["auc"].verdict, found["auc"].test) == ("better", "bootstrap")
    assert found["balanced_accuracy"].verdict == "same"


def test_the_same_seed_gives_the_same_figures():
    before = [record(str(n), n % 3 == 0, rank=n / 20) for n in range(20)]
    after = [record(str(n), n % 2 == 0, rank=1 - n / 20) for n in range(20)]
    pair = result("a", *before), result("b", *after)
    assert compare(*pair, seed=3) == compare(*pair, seed=3)


def test_flips_come_worst_first_with_both_answers():
    before = [
        record("won", 0),
        record("lost", 1, text="It is 5.", rank=1.0),
        record("kept", 1),
        record("lost badly", 1, rank=1.0),
    ]
    after = [
        record("won", 1),
        record("lost", 0, text="Not there.", rank=0.5),
        record("kept", 1),
        record("lost badly", 0, rank=0.1),
    ]
    found = compare(result("a", *before), result("b", *after))
    assert [flip.question_id for flip in found.flips] == ["lost badly", "lost", "won"]
    lost = found.flips[1]
    assert (lost.first["answer"], lost.second["answer"]) == ("It is 5.", "Not there.")
    assert lost.deltas == {"correct": -1, "MRR@10": -0.5}
    text = render_comparison(found)
    assert "Flipped: 2 worse, 1 better." in text
    assert text.index("lost badly") < text.index("It is 5.") < text.index("won")
    assert found.to_dict()["differences"][0]["verdict"] == "unclear"


def test_only_questions_in_the_same_words_are_paired():
    other = replace(record("x", 1), question=Question("x", "Something else?"))
    found = compare(result("a", record("x", 1), record("y", 1)), result("b", other, record("y", 0)))
    assert (found.questions, found.unpaired) == (1, 2)
    with pytest.raises(QuestionSetError, match="share no question"):
        compare(result("a", record("x", 1)), result("b", other))


def test_what_changed_between_the_runs_is_said():
    first = result("a", record("x", 1), settings={"threshold": 0.5, "quotes": 3})
    second = result("b", record("x", 1), settings={"threshold": 0.6, "quotes": 3})
    found = compare(first, second)
    assert found.changes == {"threshold": (0.5, 0.6)}
    assert "threshold: 0.5 → 0.6" in render_comparison(found)


def test_a_flip_cannot_write_to_the_terminal():
    before, after = record("x", 0), record("x", 1, text="\x1b[2Jgone\nline")
    text = render_comparison(compare(result("a", before), result("b", after)))
    assert "\x1b" not in text
    assert "gone line" in text


def test_history_plots_each_run_of_the_measure():
    runs = [
        result(name, *(record(str(n), n < good) for n in range(4)))
        for name, good in (("one", 1), ("two", 4), ("three", 2))
    ]
    lines = history(runs, "CORRECT").splitlines()
    assert lines[0] == "correct  ▁█▃"
    assert [line.split()[0] for line in lines[3:]] == ["one", "two", "three"]
    assert [line.count("█") for line in lines[3:]] == [8, 30, 15]
    assert "--save" in history([])
    with pytest.raises(QuestionSetError, match="correct"):
        history(runs, "beauty")


def test_gates():
    run = result("a", record("x", 1, confidence=0.9), record("y", 0, confidence=0.9))
    assert parse_gate("recall@5=.8") == Gate("recall@5", 0.8)
    assert parse_gate("brier=.1") == Gate("brier", 0.1, most=True)
    assert parse_gate("latency_p95 <= 200") == Gate("latency_p95", 200, most=True)
    assert gate(run, [parse_gate("CORRECT=.5"), parse_gate("brier<=.02")]) == []
    (failure,) = gate(run, [parse_gate("correct=.8")])
    assert failure == "correct is 0.5000; it should be at least 0.8."
    (failure,) = gate(run, [parse_gate("brier=.001")])
    assert "at most" in failure
    with pytest.raises(QuestionSetError, match="does not measure"):
        gate(run, [parse_gate("recall@5=.8")])


@pytest.mark.parametrize("text", ["recall@5", "=.5", "recall@5=nan", "recall@5=a", "a=1=2", ""])
def test_what_is_no_gate_is_refused(text):
    with pytest.raises(QuestionSetError, match="is no gate"):
        parse_gate(text)
