"""Confidence rises with what speaks for an answer and stays a probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.ranking import READER
from index.reading import Reading
from index.search import Searcher
from qa.confidence import (
    DEFAULT,
    READ,
    SUREST,
    WEIGHTS,
    WORDS_ONLY,
    Calibration,
    alone,
    signs,
    support,
)
from qa.evidence import find_sentences
from qa.looking import Looking
from tests.fakes import FakeReader, HashEmbedder

TEXTS = {
    "ferry.md": "The ferry crosses at noon. Old Berit holds the tiller. The toll is four coins.",
    "kiln.md": "The kiln at Osby fires tiles. It was built in 1806 by a mason from Gotland.",
    "eel.md": "Eels are smoked over alder. The smell drifts to the chapel and stays for days.",
}
curves = st.builds(Calibration, st.floats(-20, 20), st.floats(0.1, 50))
anything = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("confidence")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    front = "---\ntitle: Nets\nauthors:\n  - Inga Solberg\n---\n"
    (folder / "nets.md").write_text(f"{front}The nets dry on poles by the pier.", encoding="utf-8")
    index = tmp_path_factory.mktemp("index")
    list(build([folder], index, embedder=HashEmbedder()))
    with Searcher.open(index, HashEmbedder()) as searcher:
        yield searcher


def found(
    searcher: Searcher, question: str, *, words_only: bool = False, without: str = ""
) -> dict[str, float]:
    """The signs for a question, with one document hidden."""
    hidden = {p.id for p in searcher.store.passages_of(without)} if without else set()
    query = searcher.query(question, None if words_only else searcher.encode(question))
    hits = searcher.rank([(query, 1.0)], 5, without=hidden)
    views = searcher.views([hit.passage for hit in hits])
    return signs(query, hits, views, find_sentences(query, hits, views))


@given(curves, anything, anything)
def test_a_probability_rises_with_the_score(curve: Calibration, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= curve.probability(low) <= curve.probability(high) <= 1


@given(curves, st.floats(0.01, 10))
def test_the_odds_turn_at_the_midpoint_but_for_the_prior(curve: Calibration, far: float) -> None:
    middle = curve.probability(curve.midpoint)
    assert curve.probability(curve.midpoint - far) < middle < 1
    assert middle == pytest.approx(DEFAULT.probability(DEFAULT.midpoint))


@given(curves, st.floats(0.1, 5))
def test_a_steeper_curve_is_surer(curve: Calibration, far: float) -> None:
    steeper = replace(curve, slope=2 * curve.slope)
    assert steeper.probability(curve.midpoint + far) >= curve.probability(curve.midpoint + far)
    assert steeper.probability(curve.midpoint - far) <= curve.probability(curve.midpoint - far)


def test_support_falls_with_no_sign_that_grows(searcher: Searcher) -> None:
    before = found(searcher, "Who holds the tiller?")
    for name in before:
        assert support({**before, name: before[name] + 1}) >= support(before), name


@pytest.mark.parametrize("words_only", [False, True])
@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("Who holds the tiller of the ferry?", "ferry.md"),
        ("When was the kiln at Osby built?", "kiln.md"),
        ("What are eels smoked over?", "eel.md"),
    ],
)
def test_a_question_whose_document_is_there_is_supported_better(
    searcher: Searcher, question: str, source: str, words_only: bool
) -> None:
    there = support(found(searcher, question, words_only=words_only))
    hidden = support(found(searcher, question, words_only=words_only, without=source))
    assert there > hidden
    curve = WORDS_ONLY if words_only else DEFAULT
    assert curve.probability(there) > curve.probability(hidden)


def test_a_part_of_the_question_that_nothing_matches_costs(searcher: Searcher) -> None:
    whole = found(searcher, "Who holds the tiller?")
    part = found(searcher, "Who holds the tiller zeppelin?")
    for name in ("weakest", "weakest_sentence", "coverage", "interaction"):
        assert part[name] < whole[name], name


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who fires tiles at Osby?", 0),
        ("Who fires tiles at Lund?", 1),
        ("Did Anders Holt of Lund fire tiles?", 2),  # three are missing; two count
        ("Osby fires what?", 0),
        ("Lund fires what?", 0),  # the first word is always capitalised
        ("What tiles do Norwegian kilns fire?", 0),  # a text may speak of Norway
        ("What did Inga Solberg write on nets?", 0),  # she is in the byline
        ("what tiles", 0),
    ],
)
def test_names_that_no_passage_and_no_byline_holds_are_counted(
    searcher: Searcher, question: str, missing: int
) -> None:
    assert found(searcher, question)["names"] == -missing


@given(st.text(max_size=80))
def test_whatever_is_asked_the_support_is_a_number(searcher: Searcher, question: str) -> None:
    score = support(found(searcher, question, words_only=True))
    assert 0 <= WORDS_ONLY.probability(score) <= 1


def test_nothing_found_is_no_support(searcher: Searcher) -> None:
    nothing = signs(searcher.query("kiln"), [], [], [])
    assert nothing.keys() == found(searcher, "kiln").keys()
    assert support(nothing) == 0


# --- with a reader -----------------------------------------------------------------------------


def told(*odds: float | None) -> list[Reading]:
    """Readings with these log odds that point nowhere."""
    nothing = np.empty(0, np.float32)
    spans = np.empty((0, 2), np.int32)
    return [Reading(0.0, holds, spans, nothing, nothing) for holds in odds]


def found_with(searcher: Searcher, question: str, readings: list[Reading]) -> dict[str, float]:
    query = searcher.query(question, searcher.encode(question))
    hits = searcher.rank([(query, 1.0)], 5)
    views = searcher.views([hit.passage for hit in hits])
    sentences = find_sentences(query, hits, views)
    return signs(query, hits, views, sentences, readings=readings)


@given(st.lists(st.none() | st.floats(-100, 100), max_size=5))
def test_the_surest_passage_is_the_sign_within_bounds_and_there_is_none_where_none_tells(
    searcher: Searcher, odds: list[float | None]
) -> None:
    plain = found_with(searcher, "Who holds the tiller?", [])
    found = found_with(searcher, "Who holds the tiller?", told(*odds))
    assert {name: found[name] for name in WEIGHTS} == plain
    known = [holds for holds in odds if holds is not None]
    assert (READER in found) == bool(known)
    if known:
        assert found[READER] == max(-SUREST, min(SUREST, max(known)))


@given(st.floats(-SUREST, SUREST))
def test_what_a_reader_says_counts_only_where_it_is_to_be_counted(said: float) -> None:
    signs_of = dict.fromkeys(WEIGHTS, 0.5) | {READER: said}
    without = {name: signs_of[name] for name in WEIGHTS}
    assert support(signs_of) == support(without) == support(without, read=True)
    assert support(signs_of, read=True) == pytest.approx(support(without) + READ * said)


@pytest.fixture(scope="module")
def reading(searcher: Searcher) -> Iterator[Searcher]:
    with Searcher.open(searcher.store.directory, HashEmbedder(), reader=FakeReader()) as reading:
        yield reading


@pytest.mark.parametrize("question", ["Who holds the tiller?", "Did Anders fire eels?", "zzz"])
def test_no_passage_alone_is_surer_than_all_that_was_found(
    reading: Searcher, question: str
) -> None:
    with reading.reading():
        looking = Looking(reading, None, 10)
        found = looking.understood(question)
        own = looking.apart(found, found.sentences)
        assert len(own) == len(found.sentences) > 0
        assert all(0 <= probability <= found.confidence for probability in own)
        # However sure of a passage by itself: here all together are thought the less likely.
        less = min(own) / 2
        assert looking.apart(replace(found, confidence=less), found.sentences) == [less] * len(own)


def test_a_passage_alone_is_judged_by_what_the_reader_says_of_it_if_that_counts(
    reading: Searcher,
) -> None:
    curves = [Calibration(0.0, 0.5, reads=reads) for reads in (False, True)]
    with reading.reading():
        found = Looking(reading, None, 10).understood("Who holds the tiller?")
        sentence = found.sentences[0]
        (view,) = reading.views([sentence.hit.passage])
        low, high = (
            [alone(found.query, sentence, view, told(odds), c, carried=False) for c in curves]
            for odds in (-3.0, 3.0)
        )
    assert low[0] == high[0]
    assert low[1] < low[0] < high[1]
