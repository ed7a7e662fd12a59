"""Comparing two runs: which differences are real, and which questions flipped.

Every question is a pair. Intervals are percentiles of a paired bootstrap (Efron & Tibshirani 1993,
chapter 13); p is McNemar's exact test where a measure is only ever 0 or 1 (McNemar 1947), a paired
randomisation test for other means (Smucker et al. 2007), and the bootstrap's own tail for measures
of the whole set; the p of all measures are corrected together (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import TYPE_CHECKING, Any, Literal

from qa.errors import QuestionSetError
from qa.evaluation.calibration import refusals
from qa.evaluation.run import LATENCY, Json, Record, RunResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Test = Literal["mcnemar", "randomisation", "bootstrap"]

RESAMPLES = 2000
LOWER_IS_BETTER = frozenset(
    {"brier", "ece", "rejected_cited", LATENCY, "latency_p50", "latency_p95"}
)
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in both runs, over the n questions it is defined on in both.

    `difference` is second - first, `low` to `high` its 95% interval, `p` of no difference and
    `adjusted` the same after Holm's correction.
    """

    metric: str
    n: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    test: Test

    @property
    def verdict(self) -> Literal["better", "worse", "same", "unclear"]:
        """Whether the second run is really better or worse, at 5% after correction.

        A difference that so many questions cannot show to be one is "unclear", not "same".
        """
        if self.difference == 0:
            return "same"
        if self.adjusted >= _LEVEL:
            return "unclear"
        return "better" if (self.difference > 0) != (self.metric in LOWER_IS_BETTER) else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question answered rightly in one run alone; `deltas` are all its measures that changed."""

    question_id: str
    question: str
    history: tuple[str, ...]
    delta: float
    deltas: Mapping[str, float]
    first: Json | None
    second: Json | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side. `unpaired` counts the questions that only one of them asked."""

    first: str
    second: str
    questions: int
    unpaired: int
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    changes: Mapping[str, tuple[Any, Any]]

    def to_dict(self) -> Json:
        """Make the JSON object of a comparison."""
        data = asdict(self)
        for item, difference in zip(data["differences"], self.differences, strict=True):
            item["verdict"] = difference.verdict
        return data


def compare(first: RunResult, second: RunResult, seed: int = 0) -> Comparison:
    """Compare two runs by the questions that both asked in the same words.

    Raises:
        QuestionSetError: they share no question.
    """
    others = {_key(record): record for record in second.records}
    pairs = [(a, others[_key(a)]) for a in first.records if _key(a) in others]
    if not pairs:
        raise QuestionSetError(
            f"The runs of {first.set_name} and {second.set_name} share no question; "
            "compare runs of the same set."
        )
    return Comparison(
        first=first.name or first.set_name,
        second=second.name or second.set_name,
        questions=len(pairs),
        unpaired=len(first.records) + len(second.records) - 2 * len(pairs),
        differences=tuple(_differences(pairs, seed)),
        flips=tuple(_flips(pairs)),
        changes=_changes(first, second),
    )


def _key(record: Record) -> tuple[str, str, tuple[str, ...]]:
    return record.question.id, record.question.question, record.question.history


def _changes(first: RunResult, second: RunResult) -> dict[str, tuple[Any, Any]]:
    facts = [
        {"k": run.k, "version": run.version, "set": run.set_sha256, **run.index, **run.settings}
        for run in (first, second)
    ]
    names = dict.fromkeys((*facts[0], *facts[1]))
    both = {name: (facts[0].get(name), facts[1].get(name)) for name in names}
    return {name: (before, after) for name, (before, after) in both.items() if before != after}


def _flips(pairs: Sequence[tuple[Record, Record]]) -> list[Flip]:
    """List what flipped, losses first, and among them those that lost most elsewhere."""
    flips = []
    for a, b in pairs:
        deltas = {name: b.values[name] - a.values[name] for name in a.values if name in b.values}
        changed = {name: delta for name, delta in deltas.items() if delta and name != LATENCY}
        if delta := changed.get("correct"):
            asked = a.question
            flips.append(
                Flip(asked.id, asked.question, asked.history, delta, changed, a.answer, b.answer)
            )
    return sorted(flips, key=lambda flip: (flip.delta, sum(map(_signed, flip.deltas.items()))))


