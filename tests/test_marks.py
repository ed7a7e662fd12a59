"""What readers mark: kept as a question set that is ready to run, whatever else stands in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.types import Document, Hit, Passage
from qa import Assistant, __version__
from qa.cli import main
from qa.errors import QuestionSetError
from qa.evaluation.corpus import Corpus, check
from qa.evaluation.formats import load
from qa.evaluation.judge import judge
from qa.marks import MarkedSet, toggled
from qa.types import Answer, Citation, Marks, Quote

TEXT = "Reed bought the mill in 1911. The mill ground oats. It burned down in 1950.\n"
MILL = Document("mill", "notes/mill.md", "The mill", (), None, None, TEXT, "0" * 64)


def quote(words: str) -> Quote:
    start = TEXT.index(words)
    return Quote("mill", start, start + len(words), words)


BOUGHT, GROUND = quote("Reed bought the mill in 1911."), quote("The mill ground oats.")


def answer(question: str = "Who bought it?", history: tuple[str, ...] = ()) -> Answer:
    hit = Hit(Passage(1, "mill", 0, 0, 0, len(TEXT), "", TEXT), MILL, 1.0)
    cited = tuple(Citation(n, hit, found) for n, found in enumerate((BOUGHT, GROUND), start=1))
    return Answer(
        question, question, "answered", "", cited, (hit,), 0.9, {"total": 1.0}, history=history
    )


@pytest.fixture
def marked(tmp_path: Path) -> MarkedSet:
    return MarkedSet(tmp_path)


def only(marked: MarkedSet) -> dict[str, object]:
    (line,) = marked.path.read_text(encoding="utf-8").splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def test_marks_are_a_question_set_that_bears_checking(marked: MarkedSet, tmp_path: Path) -> None:
    asked = answer(history=("Which mill stands at Tarn?",))
    assert marked.marks(asked) == Marks(path=str(marked.path))
    marked.mark(asked, "right", BOUGHT)
    marks = marked.mark(asked, "wrong", GROUND)
    assert (marks.of(BOUGHT), marks.of(GROUND)) == ("right", "wrong")
    assert MarkedSet(tmp_path).marks(asked) == marks
    marked.mark(answer("Is the moon hollow?"), "absent", None)
    found = load("marked", tmp_path)
    assert check(found, [MILL]) == []
    first, second = found.questions
    assert (first.question, first.history) == ("Who bought it?", ("Which mill stands at Tarn?",))
    assert first.answerable
    assert [(e.document, e.quote) for e in first.evidence] == [("mill", BOUGHT.text)]
    assert [(e.document, e.quote) for e in first.not_evidence] == [("mill", GROUND.text)]
    assert (second.question, second.answerable, second.evidence) == (
        "Is the moon hollow?",
        False,
        (),
    )
    assert first.id != second.id


def test_the_same_mark_again_withdraws_it_and_an_opposite_one_replaces_it(
    marked: MarkedSet,
) -> None:
    marked.mark(answer(), "right", BOUGHT)
    assert marked.mark(answer(), "wrong", BOUGHT).of(BOUGHT) == "wrong"
    assert "evidence" not in only(marked)
    assert marked.mark(answer(), "wrong", BOUGHT).of(BOUGHT) is None
    assert not marked.path.exists()


def test_a_question_is_answered_by_a_passage_or_by_none(marked: MarkedSet) -> None:
    marked.mark(answer(), "right", BOUGHT)
    assert marked.mark(answer(), "absent", None).right == ()
    assert only(marked)["answerable"] is False
    assert not marked.mark(answer(), "right", BOUGHT).absent
    assert only(marked)["answerable"] is True


def test_another_conversation_is_another_question(marked: MarkedSet) -> None:
    marked.mark(answer(history=("Which mill?",)), "right", BOUGHT)
    assert marked.marks(answer()).right == ()


def test_what_people_add_by_hand_stays(marked: MarkedSet) -> None:
    marked.mark(answer(), "right", BOUGHT)
    record = only(marked) | {"answers": ["Reed"], "tags": ["mine"], "id": "mill-1"}
    record["evidence"] = [
        {"document": "mill", "quote": BOUGHT.text, "grade": 2},
        {"document": "other.md"},
    ]
    other = '{"question":  "Mine?", "answers": ["a\u2028b"]}'
    marked.path.write_text(f"no json\n{json.dumps(record)}\n[1]\n{other}\n", encoding="utf-8")
    marked.mark(answer(), "right", GROUND)
    first, line, third, last, end = marked.path.read_text(encoding="utf-8").split("\n")
    assert (first, third, last, end) == ("no json", "[1]", other, "")
    kept = json.loads(line)
    assert (kept["id"], kept["answers"], kept["tags"]) == ("mill-1", ["Reed"], ["mine"])
    assert {"document": "mill", "quote": BOUGHT.text, "grade": 2} in kept["evidence"]
    assert {"document": "other.md"} in kept["evidence"]
    marked.mark(answer(), "right", BOUGHT)
    marked.mark(answer(), "right", GROUND)
    marked.mark(answer(), "absent", None)
    assert "answers" not in json.loads(marked.path.read_text(encoding="utf-8").split("\n")[1])


def test_what_cannot_be_kept_is_one_sentence_and_loses_nothing(
    marked: MarkedSet, tmp_path: Path
) -> None:
    marked.mark(answer(), "right", BOUGHT)
    before = marked.path.read_bytes()
    marked.path.with_suffix(".part").mkdir()
    with pytest.raises(QuestionSetError, match="cannot be written"):
        marked.mark(answer("Another?"), "right", BOUGHT)
    assert marked.path.read_bytes() == before
    marked.path.write_bytes(b"\xff")
    with pytest.raises(QuestionSetError, match="cannot be read"):
        marked.mark(answer(), "wrong", BOUGHT)
    assert marked.path.read_bytes() == b"\xff"


def test_a_set_half_written_by_a_killed_process_is_never_seen(marked: MarkedSet) -> None:
    marked.mark(answer(), "right", BOUGHT)
    marked.path.with_suffix(".part").write_text('{"question": "cut o', encoding="utf-8")
    assert marked.marks(answer()).of(BOUGHT) == "right"
    assert marked.mark(answer(), "wrong", GROUND).of(GROUND) == "wrong"
    assert len(load("marked", marked.path.parents[1]).questions) == 1


def test_citing_what_was_marked_wrong_is_measured(marked: MarkedSet, tmp_path: Path) -> None:
    corpus, asked = Corpus([MILL]), answer()
    marked.mark(asked, "wrong", GROUND)
    (question,) = load("marked", tmp_path).questions
    measured = judge(question, asked, corpus, 10)
    assert (measured["rejected_cited"], measured["correct"]) == (0.5, 0.0)
    better = judge(question, replace(asked, citations=asked.citations[:1]), corpus, 10)
    assert (better["rejected_cited"], better["correct"]) == (0.0, 1.0)
    refused = judge(question, replace(asked, status="not_found", citations=()), corpus, 10)
    assert (refused["rejected_cited"], refused["correct"]) == (0.0, 1.0)
    assert judge(question, None, corpus, 10)["correct"] == 0.0
    marked.mark(asked, "right", BOUGHT)
    (question,) = load("marked", tmp_path).questions
    assert judge(question, asked, corpus, 10)["correct"] == 1.0


@pytest.mark.model
def test_marks_are_run_and_checked_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mill.txt").write_text(TEXT, encoding="utf-8")
    index = ["--index", str(tmp_path / "index")]
    assert main(["index", "build", str(tmp_path / "mill.txt"), *index]) == 0
    assert main(["eval", "run", "marked", *index]) == 1
    with Assistant.open(tmp_path / "index") as assistant:
        found = assistant.ask("Who bought the mill?")
        assistant.mark(found, "right", found.citations[0].quote)
        assistant.mark(assistant.ask("How deep is the sea?"), "absent")
        assert assistant.marks(found).of(found.citations[0].quote) == "right"
    assert main(["eval", "check", "marked", *index]) == 0
    capsys.readouterr()
    assert main(["eval", "run", "marked", "--json", *index]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["totals"]["correct"] == {"value": 1.0, "n": 2}
    assert result["version"] == __version__
    for name in ("before", "after"):
        assert main(["eval", "run", "marked", "--save", name, *index]) == 0
    report = tmp_path / "changes.html"
    assert main(["eval", "compare", "before", "after", "--report", str(report), *index]) == 0
    assert "From before to after" in report.read_text(encoding="utf-8")


STEPS = st.tuples(st.sampled_from(["right", "wrong", "absent"]), st.sampled_from([BOUGHT, GROUND]))


@settings(max_examples=40)
@given(st.lists(STEPS, max_size=8))
def test_whatever_is_pressed_the_file_says_what_the_screen_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Quote]]
) -> None:
    marked = MarkedSet(tmp_path_factory.mktemp("index"))
    marks = Marks(path=str(marked.path))
    for verdict, words in steps:
        given_to = None if verdict == "absent" else words
        marks = toggled(marks, verdict, given_to)  # type: ignore[arg-type]
        assert marked.mark(answer(), verdict, given_to) == marks  # type: ignore[arg-type]
        assert marked.marks(answer()) == marks
        assert not (marks.absent and marks.right)
        assert not set(marks.right) & set(marks.wrong)
        said = marks.right or marks.wrong or marks.absent
        assert marked.path.exists() == bool(said)
        if said:
            assert check(load("marked", marked.path.parents[1]), [MILL]) == []


def test_verdicts_are_of_questions_known_to_have_an_answer_or_none(tmp_path: Path) -> None:
    lines = [
        {"question": "Where?", "answerable": False},
        {"question": "Who?", "history": ["Where?"], "evidence": [{"document": "a", "quote": "b"}]},
        {"question": "Why?", "not_evidence": [{"document": "a", "quote": "b"}]},
        {"question": "When?", "answers": ["1742"]},
        {"answerable": False},
        ["nothing"],
    ]
    marked = MarkedSet(tmp_path)
    assert marked.verdicts() == []
    marked.path.parent.mkdir()
    marked.path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert marked.verdicts() == [
        ("Where?", [], False),
        ("Who?", ["Where?"], True),
        ("When?", [], True),
    ]
