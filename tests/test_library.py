"""What the assistant knows of its documents as a whole: which count, and which come and go."""

from __future__ import annotations

import shutil
from collections import ChainMap
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build
from index.errors import SourceError
from index.search import Searcher
from index.types import BuildReport
from qa import Assistant
from qa.config import Settings
from qa.evaluation.corpus import Corpus
from qa.types import Kept
from tests.fakes import HashEmbedder

TEXTS = {
    "ferry.md": "The ferry crosses at noon. Old Berit holds the tiller. The toll is four coins.",
    "barge.md": "The barge leaves at dusk. Young Sven holds the tiller. The toll is nine coins.",
    "kiln.md": "The kiln at Osby fires tiles. It was built in 1806 by a mason from Gotland.",
}


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Assistant]:
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    list(build([folder], index, embedder=HashEmbedder(), excludes=["draft*"]))
    with Assistant(Searcher.open(index, HashEmbedder()), Settings(index, threshold=0)) as assistant:
        yield assistant


def found(
    assistant: Assistant, question: str, *scope: str, history: tuple[str, ...] = ()
) -> set[str]:
    answer = assistant.ask(question, history, scope)
    assert answer.scope == len(scope)
    return {hit.document.id for hit in answer.hits}


def test_only_what_counts_is_searched_by_words_and_by_vector(notes: Assistant) -> None:
    assert notes.ask("Who holds the tiller?").scope is None
    assert found(notes, "Who holds the tiller?", "barge.md") == {"barge.md"}
    assert found(notes, "Who holds the tiller?", "kiln.md") == {"kiln.md"}
    assert found(notes, "Who holds the tiller?", "kiln.md", "ferry.md") == {"kiln.md", "ferry.md"}
    early, answer = notes.stream("Who holds the tiller?", scope=["barge.md"]), None
    for event in early:
        answer = getattr(event, "answer", event)
        assert {hit.document.id for hit in getattr(answer, "hits", ())} <= {"barge.md"}
    assert answer is not None


def test_what_counts_goes_together_with_filters_and_with_earlier_questions(
    notes: Assistant,
) -> None:
    scope = ("ferry.md", "kiln.md")
    assert found(notes, "source:kiln Who holds the tiller?", *scope) == {"kiln.md"}
    answer = notes.ask("source:barge Who holds the tiller?", scope=scope)
    assert answer.hits == ()
    assert answer.text == (
        "No passage of the documents that count meets the filters; change these, or tick others."
    )
    assert found(
        notes, "And who holds it?", *scope, history=("What is the toll of the barge?",)
    ) == set(scope)


def test_a_refusal_says_how_many_documents_were_searched(tmp_path: Path, notes: Assistant) -> None:
    wary = Assistant(notes.searcher, Settings(tmp_path, threshold=1))
    assert wary.ask("Who?", scope=["kiln.md"]).text == (
        "This is not in the one document that you ticked; the others were not searched."
    )
    assert wary.ask("Who?", scope=["kiln.md", "ferry.md"]).text.startswith(
        "This is not in the 2 documents that you ticked"
    )
    gone = wary.ask("Who?", scope=["was-here.md"])
    assert (gone.status, gone.hits, gone.coverage) == ("not_found", (), ())
    assert gone.text == "None of the documents that count is in the index; tick others."


def test_documents_are_taken_out_and_folders_come_and_go(notes: Assistant, tmp_path: Path) -> None:
    assert [holding.document.id for holding in notes.library()] == [
        "barge.md",
        "ferry.md",
        "kiln.md",
    ]
    more = tmp_path / "more"
    more.mkdir()
    (more / "eel.md").write_text("Eels are smoked over alder.", encoding="utf-8")
    (more / "draft.md").write_text("Not yet fit to be read.", encoding="utf-8")
    assert notes.examine(str(more)).documents == 2
    *_, report = notes.update([*notes.status().sources, str(more)])
    assert isinstance(report, BuildReport)
    assert (report.added, report.documents) == (1, 4)  # what was excluded before still is
    assert "in the index already" in notes.examine(str(more / "eel.md")).fault
    assert notes.remove(["kiln.md"]).documents == 3
    shutil.rmtree(more)
    assert dict(ChainMap(*map(dict, notes.check()))) == {
        "barge.md": "current",
        "eel.md": "missing",
        "ferry.md": "current",
    }
    *_, report = notes.update([str(tmp_path / "notes")])
    assert isinstance(report, BuildReport)
    assert (report.removed, report.documents) == (1, 2)
    with pytest.raises(SourceError, match="every document"):
        notes.remove(["barge.md", "ferry.md"])


def test_marks_what_counts_and_kept_quotes_follow_a_renamed_file(
    tmp_path: Path, notes: Assistant
) -> None:
    question = "Who holds the tiller?"
    answer = notes.ask(question, scope=["ferry.md"])
    quote = answer.citations[0].quote
    notes.mark(answer, "right", quote)
    kept = Kept(answer, "2026-05-03T12:00:00+00:00")
    (tmp_path / "notes/ferry.md").rename(tmp_path / "notes/boat.md")
    *_, report = notes.update()
    assert isinstance(report, BuildReport)
    assert (report.renamed, report.embedded) == (1, 0)
    assert notes.marks(answer).of(quote) == "right"  # on the screen since before
    anew = notes.ask(question, scope=["ferry.md"])
    assert [citation.quote.document_id for citation in anew.citations] == ["boat.md"]
    assert notes.marks(anew).of(anew.citations[0].quote) == "right"
    assert notes.mark(anew, "right", anew.citations[0].quote).right == ()  # withdrawn, not doubled
    (resumed,) = notes.sessions.checked([kept])
    citation = resumed.answer.citations[0]
    assert (citation.stands, citation.state) == (True, "current")
    assert citation.hit.document.path == str(tmp_path / "notes/boat.md")
    assert notes.why(answer, quote.document_id, quote.start, quote.end).numbers == (1,)
    corpus = Corpus(notes.documents(), notes.former_ids())
    assert [document.id for document in corpus.candidates("ferry.md")] == ["boat.md"]
