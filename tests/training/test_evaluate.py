"""Measuring a reader: against values worked out by hand, and for one that knows nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from index.network import Network
from tests.training.tiny import tiny_examples, tiny_folder
from training.command import TrainingError
from training.evaluate import Verdict, by_source, main, measures, unasked
from training.examples import held
from training.train import WEIGHTS


def _verdict(
    ranks: range, answer: str = "", holds: float = 0, twin: float | None = None, source: str = "a"
) -> Verdict:
    return Verdict(source, ranks, answer, ("The Mill", "a bridge") if answer else (), holds, twin)


def test_measures_are_those_worked_out_by_hand() -> None:
    found = [
        _verdict(range(1, 2), "the mill", holds=3, twin=1),
        _verdict(range(4, 5), "old mill of Ashby", holds=0.5, twin=0),
        _verdict(range(1, 3)),
    ]
    assert measures(found) == {
        "questions": 3,
        "first": pytest.approx((1 + 0 + 0.5) / 3),
        "mrr": pytest.approx((1 + 0.25 + 0.75) / 3),
        "spans": 2,
        "exact": 0.5,
        "f1": pytest.approx((1 + 2 / 5) / 2),
        "twins": 2,
        "auc": pytest.approx(3 / 4),
    }


def test_sources_are_measured_apart_and_together() -> None:
    found = by_source([_verdict(range(1, 2)), _verdict(range(2, 3), source="b")])
    assert [(name, row["first"], row["auc"]) for name, row in found.items()] == [
        ("a", 1, None),
        ("b", 0, None),
        ("all", 0.5, None),
    ]


def test_a_reader_that_knows_nothing_is_right_by_chance(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny_folder(tmp_path / "examples")
    torch.manual_seed(0)
    weights = {n: torch.zeros_like(v) for n, v in Network(base, 2).learned().items()}
    save_file(weights, folder / WEIGHTS)
    options = [str(folder), "--base", str(base), "--layers", "2", "--threads", "1"]
    main([*options, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["towns"] == found["all"]
    assert found["all"]["auc"] == 0.5
    assert 1 / 6 <= found["all"]["first"] < 0.3
    assert found["all"]["exact"] == 0

    main([*options, "--most", "5"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == list(found["all"])
    assert [line.split()[:2] for line in lines[1:]] == [["towns", "5"], ["all", "5"]]


def test_weights_that_are_missing_broken_or_of_another_network_are_told(
    base: Path, tmp_path: Path
) -> None:
    folder = tiny_folder(tmp_path / "examples")
    options = [str(folder), "--base", str(base), "--layers", "2"]
    with pytest.raises(TrainingError, match=r"is missing; make it with `python -m training.train`"):
        main(options)
    save_file(Network(base, 1).learned(), folder / WEIGHTS)
    with pytest.raises(TrainingError, match=r"another network .* --layers and --rank"):
        main(options)
    (folder / WEIGHTS).write_bytes(b"broken")
    with pytest.raises(TrainingError, match="cannot be used"):
        main(options)
    with pytest.raises(TrainingError, match="holds no examples"):
        main([str(tmp_path)])


def test_a_question_that_is_trained_on_elsewhere_is_no_measure() -> None:
    rows = tiny_examples()
    kept = [row for row in rows if held(row)]
    trained = next(row for row in rows if not held(row))
    assert unasked(rows) == kept
    again = replace(trained, question=f" {kept[0].question.upper()} !")
    assert unasked(rows, [again]) == unasked([*rows, again]) == kept[1:]
    assert unasked(rows, [replace(again, passage=kept[0].passage)]) == kept