def _signed(item: tuple[str, float]) -> float:
    return -item[1] if item[0] in LOWER_IS_BETTER else item[1]


def _differences(pairs: Sequence[tuple[Record, Record]], seed: int) -> list[Difference]:
    import numpy as np

    rng = np.random.default_rng(seed)
    n = len(pairs)
    picks = rng.integers(0, n, (RESAMPLES, n)) + n * np.arange(RESAMPLES)[:, None]
    counts = np.bincount(picks.ravel(), minlength=RESAMPLES * n)
    weights = counts.reshape(RESAMPLES, n).astype(float)
    signs = rng.choice([-1.0, 1.0], (RESAMPLES, n))
    found = _means(pairs, weights, signs) + _refusing(pairs, weights)
    adjusted = holm([item.p for item in found])
    return [
        Difference(**{**asdict(item), "adjusted": p})
        for item, p in zip(found, adjusted, strict=True)
    ]


def _means(
    pairs: Sequence[tuple[Record, Record]], weights: Array, signs: Array
) -> list[Difference]:
    import numpy as np

    names = dict.fromkeys(name for pair in pairs for name in pair[0].values)
    found = []
    for name in names:
        first, second = (
            np.array([pair[side].values.get(name, np.nan) for pair in pairs]) for side in (0, 1)
        )
        delta = second - first
        defined = ~np.isnan(delta)
        if not defined.any():
            continue
        n, first, second = int(defined.sum()), first[defined], second[defined]
        delta = np.where(defined, delta, 0.0)
        counts = weights @ defined.astype(float)
        low, high = _interval((weights @ delta)[counts > 0] / counts[counts > 0])
        binary = bool(np.isin((first, second), (0, 1)).all())
        p = (
            mcnemar(int((delta < 0).sum()), int((delta > 0).sum()))
            if binary
            else randomisation(delta, signs)
        )
        means = float(first.mean()), float(second.mean()), float(delta.sum() / n)
        test: Test = "mcnemar" if binary else "randomisation"
        found.append(Difference(name, n, *means, low, high, p, p, test))
    return found


def _interval(values: Array) -> tuple[float, float]:
    import numpy as np

    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mcnemar(lost: int, won: int) -> float:
    """Two-sided exact p of as uneven a split of the changed pairs (McNemar 1947)."""
    changed = lost + won
    tail: int = sum(comb(changed, count) for count in range(min(lost, won) + 1))
    return min(1.0, tail / 2 ** (changed - 1)) if changed else 1.0


def randomisation(delta: Array, signs: Array) -> float:
    """Two-sided p that a mean this far from 0 arises when the sign of each pair is chance.

    `delta` is (n,), `signs` (rows, n) of -1 and 1; the observed order counts as one more row.
    """
    sums = abs(signs @ delta)
    # Sums of the same numbers in another order may differ in the last digits.
    reached = int((sums >= abs(delta.sum()) * (1 - 1e-6) - 1e-9).sum())
    return (reached + 1) / (len(signs) + 1)


def _refusing(pairs: Sequence[tuple[Record, Record]], weights: Array) -> list[Difference]:
    """Compare the measures of refusing, which exist for a set and not for a question."""
    import numpy as np

    answerable = np.array([a.question.answerable for a, _ in pairs], dtype=float)
    if len(set(answerable)) < 2:
        return []
    rows = np.vstack([np.ones((1, len(pairs))), weights])
    first, second = (
        refusals(
            rows,
            answerable,
            np.array([pair[side].refused for pair in pairs], dtype=float),
            np.array([pair[side].confidence for pair in pairs]),
        )
        for side in (0, 1)
    )
    found = []
    for name in first:
        deltas = second[name] - first[name]
        low, high = _interval(deltas[1:])
        tail = min(int((deltas[1:] <= 0).sum()), int((deltas[1:] >= 0).sum()))
        p = min(1.0, 2 * (tail + 1) / (RESAMPLES + 1))
        values = float(first[name][0]), float(second[name][0]), float(deltas[0])
        found.append(Difference(name, len(pairs), *values, low, high, p, p, "bootstrap"))
    return found


def holm(values: Sequence[float]) -> list[float]:
    """Correct p for the number of tests, step by step from the smallest (Holm 1979)."""
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted
