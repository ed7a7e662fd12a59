"""The packaged encoder's word embeddings, read row by row where they lie.

Compiled models hold no copy: four fifths of their bytes would be these, to be checked and loaded
before the first question.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

WEIGHTS = "model.safetensors"
TABLE = "embeddings.word_embeddings.weight"

Arrays = dict[str, NDArray[Any]]


@cache
def word_embeddings(folder: Path) -> NDArray[np.float32]:
    """A vector for each word-piece, float32 (vocabulary, dim), mapped from the encoder's weights.

    The file is laid out as https://github.com/huggingface/safetensors#format tells.

    Raises:
        ModelError: the file is not one, or has no such table.
    """
    path = folder / WEIGHTS
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            table = json.loads(file.read(size))[TABLE]
        kind, shape = {"F32": np.float32}[table["dtype"]], tuple(table["shape"])
        offset = 8 + size + table["data_offsets"][0]
        found: NDArray[np.float32] = np.memmap(path, kind, "r", offset, shape)
    except (OSError, OverflowError, ValueError, LookupError, TypeError, MemoryError) as error:
        raise ModelError(
            f"{path} holds no word embeddings that can be read ({error}); install the package of "
            "the model again."
        ) from error
    return found


def looked_up(folder: Path, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
    """What a network without word embeddings takes: float32 (n, t, dim) instead of ids (n, t)."""
    found = dict(inputs)
    ids = found.pop("input_ids")
    return {"inputs_embeds": np.asarray(word_embeddings(folder)[ids]), **found}
