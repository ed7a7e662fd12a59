"""Follow-ups: what leans on the questions before it, and what it takes along from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import analyze
from qa import Assistant
from qa.conversation import CARRIED, carried_terms, goes_on, leans_on_history, resolve
from qa.looking import SURE

WORDS = ("mill", "barley", "keeper", "harbour", "tiller", "clay", "eel", "rope")
SHARES = "What share of NHS hospital managers are clinicians?"
RARE = {"mill": 1.0, "barley": 2.0, "keeper": 3.0, "harbour": 4.0, "eel": 0.5}


def idf(stem: str) -> float:
    """The weight of the words that some passage holds, and 0 for all others."""
    return RARE.get(stem, 0.0)


@pytest.mark.parametrize(
    "question",
    [
        "And in Canada?",
        "and the harbour keepers of the northern islands?",
        "But why?",
        "What about Keith McNeil?",
        "How about the second cohort?",
        "Why did he say so?",
        "When will they begin?",
        "Who wrote it?",
        "Where is that?",
        "How old is she?",
        "What did he study for it?",
        "How many places does it have at the moment?",
        "Which other trust does he run?",
        "Who else?",
        "Since when?",
        "Why?",
    ],
)
def test_what_leaves_open_whom_or_what_it_means_leans_on_history(question: str) -> None:
    assert leans_on_history(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which university will the first intake of the fast track attend?",
        "What percentage of hospital managers in Sweden come from a clinical profession?",
        "Who reported in 2015 that hospitals had become nearly impossible to run?",
        "How many people work for the organisation in the example of a manager's worries?",
        "Who wrote in the Guardian on 7 October 2015?",
        "What does the Guardian article compare NHS management to?",
        "Why are doctors scared of taking on leadership jobs, according to Hunt?",
    ],
)
def test_what_says_itself_what_it_is_about_is_left_as_it_is(question: str) -> None:
    assert not leans_on_history(question)
    assert resolve(question, ["Where do the eels of the harbour mill go?"], idf) == question


def test_the_weightiest_words_of_the_questions_before_are_taken_along() -> None:
    history = ["Where is the mill?", "Who is the keeper of the harbour?", "What do eels eat?"]
    assert carried_terms("And why?", history, idf) == ["harbour", "keeper"]
    assert resolve("And why?", history, idf) == "And why? (harbour, keeper)"
    assert carried_terms("Why the harbour?", history, idf, most=4) == ["keeper", "mill", "eels"]


def test_words_asked_about_again_and_again_weigh_more_and_of_equals_the_latest() -> None:
    assert carried_terms("And?", ["barley", "barley", "keeper"], idf, most=1) == ["barley"]
    equal = {"mill": 1.0, "eel": 1.0}
    found = carried_terms("And?", ["mill", "eel"], lambda stem: equal.get(stem, 0), most=1)
    assert found == ["eel"]


def test_words_that_no_passage_holds_are_never_carried() -> None:
    assert carried_terms("And why?", ["What of the zeppelin mill?"], idf) == ["mill"]
    assert resolve("And why?", ["What of the zeppelin?"], idf) == "And why?"


def test_without_history_a_question_stays_as_it_is() -> None:
    assert resolve("And in Canada?", [], idf) == "And in Canada?"
    assert resolve("And in Canada?", ["", "?!", "why is it so"], idf) == "And in Canada?"


def test_a_question_goes_on_where_its_vector_is_like_that_of_one_of_the_latest() -> None:
    vectors = {"mill": [1.0, 0.0], "sluice": [0.6, 0.8], "tea": [0.0, 1.0], "": [0.0, 0.0]}

    def encode(text: str) -> np.ndarray:
        return np.array(vectors[text], np.float32)

    assert goes_on("sluice", ["mill"], encode)
    assert not goes_on("tea", ["mill"], encode)
    assert not goes_on("mill", [], encode)
    assert not goes_on("mill", ["", " "], encode)
    assert goes_on("mill", ["mill", "tea", "tea"], encode)
    assert not goes_on("mill", ["mill", "tea", "tea", "tea"], encode)  # too long ago


sayings = st.lists(st.sampled_from((*WORDS, "zeppelin", "the", "why")), max_size=6).map(" ".join)


@given(sayings | st.text(max_size=40), st.lists(sayings | st.text(max_size=40), max_size=5))
def test_a_resolved_question_shows_all_it_carries_and_changes_nothing_else(
    question: str, history: list[str]
) -> None:
    resolved = resolve(question, history, idf)
    carried = carried_terms(question, history, idf)
    assert len(carried) <= CARRIED
    for term in carried:
        assert any(idf(stem) > 0 for stem in analyze(term))
        assert not {*analyze(term)} & {*analyze(question)}
        assert any(term in turn for turn in history)
    assert resolved in (question, f"{question} ({', '.join(carried)})")


# --- over the shipped documents ----------------------------------------------------------------


def quoted(assistant: Assistant, question: str, *history: str) -> str:
    answer = assistant.ask(question, history)
    return " ".join(citation.quote.text for citation in answer.citations)


@pytest.mark.model
@pytest.mark.parametrize(
    ("history", "question", "said"),
    [
        (SHARES, "And in Canada?", "74%"),
        ("Who leads Salford Royal?", "Which other trust does he run?", "Pennine"),
        ("Which trust did Mark Newbold leave?", "What about Keith McNeil?", "Addenbrooke's"),
        ("What is Kaiser Permanente?", "Why are so many of its leaders doctors?", "Kaiser"),
    ],
)
def test_a_follow_up_finds_what_it_leans_on(
    assistant: Assistant, history: str, question: str, said: str
) -> None:
    answer = assistant.ask(question, [history])
    assert answer.resolved_question.startswith(question)
    assert answer.status == "answered"
    assert not answer.parts  # what is taken along is no thing of its own
    assert said in quoted(assistant, question, history)


@pytest.mark.model
def test_what_is_carried_is_shown_and_stands_in_the_documents(assistant: Assistant) -> None:
    history = ["What share of zeppelin managers are clinicians in the Quadling country?"]
    resolved = assistant.ask("And in Canada?", history).resolved_question
    assert resolved != "And in Canada?"
    assert "zeppelin" not in resolved
    assert "Quadling" not in resolved


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "Who leads the Nuffield Trust?",
        "Where does Chris Ham work?",
        "When does the first cohort of the fast track begin?",
        "Who wrote in the Guardian on 7 October 2015?",
        "What does the Guardian article compare NHS management to?",
    ],
)
def test_a_new_topic_is_not_dragged_back_to_the_old_one(
    assistant: Assistant, question: str
) -> None:
    history = [SHARES, "And in Canada?", "And in Sweden?"]
    after, first = assistant.ask(question, history), assistant.ask(question)
    assert (after.resolved_question, after.text) == (question, first.text)
    assert after.confidence == first.confidence


@pytest.mark.model
def test_a_short_question_with_a_topic_of_its_own_finds_it(assistant: Assistant) -> None:
    assert "Salford Royal" in quoted(assistant, "Who is David Dalton?", SHARES, "And in Canada?")


@pytest.mark.model
def test_history_makes_no_answer_to_what_is_not_in_the_documents(assistant: Assistant) -> None:
    for question in ("What is the capital of Mongolia?", "Who won the football World Cup in 1998?"):
        assert assistant.ask(question, [SHARES]).status == "not_found"


@pytest.mark.model
def test_what_the_documents_do_not_answer_alone_is_looked_for_with_its_subject(
    assistant: Assistant,
) -> None:
    history = ["Which trust did Mark Newbold leave?"]
    vague = "What was the reason given for the resignation?"
    alone, after = assistant.ask(vague), assistant.ask(vague, history)
    assert alone.resolved_question == vague
    assert alone.confidence < SURE
    assert after.resolved_question.startswith(f"{vague} (")
    assert "Newbold" in after.resolved_question
