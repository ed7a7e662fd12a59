"""How probable it is that the documents hold the answer: one score, and its calibration.

The score adds the best passage's cosine, the best sentence's cosine, and the share of the
question's weight that the best passage and its neighbours hold; a logistic function makes a
probability of it (Platt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Hit
from qa.evidence import PASSAGES, Sentence

COVERAGE = 0.7


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve: probability .5 at `midpoint`, `slope` > 0 the steeper the surer."""

    midpoint: float
    slope: float

    def probability(self, score: float) -> float:
        """The probability, 0..1, for a score."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * (score - self.midpoint)))))


DEFAULT = Calibration(midpoint=1.55, slope=6.0)
WORDS_ONLY = Calibration(midpoint=0.45, slope=8.0)


def support(hits: Sequence[Hit], sentences: Sequence[Sentence]) -> float:
    """How strongly the best passages and sentences speak for an answer, about 0..2.7."""
    if not hits or not sentences:
        return 0.0
    best = hits[:PASSAGES]
    return (
        max(hit.signals.get("dense", 0.0) for hit in best)
        + max(sentence.cosine for sentence in sentences)
        + COVERAGE * max(hit.signals.get("coverage", 0.0) for hit in best)
    )
