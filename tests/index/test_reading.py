"""What a reader says of a passage, and our own: the same alone and together, in its own places."""

from __future__ import annotations

import math
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.reader
from index.compiled import Compilation, Compiled, Order
from index.conversion import LEAST, MEAN, OriginalReader
from index.embedding import PACKAGED_SHA256, packaged_folder
from index.errors import ModelError
from index.reader import MULTIPLE, TOKENS, CompiledReader, PackagedReader
from index.reading import (
    DEFAULT_READER,
    FIRST,
    LONGEST,
    OFF,
    Floats,
    Reader,
    Reading,
    band,
    open_reader,
    softmax,
)
from index.types import Progress
from index.words import Arrays

QUESTION = "When does the ferry to Skarholm leave?"
RIGHT = "The ferry to Skarholm leaves at seven each morning from the northern quay."
UNRELATED = "Quinces are boiled with their peel until the juice turns the colour of copper."
PASSAGES = [
    RIGHT,
    UNRELATED,
    "Skarholm.",
    "The warden of the toll house keeps a book of every cart that crosses the bridge. " * 5,
    "In winter the ferry to Skarholm is laid up, and letters go over the ice by sledge.",
]


# --- what is said ------------------------------------------------------------------------------


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Word-pieces anywhere in a passage, with any chances."""
    steps = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), max_size=40))
    edges = np.cumsum(np.array(steps, np.int32).reshape(-1)).reshape(-1, 2).astype(np.int32)
    logits = st.lists(st.floats(-30, 30, width=32), min_size=len(edges), max_size=len(edges))
    starts, ends = (softmax(np.array(draw(logits), np.float32)) for _ in range(2))
    return Reading(0.0, draw(st.none() | st.floats(-1e4, 1e4)), edges, starts, ends)


def length(reading: Reading) -> int:
    return int(reading.spans.max(initial=0)) + 2


@given(readings(), st.lists(st.integers(0, 300), max_size=5))
def test_shares_add_up_over_a_partition_but_for_what_lies_across_its_borders(
    reading: Reading, cuts: list[int]
) -> None:
    borders = sorted({0, length(reading), *(cut % length(reading) for cut in cuts)})
    parts = [reading.within(start, end) for start, end in pairwise(borders)]
    assert all(0 <= part <= 1 + 1e-5 for part in parts)
    across = [any(s < cut < e for cut in borders) for s, e in reading.spans]
    lost = float((reading.starts + reading.ends)[np.array(across, bool)].sum()) / 2
    whole = reading.within(0, length(reading))
    assert sum(parts) + lost == pytest.approx(whole, abs=1e-4)
    assert whole == pytest.approx(1.0 if len(reading.spans) else 0.0, abs=1e-4)


@given(readings(), st.integers(0, 150), st.integers(0, 300))
def test_the_answer_is_the_likeliest_run_of_word_pieces_inside(
    reading: Reading, start: int, end: int
) -> None:
    first, last, chance = reading.answer(start, end)
    inside = [i for i, (s, e) in enumerate(reading.spans) if start <= s and e <= end]
    if not inside:
        assert (first, last, chance) == (0, 0, 0.0)
        return
    assert start <= first < last <= end
    firsts, lasts = reading.spans[:, 0].tolist(), reading.spans[:, 1].tolist()
    assert 0 <= lasts.index(last) - firsts.index(first) < LONGEST
    best = max(
        float(reading.starts[i] * reading.ends[j])
        for i in inside
        for j in inside
        if i <= j < i + LONGEST
    )
    assert chance == pytest.approx(best, abs=1e-6)
    assert chance <= reading.within(start, end) + 1e-6


@given(readings())
def test_the_chance_of_an_answer_is_a_probability_and_1_where_it_is_not_told(
    reading: Reading,
) -> None:
    assert 0 <= reading.chance <= 1
    if reading.holds is None:
        assert reading.chance == 1
    else:
        odds = max(-30.0, min(30.0, reading.holds))
        assert reading.chance == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, LONGEST, LONGEST + 5])
def test_an_answer_never_ends_before_it_starts_nor_runs_on(count: int) -> None:
    allowed = band(count)
    assert allowed.shape == (count, count)
    for start in range(count):
        ends = np.flatnonzero(allowed[start]).tolist()
        assert ends == list(range(start, min(count, start + LONGEST)))


# --- which reader ------------------------------------------------------------------------------


def test_off_is_no_reader_and_ours_is_the_default() -> None:
    assert open_reader(OFF) is None
    assert isinstance(open_reader(), CompiledReader)
    named = open_reader(f"{DEFAULT_READER}@torch")
    assert named is not None
    assert (named.name, named.note) == (DEFAULT_READER, "PyTorch")
    assert list(named.prepare()) == []


def test_other_weights_are_another_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for name, content in (("one", b"some"), ("two", b"other"), ("three", b"some")):
        (tmp_path / name).write_bytes(content)
        monkeypatch.setattr(index.reader, "WEIGHTS", tmp_path / name)
        found.append(PackagedReader().fingerprint)
    assert found[0] == found[2] != found[1]
    order = Order("reader", DEFAULT_READER, str(packaged_folder()), PACKAGED_SHA256)
    keys = [Compiled(order, lambda said=said: [said], "auto", 0).key for said in found]
    assert keys[0] == keys[2] != keys[1]


class Slow(Compiled):
    """Takes a while to compile, and counts how often it has begun to."""

    made = 0

    def _compile(self) -> Generator[Progress, None, Compilation]:
        self.made += 1
        yield Progress("reader", 0, detail="working")
        return Compilation("int8", "", 2, 1.0, 1.0, "")


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slow:
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path))
    order = Order("reader", DEFAULT_READER, str(packaged_folder()), PACKAGED_SHA256)
    return Slow(order, lambda: ["nobody's"], "auto", 0)


def test_of_two_threads_one_compiles_and_the_other_waits_and_tells(shared: Slow) -> None:
    working = shared.prepare()
    assert next(working).detail == "working"
    waiting = shared.prepare()
    assert next(waiting).stage == "reader"
    other = Thread(target=lambda: shared.note, daemon=True)
    other.start()
    assert list(working) == []
    other.join(60)
    assert list(waiting) == []
    assert shared.made == 1
    assert shared.note.startswith("compiled to int8")


def test_who_waited_compiles_where_the_other_stopped(shared: Slow) -> None:
    working, waiting = shared.prepare(), shared.prepare()
    assert [next(each).detail == "working" for each in (working, waiting)] == [True, False]
    assert isinstance(working, Generator)
    working.close()
    assert [event.detail for event in waiting] == ["working"]
    assert shared.note.startswith("compiled to int8")


@pytest.mark.parametrize("content", [None, b"", b"no weights of anything"])
def test_without_its_weights_it_says_so_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "reader.safetensors").write_bytes(content)
    monkeypatch.setattr(index.reader, "WEIGHTS", tmp_path / "reader.safetensors")
    with pytest.raises(ModelError, match=r"quoth-reader .*; (name another|.*off)[^\n]*\.$"):
        PackagedReader().read(QUESTION, [RIGHT])
    if content is None:
        with pytest.raises(ModelError, match=r"quoth-reader .*`--reader off`[^\n]*\.$"):
            assert PackagedReader().fingerprint


class Noting(PackagedReader):
    """Notes the shapes that pass the network, which says nought of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def _pass(self, inputs: Arrays) -> tuple[Floats, Floats]:
        count, length = inputs["input_ids"].shape
        self.shapes.append((count, length))
        return np.zeros((count, 2), np.float32), np.zeros((count, length, 2), np.float32)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_pairs_pass_in_few_shapes_none_too_large(words: list[int]) -> None:
    reader = Noting()
    found = reader.read(QUESTION, ["toll " * count for count in words])
    most = TOKENS - len(QUESTION.split()) - 7  # three marks, the end, and a name of four pieces
    assert [len(reading.spans) for reading in found] == [min(n, most) for n in words]
    assert sum(count for count, _ in reader.shapes) == len(words)
    for count, length in reader.shapes:
        assert length % MULTIPLE == 0
        assert length <= TOKENS
        assert count <= FIRST


