"""Calibrating confidence for one index, with questions drafted from its own sentences.

Thresholds do not carry over from one collection to another. So for each index a sample of its
sentences is made into questions (a name, number or date taken out, some of the other words kept);
each is asked twice: as it is, and with its own document hidden, so that it has no answer. A
logistic curve through the two groups (Platt 1999) is kept with the index, with its expected
calibration error on questions that it was not fitted on.

Drafted questions cannot tell how many of a reader's own questions the documents answer, nor how
near to them the others come. What the reader has marked does: from `MARKS` marked questions on,
the curve is shifted, and made flatter or steeper, by what they say.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.lexical import analyze_spans
from index.ranking import Query
from index.search import Searcher
from index.sentences import sentences
from index.types import Passage
from qa.confidence import Calibration, signs, support
from qa.evidence import PASSAGES, find_sentences
from qa.expected import Expected, spans
from qa.looking import Looking, distinct
from qa.marks import MarkedSet
from qa.upkeep import MARKS, QUESTIONS

KEPT = 0.35  # share of a sentence's content words that a drafted question keeps
HIDDEN = 4  # passages either way that are hidden where hiding the document would hide too much
BINS = 10
STEADY = 8.0  # ridge that holds the slope
FLATTEST = 0.02  # of the slope of the drafted questions' curve

Floats = NDArray[np.float64]

_OPENINGS: tuple[tuple[Expected, str], ...] = (
    ("name", "Who or what"),
    ("number", "How many"),
    ("date", "When"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A question's support, and whether the documents answer it.

    `read` is the support with what a reader says: the same where none does.
    """

    score: float
    answerable: bool
    read: float = math.nan

    @property
    def as_read(self) -> Sample:
        """The same with the reader's support as its score."""
        return Sample(self.read, self.answerable)


def measure(searcher: Searcher, count: int = QUESTIONS, seed: int = 1) -> Iterator[Sample]:
    """Draft up to `count` questions and ask each with its document and without."""
    chance = random.Random(seed)  # noqa: S311 - a sample, the same each time
    with searcher.reading():
        ids = searcher.store.passage_ids()
    drawn = chance.sample(range(len(ids)), min(len(ids), 4 * count))
    made = 0
    for place in drawn:
        if made == count:
            return
        with searcher.reading():
            (passage,) = searcher.store.passages([int(ids[place])])
            question = _draft(passage, chance)
            if question is None:
                continue
            made += 1
            query = searcher.query(question, searcher.encode(question))
            hidden = _hidden(searcher, passage, len(ids))
            found = _signs(searcher, query, frozenset())
            without = _signs(searcher, query, hidden)
        yield _sample(found, answerable=True)
        yield _sample(without, answerable=False)


def _sample(found: Mapping[str, float], *, answerable: bool) -> Sample:
    return Sample(support(found), answerable, support(found, read=True))


def describe(samples: Sequence[Sample], passages: int, reader: str = "") -> dict[str, Any]:
    """Fit the curve, and another with what the reader of this fingerprint says, if there is one.

    The expected calibration error of each is that of two halves fitted on each other.
    """
    if len(samples) < 20:
        return {"passages": passages}
    kept: dict[str, Any] = {"passages": passages, "questions": len(samples), **_curve(samples)}
    if reader:
        kept["reader"] = {"fingerprint": reader, **_curve([s.as_read for s in samples])}
    return kept


def _curve(samples: Sequence[Sample]) -> dict[str, float]:
    whole = fit(samples)
    halves = (  # pairs stay together
        [*samples[::4], *samples[1::4]],
        [*samples[2::4], *samples[3::4]],
    )
    probabilities = [
        (fit(one).probability(sample.score, prior=0), sample.answerable)  # half and half
        for one, other in (halves, halves[::-1])
        for sample in other
    ]
    return {
        "midpoint": round(whole.midpoint, 4),
        "slope": round(whole.slope, 4),
        "ece": round(calibration_error(probabilities), 4),
    }


