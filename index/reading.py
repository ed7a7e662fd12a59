"""Reading: a model that sees question and passage at once judges and points at the answer.

It ranks the best candidates anew, tells how likely a passage holds the answer, and where. Ours is
shipped (`reader.safetensors`, `reader.md`); any sentence-transformers cross-encoder, which only
ranks, or extractive question-answering model on this machine can take its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.types import Progress

if TYPE_CHECKING:
    from tokenizers import Encoding

Floats = NDArray[np.float32]

DEFAULT_READER = "quoth-reader"
OFF = "off"
READ = 8  # of the candidates are read
FIRST = 3  # of these before the others, which are read unless one of the first is
CLEAR = 0.8  # as probable as this to hold the answer
LONGEST = 24  # word-pieces of an answer


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a passage for a question.

    `relevance` is a logit: its softmax over the passages of a question tells which of them answers
    it. `holds` is the log odds that the passage holds the answer; None for a model that does not
    tell. `spans`, int32 (t, 2), are the passage's word-pieces; `starts` and `ends`, float32 (t,),
    each summing to 1, are how probably its answer starts and ends there; t is 0 for a model that
    does not point.
    """

    relevance: float
    holds: float | None
    spans: NDArray[np.int32]
    starts: Floats
    ends: Floats

    @property
    def chance(self) -> float:
        """How probably, 0..1, the passage holds the answer; 1 where the model does not tell."""
        return 1.0 if self.holds is None else 1 / (1 + math.exp(-max(-60.0, self.holds)))

    def within(self, start: int, end: int) -> float:
        """How probably, 0..1, an answer lies between two characters of the passage."""
        inside = (self.spans[:, 0] >= start) & (self.spans[:, 1] <= end)
        return float(self.starts[inside].sum() + self.ends[inside].sum()) / 2

    def answer(self, start: int, end: int) -> tuple[int, int, float]:
        """The likeliest answer between two characters: its span, and its probability 0..1.

        Start and end are taken to be independent (Devlin et al. 2019), and at most `LONGEST`
        word-pieces apart. (0, 0, 0.0) where there is none.
        """
        inside = np.flatnonzero((self.spans[:, 0] >= start) & (self.spans[:, 1] <= end))
        if not len(inside):
            return 0, 0, 0.0
        chances = np.outer(self.starts[inside], self.ends[inside]) * band(len(inside))
        first, last = divmod(int(chances.argmax()), len(inside))
        here = self.spans[inside]
        return int(here[first, 0]), int(here[last, 1]), float(chances[first, last])


def shares(relevance: Floats) -> Floats:
    """How much say a reader has for each passage, in 0..1, from its logits, float32 (n,) both.

    The softmax tells how it divides what is relevant among them. It counts by the greatest share:
    undecided, as it is of claims, which it has seen little of, it has little say.
    """
    divided = softmax(relevance)
    found: Floats = divided * divided.max(initial=0)
    return found


class Reader(Protocol):
    """What reads passages for a question."""

    @property
    def name(self) -> str:
        """The model as the user names it."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes with the model, for what is calibrated with it."""
        ...

    @property
    def note(self) -> str:
        """By what passages are read on this machine."""
        ...

    def prepare(self) -> Iterator[Progress]:
        """Do what takes long and is done once on a machine; closing the iterator stops it."""
        ...

    def load(self, question: str) -> None:
        """Load the model now, so that reading for a question of this length need not wait.

        Raises:
            ModelError: it cannot be loaded.
        """
        ...

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read each passage; what exceeds the model's limit is cut off."""
        ...


def _packaged(_name: str, threads: int, kind: str = "torch") -> Reader:
    from index.reader import CompiledReader, PackagedReader

    return PackagedReader(threads) if kind == "torch" else CompiledReader(threads, kind)


def _off(_name: str, _threads: int) -> None:
    """Nothing is read."""


def _by_name(name: str, threads: int) -> Reader:
    from index.foreign import open_foreign

    return open_foreign(name, threads)


READERS: dict[str, Callable[[str, int], Reader | None]] = {
    DEFAULT_READER: partial(_packaged, kind="auto"),
    f"{DEFAULT_READER}@fp32": partial(_packaged, kind="fp32"),
    f"{DEFAULT_READER}@torch": _packaged,
    OFF: _off,
}


def open_reader(name: str = DEFAULT_READER, threads: int = 0) -> Reader | None:
    """The reader of this name, in this folder, or in the local Hugging Face cache; "off": None.

    It is loaded when it first reads. 0 threads: all cores.
    """
    return READERS.get(name, _by_name)(name, threads)


def band(count: int) -> Floats:
    """1 where an answer may start (row) and end (column), of so many word-pieces, else 0."""
    rows = np.arange(count)
    apart = rows[None] - rows[:, None]
    return ((apart >= 0) & (apart < LONGEST)).astype(np.float32)


def passage_pieces(encoding: Encoding) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The tokens of a pair that are of its passage, and their spans in it, int32 (t, 2)."""
    own = np.flatnonzero(np.array(encoding.sequence_ids, dtype=object) == 1)
    return own, np.array(encoding.offsets, np.int32).reshape(-1, 2)[own]


def softmax(logits: Floats) -> Floats:
    """Probabilities float32 (t,); none for none."""
    if not len(logits):
        return logits
    raised = np.exp(logits - logits.max())
    shares: Floats = raised / raised.sum()
    return shares
