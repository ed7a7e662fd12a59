"""Train the reader: `python -m training.train FOLDER [--steps N]`.

FOLDER holds `examples.jsonl.gz` of `training.data`. A step takes twelve questions, each with a
passage that answers it and three that do not. Three losses: a softmax over the four passages (which
answers?), a logistic one of each pair (does it answer at all?, also of impossible questions), and a
softmax over places (where does the answer start, where does it end?).

The rate stays the same until the last fifth of the steps, and falls to nought in them (Hu et al.,
"MiniCPM", 2024): so a checkpoint before that fifth serves any number of steps, and a later call
goes on from the furthest that does. A number of questions is held back for `training.evaluate`.
With --start a reader that was trained before learns on, from other examples. The same seed gives
the same order of examples, and on one processor with as many threads the same weights. The result
is `reader.safetensors` in FOLDER, or in --out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional

from index.digests import sha256_of
from training.command import Clock, TrainingError, make, positive, run
from training.examples import FILE, Example, held, load
from training.learner import Judged, Learner, add_options, open_learner, take

QUESTIONS, PASSAGES = 12, 4
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


def losses(
    learner: Learner, rows: Sequence[Example], chance: np.random.Generator
) -> tuple[Tensor, float]:
    """The loss of one step, and the share of questions whose right passage came first."""
    pairs, holds = batch(rows, chance)
    judged = learner.judge(pairs)
    ranked = judged.verdicts[: len(rows) * PASSAGES, 0].view(len(rows), PASSAGES)
    right = torch.zeros(len(rows), dtype=torch.long, device=learner.device)
    holds = holds.to(learner.device)
    answering = functional.binary_cross_entropy_with_logits(
        judged.verdicts[:, 1], holds, weight=1 + 1.5 * holds
    )
    loss = functional.cross_entropy(ranked, right) + answering + 0.5 * pointing(judged, rows)
    return loss, float((ranked.argmax(1) == 0).float().mean())


def pointing(judged: Judged, rows: Sequence[Example]) -> Tensor:
    """The loss of starts and ends, as a mean over all questions: nought for those without."""
    found = [
        (number * PASSAGES, place)
        for number, row in enumerate(rows)
        if (place := places(judged.encodings[number * PASSAGES], row.span))
    ]
    total = torch.zeros((), device=judged.points.device)
    if found:
        logits = judged.points[[row for row, _ in found]]
        for side in (0, 1):
            wanted = torch.tensor([place[side] for _, place in found], device=total.device)
            total = total + functional.cross_entropy(logits[:, :, side], wanted) / 2
    return total * len(found) / len(rows)


@dataclass(frozen=True)
class Run:
    """A run of training: what learns, at which full rates, for how long, and where that is kept.

    `made` says of what: a checkpoint of anything else is none of its own.
    """

    learner: Learner
    optimizer: torch.optim.AdamW
    rates: tuple[float, ...]
    steps: int
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
        except (OSError, RuntimeError, ValueError, KeyError, EOFError, UnpicklingError) as error:
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
    order = drawn(len(rows), training.steps, seed)
    network, optimizer = training.learner.network.train(), training.optimizer
    for step in range(begin, training.steps):
        training.set_rates(step)
        chance = np.random.default_rng((seed, 1_000 + step))
        loss, first = losses(training.learner, [rows[i] for i in order[step]], chance)
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
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    return Run(learner, optimizer, rates, given.steps, out, made)


def settings(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, help="default: FOLDER")
    parser.add_argument("--steps", type=positive, default=4000)
    parser.add_argument("--start", type=Path, help="a reader to go on from; default: the encoder")
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
