"""Ranking the best candidates anew with a cross-encoder, which reads question and passage at once.

It costs seconds where the built-in ranking costs milliseconds (each passage passes through the
model with each question), so that only the first `RERANKED` are read. None is shipped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.errors import ModelError
from index.models import architectures, loading, model_folder
from index.ranking import Floats, scaled
from index.types import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from torch import Tensor

RERANKED = 20  # candidates that are read
SHARE = 0.5  # of the range of scores, for what is not read
SIGNAL = "reranker"
INSTEAD = "leave `reranker` empty for the built-in ranking"
SCORING = ("ForSequenceClassification", "ForCausalLM")  # other heads would score at random


class Reranker(Protocol):
    """What tells how well passages answer a question."""

    @property
    def name(self) -> str:
        """The model as the user names it."""
        ...

    def score(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, float32 (n,); higher is better, comparable within one question."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder on this machine; found and loaded when first used."""

    def __init__(
        self, name: str, threads: int = 0, option: str = "--reranker", instead: str = INSTEAD
    ) -> None:
        """Use the model of this name in the local Hugging Face cache, or in this folder.

        `option` is what names it, and `instead` the way out where it cannot be used.
        """
        self.name = name
        self._threads = threads
        self._option, self._instead = option, instead
        self._lock = threading.Lock()  # a tokenizer serves one thread at a time

    def score(self, question: str, passages: Sequence[str], *, logits: bool = False) -> Floats:
        """Score passages, in batches of like length; what exceeds the model's limit is cut off.

        The scores are the model's own, or the logits that it makes them of.

        Raises:
            ModelError: the model is not on this machine, or is no cross-encoder of one score.
        """
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            model = self._model
            as_is = _identity if logits else None
            scores = model.predict(pairs, activation_fn=as_is, show_progress_bar=False)
        return np.asarray(scores, np.float32)

    @cached_property
    def _model(self) -> CrossEncoder:
        folder = model_folder(self.name, self._instead)
        with loading(self.name, folder, self._option, self._threads):
            if not _scores(folder):
                raise ModelError(
                    f"The model {self.name} is no cross-encoder (it has no head that scores "
                    f"pairs); name another with `{self._option}`, or {self._instead}."
                )
            from sentence_transformers import CrossEncoder

            model: CrossEncoder = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        if model.num_labels != 1:
            raise ModelError(
                f"The model {self.name} gives {model.num_labels} scores for a pair, where ranking "
                f"takes one; name another with `{self._option}`, or {self._instead}."
            )
        return model


def _identity(logits: Tensor) -> Tensor:
    return logits


def _scores(folder: Path) -> bool:
    """Whether a folder's model was made to score; else the library adds an untrained head."""
    return any(name.endswith(SCORING) for name in architectures(folder))


def _built_in(_name: str, _threads: int) -> None:
    """No cross-encoder: the built-in ranking stands as it is."""


RERANKERS: dict[str, Callable[[str, int], Reranker | None]] = {"": _built_in}


def open_reranker(name: str = "", threads: int = 0) -> Reranker | None:
    """The reranker of this name; loaded when it first scores. Empty: None, the built-in ranking."""
    return RERANKERS.get(name, CrossEncoderReranker)(name, threads)


def spread(raw: Floats) -> Floats:
    """A reranker's scores, float32 (n,), as `SHARE`..1 (min-max)."""
    result: Floats = SHARE + (1 - SHARE) * scaled(raw)
    return result


def rerank(reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """Put the first `RERANKED` of `hits` into the reranker's order alone; the rest follow.

    Scores stay 0..1 and descend: those of passages that were read are its scores as `SHARE`..1
    (min-max), the others' are their own times `SHARE`. The signal "reranker" is the raw score.
    """
    read, rest = hits[:RERANKED], hits[RERANKED:]
    if not read:
        return []
    raw = reranker.score(question, [hit.passage.text for hit in read])
    scores = spread(raw)
    return [
        replace(
            read[i],
            score=float(scores[i]),
            signals={**read[i].signals, SIGNAL: float(raw[i])},
        )
        for i in np.argsort(-raw, kind="stable")
    ] + [replace(hit, score=SHARE * min(1.0, hit.score)) for hit in rest]
