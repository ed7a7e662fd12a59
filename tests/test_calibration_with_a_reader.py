"""An index's curves with a reader and without: which counts when, and when both are made anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.search import Searcher
from index.store import Store
from index.types import BuildReport, Progress
from qa.calibration import Sample, describe, measure
from qa.confidence import DEFAULT, PRIOR, READ, WEIGHTS, Calibration, calibration_of
from qa.looking import Looking
from qa.upkeep import META, calibrated
from qa.upkeep import told as told_of
from tests.fakes import FakeReader, HashEmbedder
from tests.test_calibration import lots, write

QUESTION = "Where did porters carry what stood beside it?"


class Preparing(FakeReader):
    """One that has to be prepared first."""

    def prepare(self) -> Iterator[Progress]:
        yield Progress("reader", 0, detail="sharpening its pencil")


def update(folder: Path, index: Path, reader: FakeReader | None) -> list[str]:
    """Bring an index up to date; the stages that it took."""
    embedder = HashEmbedder()
    *events, report = calibrated(build([folder], index, embedder=embedder), index, embedder, reader)
    assert isinstance(report, BuildReport)
    return list(dict.fromkeys(event.stage for event in events if isinstance(event, Progress)))


def kept(index: Path) -> dict[str, Any]:
    with Store(index) as store:
        found: dict[str, Any] = json.loads(store.meta(META) or "{}")
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "lots", lots())


def test_an_index_keeps_a_curve_for_answers_with_its_reader_and_one_without(
    folder: Path, tmp_path: Path
) -> None:
    index, reader = tmp_path / "index", FakeReader()
    update(folder, index, reader)
    found = kept(index)
    assert found["reader"]["fingerprint"] == reader.fingerprint
    assert 0 <= found["reader"]["ece"] <= 1
    with Store(index) as store:
        plain = Calibration(found["midpoint"], found["slope"])
        read = Calibration(found["reader"]["midpoint"], found["reader"]["slope"], reads=True)
        assert calibration_of(store) == plain
        assert calibration_of(store, reader) == read
        assert read.midpoint != plain.midpoint
        assert calibration_of(store, FakeReader("another")) == plain
        told = f"expected error {found['reader']['ece']:.3f} on"
        assert told in told_of(store)["calibration"]
    alone = tmp_path / "alone"
    update(folder, alone, None)
    assert {name: found[name] for name in ("questions", "passages", "last")} == {
        name: kept(alone)[name] for name in ("questions", "passages", "last")
    }


def test_without_a_curve_of_its_own_nothing_that_a_reader_says_counts(tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": "Salt."})
    update(folder, tmp_path / "index", FakeReader())
    assert "calibrate" not in update(folder, tmp_path / "index", FakeReader("another"))
    with Store(tmp_path / "index") as store:
        assert calibration_of(store, FakeReader()) == DEFAULT
        assert not DEFAULT.reads


def test_confidence_changes_with_what_is_read_only_by_the_reader_it_was_calibrated_with(
    folder: Path, tmp_path: Path
) -> None:
    index, reader = tmp_path / "index", FakeReader()
    update(folder, index, reader)
    with Store(index) as store:
        curves = [calibration_of(store, r) for r in (reader, FakeReader("another"), None)]
    for used, curve in zip((reader, FakeReader("another"), None), curves, strict=True):
        with Searcher.open(index, HashEmbedder(), reader=used) as searcher, searcher.reading():
            found = Looking(searcher, None, 10).understood(QUESTION)
        assert ("reader" in found.signs) == (used is not None)
        assert curve.reads == (used is reader)
        weights = {**WEIGHTS, **({"reader": READ} if curve.reads else {})}
        strength = sum(weight * found.signs[name] for name, weight in weights.items())
        assert found.confidence == pytest.approx(curve.probability(strength))


def test_another_reader_is_calibrated_with_by_the_next_build_and_none_changes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    assert "calibrate" in update(folder, index, None)
    plain = kept(index)
    assert "reader" not in plain
    assert "calibrate" not in update(folder, index, None)
    stages = update(folder, index, Preparing("first"))
    assert stages.index("reader") < stages.index("calibrate")
    first = kept(index)
    assert first["reader"]["fingerprint"] == "fake-first"
    for same in (FakeReader("first"), None):
        assert "calibrate" not in update(folder, index, same)
        assert kept(index) == first
    assert "reader" not in update(folder, index, Preparing("first")), "there is nothing to do"
    assert "calibrate" in update(folder, index, FakeReader("second"))
    assert kept(index)["reader"]["fingerprint"] == "fake-second"


def test_marked_questions_shift_both_curves(folder: Path, tmp_path: Path) -> None:
    index, reader = tmp_path / "index", FakeReader()
    update(folder, index, reader)
    drafted = kept(index)
    assert "prior" not in drafted
    assert "prior" not in drafted["reader"]
    lines = [
        {"question": f"Who carried salt to the {place}?", "answerable": False}
        for place in ("mole", "weir", "quay", "lock", "pier", "dam", "sluice", "ford", "bay", "bar")
    ]
    (index / "sets").mkdir()
    marked = index / "sets" / "marked.jsonl"
    marked.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert "calibrate" in update(folder, index, reader)
    found = kept(index)
    for before, after in ((drafted, found), (drafted["reader"], found["reader"])):
        assert after["midpoint"] == before["midpoint"]
        assert after["prior"] < PRIOR
    assert found["reader"]["fingerprint"] == reader.fingerprint
    with Store(index) as store:
        assert calibration_of(store, reader).prior == found["reader"]["prior"]
        assert calibration_of(store).prior == found["prior"]


def test_each_drafted_question_is_measured_with_the_reader_and_without(
    folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    update(folder, index, None)
    with Searcher.open(index, HashEmbedder()) as plain:
        unread = list(measure(plain))
    with Searcher.open(index, HashEmbedder(), reader=FakeReader()) as searcher:
        samples = list(measure(searcher))
    assert all(sample.read == sample.score for sample in unread)
    assert [s.answerable for s in samples] == [s.answerable for s in unread]
    assert any(sample.read != sample.score for sample in samples)
    pairs = list(zip(samples[::2], samples[1::2], strict=True))
    better = [there.read > gone.read for there, gone in pairs]
    assert sum(better) > 0.9 * len(better)


@given(
    st.lists(
        st.builds(Sample, st.floats(-15, 15), st.booleans(), st.floats(-15, 15)),
        min_size=20,
        max_size=60,
    )
)
def test_any_samples_give_both_curves_and_without_a_reader_the_one(samples: list[Sample]) -> None:
    found = describe(samples, 9, "print")
    read = found.pop("reader")
    assert found == describe(samples, 9)
    assert read.pop("fingerprint") == "print"
    alone = describe([sample.as_read for sample in samples], 9)
    assert read == {name: alone[name] for name in ("midpoint", "slope", "ece")}
    assert "reader" not in describe(samples[:19], 9, "print")
