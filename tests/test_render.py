"""What users and scripts see of an answer, a hit, a build."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.render import answer_to_dict, render_answer, render_hits, render_table, search_to_dict
from qa.reports import render_progress, render_report, render_status
from qa.types import (
    Answer,
    BuildReport,
    Citation,
    Conflict,
    Coverage,
    Document,
    Hit,
    IndexStatus,
    Passage,
    Point,
    Progress,
    Quote,
    Skipped,
)

TEXT = "The lamp was lit in 1871.\nIts keeper was Ada Holm.\n\nThe tower stands on Skerry Head."
SENTENCE = "Its keeper was Ada Holm."
START = TEXT.index(SENTENCE)
END = START + len(SENTENCE)


def _document(title: str = "The lighthouse") -> Document:
    return Document(
        "d1", "notes/light.txt", title, ("Bo Lind",), "1990-05", "Coast Press", TEXT, "ab" * 32
    )


def _hit(score: float = 0.75) -> Hit:
    passage = Passage(7, "d1", 0, 0, 0, 50, "Keepers", TEXT[:50])
    return Hit(passage, _document(), score, {"dense": 1 / 3, "bm25": 12.0})


def _answer() -> Answer:
    quote = Quote("d1", START, END, SENTENCE)
    return Answer(
        question="Who was it?",
        resolved_question="Who was it? (keeper)",
        status="answered",
        text=f"{SENTENCE} [1]",
        citations=(Citation(1, _hit(), quote),),
        hits=(_hit(),),
        confidence=0.91234567,
        timings={"encode": 1.23456, "retrieve": 2.0, "evidence": 0.5, "total": 4.0},
        history=("Who kept the lamp?",),
        points=(Point(SENTENCE, (1,)),),
        short_answer="Ada Holm",
        generation=3,
        passages=12,
        model="all-MiniLM-L6-v2",
    )


def _refusal() -> Answer:
    return replace(
        _answer(),
        status="not_found",
        text="The documents do not say.",
        citations=(),
        points=(),
        short_answer=None,
        confidence=0.08,
        coverage=(Coverage("lamp", True), Coverage("price", False)),
    )


def test_the_answer_object_has_exactly_the_keys_that_scripts_rely_on() -> None:
    found = answer_to_dict(_answer())
    assert list(found) == [
        "question",
        "history",
        "resolved_question",
        "status",
        "confidence",
        "answer",
        "short_answer",
        "citations",
        "conflicts",
        "hits",
        "timings_ms",
        "index",
    ]
    (citation,) = found["citations"]
    assert set(citation) == {"number", "document", "passage", "quote", "state"}
    assert citation["quote"] == {"start": START, "end": END, "text": SENTENCE}
    assert citation["passage"]["text"] == TEXT[:50]
    assert citation["document"] == {
        "id": "d1",
        "path": "notes/light.txt",
        "title": "The lighthouse",
        "authors": ["Bo Lind"],
        "published": "1990-05",
        "publisher": "Coast Press",
        "sha256": "ab" * 32,
    }
    (hit,) = found["hits"]
    assert (hit["rank"], hit["score"], hit["signals"]["bm25"]) == (1, 0.75, 12.0)
    assert found["index"] == {"generation": 3, "passages": 12, "model": "all-MiniLM-L6-v2"}


@given(st.text(), st.floats(0, 1), st.floats(-1e6, 1e6))
def test_objects_survive_json_whatever_they_hold(text: str, share: float, score: float) -> None:
    answer = replace(_answer(), question=text, text=text, confidence=share, hits=(_hit(score),))
    found = answer_to_dict(answer)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert 0 <= found["confidence"] <= 1


def test_conflicts_and_hits_are_told_in_order() -> None:
    answer = replace(_answer(), conflicts=(Conflict((1, 2), "number"),))
    assert answer_to_dict(answer)["conflicts"] == [{"citations": [1, 2], "about": "number"}]
    assert "[1] and [2] differ (number)" in render_answer(answer)
    found = search_to_dict("lamp", [_hit(0.9), _hit(0.5)], {"total": 1.0})
    assert set(found) == {"query", "hits", "timings_ms"}
    assert [hit["rank"] for hit in found["hits"]] == [1, 2]


def test_an_answer_shows_quote_marker_source_and_what_was_understood() -> None:
    shown = render_answer(_answer())
    assert "Understood as: Who was it? (keeper)" in shown
    assert f"“{SENTENCE}” [1]" in shown
    assert "Short answer: Ada Holm" in shown
    assert "[1] The lighthouse (Bo Lind; 1990-05; Coast Press)" in shown
    assert f"notes/light.txt, characters {START} to {END}" in shown
    assert "91%" in shown


def test_a_refusal_marks_the_nearest_passages_as_no_answer() -> None:
    shown = render_answer(_refusal())
    nearest = shown.index("none answers with enough confidence")
    assert shown.index("The documents do not say.") < nearest
    assert "Found in the documents: lamp." in shown
    assert "Not found beside them: price." in shown
    assert "8%" in shown
    assert "Short answer" not in shown


@pytest.mark.parametrize("state", ["changed", "missing"])
def test_a_source_that_is_no_longer_the_one_indexed_is_said_in_words(state: str) -> None:
    answer = _answer()
    moved = replace(answer.citations[0], state=state)  # type: ignore[arg-type]
    shown = render_answer(replace(answer, citations=(moved,)))
    assert "the quote is from the indexed text" in shown
    assert "the quote is from the indexed text" not in render_answer(answer)


def test_without_wrapping_a_quote_stands_as_in_its_document() -> None:
    spanning = TEXT[:END]
    answer = replace(_answer(), points=(Point(spanning, (1,)),))
    assert f"“{spanning}”" in render_answer(answer)


@given(st.integers(20, 120))
def test_wrapped_lines_keep_within_the_width(width: int) -> None:
    for answer in (_answer(), _refusal()):
        shown = render_answer(answer, width)
        words = max(len(word) for word in shown.split())
        assert all(len(line) <= max(width, words + 4) for line in shown.split("\n"))


def test_nothing_is_told_by_colour_alone() -> None:
    for answer in (_answer(), _refusal()):
        bold = render_answer(answer, color=True)
        assert "\x1b[1m" in bold
        assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == render_answer(answer)


def test_hostile_names_reach_no_terminal() -> None:
    hit = replace(_hit(), document=_document("Red\x1b[31m alert\u202e"))
    for shown in (render_hits([hit]), render_answer(replace(_refusal(), hits=(hit,)))):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "Red alert" in shown


def test_progress_tells_the_time_left_once_it_can() -> None:
    assert render_progress(Progress("Embedding", 50, 200), 30, 80).endswith(
        "50/200, 1.7/s, 1 min 30 s left"
    )
    assert "4,000/s" in render_progress(Progress("Embedding", 8_000, 20_000), 2, 80)
    assert "left" not in render_progress(Progress("Embedding", 0, 200), 1, 80)
    assert render_progress(Progress("Reading", 12, None, "a.txt"), 1, 80) == "Reading 12 a.txt"
    assert len(render_progress(Progress("Reading", 1, None, "x" * 300), 1, 40)) < 40


def test_a_build_and_an_index_are_summarised() -> None:
    report = BuildReport(2, 1, 0, 3, 4, 5, 60, 7, (Skipped("a.bin", "binary"),))
    assert render_report(report) == (
        "5 documents, 60 passages, 7 embedded (1 added, 3 removed, 4 unchanged, 1 skipped);"
        " generation 2."
    )
    nothing = BuildReport(2, 0, 0, 0, 0, 0, 0, 0)
    assert "nothing to do" in render_report(nothing)
    status = IndexStatus(
        "/i", 2, 5, 60, "m", "2024", ("docs",), (Skipped("a.bin", "binary"),), 2_500_000
    )
    assert "Documents: 5\nPassages: 60" in render_status(status)
    assert "Size: 2.5 MB" in render_status(status)
    assert "Skipped: a.bin: binary" in render_status(status)


def test_tables_align_words_left_and_numbers_right() -> None:
    table = render_table(("measure", "value"), [("recall@10", 0.5), ("n", 12)])
    assert table.split("\n") == ["measure    value", "recall@10  0.500", "n             12"]
