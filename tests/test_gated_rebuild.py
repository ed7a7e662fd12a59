"""A rebuild that a question set must let pass, as a user of the command or a caller sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from index.beside import BESIDE
from index.build import build, status
from index.errors import IndexLockedError, IndexMissingError, ModelError
from index.history import log, undo
from index.search import Searcher
from index.store import Store
from index.types import Progress
from index.verify import verify
from qa.assistant import Assistant
from qa.cli import main
from qa.config import Settings
from qa.errors import QuestionSetError
from qa.evaluation.formats import load
from qa.evaluation.gated import Outcome, rebuild_checked
from qa.evaluation.history import Gate
from qa.upkeep import META
from tests.fakes import FakeReader, HashEmbedder

TEXTS = {
    "ferry": "The captain of the ferry is Per Lund, who was born on the island of Holm.",
    "quarry": "The quarry at Brae closed in 1931. Its slate roofed the whole town.",
    "chapel": "The bell of the chapel was cast by Inga Strand. It rings at noon.",
}
ASKED = {
    "ferry": ("Who is the captain of the ferry?", "Per Lund"),
    "quarry": ("When did the quarry at Brae close?", "1931"),
    "chapel": ("Who cast the bell of the chapel?", "Inga Strand"),
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    lines = [
        {"id": name, "question": question, "answers": [answer]}
        | {"evidence": [{"document": f"{name}.md"}]}
        for name, (question, answer) in ASKED.items()
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture
def settings(notes: Path, tmp_path: Path) -> Settings:
    """Of an index that answers whatever it finds anything for."""
    list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    return Settings(index=tmp_path / "index", threshold=0)


def checked(
    settings: Settings,
    asked: Path,
    gates: Sequence[Gate] = (),
    embedder: HashEmbedder | None = None,
) -> Outcome:
    sets = [load(asked)]
    *_, outcome = rebuild_checked(settings, sets, gates, embedder or HashEmbedder())
    assert isinstance(outcome, Outcome)
    return outcome


def answer(settings: Settings, question: str) -> str:
    with Assistant(Searcher.open(settings.index, HashEmbedder()), settings) as assistant:
        return assistant.ask(question).text


def test_what_fares_as_well_is_swapped_in_and_can_be_undone(
    settings: Settings, notes: Path, asked: Path
) -> None:
    (notes / "ferry.md").write_text(f"{TEXTS['ferry']} It is painted red.", encoding="utf-8")
    outcome = checked(settings, asked)
    assert (outcome.failures, outcome.report.generation) == ((), 2)
    assert outcome.comparison.questions == len(ASKED)
    assert status(settings.index).generation == 2
    assert "painted red" in answer(settings, "Is the ferry painted?")
    assert verify(settings.index) == []
    assert not (settings.index / BESIDE).exists()
    assert [(g.number, g.kind, g.open) for g in log(settings.index)] == [
        (2, "rebuild", None),
        (1, "build", True),
    ]
    undo(settings.index)
    assert "painted red" not in answer(settings, "Is the ferry painted?")


def test_what_fares_worse_changes_nothing_and_names_what_was_lost(
    settings: Settings, notes: Path, asked: Path
) -> None:
    (notes / "chapel.md").write_text("The chapel has a new roof.", encoding="utf-8")
    before = everything(settings.index)
    outcome = checked(settings, asked)
    assert outcome.failures == ("correct is 0.6667; it should be at least 1.",)
    (flip,) = outcome.comparison.flips
    assert (flip.question_id, flip.delta) == ("chapel", -1)
    assert everything(settings.index) == before
    assert "Inga Strand" in answer(settings, ASKED["chapel"][0])


def everything(directory: Path) -> dict[str, bytes]:
    """All files of an index but SQLite's own beside the store."""
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite-wal", ".sqlite-shm")
    }


def test_gates_decide_in_place_of_the_present_index(
    settings: Settings, notes: Path, asked: Path
) -> None:
    (notes / "chapel.md").write_text("The chapel has a new roof.", encoding="utf-8")
    assert checked(settings, asked, [Gate("correct", 0.9)]).failures
    assert status(settings.index).generation == 1
    outcome = checked(settings, asked, [Gate("correct", 0.5)])
    assert (outcome.failures, status(settings.index).generation) == ((), 2)


def test_what_cannot_be_measured_is_said_before_the_long_work(
    settings: Settings, notes: Path, asked: Path
) -> None:
    (notes / "mill.md").write_text("The mill at Tarn grinds oats.", encoding="utf-8")
    embedder = HashEmbedder()
    with pytest.raises(QuestionSetError, match="does not measure beauty"):
        checked(settings, asked, [Gate("beauty", 1)], embedder)
    other = HashEmbedder("other")  # and the present model is not to be had
    with pytest.raises(ModelError):
        checked(settings, asked, embedder=other)
    assert embedder.embedded == other.embedded == []
    assert status(settings.index).generation == 1