# --- our own -----------------------------------------------------------------------------------


def test_its_weights_are_small_enough_to_be_shipped() -> None:
    assert index.reader.WEIGHTS.stat().st_size <= 25_000_000


model = pytest.mark.model


@pytest.fixture(scope="module", params=[DEFAULT_READER, f"{DEFAULT_READER}@torch"])
def reader(request: pytest.FixtureRequest) -> Reader:
    reader = open_reader(request.param)
    assert reader is not None
    return reader


@model
def test_it_reads_in_order_and_the_same_alone_as_together(reader: Reader) -> None:
    together = reader.read(QUESTION, PASSAGES)
    near, about = (1e-3, 1e-3) if reader.note == "PyTorch" else (0.2, 0.05)  # int8 is coarse
    for passage, reading in zip(PASSAGES, together, strict=True):
        (alone,) = reader.read(QUESTION, [passage])
        assert alone.holds is not None
        assert reading.holds is not None
        assert reading.relevance == pytest.approx(alone.relevance, abs=near)
        assert reading.holds == pytest.approx(alone.holds, abs=near)
        np.testing.assert_array_equal(reading.spans, alone.spans)
        np.testing.assert_allclose(reading.starts, alone.starts, atol=about)
        np.testing.assert_allclose(reading.ends, alone.ends, atol=about)
    backwards = reader.read(QUESTION, PASSAGES[::-1])
    for one, other in zip(together, backwards[::-1], strict=True):
        assert one.relevance == pytest.approx(other.relevance, abs=near)
    assert reader.read(QUESTION, []) == []


