"""The shipped documents and the question set over them hold together."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SEEDS = sorted((ROOT / "seeds").iterdir())
LINES = (ROOT / "qa/evaluation/sets/seeds.jsonl").read_text(encoding="utf-8").splitlines()
QUESTIONS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]
UNANSWERABLE = [question for question in QUESTIONS if not question["answerable"]]


def split(path: Path) -> tuple[dict[str, Any], str]:
    """Return the front matter and the body."""
    opening, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(front), body


BODIES = {path.name: split(path)[1] for path in SEEDS}


def name(item: Path | dict[str, Any]) -> str:
    return item.name if isinstance(item, Path) else str(item["id"])


def test_there_are_five_documents_and_nothing_else() -> None:
    assert [path.suffix for path in SEEDS] == [".md"] * 5


@pytest.mark.parametrize("path", SEEDS, ids=name)
def test_a_document_says_where_it_comes_from(path: Path) -> None:
    front, _ = split(path)
    assert front["title"]
    assert front["source"]
    assert isinstance(front["authors"], list)
    assert all(front["authors"])
    assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", str(front["published"]))


def test_titles_are_distinct_because_questions_may_name_them() -> None:
    assert len({split(path)[0]["title"] for path in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("path", SEEDS, ids=name)
def test_a_body_is_sections_of_plain_text(path: Path) -> None:
    blocks = BODIES[path.name].strip().split("\n\n")
    headings = [block for block in blocks if block.startswith("## ")]
    assert len(headings) >= 2
    for block in blocks:
        assert "\n" not in block, "a paragraph is one line, so that a quote never spans two"
        assert not re.search(r"[*_`<>\[\]]", block), "marks would be lost when rendered"


def test_the_question_set_is_large_and_varied() -> None:
    assert len({question["id"] for question in QUESTIONS}) == len(QUESTIONS) >= 40
    assert len(UNANSWERABLE) * 4 >= len(QUESTIONS)
    assert sum(1 for question in ANSWERABLE if question.get("history")) >= 8
    tags = {tag for question in QUESTIONS for tag in question["tags"]}
    assert tags >= {"fact", "number", "name", "date", "reason", "follow-up", "unanswerable"}


def test_every_document_is_asked_about() -> None:
    asked = {item["document"] for question in ANSWERABLE for item in question["evidence"]}
    assert asked == set(BODIES)


@pytest.mark.parametrize("question", ANSWERABLE, ids=name)
def test_evidence_stands_verbatim_in_its_document_and_holds_the_answers(
    question: dict[str, Any],
) -> None:
    quotes = [item["quote"] for item in question["evidence"]]
    assert quotes
    for item in question["evidence"]:
        assert item["quote"] in BODIES[item["document"]]
    assert question["answers"]
    for answer in question["answers"]:
        assert any(answer in quote for quote in quotes)


@pytest.mark.parametrize("question", UNANSWERABLE, ids=name)
def test_a_question_without_an_answer_has_no_evidence(question: dict[str, Any]) -> None:
    assert "evidence" not in question
    assert "answers" not in question
    assert "unanswerable" in question["tags"]


def test_follow_ups_are_tagged_and_carry_the_questions_before_them() -> None:
    for question in QUESTIONS:
        assert ("follow-up" in question["tags"]) == bool(question.get("history"))