def test_where_there_is_no_index_none_is_made(asked: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        checked(Settings(index=tmp_path / "nowhere"), asked)
    assert not (tmp_path / "nowhere").exists()


def test_meanwhile_questions_are_answered_and_nobody_else_builds(
    settings: Settings, notes: Path, asked: Path
) -> None:
    (notes / "chapel.md").write_text(
        f"{TEXTS['chapel']} A weathercock stands on it.", encoding="utf-8"
    )
    stages = []
    for event in rebuild_checked(settings, [load(asked)], embedder=HashEmbedder()):
        if isinstance(event, Progress) and event.stage not in stages:
            stages.append(event.stage)
            assert "Inga Strand" in answer(settings, ASKED["chapel"][0])
            assert "weathercock" not in answer(settings, "Where is the weathercock?")
            with pytest.raises(IndexLockedError):
                list(build([notes], settings.index, embedder=HashEmbedder()))
    assert {"questions", "read", "embed", "calibrate", "swap"} <= set(stages)
    assert "weathercock" in answer(settings, "Where is the weathercock?")


def test_the_new_generation_is_calibrated_before_it_is_measured(
    settings: Settings, notes: Path, asked: Path
) -> None:
    with Store(settings.index) as store:
        assert store.meta(META) is None
    checked(settings, asked)
    with Store(settings.index) as store:
        assert json.loads(store.meta(META) or "")["passages"] == store.count("passages")


def test_one_reader_serves_it_all_and_is_prepared_before_the_first_question(
    settings: Settings, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Preparing(FakeReader):
        def prepare(self) -> Iterator[Progress]:
            if not self.asked:
                yield Progress("reader", 0, detail="sharpening its pencil")

    opened: list[FakeReader] = []

    def open_reader(_name: str, _threads: int) -> FakeReader:
        opened.append(Preparing())
        return opened[-1]

    monkeypatch.setattr("qa.evaluation.gated.open_reader", open_reader)
    *events, _ = rebuild_checked(settings, [load(asked)], embedder=HashEmbedder())
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages.index("reader") < stages.index("questions")
    (reader,) = opened
    assert {question for question, _ in ASKED.values()} <= {asked for asked, _ in reader.asked}


def test_an_interrupted_rebuild_is_gone_on_with(
    settings: Settings, notes: Path, asked: Path
) -> None:
    lines = [json.dumps({"text": f"The sheep number {n} grazes on the hill."}) for n in range(150)]
    (notes / "sheep.jsonl").write_text("\n".join(lines), encoding="utf-8")
    first, second = HashEmbedder(), HashEmbedder()
    events = rebuild_checked(settings, [load(asked)], embedder=first)
    for event in events:
        if isinstance(event, Progress) and event.stage == "embed" and event.done:
            break
    events.close()
    assert 0 < len(first.embedded) < len(lines)
    assert status(settings.index).generation == 1
    assert not checked(settings, asked, embedder=second).failures
    assert len(second.embedded) == len(lines) - 64  # what was embedded ahead is not kept
    assert status(settings.index).documents == len(TEXTS) + len(lines)
    assert verify(settings.index) == []
    assert not (settings.index / BESIDE).exists()


def test_what_was_left_of_another_generation_is_not_gone_on_with(
    settings: Settings, notes: Path, asked: Path
) -> None:
    events = rebuild_checked(settings, [load(asked)], embedder=HashEmbedder())
    next(event for event in events if isinstance(event, Progress) and event.stage == "calibrate")
    events.close()
    assert (settings.index / BESIDE).exists()
    (notes / "mill.md").write_text("The mill at Tarn grinds oats.", encoding="utf-8")
    list(build([notes], settings.index, embedder=HashEmbedder()))
    assert not checked(settings, asked).failures
    assert (status(settings.index).generation, status(settings.index).documents) == (3, 4)
    assert verify(settings.index) == []


@pytest.mark.model
def test_the_commands(
    notes: Path, asked: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def quoth(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments), "--index", str(tmp_path / "index")])
        return code, *capfd.readouterr()

    assert quoth("index", "build", notes)[0] == 0
    code, out, err = quoth("index", "undo")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert quoth("index", "rebuild", "--fail-under", "correct=1")[0] == 2

    (notes / "chapel.md").write_text("The chapel has a new roof.", encoding="utf-8")
    check = ("index", "rebuild", "--check", asked)
    code, out, err = quoth(*check)
    assert (code, err.count("\n")) == (1, 1)
    assert "not swapped in: correct is" in err
    assert "worse  chapel: Who cast the bell" in out
    code, out, _ = quoth(*check, "--fail-under", "correct=1", "--json")
    assert (code, json.loads(out)["passed"]) == (1, False)
    assert json.loads(quoth("index", "status", "--json")[1])["generation"] == 1

    code, out, err = quoth(*check, "--fail-under", "correct=.1", "--json")
    told = json.loads(out)
    assert (code, err, told["passed"], told["report"]["generation"]) == (0, "", True, 2)
    assert quoth("search", "bell of the chapel", "-k", "1")[1].count("Inga Strand") == 0
    code, out, err = quoth("index", "undo")
    assert (code, err) == (0, "")
    assert "counted as generation 3" in out
    assert quoth("search", "bell of the chapel", "-k", "1")[1].count("Inga Strand") == 1
    assert json.loads(quoth("index", "undo", "--json")[1])["generation"] == 4
    assert quoth("index", "verify")[1] == "The index is sound.\n"
