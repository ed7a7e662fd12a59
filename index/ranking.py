"""How well a passage fits a question: pure functions over what is stored of both.

Every signal is higher for the better passage. They are brought together by `combine`: each is
brought to 0..1 among the candidates (`proportion`), weighted, and summed. The weights lie in
`ranking.json`, written by `python -m benchmarks.learn`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.states import DIMENSION, TokenStates, project, unit

Floats = NDArray[np.float32]
Signals = dict[str, Floats]

READER = "reader"  # a passage's share of what a reader finds relevant, times the greatest share
NEEDS_ENCODER = frozenset(
    {
        "dense",
        "interaction",
        "sentence",
        "sentence_section",
    }
)
LONG = 12  # content words of a question
SECTION_SENTENCES = 11  # in a section of 250 words


@dataclass(frozen=True, slots=True)
class Query:
    """A question as ranking sees it.

    `terms` are its stems with their IDF (> 0). `vector` float32 (dim,) and `pieces` float32
    (p, 64), unit rows with `weights` (p,) that sum to 1, are None while no encoder is ready.
    """

    text: str
    terms: Mapping[str, float]
    vector: Floats | None = None
    pieces: Floats | None = None
    weights: Floats | None = None

    def covered(self, stems: frozenset[str] | set[str]) -> float:
        """The share, 0..1, of the question's IDF that `stems` hold."""
        total = sum(self.terms.values())
        return sum(idf for stem, idf in self.terms.items() if stem in stems) / total if total else 0


@dataclass(frozen=True, slots=True)
class View:
    """A passage as ranking sees it: sentences as spans of its text, each with its stems.

    `pieces` are its word-pieces' states; sentence i owns those from `firsts[i]` to the next
    first; `sentence_vectors` float32 (s, 64) are their means, unit rows (late pooling).
    """

    id: int
    document_id: str
    section: int
    sentences: tuple[tuple[int, int], ...]
    stems: tuple[frozenset[str], ...]
    pieces: Floats
    firsts: NDArray[np.int64]
    sentence_vectors: Floats

    @property
    def all_stems(self) -> frozenset[str]:
        """The stems of the whole passage."""
        return frozenset().union(*self.stems)


def idf(frequency: int, passages: int) -> float:
    """Inverse document frequency as in BM25 (Robertson & Zaragoza 2009), always above zero."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


def view(
    id_: int,
    document_id: str,
    section: int,
    sentences: Sequence[tuple[int, int]],
    stems: Sequence[frozenset[str]],
    states: TokenStates,
) -> View:
    """Prepare a passage. Sentences past the encoder's limit have no pieces of their own."""
    starts = np.array([start for start, _ in sentences], np.int64)
    firsts = np.searchsorted(states.starts, starts)
    held = np.flatnonzero(np.diff(np.append(firsts, len(states.starts))) > 0)
    sums = np.zeros((len(sentences), DIMENSION), np.float32)
    if len(held):
        weighted = states.states * states.norms[:, None]
        sums[held] = np.add.reduceat(weighted, firsts[held], axis=0)
    return View(
        id_,
        document_id,
        section,
        tuple(sentences),
        tuple(stems),
        states.states,
        firsts,
        unit(sums),
    )


def scaled(values: Floats) -> Floats:
    """Min-max to 0..1; all zero where there is no difference."""
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    if not high > low:
        return np.zeros_like(values)
    result: Floats = (values - low) / (high - low)
    return result


def interaction(query: Query, views: Sequence[View]) -> Floats:
    """Late interaction (Khattab & Zaharia 2020) with passages, float32 (n,), -1..1.

    The IDF-weighted mean, over the question's word-pieces, of the greatest cosine with any
    word-piece of the passage.
    """
    whole = np.zeros(len(views), np.float32)
    if query.pieces is not None and query.weights is not None:
        for i, own in enumerate(_cosines(query.pieces, views)):
            if own.size:
                whole[i] = query.weights @ own.max(axis=1)
    return whole


def sentence_interaction(query: Query, views: Sequence[View]) -> list[Floats]:
    """Late interaction with each sentence of each passage, -1..1: a list of (s_i,)."""
    parts = [np.zeros(len(v.sentences), np.float32) for v in views]
    if query.pieces is not None and query.weights is not None:
        for v, scores, own in zip(views, parts, _cosines(query.pieces, views), strict=True):
            held = np.flatnonzero(np.diff(np.append(v.firsts, len(v.pieces))) > 0)
            if len(held):
                scores[held] = query.weights @ np.maximum.reduceat(own, v.firsts[held], axis=1)
    return parts