@model
def test_a_passage_that_is_about_it_is_more_relevant_than_one_that_is_not(reader: Reader) -> None:
    right, unrelated = reader.read(QUESTION, [RIGHT, UNRELATED])
    assert right.relevance > unrelated.relevance


@model
@pytest.mark.parametrize("passage", ["", " \n", "🙂🙂 🌊", "\u200b\u0301", "—"])
def test_where_there_is_little_or_nothing_to_read_it_is_read_all_the_same(
    reader: Reader, passage: str
) -> None:
    (reading,) = reader.read(QUESTION, [passage])
    assert reading.holds is not None
    assert np.isfinite([reading.relevance, reading.holds]).all()
    assert reading.spans.shape == (len(reading.starts), 2)
    assert reading.within(0, len(passage)) == pytest.approx(float(len(reading.spans) > 0))
    assert all(passage[start:end].strip() for start, end in reading.spans)


@model
def test_what_is_too_long_is_cut_not_refused(reader: Reader) -> None:
    passage = f"{RIGHT} {UNRELATED} " * 60
    (reading,) = reader.read(QUESTION, [passage])
    assert 100 < len(reading.spans) < TOKENS
    assert reading.spans.max() < len(passage) / 4
    (short,) = reader.read(QUESTION * 200, [RIGHT])
    assert short.spans.max() == len(RIGHT), "only the longer of the two is cut"
    (both,) = reader.read(QUESTION * 200, [passage])
    assert 60 < len(both.spans) < TOKENS


@model
@pytest.mark.parametrize(
    "before",
    [
        "🙂🌊👩‍👩‍👧 ",
        "Cafe\u0301 A\u030asa, Zoe\u0308: ",
        "שלום עולם، مرحبا — ",
        "渡船, １２ — ",
        "\u0130stanbul \ufb01sh ",  # lower case and folding make more letters of one
        "",
    ],
)
def test_places_are_characters_of_the_passage_whatever_stands_before(
    reader: Reader, before: str
) -> None:
    passage = before + RIGHT
    (reading,) = reader.read(QUESTION, [passage])
    for word in RIGHT.rstrip(".").split():
        start = passage.index(word)
        found = reading.answer(start, start + len(word))
        assert passage[slice(*found[:2])] == word
    assert reading.spans.max() == len(passage)
    start, end, chance = reading.answer(0, len(passage))
    assert passage[start:end].strip() == passage[start:end]
    assert 0 < chance <= 1


@model
def test_compiled_and_original_say_nearly_the_same() -> None:
    original = OriginalReader(0)
    order = Order("reader", DEFAULT_READER, str(packaged_folder()), PACKAGED_SHA256)
    network = Compiled(order, lambda: [original.fingerprint], "auto", 0).network
    assert network is not None
    cosines = original.likeness(network)
    assert cosines.mean() >= MEAN
    assert cosines.min() >= LEAST
