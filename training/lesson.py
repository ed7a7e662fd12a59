"""What a reader should make of the pairs of one step, and how far it is from that.

Three losses: a softmax over the passages of a question (which answers?), a logistic one of each
pair (does it answer at all?, also of impossible questions), and a softmax over places (where does
the answer start, where does it end?). Beside what the examples say, teachers may say what they
expect (Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015): also of
passages that nobody judged, and of answers that nobody pointed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from training.examples import Example
from training.learner import Judged, Learner

PASSAGES = 4  # that are read for a question; the first answers it
TAUGHT = 0.5  # share of what teachers say in what is to be learned


@dataclass(frozen=True)
class Lesson:
    """What is to be learned, as probabilities.

    `about` float32 (questions, PASSAGES): that a passage is the one that answers. `holds` float32
    (n,): that the passage of a pair holds the answer. `points` float32 (questions, t, 2): that the
    answer in the first passage starts and ends at a token; nought where no place is known.
    """

    about: Tensor
    holds: Tensor
    points: Tensor

    def with_teachers(self, said: Judged) -> Lesson:
        """The same, mixed with what teachers make of the pairs."""
        about = functional.softmax(ranked(said, len(self.about)), 1)
        holds = torch.sigmoid(said.verdicts[:, 1])
        points = functional.softmax(pointed(said, len(self.about)), 1)
        return Lesson(
            torch.lerp(self.about, about, TAUGHT),
            torch.lerp(self.holds, holds, TAUGHT),
            torch.lerp(self.points, points, TAUGHT),
        )


def ranked(judged: Judged, questions: int) -> Tensor:
    """Logits of each question's passages, float32 (questions, PASSAGES)."""
    return judged.verdicts[: questions * PASSAGES, 0].view(questions, PASSAGES)


def pointed(judged: Judged, questions: int) -> Tensor:
    """Logits of places in each question's first passage, float32 (questions, t, 2)."""
    return judged.points[: questions * PASSAGES : PASSAGES]


def batch(
    rows: Sequence[Example], chance: np.random.Generator
) -> tuple[list[tuple[str, str]], Tensor]:
    """Pairs, question by question with the right passage first; then pairs that do not answer.

    Also whether each holds the answer, float32 (n,).
    """
    pairs: list[tuple[str, str]] = []
    for row in rows:
        order = chance.permutation(len(row.negatives))[: PASSAGES - 1]
        drawn = [row.negatives[i] for i in order]
        others = [other.passage for other in rows if other.passage != row.passage] or [""]
        while len(drawn) < PASSAGES - 1:
            drawn.append(others[int(chance.integers(len(others)))])
        pairs += [(row.question, text) for text in (row.passage, *drawn)]
    spoiled = [(row.impossible, row.passage) for row in rows if row.impossible]
    holds = torch.zeros(len(pairs) + len(spoiled))
    holds[: len(pairs) : PASSAGES] = 1
    return pairs + spoiled, holds


def places(encoding: Encoding, span: tuple[int, int] | None) -> tuple[int, int] | None:
    """The first and last token of an answer, if they are among those kept."""
    if span is None:
        return None
    kinds = zip(encoding.sequence_ids, encoding.offsets, strict=True)
    inside = [
        i
        for i, (kind, (start, end)) in enumerate(kinds)
        if kind == 1 and start < span[1] and end > span[0]
    ]
    return (inside[0], inside[-1]) if inside else None


def lesson(rows: Sequence[Example], judged: Judged, holds: Tensor) -> Lesson:
    """What the examples say of the pairs that were made of them, on the device of `judged`."""
    about, points = torch.zeros(len(rows), PASSAGES), torch.zeros(pointed(judged, len(rows)).shape)
    about[:, 0] = 1
    for number, row in enumerate(rows):
        if place := places(judged.encodings[number * PASSAGES], row.span):
            points[number, place, (0, 1)] = 1
    device = judged.verdicts.device
    return Lesson(about.to(device), holds.to(device), points.to(device))


def losses(
    learner: Learner,
    teachers: Sequence[Learner],
    rows: Sequence[Example],
    chance: np.random.Generator,
) -> tuple[Tensor, float]:
    """The loss of one step, and the share of questions whose right passage came first."""
    pairs, holds = batch(rows, chance)
    judged = learner.judge(pairs)
    wanted = lesson(rows, judged, holds)
    if teachers:
        wanted = wanted.with_teachers(_mean([_said(teacher, pairs) for teacher in teachers]))
    first = ranked(judged, len(rows)).argmax(1) == 0
    return distance(judged, wanted), float(first.float().mean())


@torch.no_grad()
def _said(teacher: Learner, pairs: Sequence[tuple[str, str]]) -> Judged:
    return teacher.judge(pairs)


def _mean(said: Sequence[Judged]) -> Judged:
    """The mean of logits, as of the members of an ensemble."""
    verdicts = torch.stack([judged.verdicts for judged in said]).mean(0)
    points = torch.stack([judged.points for judged in said]).mean(0)
    return Judged(said[0].encodings, verdicts, points)


def distance(judged: Judged, wanted: Lesson) -> Tensor:
    """The loss: cross-entropy of which passage, of whether, and by half of where."""
    questions = len(wanted.about)
    answering = functional.binary_cross_entropy_with_logits(
        judged.verdicts[:, 1], wanted.holds, weight=1 + 1.5 * wanted.holds
    )
    likely = functional.log_softmax(pointed(judged, questions), 1)
    pointing = -(likely * wanted.points).sum() / 2 / questions  # nought where no place is known
    which = functional.cross_entropy(ranked(judged, questions), wanted.about)
    return which + answering + 0.5 * pointing
