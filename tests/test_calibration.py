"""Calibration: the curve that is fitted, and when an index gets its own."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.lock import locked
from index.search import Searcher
from index.store import Store
from index.types import BuildReport, Progress
from qa.calibration import (
    Sample,
    calibration_error,
    describe,
    fit,
    measure,
    refit,
)
from qa.confidence import DEFAULT, PRIOR, Calibration, calibration_of
from qa.upkeep import META, calibrated
from qa.upkeep import told as told_of
from tests.fakes import HashEmbedder


def lots(count: int = 14) -> dict[str, str]:
    """Short documents, each on things that have a name in no other."""
    chance = random.Random(3)  # noqa: S311

    def word() -> str:
        return "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(4))

    return {
        f"lot{n}.md": f"In {1700 + n} porters of {word().title()} carried {word()} and {word()} "
        f"to the {word()} of {word().title()}, where {n + 3} {word()} stood beside a {word()}."
        for n in range(count)
    }


def synthetic(midpoint: float, slope: float, count: int = 600) -> list[Sample]:
    chance = random.Random(4)  # noqa: S311
    scores = [midpoint + chance.uniform(-4, 4) for _ in range(count)]
    curve = [1 / (1 + math.exp(-slope * (score - midpoint))) for score in scores]
    return [Sample(s, chance.random() < p) for s, p in zip(scores, curve, strict=True)]


def sound(curve: Calibration) -> bool:
    """Whether a curve rises and gives probabilities."""
    found = [curve.probability(score) for score in (-1e6, -10, 0, 5, 10, 1e6)]
    return found == sorted(found) and all(0 <= p <= 1 for p in found) and curve.slope > 0


# --- the curve ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0.8, 2.0])
@pytest.mark.parametrize("midpoint", [-3.0, 0.0, 6.5])
def test_a_curve_is_recovered_from_what_was_drawn_of_it(midpoint: float, slope: float) -> None:
    curve = fit(synthetic(midpoint, slope))
    assert curve.midpoint == pytest.approx(midpoint, abs=0.4)
    assert curve.slope == pytest.approx(slope, rel=0.3)


def test_where_nothing_overlaps_the_midpoint_lies_between() -> None:
    curve = fit([Sample(n / 10, False) for n in range(20)] + [Sample(6.0, True)] * 20)
    assert 2 < curve.midpoint < 6
    assert curve.probability(1) < 0.2 < 0.8 < curve.probability(6)


@pytest.mark.parametrize(
    "samples",
    [
        [Sample(3.0, True)],
        [Sample(3.0, True), Sample(3.0, False)] * 10,
        [Sample(n / 10, True) for n in range(30)],
        [Sample(n / 10, False) for n in range(30)],
        [Sample(n / 10, n < 15) for n in range(30)],  # upside down
        [Sample(0.0, False)] * 20 + [Sample(1e-9, True)] * 20,
    ],
    ids=["one", "equal", "all right", "all wrong", "upside down", "hardly apart"],
)
def test_what_tells_nothing_still_gives_a_rising_curve(samples: list[Sample]) -> None:
    assert sound(fit(samples))
    assert "slope" not in describe(samples[:19], 7)


@given(st.lists(st.builds(Sample, st.floats(-15, 15), st.booleans()), min_size=20, max_size=60))
def test_any_samples_give_a_rising_curve_and_an_error_that_is_a_share(
    samples: list[Sample],
) -> None:
    assert sound(fit(samples))
    described = describe(samples, 9)
    assert (described["passages"], described["questions"]) == (9, len(samples))
    assert 0 <= described["ece"] <= 1


def test_questions_told_apart_well_are_calibrated_well() -> None:
    told = [Sample(score, score > 3) for score in (0.0, 0.0, 6.0, 6.0) * 20]
    assert describe(told, 1)["ece"] < 0.2


def test_the_less_scores_tell_the_flatter_the_curve() -> None:
    told = [Sample(score, score > 3) for score in (0.0, 9.0) * 40]
    mixed = [Sample(score, number % 3 == 0) for number, score in enumerate((0.0, 9.0) * 40)]
    shuffled = fit(mixed)
    assert fit(told).slope > 2 * shuffled.slope
    assert 0.1 < shuffled.probability(0.0) <= shuffled.probability(9.0) < 0.9


# --- what is marked ----------------------------------------------------------------------------


@given(
    st.lists(st.builds(Sample, st.floats(-15, 15), st.booleans()), min_size=1, max_size=80),
    st.floats(-8, 8),
    st.floats(0.1, 4),
)
def test_whatever_is_marked_the_curve_still_rises(
    marked: list[Sample], midpoint: float, slope: float
) -> None:
    assert sound(refit(Calibration(midpoint, slope), marked))


def test_marks_tell_how_many_questions_have_an_answer() -> None:
    curve = Calibration(3.0, 1.5)
    samples = synthetic(3.0, 1.5, count=200)
    rich = [Sample(s.score, answerable=True) for s in samples]
    poor = [Sample(s.score, answerable=False) for s in samples]
    assert refit(curve, poor).prior < curve.prior < refit(curve, rich).prior
    few = refit(curve, rich[:2])
    assert curve.prior < few.prior < refit(curve, rich).prior


def test_marks_of_questions_that_scores_do_not_tell_apart_make_the_curve_flat() -> None:
    curve = Calibration(0.0, 2.5)
    marked = [Sample(s.score, number % 2 == 0) for number, s in enumerate(synthetic(2.0, 1.0))]
    set_right = refit(curve, marked)
    told = [(set_right.probability(s.score), s.answerable) for s in marked]
    before = [(curve.probability(s.score), s.answerable) for s in marked]
    assert calibration_error(told) < 0.1 < calibration_error(before)


def test_the_next_build_takes_up_what_was_marked(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "lots", lots()), tmp_path / "index"
    update(folder, index)
    drafted = kept(index)
    assert "prior" not in drafted
    lines = [
        {"question": f"Who carried salt to the {place}?", "answerable": False}
        for place in ("mole", "weir", "quay", "lock", "pier", "dam", "sluice", "ford", "ferry")
    ]
    marked = index / "sets" / "marked.jsonl"
    marked.parent.mkdir()
    marked.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert "calibrate" not in stages(update(folder, index))  # too few to tell
    last = {"question": "Who?", "evidence": [{"document": "lot1.md", "quote": "porters"}]}
    with marked.open("a", encoding="utf-8") as file:
        file.write(json.dumps(last) + "\n")
    assert "calibrate" in stages(update(folder, index))
    found = kept(index)
    assert (found["marks"], found["midpoint"]) == (10, drafted["midpoint"])
    assert found["prior"] != PRIOR
    with Store(index) as store:
        assert calibration_of(store).prior == found["prior"]
        assert "set right by 10 marked ones" in told_of(store)["calibration"]
    assert "calibrate" not in stages(update(folder, index))


# --- the questions -----------------------------------------------------------------------------


def write(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def update(folder: Path, index: Path) -> list[Progress | BuildReport]:
    embedder = HashEmbedder()
    return list(calibrated(build([folder], index, embedder=embedder), index, embedder))


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("calibration")
    update(write(folder / "lots", lots()), folder / "index")
    with Searcher.open(folder / "index", HashEmbedder()) as searcher:
        yield searcher


def test_questions_are_the_same_each_time_and_asked_with_and_without(searcher: Searcher) -> None:
    found = list(measure(searcher))
    with Searcher.open(searcher.store.directory, HashEmbedder()) as again:
        assert list(measure(again)) == found
    assert list(measure(searcher, seed=2)) != found
    assert len(list(measure(searcher, count=3))) == 6
    assert [sample.answerable for sample in found] == [True, False] * (len(found) // 2)


def test_a_question_is_supported_better_with_its_document_than_without(searcher: Searcher) -> None:
    found = list(measure(searcher))
    assert len(found) >= 20
    higher = [there.score > gone.score for there, gone in zip(found[::2], found[1::2], strict=True)]
    assert sum(higher) > 0.9 * len(higher)
    curve = calibration_of(searcher.store)
    scores = {a: [s.score for s in found if s.answerable == a] for a in (True, False)}
    assert min(scores[False]) < curve.midpoint < max(scores[True])


# --- the index ---------------------------------------------------------------------------------


def stages(events: list[Progress | BuildReport]) -> list[str]:
    return list(dict.fromkeys(e.stage for e in events if isinstance(e, Progress)))


def kept(index: Path) -> dict[str, float]:
    with Store(index) as store:
        found: dict[str, float] = json.loads(store.meta(META) or "{}")
        return found


def test_a_build_is_passed_on_in_order_and_its_report_comes_last(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "lots", lots()), tmp_path / "index"
    passed: list[Progress | BuildReport] = []

    def events() -> Iterator[Progress | BuildReport]:
        for event in build([folder], index, embedder=HashEmbedder()):
            passed.append(event)
            yield event

    found = list(calibrated(events(), index, HashEmbedder()))
    assert [e for e in found if e in passed] == passed
    assert found[-1] is passed[-1]
    assert stages(found)[-1] == "calibrate"
    steps = [e for e in found if isinstance(e, Progress) and e.stage == "calibrate"]
    assert [e.done for e in steps] == list(range(1, len(steps) + 1))
    assert all(e.total is not None and e.done <= e.total for e in steps)
    with Store(index) as store:
        assert store.generation == 1
        assert calibration_of(store) == Calibration(kept(index)["midpoint"], kept(index)["slope"])
        assert calibration_of(store) != DEFAULT


def test_it_is_done_anew_only_when_much_has_changed_however_slowly(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "lots", lots()), tmp_path / "index"
    update(folder, index)
    first = kept(index)
    assert "calibrate" not in stages(update(folder, index))
    names = sorted(lots())
    write(folder, {names[0]: "A barge sank off the mole with all its pewter."})
    assert "calibrate" not in stages(update(folder, index))
    assert kept(index) == first
    write(folder, {names[1]: "A second one sank there as well, and nobody went out again."})
    assert "calibrate" in stages(update(folder, index))  # by now two of 14
    assert kept(index) != first
    for name in names[:3]:
        (folder / name).unlink()
    assert "calibrate" in stages(update(folder, index))


def test_an_index_of_one_tiny_document_keeps_the_default(tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": "Salt."})
    assert isinstance(update(folder, tmp_path / "index")[-1], BuildReport)
    with Store(tmp_path / "index") as store:
        assert calibration_of(store) == DEFAULT
    assert "calibrate" not in stages(update(folder, tmp_path / "index"))


def test_stopping_leaves_the_new_generation_to_be_calibrated_by_the_next_build(
    tmp_path: Path,
) -> None:
    folder, index = write(tmp_path / "lots", lots()), tmp_path / "index"
    events = calibrated(build([folder], index, embedder=HashEmbedder()), index, HashEmbedder())
    next(event for event in events if isinstance(event, Progress) and event.stage == "calibrate")
    events.close()  # type: ignore[attr-defined]
    with Store(index) as store:
        assert (store.generation, calibration_of(store)) == (1, DEFAULT)
    assert "calibrate" in stages(update(folder, index))
    assert "slope" in kept(index)


def test_a_build_is_done_though_another_process_has_begun_the_next(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "lots", lots()), tmp_path / "index"
    events = calibrated(build([folder], index, embedder=HashEmbedder()), index, HashEmbedder())
    next(event for event in events if isinstance(event, Progress) and event.stage == "calibrate")
    with locked(index):
        assert isinstance(list(events)[-1], BuildReport)
    assert kept(index) == {}
    assert "calibrate" in stages(update(folder, index))
