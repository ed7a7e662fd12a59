"""Asking a set: what is judged, what counts as missing, and what is kept."""

import json

import ir_measures
import pytest
from ir_measures import R, nDCG

from index.types import Progress
from qa.errors import QuestionSetError
from qa.evaluation.questions import Evidence, Question, question_set
from qa.evaluation.run import RunResult, run
from qa.evaluation.saved import (
    list_runs,
    load_run,
    save,
    to_dict,
    write_answers,
    write_trec,
)
from qa.evaluation.table import render_table

from .fakes import LIBRARY, WordAssistant, document

LIT = "The lighthouse at Corran was lit in 1874."
QUESTIONS = (
    Question(
        "lit", "When was the lighthouse lit at Corran?", (), ("1874",), (Evidence("harbour", LIT),)
    ),
    Question(
        "owner",
        "Who bought it?",
        ("Which mill did Jonas Reed own?",),
        ("Jonas Reed",),
        (Evidence("mill.md", "Jonas Reed bought the mill in 1911."),),
        tags=("person",),
    ),
    Question("moon", "Is cheese found upon the moon?", answerable=False),
    Question("lost", "What happened to the bells?", (), ("stolen",), (Evidence("castle"),)),
)
SET = question_set("small", QUESTIONS)


def result_of(backend=None, sets=(SET,), **options) -> RunResult:
    *progress, result = run(backend or WordAssistant(), sets, **options)
    assert all(isinstance(event, Progress) for event in progress)
    assert (progress[0].done, progress[-1].done) == (0, progress[-1].total)
    assert isinstance(result, RunResult)
    return result


def values(result, name):
    return next(record.values for record in result.records if record.question.id == name)


def test_a_right_answer_scores_fully():
    found = values(result_of(), "lit")
    for name in ("correct", "recall@1", "nDCG@10", "MRR@10", "passage_recall@1", "passage_nDCG@10"):
        assert found[name] == 1, name
    for name in (
        "quote_found",
        "quote_recall",
        "quote_precision",
        "token_iou",
        "exact_match",
        "f1",
    ):
        assert found[name] == 1, name
    for name in ("citation_precision", "citation_recall", "citations_verify", "answer_in_quotes"):
        assert found[name] == 1, name
    assert found["brier"] == pytest.approx((0.5 - 1) ** 2)


def test_a_wrong_short_answer_is_no_match_though_the_quote_holds_it():
    found = values(result_of(), "owner")
    assert found["exact_match"] == 0
    assert found["answer_in_quotes"] == found["correct"] == 1


def test_an_evidence_document_that_is_missing_counts_as_not_found():
    result = result_of()
    found = values(result, "lost")
    assert (
        found["recall@10"] == found["nDCG@10"] == found["citation_recall"] == found["correct"] == 0
    )
    assert result.missing == ("castle",)
    assert result.totals["recall@10"].n == 3
    assert "castle" in render_table(result)


def test_a_refusal_is_judged_by_whether_there_is_an_answer():
    assert values(result_of(), "moon")["correct"] == 1
    assert "recall@10" not in values(result_of(), "moon")
    eager = result_of(WordAssistant(least=0))
    assert values(eager, "moon")["correct"] == 0
    assert eager.totals["refusal_recall"].value == 0
    shy = result_of(WordAssistant(least=99))
    assert values(shy, "lit")["correct"] == values(shy, "lit")["f1"] == 0
    assert values(shy, "lit")["recall@1"] == 1
    assert shy.totals["refusal_precision"].value == pytest.approx(1 / 4)


def test_totals_and_groups():
    result = result_of(k=3)
    assert result.totals["correct"].value == pytest.approx(3 / 4)
    assert result.totals["correct"].n == 4
    assert {"answerable", "unanswerable", "first turn", "follow-up", "tag person"} == set(
        result.groups
    )
    assert result.groups["follow-up"]["correct"].n == 1
    assert "recall@10" not in result.totals
    assert result.totals["latency_p50"].value > 0
    assert result.index == {"generation": 7, "passages": 7, "model": "words"}


