"""What kind of answer is asked for, and which span of a sentence is given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.expected import expected_answer, finds, spans
from qa.parts import parts
from qa.spans import short_answer

FIGURES = (
    "By the minister's figures, clinicians make up only 54% of the managers in our hospitals, "
    "against 74% in Canada and the United States and 94% in Sweden."
)
GROWTH = (
    "The plan doubles the size of the scheme next year from 100 to 200 places (aiming to expand "
    "this eventually to 1000 places)."
)
OPENING = "Ada Holm opened the weir at Oxley on Thursday 3 May 1874, before Jonas Reed arrived."


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many locks are there?", "number"),
        ("What percentage of the crew stayed?", "number"),
        ("When did the weir open?", "date"),
        ("In what year did the weir open?", "date"),
        ("Who opened the weir?", "person"),
        ("Where is the weir?", "place"),
        ("Which university was first?", "place"),
        ("What is the weir called?", "name"),
        ("What happened when the weir broke?", "any"),
        ("What did the man who built the weir say?", "any"),
        ("Why did the weir break?", "any"),
    ],
)
def test_question_words_tell_the_kind(question: str, kind: str):
    assert expected_answer(question) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("What share of managers in Sweden are clinicians?", FIGURES, "94%"),
        ("What share of managers in Canada are clinicians?", FIGURES, "74%"),
        ("Who opened the weir at Oxley?", OPENING, "Ada Holm"),
        ("When was the weir opened?", OPENING, "Thursday 3 May 1874"),
        ("In what year was the weir opened?", OPENING, "1874"),
        ("Who built the weir?", "The weir was built by the engineer Ada van Holm.", "Ada van Holm"),
        ("How long is the tunnel?", "The tunnel is 12 miles long.", "12 miles"),
        (
            "Which faculty examines the barriers?",
            "The Faculty of Rivers examines the barriers in March.",
            "Faculty of Rivers",
        ),
    ],
)
def test_the_span_that_is_asked_for(question: str, sentence: str, answer: str):
    assert short_answer(question, sentence, {}) == answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Why did Ada Holm open the weir?", OPENING),
        ("Who is Ada Holm?", "Ada Holm kept the weir."),
        ("How many boats passed?", "Nobody counted the boats that passed."),
        (
            "Who crossed the bridge?",
            "Ada Holm crossed the bridge and Jonas Reed crossed the bridge.",
        ),
    ],
)
def test_no_span_rather_than_a_doubtful_one(question: str, sentence: str):
    assert short_answer(question, sentence, {}) is None


def test_the_rarest_word_decides_between_spans():
    terms = {"place": 1.0, "scheme": 1.0, "grow": 4.0, "eventu": 4.5}
    asked = "How many places will the scheme grow to eventually?"
    assert short_answer(asked, GROWTH, terms) in ("1000", None)
    assert short_answer(asked, GROWTH, {}) in ("1000", None)


def test_several_are_given_where_several_are_asked_for():
    sentence = "Mills stood in two countries, Denmark and Norway, as the ledger of 1874 says."
    assert short_answer("In which countries did mills stand?", sentence, {}) == "Denmark and Norway"


def test_names_do_not_cross_lines():
    assert [*spans("person", "Ada\nHolm")] == [(0, 3), (4, 8)]


def test_a_name_that_the_question_holds_is_not_found():
    assert not finds("person", "Ada Holm left.", "Why did Ada Holm leave?")
    assert finds("person", "Jonas Reed left.", "Who left, if not Ada Holm?")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who heads the trust, and what did he make of the plans?", [{"head", "trust"}, {"plan"}]),
        ("How does Canada compare with Sweden?", [{"canada"}, {"sweden"}]),
        ("What happened to Ada Holm and Jonas Reed?", [{"ada", "holm"}, {"jona", "reed"}]),
        ("Who built the weir? When did it open?", [{"built", "weir"}, {"open"}]),
        ("Why did the weir break and flood the town?", []),
        ("Who opened the weir at Oxley?", []),
    ],
)
def test_parts_of_a_question(question: str, found: list[set[str]]):
    got = parts(question)
    assert len(got) == len(found)
    assert all(own <= part.stems for own, part in zip(found, got, strict=True))


@given(st.text(max_size=120), st.text(max_size=300))
def test_a_short_answer_is_a_span_of_its_sentence(question: str, sentence: str):
    answer = short_answer(f"Who {question}", sentence, {})
    assert answer is None or answer in sentence
