"""How a hit's score came about, signal by signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.ranking import Floats, proportion
from index.reranking import SHARE, SIGNAL, spread
from index.types import Hit


@dataclass(frozen=True, slots=True)
class Part:
    """One signal of a hit: its raw value, and what that adds to the score.

    `weight` is 0 for a signal that only enters through others (dense and bm25 through hybrid);
    `rank` is the hit's place, from 1, among all candidates by this signal alone.
    """

    value: float
    weight: float
    contribution: float
    rank: int


def explain(hits: Sequence[Hit], weights: Mapping[str, float]) -> list[dict[str, Part]]:
    """Take apart the scores of `hits`, which must be all candidates that were ranked together.

    The contributions of a hit add up to its score: each signal is brought to 0..1 among the
    candidates, weighted, and divided by the sum of weights, as `index.ranking.combine` does. For
    what a reranker has read its signal alone counts; the other scores then make room for those,
    as in `index.reranking.rerank`. Hits past the candidates have no score: of them only the signals
    are told that found them, which add nothing.
    """
    explained: list[dict[str, Part]] = [{} for _ in hits]
    names = [name for name in (hits[0].signals if hits else ()) if name != SIGNAL]
    pool = [i for i, hit in enumerate(hits) if hit.signals.keys() >= set(names)]
    read = [i for i in pool if SIGNAL in hits[i].signals]
    total = sum(weights.get(name, 0) for name in names) / (SHARE if read else 1)
    for name in names:
        values = np.array([hits[i].signals[name] for i in pool], np.float32)
        for i, value, share in zip(pool, values, proportion(name, values), strict=True):
            weight = 0 if SIGNAL in hits[i].signals else weights.get(name, 0)
            explained[i][name] = _part(values, value, weight, share * weight / total)
    values = np.array([hits[i].signals[SIGNAL] for i in read], np.float32)
    for i, value, share in zip(read, values, spread(values), strict=True):
        explained[i][SIGNAL] = _part(values, value, 1, share)
    for i in sorted(set(range(len(hits))) - set(pool)):
        for name in names:
            if name in hits[i].signals:
                all_of_them = np.array([h.signals.get(name, -np.inf) for h in hits], np.float32)
                explained[i][name] = _part(all_of_them, hits[i].signals[name], 0, 0)
    return explained


def _part(values: Floats, value: float, weight: float, contribution: float) -> Part:
    rank = 1 + int((values > value).sum())
    return Part(float(value), weight, float(contribution), rank)
