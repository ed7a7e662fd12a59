"""What is to be learned of a step's examples: pairs, probabilities and the loss."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from tests.training.tiny import tiny_examples
from training.examples import Example
from training.learner import Judged
from training.lesson import PASSAGES, Lesson, batch, distance, lesson, places


def test_the_loss_is_that_worked_out_by_hand_and_least_where_all_is_known() -> None:
    answer = Example("Who?", "The mill", (4, 8), "a", ["mill"])
    unplaced = Example("What?", "The mill", None, "a", [])
    texts = [(row.question, text) for row in (answer, unplaced) for text in ("The mill", *"abc")]
    words = models.WordLevel({"[UNK]": 0, "The": 1, "mill": 2}, "[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    encodings = tokenizer.encode_batch(texts)
    tokens = max(len(encoding) for encoding in encodings)
    nothing = Judged(encodings, torch.zeros(8, 2), torch.zeros(8, tokens, 2))
    holds = torch.tensor([1.0, 0, 0, 0] * 2)
    wanted = lesson([answer, unplaced], nothing, holds)
    assert wanted.points[0].nonzero().tolist() == [[2, 0], [2, 1]]
    assert not wanted.points[1].any()
    whether = (2 * 2.5 + 6 * 1) / 8 * math.log(2)
    pointing = math.log(tokens) / 2  # one of two questions
    assert float(distance(nothing, wanted)) == pytest.approx(
        math.log(PASSAGES) + whether + 0.5 * pointing
    )

    verdicts = (holds[:, None].expand(-1, 2) - 0.5) * 100
    points = torch.zeros(8, tokens, 2)
    points[::PASSAGES] = wanted.points * 100
    sure = Judged(encodings, verdicts, points)
    assert float(distance(sure, wanted)) == pytest.approx(0, abs=1e-5)


def test_what_teachers_say_is_mixed_in_by_half() -> None:
    wanted = Lesson(torch.eye(1, PASSAGES), torch.eye(1, PASSAGES)[0], torch.zeros(1, 3, 2))
    said = Judged([], torch.zeros(PASSAGES, 2), torch.zeros(PASSAGES, 3, 2))
    mixed = wanted.with_teachers(said)
    assert mixed.about.tolist() == [[0.625, 0.125, 0.125, 0.125]]
    assert mixed.holds.tolist() == [0.75, 0.25, 0.25, 0.25]
    assert torch.allclose(mixed.points, torch.full((1, 3, 2), 1 / 6))


def test_a_batch_has_the_right_passage_first_and_the_impossible_questions_last() -> None:
    rows = tiny_examples()[:6]
    rows[0].negatives = []
    pairs, holds = batch(rows, np.random.default_rng(0))
    twins = [row for row in rows if row.impossible]
    assert twins
    assert len(pairs) == len(holds) == len(rows) * PASSAGES + len(twins)
    assert pairs[: len(rows) * PASSAGES : PASSAGES] == [(r.question, r.passage) for r in rows]
    assert pairs[len(rows) * PASSAGES :] == [(row.impossible, row.passage) for row in twins]
    assert np.flatnonzero(holds).tolist() == list(range(0, len(rows) * PASSAGES, PASSAGES))


def test_a_question_with_too_few_negatives_gets_other_passages_not_its_own() -> None:
    rows = tiny_examples()[:2]
    rows[0].negatives = rows[1].negatives = []
    for seed in range(20):
        pairs, _ = batch(rows, np.random.default_rng(seed))
        assert [text for _, text in pairs[1:PASSAGES]] == [rows[1].passage] * (PASSAGES - 1)
    rows[1].passage = rows[0].passage
    pairs, _ = batch(rows, np.random.default_rng(0))
    assert [text for _, text in pairs[1:PASSAGES]] == [""] * (PASSAGES - 1)


def test_an_answer_is_placed_among_the_tokens_of_the_passage_alone(base: Path) -> None:
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    encoding = tokenizer.encode("the mill was built", "the mill was built")
    place = places(encoding, (4, 12))
    assert place is not None
    assert [encoding.tokens[i] for i in place] == ["mill", "was"]
    assert place[0] > 4
    assert places(encoding, None) is None
    assert places(encoding, (100, 104)) is None
