"""Measure a trained reader: `python -m training.evaluate FOLDER [--weights FILE] [--json]`.

FOLDER holds `examples.jsonl.gz` of `training.data`; the questions measured are those that
`training.train` held back and did not ask of another passage either, which --without says of other
folders; or a number of them drawn by the seed. Each is asked of the passage that
answers it and of its up to ten negatives, and its impossible twin, if it has one, of the passage.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from index.reader import reading
from qa.evaluation.calibration import auc
from qa.evaluation.metrics import exact_match, token_f1
from training.command import Clock, TrainingError, positive, run
from training.examples import FILE, Example, held, load
from training.learner import Judged, Learner, add_options, open_learner, take
from training.train import WEIGHTS

TOGETHER = 50  # questions that are read at once


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader made of one question.

    `ranks` are those that its passage may have, from 1: several where others score the same.
    `answer` is what it points at, and `answers` what it should, where that is known. `holds` and
    `twin` are the logits that the passage answers it, and its impossible twin.
    """

    source: str
    ranks: range
    answer: str
    answers: tuple[str, ...]
    holds: float
    twin: float | None


def verdicts(learner: Learner, rows: Sequence[Example]) -> Iterator[Verdict]:
    """Read questions with their passages."""
    for first in range(0, len(rows), TOGETHER):
        some = rows[first : first + TOGETHER]
        asked = [_pairs(row) for row in some]
        with torch.inference_mode():
            judged = learner.judge([pair for pairs in asked for pair in pairs])
        place = 0
        for row, pairs in zip(some, asked, strict=True):
            yield _verdict(row, judged, slice(place, place + len(pairs)))
            place += len(pairs)


def _pairs(row: Example) -> list[tuple[str, str]]:
    """What is read for one question: its passage, the negatives, and the twin if there is one."""
    asked = [(row.question, text) for text in (row.passage, *row.negatives)]
    return [*asked, (row.impossible, row.passage)] if row.impossible else asked


def _verdict(row: Example, judged: Judged, place: slice) -> Verdict:
    """What was made of a question whose pairs are at `place`."""
    about, holds = judged.verdicts[place].cpu().numpy().T
    others = about[1 : len(row.negatives) + 1]
    better, alike = int((others > about[0]).sum()), int((others == about[0]).sum())
    answer, answers = "", []
    if row.span:
        first = place.start
        logits = (logits[first].cpu().numpy() for logits in (judged.verdicts, judged.points))
        start, end, _ = reading(judged.encodings[first], *logits).answer(0, len(row.passage))
        answer = row.passage[start:end]
        answers = [row.passage[slice(*row.span)], *row.answers]
    return Verdict(
        row.source,
        range(better + 1, better + alike + 2),
        answer,
        tuple(answers),
        float(holds[0]),
        float(holds[-1]) if row.impossible else None,
    )


def measures(found: Sequence[Verdict]) -> dict[str, float | None]:
    """The columns of the table: counts, and measures 0 to 1, higher is better; None without any.

    Of several ranks that a passage may have, each is as likely as the other.
    """
    pointed = [v for v in found if v.answers]
    twins = [(v.holds, v.twin) for v in found if v.twin is not None]
    confidence = np.array(twins).reshape(-1, 2).T.ravel()
    answerable = np.repeat([1.0, 0.0], len(twins))
    area = auc(np.ones((1, 2 * len(twins))), answerable, confidence)[0] if twins else None
    return {
        "questions": len(found),
        "first": _mean((v.ranks[0] == 1) / len(v.ranks) for v in found),
        "mrr": _mean(sum(1 / rank for rank in v.ranks) / len(v.ranks) for v in found),
        "spans": len(pointed),
        "exact": _mean(exact_match(v.answer, v.answers) for v in pointed),
        "f1": _mean(token_f1(v.answer, v.answers) for v in pointed),
        "twins": len(twins),
        "auc": None if area is None else float(area),
    }


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def by_source(found: Sequence[Verdict]) -> dict[str, dict[str, float | None]]:
    """Measures of each source, by name, and then of all."""
    names = sorted({v.source for v in found})
    rows = {name: measures([v for v in found if v.source == name]) for name in names}
    return rows | {"all": measures(found)}


def table(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    """Measures by source, as lines of columns."""
    wide = max(map(len, rows))
    lines = ["".join([" " * wide, *(f"{column:>10}" for column in rows["all"])])]
    for name, row in rows.items():
        cells = [f"{v:.3f}" if isinstance(v, float) else str(v or "") for v in row.values()]
        lines.append("".join([name.ljust(wide), *(f"{cell:>10}" for cell in cells)]))
    return "\n".join(lines)


def unasked(rows: Sequence[Example], others: Sequence[Example] = ()) -> list[Example]:
    """The rows held back whose question is none of those trained on, here or in `others`.

    Sources overlap: one asks of a sentence what another asks of the paragraph around it.
    """
    asked = {_folded(row.question) for row in (*rows, *others) if not held(row)}
    return [row for row in rows if held(row) and _folded(row.question) not in asked]


def _folded(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def settings(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--weights", type=Path, help=f"default: {WEIGHTS} in FOLDER")
    parser.add_argument(
        "--without",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="trained on, too",
    )
    parser.add_argument("--most", type=positive, default=600, help="questions, drawn by the seed")
    parser.add_argument("--json", action="store_true", help="print the measures as JSON")
    add_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the questions that were held back, and print the measures."""
    given = settings(arguments)
    rows = unasked(load(given.folder), [row for folder in given.without for row in load(folder)])
    if not rows:
        raise TrainingError(f"{given.folder / FILE} holds none that is kept from training.")
    if len(rows) > given.most:
        rows = random.Random(given.seed).sample(rows, given.most)  # noqa: S311 - the same each time
    learner = open_learner(given)
    take(learner, given.weights or given.folder / WEIGHTS, "--weights")
    learner.network.eval()
    clock, found = Clock(len(rows)), []
    for verdict in verdicts(learner, rows):
        found.append(verdict)
        clock.add(1)
        if len(found) % TOGETHER == 0:
            print(clock, file=sys.stderr, flush=True)
    measured = by_source(found)
    print(json.dumps(measured, indent=1) if given.json else table(measured))


if __name__ == "__main__":
    run(main)
