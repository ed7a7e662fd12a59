"""Measures of a whole run: refusing rightly, and probabilities that mean what they say.

Refusing is the positive class of precision, recall and F1. Arrays are float64; `weights` are
(b, n), one row for each resampling of n questions, and results are (b,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability curve: what was said and what came true, 0 to 1 each."""

    low: float
    high: float
    count: int
    confidence: float
    answerable: float


def refusals(
    weights: Array, answerable: Array, refused: Array, confidence: Array
) -> dict[str, Array]:
    """Refusal precision, recall and F1, balanced accuracy and AUC of each resampling.

    A ratio whose denominator is 0 is 0: never refusing has no precision to claim.
    """
    true_positives = weights @ ((1 - answerable) * refused)
    false_positives = weights @ (answerable * refused)
    unanswerable, positives = weights @ (1 - answerable), weights @ answerable
    precision = _ratio(true_positives, true_positives + false_positives)
    recall = _ratio(true_positives, unanswerable)
    answered = _ratio(positives - false_positives, positives)
    return {
        "refusal_precision": precision,
        "refusal_recall": recall,
        "refusal_f1": _ratio(2 * precision * recall, precision + recall),
        "balanced_accuracy": (recall + answered) / 2,
        "auc": auc(weights, answerable, confidence),
    }


def _ratio(numerator: Array, denominator: Array) -> Array:
    import numpy as np

    ratio = np.zeros_like(numerator, dtype=float)
    np.divide(numerator, denominator, out=ratio, where=denominator != 0)
    return ratio


def auc(weights: Array, answerable: Array, confidence: Array) -> Array:
    """Chance that an answerable question is given more confidence than one that is not; ties half.

    The Mann-Whitney statistic (Hanley & McNeil 1982), with weights.
    """
    import numpy as np

    order = np.argsort(confidence, kind="stable")
    starts = np.flatnonzero(np.diff(confidence[order], prepend=-np.inf))
    positive = np.add.reduceat((weights * answerable)[:, order], starts, axis=1)
    negative = np.add.reduceat((weights * (1 - answerable))[:, order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative / 2
    return _ratio((positive * below).sum(axis=1), positive.sum(axis=1) * negative.sum(axis=1))


def reliability(answerable: Sequence[bool], confidence: Sequence[float]) -> list[Bin]:
    """Compare confidence with outcome in bins of equal width; empty bins are left out."""
    members: dict[int, list[tuple[float, bool]]] = {}
    for outcome, said in zip(answerable, confidence, strict=True):
        members.setdefault(min(int(said * BINS), BINS - 1), []).append((said, outcome))
    return [
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            count=len(pairs),
            confidence=sum(said for said, _ in pairs) / len(pairs),
            answerable=sum(outcome for _, outcome in pairs) / len(pairs),
        )
        for number, pairs in sorted(members.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance of confidence and outcome over the bins, by their counts; lower is better.

    Expected calibration error, Naeini et al. 2015; 10 bins of equal width.
    """
    total = sum(item.count for item in bins)
    return sum(item.count * abs(item.confidence - item.answerable) for item in bins) / total


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies, interpolated linearly."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])