def fit(samples: Sequence[Sample]) -> Calibration:
    """The logistic curve of least log loss, with a little ridge."""
    scores = np.array([sample.score for sample in samples])
    center = float(scores.mean())
    columns = np.stack([scores - center, np.ones(len(scores))], axis=1)
    weights = _logistic(columns, samples, np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    slope = max(float(weights[0]), 0.1)
    return Calibration(center - float(weights[1]) / slope, slope)


def refit(curve: Calibration, marked: Sequence[Sample]) -> Calibration:
    """The curve as marked questions have it: another prior, and flatter or steeper.

    The fewer they are, the nearer to `curve` it stays; it never falls.
    """
    odds = np.array([curve.odds(sample.score) for sample in marked])
    columns = np.stack([odds, np.ones(len(odds))], axis=1)
    toward = np.array([1.0, curve.prior])
    weights = _logistic(columns, marked, toward, np.array([STEADY, 1.0]))
    if weights[0] < FLATTEST:
        weights = _logistic(
            columns, marked, np.array([FLATTEST, curve.prior]), np.array([1e6, 1.0])
        )
    return Calibration(curve.midpoint, curve.slope * float(weights[0]), float(weights[1]))


def _logistic(columns: Floats, samples: Sequence[Sample], toward: Floats, ridge: Floats) -> Floats:
    """Logistic regression by Newton's method, float64 (c,): least log loss, with a ridge."""
    answerable = np.array([sample.answerable for sample in samples], float)

    def loss(weights: Floats) -> float:
        odds = columns @ weights
        held = 0.5 * (ridge * (weights - toward) ** 2).sum()
        return float((np.logaddexp(0, odds) - answerable * odds).sum() + held)

    weights = toward
    for _ in range(50):
        expected = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        gradient = columns.T @ (expected - answerable) + ridge * (weights - toward)
        curvature = (columns * (expected * (1 - expected))[:, None]).T @ columns + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        if np.abs(step).max() < 1e-6:
            break
        before = loss(weights)
        while loss(weights - step) > before and np.abs(step).max() > 1e-9:
            step = step / 2  # far from the minimum Newton's steps overshoot
        weights = weights - step
    return weights


def marked(searcher: Searcher, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What marked questions change in the curves as `describe` gives them, if there are enough."""
    verdicts = MarkedSet(searcher.store.directory).verdicts()
    if "slope" not in kept or len(verdicts) < MARKS:
        return {"marks": len(verdicts)}
    samples = []
    for question, history, answerable in verdicts:
        with searcher.reading():
            found = Looking(searcher, None, PASSAGES).understood(question, history)
        samples.append(_sample(found.signs, answerable=answerable))
    changed: dict[str, Any] = {"marks": len(verdicts), **_refitted(kept, samples)}
    if read := kept.get("reader"):
        changed["reader"] = {**read, **_refitted(read, [sample.as_read for sample in samples])}
    return changed


def _refitted(kept: Mapping[str, Any], samples: Sequence[Sample]) -> dict[str, float]:
    curve = refit(Calibration(kept["midpoint"], kept["slope"]), samples)
    return {"slope": round(curve.slope, 4), "prior": round(curve.prior, 4)}


def _signs(searcher: Searcher, query: Query, hidden: frozenset[int]) -> dict[str, float]:
    hits = distinct(searcher, [(query, 1.0)], PASSAGES, without=hidden).hits
    passages = [hit.passage for hit in hits]
    views, readings = searcher.views(passages), searcher.read(query, passages)
    sentences = find_sentences(query, hits, views, readings)
    return signs(query, hits, views, sentences, readings=readings)


def _hidden(searcher: Searcher, passage: Passage, passages: int) -> frozenset[int]:
    """The passages of its document, or, where those are most of the index, those around it."""
    own = [p.id for p in searcher.store.passages_of(passage.document_id)]
    if 2 * len(own) > passages:
        own = [id_ for id_ in own if abs(id_ - passage.id) <= HIDDEN]
    return frozenset(own)


def _draft(passage: Passage, chance: random.Random) -> str | None:
    """A question made of a sentence: what it asks for taken out, some of the other words kept."""
    long = [span for span in sentences(passage.text) if len(passage.text[slice(*span)].split()) > 7]
    if not long:
        return None
    sentence = passage.text[slice(*chance.choice(long))]
    found = [
        (opening, span)
        for kind, opening in _OPENINGS
        for span in spans(kind, sentence)
        if span[0] > 0
    ]
    opening, (start, end) = chance.choice(found) if found else ("What about", (0, 0))
    rest = sentence[:start] + sentence[end:]
    words = [rest[s:e] for _, s, e in analyze_spans(rest)]
    if len(words) < 4:
        return None
    count = max(2, min(7, math.ceil(KEPT * len(words))))
    kept = sorted(chance.sample(range(len(words)), count))
    return f"{opening} {' '.join(words[i] for i in kept)}?"


def calibration_error(probabilities: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error with bins of equal width (Naeini et al. 2015)."""
    error = 0.0
    for number in range(BINS):
        inside = [(p, y) for p, y in probabilities if min(int(p * BINS), BINS - 1) == number]
        error += abs(sum(p for p, _ in inside) - sum(y for _, y in inside))
    return error / max(1, len(probabilities))
