"""Training: the same each time, whatever interrupts it."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from index.errors import ModelError
from index.network import Network
from tests.training.tiny import tiny_folder
from training.adapters import adapt
from training.command import TrainingError
from training.evaluate import main as evaluate
from training.examples import FILE, Example, held, load, save
from training.learner import Learner
from training.lesson import losses
from training.train import QUESTIONS, WEIGHTS, drawn, furthest, main, rate

ROOT = Path(__file__).parents[2]
STEPS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("training") / "examples")


@pytest.fixture(scope="module")
def whole(folder: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run that nothing interrupted has left its weights."""
    out = tmp_path_factory.mktemp("whole")
    main([str(folder), "--out", str(out), *_options(base)])
    return out


@pytest.fixture(scope="module")
def learned(folder: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that has learned to point at the answers."""
    out = tmp_path_factory.mktemp("learned")
    main([str(folder), "--out", str(out), *_options(base, steps=240)])
    return out / WEIGHTS


def _exact(folder: Path, base: Path, weights: Path, capsys: pytest.CaptureFixture[str]) -> float:
    """The share of answers that a reader points at exactly, of questions held back."""
    capsys.readouterr()
    options = ["--weights", str(weights), "--base", str(base), "--layers", "2", "--json"]
    evaluate([str(folder), *options])
    return float(json.loads(capsys.readouterr().out)["all"]["exact"])


def _options(base: Path, *more: str, steps: int = STEPS) -> list[str]:
    settings = {"--base": str(base), "--steps": str(steps), "--layers": "2", "--threads": "1"}
    settings["--device"] = "cpu"
    return [*(word for pair in settings.items() for word in pair), *more]


def _same(one: Path, other: Path) -> bool:
    first, second = load_file(one / WEIGHTS), load_file(other / WEIGHTS)
    return first.keys() == second.keys() and all(torch.equal(first[n], second[n]) for n in first)


def test_the_same_seed_gives_the_same_weights(
    folder: Path, base: Path, whole: Path, tmp_path: Path
) -> None:
    main([str(folder), "--out", str(tmp_path / "again"), *_options(base)])
    assert _same(tmp_path / "again", whole)
    main([str(folder), "--out", str(tmp_path / "other"), *_options(base, "--seed", "1")])
    assert not _same(tmp_path / "other", whole)


def test_a_run_that_was_killed_goes_on_and_gives_the_same_weights(
    folder: Path, base: Path, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = [str(folder), "--out", str(tmp_path), *_options(base, "--every", "2", steps=100_000)]
    with subprocess.Popen([sys.executable, "-m", "training.train", *order], cwd=ROOT) as child:
        try:
            while child.poll() is None and furthest(tmp_path, STEPS) is None:
                time.sleep(0.01)
        finally:
            child.kill()
    assert not (tmp_path / WEIGHTS).exists()
    main([str(folder), "--out", str(tmp_path), *_options(base)])
    assert "going on after" in capsys.readouterr().out
    assert _same(tmp_path, whole)


def test_a_longer_run_goes_on_from_the_furthest_before_the_rate_fell(tmp_path: Path) -> None:
    for name in ("8-of-12.pt", "10-of-12.pt", "12-of-12.pt", "notes.pt"):
        (tmp_path / name).touch()
    chosen = {steps: furthest(tmp_path, steps) for steps in (6, 12, 40)}
    assert chosen == {6: None, 12: tmp_path / "12-of-12.pt", 40: tmp_path / "8-of-12.pt"}
    assert [rate(step, 1_000) for step in (0, 119, 800, 900)] == [1 / 120, 1.0, 1.0, 0.5]


def test_a_checkpoint_of_another_run_or_a_broken_one_is_told(
    folder: Path, base: Path, whole: Path, tmp_path: Path
) -> None:
    shutil.copy(whole / "12-of-12.pt", tmp_path)
    told = [str(folder), "--out", str(tmp_path)]
    with pytest.raises(TrainingError, match="of other settings or examples; name another folder"):
        main([*told, *_options(base, "--seed", "1")])
    (tmp_path / "12-of-12.pt").write_bytes((whole / "12-of-12.pt").read_bytes()[:5_000])
    with pytest.raises(TrainingError, match=r"cannot be gone on from .*; remove it\."):
        main([*told, *_options(base)])


def test_it_learns_to_point_at_the_answers_of_questions_held_back(
    folder: Path, base: Path, whole: Path, learned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _exact(folder, base, whole / WEIGHTS, capsys) < 0.8
    assert _exact(folder, base, learned, capsys) == 1


def test_a_reader_learns_from_teachers_what_no_example_says(
    folder: Path, base: Path, learned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unplaced = tmp_path / "unplaced"
    unplaced.mkdir()
    save([replace(row, span=None) for row in load(folder)], unplaced / FILE)
    exact = {}
    for name, teachers in {"alone": [], "taught": ["--teacher", str(learned)] * 2}.items():
        out = tmp_path / name
        main([str(unplaced), "--out", str(out), *_options(base, *teachers, steps=240)])
        exact[name] = _exact(folder, base, out / WEIGHTS, capsys)
    assert exact["alone"] < 0.5
    assert exact["taught"] > 0.9


def test_one_layer_learns_from_a_teacher_of_two_and_a_missing_teacher_is_told(
    folder: Path, base: Path, learned: Path, tmp_path: Path
) -> None:
    few = ["--layers", "1", "--teacher", str(learned)]
    main([str(folder), "--out", str(tmp_path), *_options(base, *few, steps=1)])
    assert not any(".layer.1." in name for name in load_file(tmp_path / WEIGHTS))
    with pytest.raises(TrainingError, match="of other settings or examples"):
        main([str(folder), "--out", str(tmp_path), *_options(base, *few[:2], steps=1)])
    with pytest.raises(TrainingError, match=r"missing; .*or give --teacher"):
        main([str(folder), "--out", str(tmp_path), *_options(base, "--teacher", "nowhere")])


def test_a_reader_learns_on_from_where_it_stood(
    folder: Path, base: Path, whole: Path, tmp_path: Path
) -> None:
    start = ["--start", str(whole / WEIGHTS)]
    main([str(folder), "--out", str(tmp_path / "on"), *_options(base, *start, steps=1)])
    main([str(folder), "--out", str(tmp_path / "new"), *_options(base, steps=1)])
    before = load_file(whole / WEIGHTS)
    moved = {
        name: max(
            float((value.float() - before[tensor].float()).abs().max())
            for tensor, value in load_file(tmp_path / name / WEIGHTS).items()
        )
        for name in ("on", "new")
    }
    assert 0 < moved["on"] < moved["new"]
    with pytest.raises(TrainingError, match="of other settings or examples"):
        main([str(folder), "--out", str(tmp_path / "on"), *_options(base, steps=1)])
    with pytest.raises(TrainingError, match=r"missing; .*or give --start"):
        main([str(folder), "--out", str(tmp_path), *_options(base, "--start", "nowhere")])


def test_no_passage_is_in_both_parts(folder: Path) -> None:
    rows = load(folder)
    kept = {row.passage for row in rows if held(row)}
    assert kept
    assert not kept & {row.passage for row in rows if not held(row)}


def test_every_example_is_seen_once_before_any_is_again() -> None:
    order = drawn(30, 5, seed=0).ravel()
    assert sorted(order[:30]) == list(range(30))
    assert np.array_equal(drawn(30, 9, seed=0)[:5].ravel(), order)


def test_a_run_begins_with_the_examples_that_another_left(
    folder: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def noting(
        learner: Learner,
        teachers: Sequence[Learner],
        rows: Sequence[Example],
        chance: np.random.Generator,
    ) -> tuple[Tensor, float]:
        seen.extend(row.question for row in rows)
        return losses(learner, teachers, rows, chance)

    monkeypatch.setattr("training.train.losses", noting)
    main([str(folder), "--out", str(tmp_path / "all"), *_options(base, steps=5)])
    before, left = seen[: 3 * QUESTIONS], seen[3 * QUESTIONS :]
    seen.clear()
    main([str(folder), "--out", str(tmp_path / "left"), *_options(base, "--after", "3", steps=2)])
    assert seen == left
    assert not set(seen) & set(before)


def test_adapters_change_nothing_at_first_and_alone_are_trained(
    folder: Path, base: Path, tmp_path: Path
) -> None:
    learner = _learner(base)
    pairs = [("When was it built?", "It was built in 1850."), ("Who?", "The mill of Ashby.")]
    before = learner.judge(pairs)
    adapt(learner.network, 4)
    after = learner.judge(pairs)
    assert torch.equal(before.verdicts, after.verdicts)
    assert torch.equal(before.points, after.points)

    main([str(folder), "--out", str(tmp_path), *_options(base, "--rank", "4", steps=2)])
    learned = load_file(tmp_path / WEIGHTS)
    heads = {"judge.weight", "judge.bias", "point.weight", "point.bias"}
    assert heads < learned.keys()
    assert all(".down." in name or ".up." in name for name in learned.keys() - heads)
    assert any(value.any() for name, value in learned.items() if ".up." in name)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--base", "nowhere"], "holds no config.json; name an encoder's folder with --base"),
        (["--layers", "3"], "has fewer than 3 layers"),
        (["--device", "elsewhere"], "There is no device elsewhere here; give --device cpu"),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(
    folder: Path, base: Path, tmp_path: Path, wrong: list[str], said: str
) -> None:
    with pytest.raises(TrainingError, match=said):
        main([str(folder), "--out", str(tmp_path), *_options(base), *wrong])


def test_a_base_that_is_no_encoder_is_told_in_a_sentence(
    folder: Path, base: Path, tmp_path: Path
) -> None:
    shutil.copytree(base, tmp_path / "base")
    (tmp_path / "base" / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"cannot be loaded .* name another with `--base`"):
        main([str(folder), "--out", str(tmp_path), *_options(tmp_path / "base")])


def test_a_folder_without_examples_to_learn_from_is_told(base: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"holds no examples.jsonl.gz; make it with"):
        main([str(tmp_path), *_options(base)])
    (tmp_path / FILE).write_bytes(gzip.compress(b""))
    with pytest.raises(TrainingError, match="holds no example; make it of more sources"):
        main([str(tmp_path), *_options(base)])


def _learner(base: Path) -> Learner:
    torch.manual_seed(0)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    return Learner(Network(base, 2).eval(), tokenizer, torch.device("cpu"))
