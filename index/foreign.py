"""Readers of others, by PyTorch: cross-encoders, and models that answer by extracting a span.

Both are read from this machine alone; nothing is fetched.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding import read_tokenizer
from index.errors import ModelError
from index.models import architectures, loading, model_folder
from index.reading import DEFAULT_READER, Floats, Reading, band, passage_pieces, softmax
from index.reranking import SCORING, CrossEncoderReranker
from index.types import Progress

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

INSTEAD = f"use {DEFAULT_READER}, or off"
ANSWERING = "ForQuestionAnswering"
LIMIT = 384  # tokens of question and passage, where a model takes more


class _Foreign(ABC):
    """What readers of others have in common."""

    def __init__(self, name: str, folder: Path, threads: int) -> None:
        """Use the model in `folder`; it is loaded when it first reads."""
        self.name = name
        self._folder = folder
        self._threads = threads
        self._lock = Lock()  # a tokenizer serves one thread at a time

    @cached_property
    def fingerprint(self) -> str:
        """Name, and size and time of the weights."""
        weights = sorted(
            path for end in ("safetensors", "bin") for path in self._folder.glob(f"*.{end}")
        )
        found = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in weights]
        return json.dumps([self.name, found])

    @property
    def note(self) -> str:
        """By what passages are read here."""
        return "PyTorch"

    def prepare(self) -> Iterator[Progress]:
        """There is nothing to prepare."""
        yield from ()

    @abstractmethod
    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read each passage, in order."""

    def load(self, question: str) -> None:
        """Load the model now.

        Raises:
            ModelError: it cannot be loaded.
        """
        self.read(question, [question])


class CrossEncoderReader(_Foreign):
    """A sentence-transformers cross-encoder: it ranks, and neither points nor judges."""

    @cached_property
    def _scorer(self) -> CrossEncoderReranker:
        return CrossEncoderReranker(self.name, self._threads, "--reader", INSTEAD)

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Score each passage.

        Raises:
            ModelError: the model cannot be loaded, or gives more than one score for a pair.
        """
        if not passages:
            return []
        nothing = np.empty(0, np.float32)
        spans = np.empty((0, 2), np.int32)
        scores = self._scorer.score(question, passages, logits=True)
        return [Reading(float(score), None, spans, nothing, nothing) for score in scores]


class AnsweringReader(_Foreign):
    """An extractive question-answering model.

    What it holds for the answer is weighed against its first token, as models trained with
    unanswerable questions have it (Devlin et al. 2019): that gives the log odds of an answer.
    """

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read each passage; what exceeds the model's limit is cut off.

        Raises:
            ModelError: the model cannot be loaded.
        """
        import torch

        found = []
        for passage in passages:
            with self._lock, torch.inference_mode():
                encoding = self._tokenizer.encode(question, passage)
                out = self._model(**self._inputs(encoding))
            logits = (out.start_logits[0].float().numpy(), out.end_logits[0].float().numpy())
            found.append(_extracted(encoding, *logits))
        return found

    def _inputs(self, encoding: Encoding) -> dict[str, Any]:
        import torch

        given = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask}
        if getattr(self._model.config, "type_vocab_size", 0) > 1:
            given["token_type_ids"] = encoding.type_ids
        return {name: torch.tensor([row]) for name, row in given.items()}

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = read_tokenizer(self._folder, self.name, "--reader")
        tokenizer.no_padding()
        limit = getattr(self._model.config, "max_position_embeddings", LIMIT)
        tokenizer.enable_truncation(min(LIMIT, limit), strategy="longest_first")
        return tokenizer

    @cached_property
    def _model(self) -> Any:
        with loading(self.name, self._folder, "--reader", self._threads):
            from transformers import AutoModelForQuestionAnswering

            # Left open, whether to run code that comes with a model would be asked on the terminal.
            return AutoModelForQuestionAnswering.from_pretrained(
                self._folder, local_files_only=True, trust_remote_code=False
            ).eval()


def open_foreign(name: str, threads: int = 0) -> CrossEncoderReader | AnsweringReader:
    """The reader in a folder, or of a name in the local Hugging Face cache.

    Raises:
        ModelError: it is not on this machine, or is of neither kind.
    """
    folder = model_folder(name, INSTEAD)
    made_for = _architectures(name, folder)
    if any(kind.endswith(ANSWERING) for kind in made_for):
        return AnsweringReader(name, folder, threads)
    if any(kind.endswith(SCORING) for kind in made_for):
        return CrossEncoderReader(name, folder, threads)
    raise ModelError(
        f"The model {name} is neither a cross-encoder nor one that answers by extracting a span; "
        f"name another with `--reader`, or {INSTEAD}."
    )


def _architectures(name: str, folder: Path) -> list[str]:
    """What the model in a folder was made for, as its settings name it."""
    try:
        return architectures(folder)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(
            f"The model {name} has no config.json that can be read in {folder}; "
            f"name another with `--reader`, or {INSTEAD}."
        ) from error


def _extracted(encoding: Encoding, starts: Floats, ends: Floats) -> Reading:
    own, spans = passage_pieces(encoding)
    if not len(own):
        return Reading(0.0, None, spans, starts[own], ends[own])
    both = starts[own][:, None] + ends[own][None]
    best = float(np.where(band(len(own)) > 0, both, -np.inf).max())
    odds = best - float(starts[0] + ends[0])
    return Reading(odds, odds, spans, softmax(starts[own]), softmax(ends[own]))
