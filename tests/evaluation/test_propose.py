"""Drafted questions: grounded in a sentence, answerable from it, and marked as drafts."""

import pytest

from qa.evaluation.corpus import check
from qa.evaluation.metrics import normalise
from qa.evaluation.propose import propose
from qa.evaluation.questions import parse_question, question_set, write_native

from .fakes import LIBRARY, document

SHIPS = document(
    "ships",
    "The Western Ferry was launched in May 1931. Clara Bell captained the ferry for 30 years. "
    "It sank. The company sold 4,500 tickets a week by the summer. A letter from Owen Price "
    "calls the crew “a second family”.",
)


def by_question(questions):
    return {item.question: item for item in questions}


def test_forms_that_allow_it_become_plain_questions():
    found = by_question(propose([SHIPS], count=9))
    assert found["When was the Western Ferry launched?"].answers == ("May 1931",)
    assert found["Who captained the ferry for 30 years?"].answers == ("Clara Bell",)


def test_others_leave_the_answer_out():
    found = by_question(propose([SHIPS], count=9))
    gap = found["Which number is missing here: The company sold ____ tickets a week by the summer."]
    assert gap.answers == ("4,500",)
    assert gap.tags == ("drafted", "number")


@pytest.mark.parametrize("seed", range(5))
def test_every_draft_stands_in_its_document_and_does_not_give_itself_away(seed):
    library = [*LIBRARY, SHIPS]
    drafts = propose(library, count=12, seed=seed)
    assert drafts
    assert check(question_set("drafts", drafts), library) == []
    assert len({draft.id for draft in drafts}) == len(drafts)
    for draft in drafts:
        assert draft.tags[0] == "drafted"
        for answer in draft.answers:
            assert normalise(answer) not in normalise(draft.question)
            assert answer in draft.evidence[0].quote


def test_controls_ask_of_a_name_what_no_document_says_of_it():
    drafts = propose([*LIBRARY, SHIPS], count=12)
    controls = [draft for draft in drafts if not draft.answerable]
    assert 0 < len(controls) <= 3
    for control in controls:
        assert control.tags == ("drafted", "control")
        assert control.answers == control.evidence == ()


def test_the_seed_decides_and_the_documents_take_turns():
    library = [*LIBRARY, SHIPS]
    assert propose(library, 8, seed=4) == propose(library, 8, seed=4)
    first = propose(library, 4, seed=1)
    asked = [item.document for draft in first for item in draft.evidence]
    assert len(set(asked)) == len(asked)


def test_drafts_can_be_written_as_a_set(tmp_path):
    drafts = propose([SHIPS], count=3)
    write_native(drafts, tmp_path / "drafts.jsonl")
    rows = (tmp_path / "drafts.jsonl").read_text(encoding="utf-8").splitlines()
    read = [parse_question(row) for row in rows]
    assert read == drafts


def test_nothing_to_ask_gives_nothing():
    assert propose([], 5) == []
    assert propose([document("plain", "it rains and nobody minds at all today.")], 5) == []