def _cosines(pieces: Floats, views: Sequence[View]) -> list[Floats]:
    """The cosines of the question's word-pieces with those of each passage: (p, t_i) each."""
    cosines = pieces @ np.concatenate([v.pieces for v in views]).T
    return np.split(cosines, np.cumsum([len(v.pieces) for v in views])[:-1], axis=1)


def sentence_cosines(query: Query, views: Sequence[View]) -> list[Floats]:
    """The cosine of the question with each sentence of each passage, -1..1: a list of (s_i,)."""
    if query.vector is None:
        return [np.zeros(len(v.sentences), np.float32) for v in views]
    vector = unit(project(query.vector))
    return [v.sentence_vectors @ vector for v in views]


def passage_signals(query: Query, views: Sequence[View], around: Mapping[int, View]) -> Signals:
    """The signals that need a passage's words and states; `around` has the views by id.

    interaction: late interaction with the passage. sentence: the best sentence's cosine;
    sentence_section: that of the mean sentence of the section that the passage stands in.
    coverage: the share of the question's IDF in the passage and its neighbours. words_section:
    BM25 of the section (Robertson & Zaragoza 2009).
    """
    coverage = []
    for v in views:
        near = [around[i] for i in (v.id - 1, v.id + 1) if i in around]
        stems = v.all_stems.union(*(n.all_stems for n in near if n.document_id == v.document_id))
        coverage.append(query.covered(stems))
    return {
        "interaction": interaction(query, views),
        "sentence": _best(sentence_cosines(query, views)),
        "coverage": np.array(coverage, np.float32),
        **_section_signals(query, views, around),
    }


def _best(scores: Sequence[Floats]) -> Floats:
    return np.array([own.max(initial=-1) for own in scores], np.float32)


def _section_signals(query: Query, views: Sequence[View], around: Mapping[int, View]) -> Signals:
    """What the whole section that each passage stands in says, each section looked at once."""
    members: dict[tuple[str, int], list[View]] = {}
    for v in around.values():
        members.setdefault((v.document_id, v.section), []).append(v)
    found = {key: _section(query, section) for key, section in members.items()}
    rows = np.array([found[v.document_id, v.section] for v in views], np.float32)
    names = ("sentence_section", "words_section")
    return {name: rows[:, column] for column, name in enumerate(names)}


def _section(query: Query, section: Sequence[View]) -> tuple[float, float]:
    """Cosine and BM25 with a section; BM25 counts sentences, not words."""
    stems = [held for v in section for held in v.stems]
    length = 0.25 + 0.75 * len(stems) / SECTION_SENTENCES
    words = 0.0
    for stem, weight in query.terms.items():
        if count := sum(stem in held for held in stems):
            words += weight * count * 2.2 / (count + 1.2 * length)
    if query.vector is None:
        return 0.0, words
    mean = unit(np.concatenate([v.sentence_vectors for v in section]).mean(axis=0))
    return float(mean @ unit(project(query.vector))), words


def proportion(name: str, values: Floats) -> Floats:
    """A signal of all candidates in 0..1: min-max, but for a reader's, which is a share already."""
    return values if name == READER else scaled(values)


def combine(signals: Signals, weights: Mapping[str, float]) -> Floats:
    """One score a candidate, 0..1: the weighted mean of the signals' proportions."""
    total = sum(weights.values())
    summed = sum(weight * proportion(name, signals[name]) for name, weight in weights.items())
    result: Floats = np.asarray(summed / total, np.float32)
    return result


def trust(query: Query) -> float:
    """How much the finer signals count beside the candidates' own score, 0..1.

    A long question asks for several things, which no one passage matches: there late interaction
    and its kin say less than words and vector do (several-hops nDCG@10: see `ranking.json`).
    """
    return min(1.0, LONG / max(1, len(query.terms)))


def load_weights() -> tuple[int, Mapping[str, float]]:
    """How many candidates are ranked anew, and the weight of each signal."""
    content = json.loads((files("index") / "ranking.json").read_text(encoding="utf-8"))
    return int(content["pool"]), content["weights"]
