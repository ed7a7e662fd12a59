"""How probable it is that the documents hold the answer.

A handful of signs, none of which is sure alone, are added up to one score (`support`), and a
logistic curve makes a probability of it (Platt 1999). The curve is each index's own: scores mean
different things in five articles on one subject and in two thousand on all subjects.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.lexical import analyze
from index.ranking import READER, Query, View
from index.reading import Reader, Reading
from index.store import Store
from index.types import Hit
from qa.evidence import Sentence
from qa.expected import expected_answer, finds
from qa.upkeep import META

# Weights of the signs, learned with sign constraints: see `benchmarks/README.md`.
WEIGHTS: Mapping[str, float] = {
    "dense": 3.0,
    "sentence": 2.9,
    "coverage": 0.4,
    "interaction": 2.2,
    "weakest": 1.2,
    "weakest_sentence": 1.8,
    "names": 0.8,
    "expected": 1.0,
    "length": 2.7,
    "carried": 1.0,
}
READ = 0.8  # weight of the sign `reader`
SUREST = 6.0  # log odds
MOST_NAMES = 2  # that count as missing
LONG = 8  # content words from which a question cannot hope for all of them to be matched
PRIOR = 0.2  # log odds that a question has an answer, where signs say neither
UNTYPED = 0.6  # the sign `expected` where a question does not ask for a kind of thing

_DEMONYM = re.compile(r"(?:an|ish|ese|ch)$")  # "American" is in a text that speaks of the USA
_CAPITALISED = re.compile(r"(?<=[\w,;:)] )[\"'“‘(]?([A-Z][\w'’-]+)")


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve: log odds of `prior` at `midpoint`; the steeper, the surer.

    `reads` says whether what a reader makes of the passages is part of the scores it is for.
    """

    midpoint: float
    slope: float
    prior: float = PRIOR
    reads: bool = False

    def odds(self, score: float) -> float:
        """The log odds for a score, before the prior."""
        return self.slope * (score - self.midpoint)

    def probability(self, score: float, prior: float | None = None) -> float:
        """The probability, 0..1, for a score, from log odds `prior` (None: the curve's own) on."""
        odds = self.odds(score) + (self.prior if prior is None else prior)
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, odds))))


def calibration_of(store: Store, reader: Reader | None = None) -> Calibration:
    """The index's own curve, or the default while it has none.

    What a reader says is part of it only where the index was calibrated with that very reader.
    """
    kept = json.loads(store.meta(META) or "{}")
    if "slope" not in kept:
        return DEFAULT
    read = kept.get("reader", {})
    if reader is not None and read.get("fingerprint") == reader.fingerprint:
        return Calibration(read["midpoint"], read["slope"], read.get("prior", PRIOR), reads=True)
    return Calibration(kept["midpoint"], kept["slope"], kept.get("prior", PRIOR))


DEFAULT = Calibration(midpoint=6.8, slope=1.2)
WORDS_ONLY = Calibration(midpoint=0.75, slope=3.0)


def signs(
    query: Query,
    hits: Sequence[Hit],
    views: Sequence[View],
    sentences: Sequence[Sentence],
    *,
    readings: Sequence[Reading] = (),
    carried: bool = False,
) -> dict[str, float]:
    """The signs that the passages `hits`, seen as `views`, answer; more is better for each.

    dense, sentence, coverage, interaction: the best passage's or sentence's signal. weakest: how
    well the question's worst-matched word-piece is matched in all passages together;
    weakest_sentence: in the best two sentences in a row. names: minus the number of names in the
    question that are in none. expected: whether the two best sentences hold the kind of thing
    that is asked for. length: the logarithm of how many times longer than usual the question is.
    carried: whether words of earlier questions were added, which are matched less fully. reader:
    the log odds, within `SUREST`, that the passage of which a reader is the surest answers; there
    is none without readings, or where these do not tell.
    """
    if not hits or not sentences:
        return dict.fromkeys(WEIGHTS, 0.0)
    expected = expected_answer(query.text)
    holds = any(finds(expected, sentence.text, query.text) for sentence in sentences[:2])
    weakest, weakest_sentence = _weakest(query, views)
    return {
        "dense": max(hit.signals["dense"] for hit in hits),
        "sentence": max(sentence.cosine for sentence in sentences),
        "coverage": max(hit.signals["coverage"] for hit in hits),
        "interaction": max(hit.signals["interaction"] for hit in hits),
        "weakest": weakest,
        "weakest_sentence": weakest_sentence,
        "names": -float(min(MOST_NAMES, len(_missing_names(query.text, hits, views)))),
        "expected": UNTYPED if expected == "any" else float(holds),
        "length": math.log(max(1.0, len(query.terms) / LONG)),
        "carried": float(carried),
        **_read(readings),
    }


def _read(readings: Sequence[Reading]) -> dict[str, float]:
    told = [reading.holds for reading in readings if reading.holds is not None]
    return {READER: max(-SUREST, min(SUREST, max(told)))} if told else {}


def alone(
    query: Query,
    sentence: Sentence,
    view: View,
    readings: Sequence[Reading],
    calibration: Calibration,
    *,
    carried: bool,
) -> float:
    """The probability that a sentence's passage answers, were it all that there is."""
    found = signs(query, [sentence.hit], [view], [sentence], readings=readings, carried=carried)
    return calibration.probability(support(found, read=calibration.reads))


def support(found: Mapping[str, float], *, read: bool = False) -> float:
    """The weighted sum of the signs, about 0..10; with what a reader says, if it counts."""
    told = sum(weight * found[name] for name, weight in WEIGHTS.items())
    return told + (READ * found.get(READER, 0.0) if read else 0.0)


def _weakest(query: Query, views: Sequence[View]) -> tuple[float, float]:
    if query.pieces is None:
        return 0.0, 0.0
    together = np.full(len(query.pieces), -1.0, np.float32)
    best = -1.0
    for view in views:
        if not len(view.pieces):
            continue
        cosines = query.pieces @ view.pieces.T
        together = np.maximum(together, cosines.max(axis=1))
        held = np.flatnonzero(np.diff(np.append(view.firsts, len(view.pieces))) > 0)
        rows = np.maximum.reduceat(cosines, view.firsts[held], axis=1)
        rows[:, 1:] = np.maximum(rows[:, 1:], rows[:, :-1])  # with the sentence before
        best = max(best, float(_lowest(rows).max()))
    return float(_lowest(together[:, None])[0]), best


def _lowest(cosines: np.ndarray) -> np.ndarray:
    """The mean of the lowest third of each column: a minimum that long questions can bear."""
    third = max(1, len(cosines) // 3)
    lowest: np.ndarray = np.sort(cosines, axis=0)[:third].mean(axis=0)
    return lowest


def _missing_names(question: str, hits: Sequence[Hit], views: Sequence[View]) -> set[str]:
    """Stems of capitalised words, the first word apart, that no passage and no byline holds."""
    names = {
        stem
        for name in _CAPITALISED.findall(question)
        if not _DEMONYM.search(name)
        for stem in analyze(name)
    }
    held = set().union(*(view.all_stems for view in views))
    for document in {hit.document.id: hit.document for hit in hits}.values():
        byline = " ".join((document.title, *document.authors, document.publisher or ""))
        held |= set(analyze(byline))
    return {stem for name in names for stem in analyze(name)} - held
