"""Examples: cut, mined, made impossible, from sources that are there, whole and licensed."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import HashEmbedder
from training.command import TrainingError
from training.data import BY_HAND, SOURCES, SURPLUS, claims, cut, main, mine, pieces, read
from training.examples import FILE, Example, load
from training.impossible import exchange, oppose, spoil

ROOT = Path(__file__).parents[2]
FILLER = "The road along the river has been mended again and again since that time. " * 7
MILL = f"The mill was built by Anna Holt in 1847. {FILLER}It burned down in 1903. {FILLER}".strip()


def _row(question: str, passage: str, label: int = 1, answer: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"question": question, "passage": passage, "label": label}
    row["group"] = question
    if answer:
        row["answers"] = [{"text": answer, "start": passage.index(answer)}]
    return row


def _sources(folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    folder.mkdir()
    for name in {*SOURCES, *rows}:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows.get(name, []))
    return folder


def _towns() -> list[Example]:
    rows = [
        _row(f"When did {town} get its {thing}?", f"The {thing} of {town} is of {year}.", 1, year)
        for thing, year in (("bridge", "1850"), ("mill", "1851"), ("market", "1852"))
        for town in ("Ashby", "Corwen", "Dunham", "Ilkley")
    ]
    return cut("wice", rows, 99, _chance())


def test_passages_are_whole_sentences_of_about_80_words() -> None:
    spans = pieces(MILL)
    texts = [MILL[start:end] for start, end in spans]
    assert len(texts) > 1
    assert all(text.endswith(".") and len(text.split()) <= 100 for text in texts)
    assert " ".join(texts) == MILL


def test_the_passage_is_the_piece_that_holds_the_answer_and_its_span_is_found() -> None:
    (found,) = cut("wice", [_row("When did the mill burn down?", MILL, 1, "1903")], 9, _chance())
    assert found.span
    assert found.passage[slice(*found.span)] == "1903"
    assert "1847" not in found.passage
    assert found.whole == MILL
    assert any("1847" in text for text in found.named)


def test_the_passage_is_the_piece_that_shares_the_most_words_where_no_answer_is_labelled() -> None:
    for asked, year in (("Who built the mill?", "1847"), ("Has it burned down?", "1903")):
        (found,) = cut("wice", [_row(asked, MILL)], 9, _chance())
        assert year in found.passage
        assert found.span is None


def test_a_claim_is_a_sentence_of_one_passage_that_another_bears_out() -> None:
    asked = "Who built the mill?"
    texts = ["The mill is the work of Holt. It stood long.", "Holt was its builder. So they say."]
    rows = [_row(asked, text) for text in texts] + [_row(asked, "No mill is left.", 0)]
    made = {
        (example.question, example.passage)
        for seed in range(20)
        for example in claims("bioasq", rows, _chance(seed))
    }
    assert made == {
        ("The mill is the work of Holt.", texts[1]),
        ("Holt was its builder.", texts[0]),
    }
    assert claims("bioasq", rows[:1], _chance()) == []
    assert claims("bioasq", [_row(asked, text) for text in (texts[0], *texts[:1])], _chance()) == []


def test_no_more_questions_are_taken_than_wanted_and_none_without_an_answer() -> None:
    rows = [_row(f"Who built mill number {n}?", MILL) for n in range(9)]
    assert len(cut("wice", rows, 4, _chance())) == 4
    assert cut("wice", [_row("Who sold the mill?", MILL, 0)], 4, _chance()) == []


def test_the_same_seed_draws_the_same() -> None:
    rows = [_row(f"Who built mill number {n}?", MILL) for n in range(30)]
    first, again, other = (cut("wice", rows, 9, _chance(seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_negatives_do_not_hold_the_answer(tmp_path: Path) -> None:
    found = _towns()
    mine(found, HashEmbedder(), tmp_path, _silent)
    for example in found:
        assert example.negatives
        assert example.passage not in example.negatives
        assert not any(example.answers[0] in text for text in example.negatives)
    # Those named by the source come first.
    named = Example("Who built it then?", "Anna built it.", None, "wice", [], named=["Not so."])
    mine([named, *found], HashEmbedder(), tmp_path, _silent)
    assert named.negatives[0] == "Not so."
    assert len(named.negatives) == 10


def test_mining_again_embeds_nothing_again(tmp_path: Path) -> None:
    found, again, said = _towns(), _towns(), list[str]()
    mine(found, HashEmbedder(), tmp_path, said.append)
    assert "24/24, 0 s left" in said[-1]
    embedder = HashEmbedder()
    mine(again, embedder, tmp_path, _silent)
    assert embedder.embedded == []
    assert [e.negatives for e in again] == [e.negatives for e in found]


def test_an_impossible_question_differs_in_one_place() -> None:
    asked = "Which of the two northern mills did Anna Holt open in 1847?"
    passage = "It says that Anna Holt opened one in 1847, and Ben Marsh another in 1862."
    made = {oppose(asked, _chance(seed)) for seed in range(30)}
    assert "Which of the two southern mills did Anna Holt open in 1847?" in made
    assert "Which of the two northern mills did Anna Holt close in 1847?" in made
    example = Example(asked, passage, None, "wice", [])
    made |= {exchange(example, _chance(seed)) for seed in range(30)}
    assert {asked.replace("1847", "1862"), asked.replace("Anna Holt", "Ben Marsh")} <= made
    for question in made:
        assert question != asked
        assert len(_changed(asked.split(), question.split())) <= len(["Anna", "Holt"])


def test_a_detail_is_never_exchanged_for_the_answer() -> None:
    passage = "It says that Anna Holt opened one in 1847, and Ben Marsh another in 1862."
    example = Example("Who followed Anna Holt?", passage, (42, 51), "wice", ["Ben Marsh"])
    assert {exchange(example, _chance(seed)) for seed in range(30)} == {""}


@pytest.mark.parametrize("first", ["Is", "Was", "Did", "Does", "Are", "Can"])
def test_a_yes_no_question_is_not_negated(first: str) -> None:
    asked = f"{first} the mill of Ashby by the river?"
    for text in (asked, asked.lower()):
        assert {oppose(text, _chance(seed)) for seed in range(50)} == {""}


def test_what_people_wrote_for_the_text_comes_before_what_is_made() -> None:
    found = [Example("When was it first opened?", "In 1847.", None, "wice", [], whole=MILL)]
    found.append(Example("When was it first opened?", "In 1847.", None, "boolq", [], whole=MILL))
    spoil(found, {("wice", MILL): ["When was it painted?"]}, _chance(1))
    assert found[0].impossible == "When was it painted?"
    assert found[1].impossible != "When was it painted?"


@pytest.mark.model
def test_the_command_reads_cuts_mines_spoils_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    painted = "When was the mill painted in green?"
    asked = [
        _row("When did the mill burn down?", MILL, 1, "1903"),
        _row(painted, MILL, 0),
    ]
    closed = [_row("Who has no licence at all?", "Nobody has one for this text.")]
    sources = _sources(tmp_path / "sources", {BY_HAND: asked, "wikiqa": closed})
    for folder in ("first", "second"):
        main([str(sources), str(tmp_path / folder)])
    (example,) = load(tmp_path / "first")
    assert example.span
    assert example.passage[slice(*example.span)] == "1903"
    assert example.impossible == painted
    assert any("1847" in text for text in example.negatives)
    assert (example.named, example.whole) == ([], "")
    assert load(tmp_path / "second") == [example]
    assert "1 questions, 1 with an impossible one" in capsys.readouterr().out


def test_rows_left_over_go_to_their_source(tmp_path: Path) -> None:
    more = [{**_row(f"Is it mill {n}?", MILL), "source": "wice"} for n in range(2)]
    closed = {**_row("Is it closed?", MILL), "source": "wikiqa"}
    sources = _sources(tmp_path / "sources", {"wice": [_row("Is it a mill?", MILL)]})
    with gzip.open(sources / SURPLUS, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in [*more, closed])
    found = {name: [row["question"] for row in rows] for name, rows in read(sources)}
    assert found.pop("wice") == ["Is it a mill?", "Is it mill 0?", "Is it mill 1?"]
    assert not any(found.values())
    with gzip.open(sources / SURPLUS, "wt", encoding="utf-8") as file:
        file.write(json.dumps(_row("Whose is it?", MILL)) + "\n")
    with pytest.raises(TrainingError, match=r"surplus.jsonl.gz has rows without .*source"):
        list(read(sources))


@pytest.mark.model
def test_of_what_another_folder_has_a_part_comes_again(tmp_path: Path) -> None:
    rows = [_row(f"When did mill number {n} burn down?", MILL, 1, "1903") for n in range(80)]
    few = _sources(tmp_path / "few", {"wice": rows[:40]})
    all_of_them = _sources(tmp_path / "all", {"wice": rows})
    first, second = tmp_path / "first", tmp_path / "second"
    main([str(few), str(first)])
    main([str(all_of_them), str(second), "--without", str(first)])
    known = {example.question for example in load(first)}
    asked = {example.question for example in load(second)}
    assert len(known) == 40
    assert asked >= {row["question"] for row in rows} - known
    assert 4 <= len(asked & known) <= 30


def test_every_source_is_named_with_its_licence_and_none_that_has_none() -> None:
    readme = (ROOT / "training" / "README.md").read_text(encoding="utf-8")
    used, left_out = readme.split("Left out for their licence")
    licences = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", used, re.MULTILINE))
    assert licences.keys() == SOURCES.keys()
    assert all(re.search(r"CC BY|MIT|Apache|ODC", licence) for licence in licences.values())
    closed = set(re.findall(r"`(\w+)`", left_out.split("\n\n")[0]))
    assert "wikiqa" in closed
    assert not closed & SOURCES.keys()


def test_a_source_that_is_missing_or_broken_is_told_in_a_sentence(tmp_path: Path) -> None:
    sources = _sources(tmp_path / "sources", {"boolq": [_row("Is it a mill?", MILL)]})
    path = sources / "boolq.jsonl.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(TrainingError, match=r"boolq.jsonl.gz is broken .*; get it again\."):
        list(read(sources))
    path.write_bytes(b"no gzip at all")
    with pytest.raises(TrainingError, match="is broken"):
        list(read(sources))
    path.write_bytes(gzip.compress(b'{"question": "Is it?"}\n'))
    with pytest.raises(TrainingError, match="rows without group, label, passage, question"):
        list(read(sources))
    path.unlink()
    with pytest.raises(TrainingError, match=r"boolq.jsonl.gz is missing; training/README\.md"):
        list(read(sources))
    with pytest.raises(TrainingError, match="is missing"):
        main([str(path), str(tmp_path / "examples")])


def test_examples_that_are_missing_or_broken_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"holds no examples.jsonl.gz; make it with"):
        load(tmp_path / "nowhere")
    for wrong in (b"no gzip", gzip.compress(b"[]\n"), gzip.compress(b'{"question": "Who?"}\n')):
        (tmp_path / FILE).write_bytes(wrong)
        with pytest.raises(TrainingError, match=r"cannot be read .*; make it again"):
            load(tmp_path)


def _chance(seed: int = 0) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time


def _silent(said: str) -> None:
    assert said


def _changed(own: list[str], other: list[str]) -> list[str]:
    """The words of a question that stand neither in the common beginning nor in the common end."""
    first = next(i for i, (a, b) in enumerate(zip(own, other, strict=False)) if a != b)
    last = next(i for i, (a, b) in enumerate(zip(own[::-1], other[::-1], strict=False)) if a != b)
    return own[first : len(own) - last]