def test_a_set_whose_documents_are_all_missing_is_an_error_not_zeros():
    other = WordAssistant(library=[document("sea", "The sea is wide.")])
    with pytest.raises(QuestionSetError, match="none of the 3 documents"):
        list(run(other, [SET]))
    fine = question_set("fine", [Question("a", "Is the sea wide?", (), (), (Evidence("sea"),))])
    with pytest.raises(QuestionSetError, match="small"):
        list(run(other, [fine, SET]))


def test_a_question_without_an_answer_counts_as_wrong_and_says_why():
    empty = Question("empty", " ? ", (), ("x",), (Evidence("mill", "Jonas Reed"),))
    result = result_of(sets=[question_set("a", [*QUESTIONS, empty])])
    record = result.records[-1]
    assert record.answer is None
    assert "empty" in record.error
    assert set(record.values.values()) == {0.0, 1.0}
    assert [name for name, value in record.values.items() if value] == ["brier"]
    assert set(record.values) >= {"recall@10", "quote_found", "f1", "correct"}
    assert "No answer to empty" in render_table(result)


def test_a_quote_that_is_not_the_stored_text_is_counted():
    class Liar(WordAssistant):
        def documents(self):
            return [document("mill", "The mill was sold."), *LIBRARY[::2]]

    assert result_of(Liar()).totals["citations_verify"].value < 1


def test_several_sets_are_one_run_with_a_group_for_each():
    result = result_of(sets=[SET, question_set("other", QUESTIONS[:1])])
    assert result.set_name == "small+other"
    assert result.groups["tag other"]["correct"].n == 1


def test_a_saved_run_is_the_same_when_read(tmp_path):
    result = result_of(settings={"threshold": 0.5}, version="1.2")
    save(result, tmp_path, "first")
    read = load_run(tmp_path, "first")
    assert read.name == "first"
    assert (read.totals, read.groups, read.bins) == (result.totals, result.groups, result.bins)
    assert (read.settings, read.version, read.missing) == ({"threshold": 0.5}, "1.2", ("castle",))
    assert [record.question for record in read.records] == list(QUESTIONS)
    assert to_dict(read)["questions"] == to_dict(result)["questions"]
    assert json.loads(json.dumps(to_dict(result)))["totals"]["correct"] == {"value": 0.75, "n": 4}
    assert [item.name for item in list_runs(tmp_path, "small")] == ["first"]
    assert list_runs(tmp_path, "large") == []


@pytest.mark.parametrize("name", ["../out", "a/b", "", "..", "a b"])
def test_a_run_is_not_called_like_a_path(tmp_path, name):
    with pytest.raises(QuestionSetError):
        save(result_of(), tmp_path, name)


def test_a_missing_or_damaged_run_is_one_sentence(tmp_path):
    with pytest.raises(QuestionSetError, match="--save"):
        load_run(tmp_path, "never")
    path = save(result_of(), tmp_path, "kept")
    with pytest.raises(QuestionSetError, match="there are: kept"):
        load_run(tmp_path, "never")
    path.write_text(path.read_text()[:100])
    with pytest.raises(QuestionSetError, match="not a saved run"):
        load_run(tmp_path, "kept")


def test_answers_are_one_object_a_line(tmp_path):
    write_answers(result_of(), tmp_path / "answers.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["lit", "owner", "moon", "lost"]
    assert rows[0]["short_answer"] == "1874"
    assert rows[1]["history"] == ["Which mill did Jonas Reed own?"]


def test_the_trec_run_scores_as_the_run_itself(tmp_path):
    result = result_of()
    write_trec(result, tmp_path / "small.trec")
    trec = list(ir_measures.read_trec_run(str(tmp_path / "small.trec")))
    qrels = {"lit": {"harbour": 1}, "owner": {"mill": 1}, "lost": {"castle": 1}}
    scores = ir_measures.calc_aggregate([R @ 1, nDCG @ 10], qrels, trec)
    assert scores[R @ 1] == pytest.approx(result.totals["recall@1"].value)
    assert scores[nDCG @ 10] == pytest.approx(result.totals["nDCG@10"].value)


def test_the_table_tells_values_and_on_how_many():
    lines = render_table(result_of()).splitlines()
    assert "small: 4 questions" in lines[0]
    row = next(line for line in lines if line.strip().startswith("recall@10"))
    assert row.split() == ["recall@10", "0.667", "3"]
