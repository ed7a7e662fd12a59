"""Suggestions: questions made of the documents, varied, tried, and cheap however many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.build import build
from index.sampling import Sample, sample
from index.store import Store
from qa.suggestions import OFFERED, TRIED, questions, suggestions
from tests.fakes import HashEmbedder

MILL = "The tide mill at Harrow Creek was built by the parish in 1742. It ground barley until 1871."
FERRY = "Ada Fenwick runs the Harrow Ferry Company. Nobody else would."
SCHOOL = "The village school has forty-one pupils. The old school had 212 pupils before the war."


def _asked(text: str, title: str = "Notes", headings: tuple[str, ...] = ()) -> list[str]:
    return [question for _, question in questions(Sample("one", title, text, headings))]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (MILL, "When was the tide mill at Harrow Creek built?"),
        (FERRY, "Who runs the Harrow Ferry Company?"),
        (SCHOOL, "How many pupils did the old school have?"),
        ("Ines Moor, a historian of mills, came by.", "Who is Ines Moor?"),
        ("Harrow Creek is a village on the coast.", "What is Harrow Creek?"),
        ("Ines Moor said that the dam would break.", "What did Ines Moor say?"),
        (
            "The dam at Harrow Creek broke. Rain fell on Harrow Creek again.",
            "What is said about Harrow Creek?",
        ),
    ],
)
def test_a_sentence_is_turned_into_what_it_answers(text: str, question: str) -> None:
    assert question in _asked(text)


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Why millers leave the coast", "Why do millers leave the coast?"),
        ("How villages should keep their mills", "How should villages keep their mills?"),
        ("Who pays for the dam?", "Who pays for the dam?"),
    ],
)
def test_a_heading_that_asks_is_asked(heading: str, question: str) -> None:
    assert question in _asked("Rain.", headings=(heading,))
    assert question in _asked("Rain.", title=heading)


@pytest.mark.parametrize("text", ["", "It was built in 1742.", "He runs the Harrow Ferry Company."])
def test_nothing_is_asked_about_a_pronoun(text: str) -> None:
    assert _asked(text) == []


@pytest.fixture
def store(tmp_path: Path) -> Store:
    folder = tmp_path / "notes"
    folder.mkdir()
    texts = {"mill": MILL, "ferry": FERRY, "school": SCHOOL, "[/x]": "Rain, and no names."}
    for name, text in texts.items():
        (folder / f"{name.strip('[/]')}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    list(build([folder], tmp_path / "index", embedder=HashEmbedder()))
    return Store(tmp_path / "index")


def test_suggestions_are_of_several_documents_and_only_what_is_answered(store: Store) -> None:
    with store:
        tried: list[tuple[str, str]] = []

        def answers(question: str, document: str) -> bool:
            tried.append((question, document))
            return "Ferry" not in question

        offered = suggestions(store, answers)
    assert "When was the tide mill at Harrow Creek built?" in offered
    assert not any("Ferry" in question for question in offered)
    assert len(offered) <= OFFERED
    assert len(tried) <= TRIED
    assert len({document for _, document in tried}) >= 3


def test_a_sample_takes_a_look_up_for_each_document_wanted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store:
        asked: list[str] = []
        rows = store.rows
        monkeypatch.setattr(
            store, "rows", lambda sql, *values: asked.append(sql) or rows(sql, *values)
        )
        two = sample(store, 2, 12)
        assert len(two) <= 2
        assert all(len(each.text) <= 12 for each in two)
        assert len([sql for sql in asked if "text" in sql]) == 2
        assert all("LIMIT 1" in sql for sql in asked if "text" in sql)
        assert {each.id for each in sample(store, 2, 12)} == {each.id for each in two}
