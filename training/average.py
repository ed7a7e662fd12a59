"""Average readers: `python -m training.average OUT READER=SHARE READER=SHARE...`.

A READER is a finished one, or a checkpoint on the way to one. Runs that went on from a common
checkpoint lie in one basin, and the mean of their weights is better than each (Wortsman et al.,
"Model soups", ICML 2022). Shares are relative: 2 and 3 are .4 and .6.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.command import TrainingError, run
from training.learner import UNREADABLE


def shared(text: str) -> tuple[Path, float]:
    """READER=SHARE as a file and a share over nought."""
    path, _, share = text.rpartition("=")
    with suppress(ValueError):
        if path and 0 < (found := float(share)) < math.inf:
            return Path(path), found
    raise argparse.ArgumentTypeError(f"{text!r} is no READER=SHARE with a number over 0")


def average(readers: Sequence[tuple[Path, float]]) -> dict[str, Tensor]:
    """The mean of the weights in these files, in half precision as they are.

    Raises:
        TrainingError: one cannot be read, or is of another network than the first.
    """
    whole = sum(share for _, share in readers)
    sums: dict[str, Tensor] = {}
    for path, share in readers:
        weights = _weights(path)
        if sums and _shapes(sums) != _shapes(weights):
            raise TrainingError(f"{path} is of another network than {readers[0][0]}.")
        for name, weight in weights.items():
            sums[name] = sums.get(name, torch.zeros(())) + share / whole * weight.float()
    return {name: value.half().contiguous() for name, value in sums.items()}


def _weights(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".pt":
            found = torch.load(path, weights_only=True, map_location="cpu")["network"]
        else:
            found = load_file(path)
    except (SafetensorError, *UNREADABLE) as error:
        raise TrainingError(f"{path} cannot be read as a reader's weights.") from error
    learned: Mapping[str, Tensor] = found
    return learned


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in weights.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Average what the user names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("readers", type=shared, nargs="+", metavar="READER=SHARE")
    given = parser.parse_args(arguments)
    found = average(given.readers)
    part = given.out.with_suffix(".part")
    try:
        save_file(found, part)
        part.replace(given.out)
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{given.out} cannot be written; name another file.") from error
    print(f"{given.out} of {len(given.readers)} readers", flush=True)


if __name__ == "__main__":
    run(main)
