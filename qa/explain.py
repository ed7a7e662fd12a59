"""How a hit's score came about, signal by signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.ranking import scaled
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

    The contributions of a hit add up to its score: each signal is scaled to 0..1 among the
    candidates, weighted, and divided by the sum of weights, as `index.ranking.combine` does.
    """
    names = list(hits[0].signals) if hits else []
    total = sum(weights.get(name, 0) for name in names)
    explained: list[dict[str, Part]] = [{} for _ in hits]
    for name in names:
        values = np.array([hit.signals[name] for hit in hits], np.float32)
        weight = weights.get(name, 0)
        for parts, value, share in zip(explained, values, scaled(values), strict=True):
            parts[name] = Part(
                value=float(value),
                weight=weight,
                contribution=float(share) * weight / total,
                rank=1 + int((values > value).sum()),
            )
    return explained
