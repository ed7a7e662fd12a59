"""Filters typed into questions, as a user of the command or of an assistant sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build
from index.search import Searcher
from qa.assistant import Assistant
from qa.cli import main
from qa.config import Settings
from qa.errors import QuestionError
from qa.ui.export import answers
from tests.fakes import HashEmbedder

FERRY = """---
title: The ferry to Holm
authors: [Ada Brandt]
published: 2009-03-02
publisher: Harbour Weekly
---

The ferry to Holm sails twice a day. Its captain is Per Lund. It carries sheep in autumn.
"""
BRIDGE = """---
title: A bridge to Holm
authors: [Nils Krog]
published: 2018-07
publisher: The Courier
---

The bridge to Holm opened in spring. The ferry to Holm no longer sails. Its captain is retired.
"""
ASKED = "Who is the captain of the ferry to Holm?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    return folder


@pytest.fixture
def assistant(folder: Path, tmp_path: Path) -> Iterator[Assistant]:
    """An assistant that answers whatever it finds anything for."""
    directory, embedder = tmp_path / "index", HashEmbedder()
    list(build([folder], directory, embedder=embedder))
    settings = Settings(index=directory, threshold=0)
    with Assistant(Searcher.open(directory, embedder), settings) as assistant:
        yield assistant


def test_an_answer_comes_only_from_what_filters_leave(assistant: Assistant) -> None:
    assert {hit.document.title for hit in assistant.ask(ASKED).hits} == {
        "The ferry to Holm",
        "A bridge to Holm",
    }
    answer = assistant.ask(f"{ASKED} source:courier after:2010")
    assert {hit.document.title for hit in answer.hits} == {"A bridge to Holm"}
    assert answer.status == "answered"
    assert answer.question == f"{ASKED} source:courier after:2010"
    assert answer.resolved_question == ASKED
    assert "courier" not in {item.term for item in answer.coverage}


def test_filters_hold_while_only_words_are_matched(assistant: Assistant) -> None:
    partial, *_ = (e for e in assistant.stream(f"{ASKED} -sheep") if hasattr(e, "answer"))
    assert [hit.document.title for hit in partial.answer.hits] == ["A bridge to Holm"]


def test_a_refusal_says_which_filter_left_nothing(assistant: Assistant) -> None:
    answer = assistant.ask(f"{ASKED} author:nobody")
    assert (answer.status, answer.confidence, answer.hits) == ("not_found", 0, ())
    assert answer.text == "No passage meets author:nobody; change this filter or leave it."
    assert answer.text in answers([answer]).replace("\\", "")


def test_filters_of_an_earlier_turn_do_not_carry_over(assistant: Assistant) -> None:
    first = f"{ASKED} source:courier -sheep after:never"
    answer = assistant.ask("Where is he now?", history=[first])
    assert {hit.document.title for hit in answer.hits} == {
        "The ferry to Holm",
        "A bridge to Holm",
    }
    assert "courier" not in answer.resolved_question
    assert answer.history == (first,)


def test_a_search_is_filtered_and_keeps_what_was_typed(assistant: Assistant) -> None:
    found = assistant.search('ferry "carries sheep"')
    assert [hit.document.title for hit in found.hits] == ["The ferry to Holm"]
    assert found.query == 'ferry "carries sheep"'
    none = assistant.search("ferry before:1999")
    assert (none.hits, none.nothing[:29]) == ((), "No passage meets before:1999;")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("source:courier", "empty but for its filters"),
        ("ferry after:soon", "after:soon names no date"),
        ("ferry -author:krog", "-author:krog cannot be left out"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said(
    assistant: Assistant, question: str, said: str
) -> None:
    with pytest.raises(QuestionError, match=said):
        assistant.ask(question)
    with pytest.raises(QuestionError, match=said):
        assistant.search(question)


@pytest.mark.model
def test_the_command_filters(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    index = ["--index", str(tmp_path / "made")]
    assert main(["index", "build", str(folder), *index, "--quiet"]) == 0
    capfd.readouterr()

    assert main(["search", "captain author:brandt", "--json", *index]) == 0
    hits = json.loads(capfd.readouterr().out)["hits"]
    assert {hit["document"]["title"] for hit in hits} == {"The ferry to Holm"}

    assert main(["search", "captain author:nobody", *index]) == 0
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "No passage meets author:nobody" in printed.err

    assert main(["ask", f"{ASKED} before:1999", *index]) == 3
    assert "No passage meets before:1999" in capfd.readouterr().out

    assert main(["ask", f"{ASKED} after:soon", *index]) == 1
    assert capfd.readouterr().err.startswith("quoth: after:soon names no date;")

    questions = tmp_path / "questions.jsonl"
    typed = [f"{ASKED} after:soon", f"{ASKED} title:ferry"]
    questions.write_text("\n".join(json.dumps({"question": q}) for q in typed), "utf-8")
    assert main(["ask", "--from", str(questions), *index]) == 0
    wrong, right = map(json.loads, capfd.readouterr().out.splitlines())
    assert "after:soon names no date" in wrong["error"]
    assert {hit["document"]["title"] for hit in right["hits"]} == {"The ferry to Holm"}

    assert main(["search", "sheep in 2009", "--explain", "--json", *index]) == 0
    best, *_ = json.loads(capfd.readouterr().out)["hits"]
    assert best["explain"]["metadata"]["weight"] > 0
    total = sum(part["contribution"] for part in best["explain"].values())
    assert total == pytest.approx(best["score"], abs=1e-4)
