"""Runs beside each other: the course of a measure, two runs as text, and gates to pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.clean import strip_invisible
from qa.errors import QuestionSetError
from qa.evaluation.compare import LOWER_IS_BETTER, Comparison, Flip
from qa.evaluation.run import Json, RunResult, Totals
from qa.render import render_table as align

_GATE = re.compile(r"\s*([^\s<>=]+)\s*(>=|<=|=)\s*(\d+\.?\d*|\.\d+)\s*")
_LEVELS = "▁▂▃▄▅▆▇█"
_WIDTH = 30
_MOST_FLIPS = 20


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound on a measure: the least it may be, or where `most` is true the greatest."""

    metric: str
    bound: float
    most: bool = False


def parse_gate(text: str) -> Gate:
    """Read `recall@5=.8`: at least .8, or at most where lower is better; `>=` and `<=` say which.

    Raises:
        QuestionSetError: the text has another form.
    """
    found = _GATE.fullmatch(text)
    if found is None:
        raise QuestionSetError(f"{text!r} is no gate; write it like recall@5=.8.")
    metric, sign, bound = found.groups()
    lower = metric.lower() in LOWER_IS_BETTER
    return Gate(metric, float(bound), sign == "<=" or (sign == "=" and lower))


def gate(result: RunResult, gates: Sequence[Gate]) -> list[str]:
    """Say of each gate that the run does not pass by how much it fails.

    Raises:
        QuestionSetError: the run has no such measure.
    """
    failures = []
    for item in gates:
        name, value = _lookup(result.totals, item.metric)
        if value > item.bound if item.most else value < item.bound:
            wanted = "at most" if item.most else "at least"
            failures.append(f"{name} is {value:.4f}; it should be {wanted} {item.bound:g}.")
    return failures


def _lookup(totals: Totals, metric: str) -> tuple[str, float]:
    names = {name.lower(): name for name in totals}
    if metric.lower() not in names:
        raise QuestionSetError(f"The run does not measure {metric}; it has: {', '.join(totals)}.")
    name = names[metric.lower()]
    return name, totals[name].value


def history(runs: Sequence[RunResult], metric: str = "correct") -> str:
    """Plot a measure over saved runs, oldest first: a line for the course, a bar for each run."""
    if not runs:
        return "No saved runs of this set; make one with `quoth eval run SET --save NAME`."
    name, _ = _lookup({key: run.totals[key] for run in runs for key in run.totals}, metric)
    measured = [(run, run.totals[name].value) for run in runs if name in run.totals]
    values = [value for _, value in measured]
    top = max(1.0, *values)
    rows = [
        (run.name, run.created[:16].replace("T", " "), value, _bar(value / top))
        for run, value in measured
    ]
    return f"{name}  {_sparkline(values)}\n\n" + align(("run", "when", "value", ""), rows)


def _sparkline(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    span = high - low or 1.0
    return "".join(_LEVELS[round((value - low) / span * (len(_LEVELS) - 1))] for value in values)


def _bar(share: float) -> str:
    return ("█" * round(share * _WIDTH)).ljust(_WIDTH, "░")


def differences(comparison: Comparison) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Make the header and rows of the measures that differ."""
    rows: list[tuple[str, ...]] = [
        (
            item.metric,
            str(item.n),
            f"{item.first:.3f}",
            f"{item.second:.3f}",
            f"{item.difference:+.3f}",
            f"{item.low:+.3f} to {item.high:+.3f}",
            f"{item.adjusted:.3f}",
            item.verdict,
        )
        for item in comparison.differences
        if item.difference
    ]
    sides = (comparison.first, comparison.second)
    return ("measure", "n", *sides, "difference", "95% interval", "p (Holm)", "verdict"), rows


def render_comparison(comparison: Comparison) -> str:
    """Tell a comparison as aligned text: what differs, then the questions that flipped."""
    facts = f"{comparison.first} → {comparison.second}: {comparison.questions} questions"
    if comparison.unpaired:
        facts += f" ({comparison.unpaired} more were asked in one run only)"
    blocks = [facts]
    blocks += [f"{name}: {a} → {b}" for name, (a, b) in comparison.changes.items()]
    header, rows = differences(comparison)
    if rows:
        blocks.append(align(header, rows))
    if same := len(comparison.differences) - len(rows):
        blocks.append(f"The same in both: {same} measures.")
    worse = sum(flip.delta < 0 for flip in comparison.flips)
    blocks.append(f"Flipped: {worse} worse, {len(comparison.flips) - worse} better.")
    blocks += [_flip(flip, comparison) for flip in comparison.flips[:_MOST_FLIPS]]
    if len(comparison.flips) > _MOST_FLIPS:
        blocks.append(f"… and {len(comparison.flips) - _MOST_FLIPS} more; see --json.")
    return strip_invisible("\n\n".join(blocks))


def _flip(flip: Flip, comparison: Comparison) -> str:
    turn = "worse" if flip.delta < 0 else "better"
    lines = (
        f"{turn}  {flip.question_id}: {' / '.join((*flip.history, flip.question))}",
        f"  {comparison.first}: {_said(flip.first)}",
        f"  {comparison.second}: {_said(flip.second)}",
    )
    return "\n".join(" ".join(line.split("\n")) for line in lines)


def _said(answer: Json | None) -> str:
    if answer is None:
        return "(no answer came)"
    text = answer["short_answer"] or " ".join(str(answer["answer"]).split())
    return f"{text} ({float(answer['confidence']):.0%})"
