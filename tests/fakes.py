"""Fakes that implement the real interfaces."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding import Encoded, QueryEncoding
from index.reading import Reading, softmax
from index.states import pack
from index.types import Progress

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Embeds a text as the normalised sum of vectors drawn from its words' hashes.

    `embedded` lists every passage it was asked to embed, so that a test can count them.
    """

    def __init__(self, name: str = "hash", dimension: int = 32, max_tokens: int = 256) -> None:
        self.name = name
        self.fingerprint = f"fake-{name}-{dimension}"
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.embedded: list[str] = []
        self.note = "hashes"

    def recognises(self, fingerprint: str) -> bool:
        return fingerprint == self.fingerprint

    def prepare(self) -> Iterator[Progress]:
        yield from ()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> Encoded:
        self.embedded.extend(texts)
        found = [self._states(text) for text in texts]
        vectors = np.array([self._pooled(states) for _, states in found], np.float32)
        packed = (pack(states, np.array(spans, np.int32).reshape(-1, 2)) for spans, states in found)
        return Encoded(vectors.reshape(-1, self.dimension), tuple(packed))

    def encode_query(self, text: str) -> QueryEncoding:
        pieces, states = self._states(text)
        return QueryEncoding(self._pooled(states), pieces, states)

    def _states(self, text: str) -> tuple[tuple[tuple[int, int], ...], NDArray[np.float32]]:
        words = list(_WORD.finditer(text))[: self.max_tokens]
        states = np.zeros((len(words), self.dimension), np.float32)
        for row, word in enumerate(words):
            digest = hashlib.sha256(f"{self.fingerprint} {word[0].lower()}".encode()).digest()
            generator = np.random.default_rng(int.from_bytes(digest[:8], "big"))
            states[row] = generator.standard_normal(self.dimension)
        return tuple(word.span() for word in words), states

    def _pooled(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        total = states.sum(axis=0) if len(states) else np.ones(self.dimension, np.float32)
        pooled: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return pooled


class FakeReader:
    """Reads by the words that question and passage share, and points between them.

    A passage is the more relevant, and the likelier to hold the answer, the more words of the
    question it holds; its answer is the word with the most of them beside it that is none itself.
    `asked` lists every question and passage it was given, so that a test can count them.
    """

    def __init__(self, name: str = "overlap") -> None:
        self.name = name
        self.fingerprint = f"fake-{name}"
        self.asked: list[tuple[str, str]] = []
        self.note = "shared words"

    def prepare(self) -> Iterator[Progress]:
        yield from ()

    def load(self, question: str) -> None:
        self.read(question, [question])

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        self.asked += [(question, passage) for passage in passages]
        return [self._reading(question, passage) for passage in passages]

    def _reading(self, question: str, passage: str) -> Reading:
        asked = {word.lower() for word in _WORD.findall(question)}
        words = list(_WORD.finditer(passage))
        known = np.array([word[0].lower() in asked for word in words], np.float32)
        share = len(asked & {word[0].lower() for word in words}) / max(1, len(asked))
        beside = np.convolve(known, [1, 1, 0, 1, 1])[2:-2] if words else known
        chances = softmax((3 * beside - 20 * known).astype(np.float32))
        spans = np.array([word.span() for word in words], np.int32).reshape(-1, 2)
        return Reading(share, 8 * share - 4, spans, chances, chances)
