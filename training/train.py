"""Train the reader: `python -m training.train FOLDER [--steps N]`.

FOLDER holds `examples.jsonl.gz` of `training.data`. A step takes twelve questions, each with a
passage that answers it and three that do not (`training/lesson.py`).

The rate stays the same until the last fifth of the steps, and falls to nought in them (Hu et al.,
"MiniCPM", 2024): so a checkpoint before that fifth serves any number of steps, and a later call
goes on from the furthest that does. A number of questions is held back for `training.evaluate`.
With --start a reader that was trained before learns on, from other examples, or from those that a
run of --after steps left; with --teacher it learns what other readers make of them, too. The same
seed gives the same order of examples, and on one processor with as many threads the same weights.
The result is `reader.safetensors` in FOLDER, or in --out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from index.digests import sha256_of
from training.command import Clock, TrainingError, make, positive, run
from training.examples import FILE, Example, held, load
from training.learner import UNREADABLE, Learner, add_options, open_learner, take
from training.lesson import losses

QUESTIONS = 12
RATE, HEAD_RATE = 1e-4, 1e-3
ADAPTING = 10  # times the rate, which adapters want
WARM = 120  # steps until the rate is reached
FALL = 0.2  # share of the steps in which it falls
EVERY = 250  # steps between two checkpoints
TOLD = 50  # steps between two words on progress
WEIGHTS = "reader.safetensors"
CHECKPOINT = re.compile(r"(\d+)-of-(\d+)\.pt")


def rate(step: int, steps: int) -> float:
    """The share of the full rate at a step."""
    return min(1.0, (step + 1) / WARM, (steps - step) / (FALL * steps))


@dataclass(frozen=True)
class Run:
    """A run of training: what learns, at which full rates, for how long, and where that is kept.

    `after` is the number of steps whose examples are passed over. `made` says of what the run is: a
    checkpoint of anything else is none of its own.
    """

    learner: Learner
    teachers: list[Learner]
    optimizer: torch.optim.AdamW
    rates: tuple[float, ...]
    steps: int
    after: int
    out: Path
    made: dict[str, Any]

    def resume(self) -> int:
        """Go on from the furthest checkpoint, if there is one; the number of steps that were done.

        Raises:
            TrainingError: it cannot be read, or is of another run.
        """
        path = furthest(self.out, self.steps)
        if path is None:
            return 0
        try:
            state = torch.load(path, weights_only=True, map_location="cpu")
            if state.get("made", self.made) != self.made:
                raise TrainingError(
                    f"{path} is of other settings or examples; name another folder with --out."
                )
            self.learner.network.load(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            return int(state["step"])
        except UNREADABLE as error:
            said = " ".join(str(error).split())[:120]
            raise TrainingError(f"{path} cannot be gone on from ({said}); remove it.") from error

    def set_rates(self, step: int) -> None:
        """Give the optimizer the rates of a step."""
        for group, full in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = full * rate(step, self.steps)

    def keep(self, done: int) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "network": self.learner.network.learned(),
            "optimizer": self.optimizer.state_dict(),
            "step": done,
            "made": self.made,
        }
        part = self.out / "checkpoint.part"
        torch.save(state, part)
        part.replace(self.out / f"{done}-of-{self.steps}.pt")

    def finish(self) -> None:
        """Write what was learned, in half precision."""
        learned = self.learner.network.learned()
        halves = {name: value.to("cpu", torch.float16) for name, value in learned.items()}
        save_file({n: value.contiguous() for n, value in halves.items()}, self.out / WEIGHTS)


def furthest(folder: Path, steps: int) -> Path | None:
    """The furthest checkpoint from which a run of `steps` steps can go on."""
    named = [(path, CHECKPOINT.fullmatch(path.name)) for path in folder.glob("*.pt")]
    serving = [
        (step, path)
        for path, name in named
        if name
        for step, total in [(int(name[1]), int(name[2]))]
        if total == steps or step <= min(steps, total) * (1 - FALL)
    ]
    return max(serving)[1] if serving else None


def drawn(rows: int, steps: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The numbers of the examples of each step, int64 (steps, QUESTIONS); all once, then again."""
    rounds = -(-steps * QUESTIONS // rows)
    orders = [np.random.default_rng((seed, turn)).permutation(rows) for turn in range(rounds)]
    return np.concatenate(orders)[: steps * QUESTIONS].reshape(steps, QUESTIONS)


def fit(training: Run, rows: Sequence[Example], seed: int, every: int) -> None:
    """Do the steps that are still to do."""
    begin = training.resume()
    clock, sums, told = Clock(training.steps), np.zeros(2), begin
    clock.skip(begin)
    if begin:
        print(f"going on after {begin:,} steps", flush=True)
    order = drawn(len(rows), training.after + training.steps, seed)[training.after :]
    network, optimizer = training.learner.network.train(), training.optimizer
    for step in range(begin, training.steps):
        training.set_rates(step)
        chance = np.random.default_rng((seed, 1_000 + step))
        some = [rows[i] for i in order[step]]
        loss, first = losses(training.learner, training.teachers, some, chance)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        clock.add(1)
        sums += (loss.item(), first)
        done = step + 1
        if done % TOLD == 0 or done == training.steps:
            mean = sums / (done - told)
            print(f"{clock}: loss {mean[0]:.3f}, right one first {mean[1]:.3f}", flush=True)
            sums[:], told = 0, done
        if done % every == 0 or done == training.steps:
            training.keep(done)


def begun(given: argparse.Namespace, out: Path) -> Run:
    """A run with the settings that the user gave."""
    learner = open_learner(given)
    body = [p for p in learner.network.bert.parameters() if p.requires_grad]
    heads = [*learner.network.judge.parameters(), *learner.network.point.parameters()]
    rates = (RATE * ADAPTING if given.rank else RATE, HEAD_RATE)
    groups = [{"params": body, "lr": rates[0]}, {"params": heads, "lr": rates[1]}]
    made = {name: getattr(given, name) for name in ("seed", "layers", "rank")}
    made["base"] = sha256_of(given.base / "model.safetensors")
    made["examples"] = sha256_of(given.folder / FILE)
    if given.start:
        take(learner, given.start, "--start")
        made["start"] = sha256_of(given.start)
    if given.after:
        made["after"] = given.after
    teachers = [_teacher(given, path) for path in given.teacher]
    if teachers:
        made["teachers"] = [sha256_of(path) for path in given.teacher]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    return Run(learner, teachers, optimizer, rates, given.steps, given.after, out, made)


def _teacher(given: argparse.Namespace, weights: Path) -> Learner:
    """A reader of all layers, whatever learns from it."""
    teacher = open_learner(argparse.Namespace(**vars(given) | {"layers": None, "rank": None}))
    take(teacher, weights, "--teacher")
    teacher.network.eval().requires_grad_(requires_grad=False)
    return teacher


def settings(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, help="default: FOLDER")
    parser.add_argument("--steps", type=positive, default=4000)
    parser.add_argument("--start", type=Path, help="a reader to go on from; default: the encoder")
    parser.add_argument("--after", type=positive, default=0, help="steps whose examples are known")
    parser.add_argument(
        "--teacher", type=Path, action="append", default=[], help="a reader to learn from; repeat"
    )
    parser.add_argument("--every", type=positive, default=EVERY, help="steps to a checkpoint")
    add_options(parser)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, or go on training."""
    given = settings(arguments)
    out = given.out or given.folder
    rows = [row for row in load(given.folder) if not held(row)]
    if not rows:
        raise TrainingError(f"{given.folder / FILE} holds no example; make it of more sources.")
    make(out)
    training = begun(given, out)
    fit(training, rows, given.seed, given.every)
    training.finish()
    print(f"{out / WEIGHTS} after {given.steps:,} steps", flush=True)


if __name__ == "__main__":
    run(main)
