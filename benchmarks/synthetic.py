"""A corpus of any size and an embedder for it that costs next to nothing.

Words are made of syllables, as frequent as words are (Zipf's law); a document is about one topic,
and half of its words are the topic's own. A word's vector lies in the 24 directions that topics
differ in, and a text's is their sum with some noise, so that neighbours are as hard to tell apart
as those of real passages: see `benchmarks/README.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder, Encoded, QueryEncoding
from index.states import pack, project
from index.types import Progress

WORDS, TOPICS, OWN = 60_000, 4_000, 60  # of the vocabulary; the words that a topic has of its own
LATENT, DIMENSION = 24, 384
NOISE = 0.5
SENTENCE, PARAGRAPH, DOCUMENT = 13, 5, 40  # words, sentences, paragraphs
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
_WORD = re.compile(r"[a-z]+")


def word(number: int) -> str:
    """The name of a word; no two are the same."""
    name = ""
    for _ in range(3):
        number, place = divmod(number, len(_SYLLABLES))
        name += _SYLLABLES[place]
    return name + "n"  # no ending that a stemmer would take off


class Corpus:
    """Documents by number, always the same."""

    def __init__(self) -> None:
        """Draw up the vocabulary."""
        chance = np.random.default_rng(7)
        self.names = [word(number) for number in range(WORDS)]
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self._ranks = 1 / np.arange(1, WORDS + 1)
        self._sums = np.cumsum(self._ranks) / self._ranks.sum()
        self._own = chance.integers(200, WORDS, (TOPICS, OWN))
        centres = chance.standard_normal((TOPICS, LATENT)) / np.arange(1, LATENT + 1) ** 0.5
        latent = 0.3 * chance.standard_normal((WORDS, LATENT)) / np.arange(1, LATENT + 1) ** 0.5
        latent[self._own.ravel()] += np.repeat(centres, OWN, axis=0)
        basis, _ = np.linalg.qr(chance.standard_normal((DIMENSION, LATENT)))
        self.vectors = (latent @ basis.T).astype(np.float32)

    def document(self, number: int) -> str:
        """One document, of about 2,600 words."""
        chance = np.random.default_rng((1, number))
        own = self._own[chance.integers(TOPICS)]
        size = (DOCUMENT, PARAGRAPH, SENTENCE)
        common = np.searchsorted(self._sums, chance.random(size))
        drawn = np.where(chance.random(size) < 0.5, own[chance.integers(OWN, size=size)], common)
        return "\n\n".join(
            " ".join(
                " ".join(self.names[i] for i in sentence).capitalize() + "."
                for sentence in paragraph
            )
            for paragraph in drawn
        )

    def question(self, number: int, documents: int) -> str:
        """A question with words of some document."""
        chance = np.random.default_rng((2, number))
        text = self.document(int(chance.integers(documents)))
        sentence = chance.choice(text.replace("\n\n", " ").split(". "))
        words = _WORD.findall(sentence.lower())
        return f"What of {' '.join(chance.choice(words, 5, replace=False))}?"

    def write(self, path: Path, documents: int) -> None:
        """Write the first documents as a collection."""
        with path.open("w", encoding="utf-8") as file:
            for number in range(documents):
                row = {"_id": str(number), "title": f"Document {number}"}
                file.write(json.dumps(row | {"text": self.document(number)}) + "\n")


class SyntheticEmbedder:
    """Sums the vectors of words. Questions pass the real model as well, for the time that takes."""

    def __init__(self, corpus: Corpus, real: Embedder | None = None) -> None:
        """Embed texts of `corpus`."""
        self._corpus = corpus
        self._real = real
        self._projected = project(corpus.vectors)
        self.name, self.fingerprint, self.note = "synthetic", "synthetic-1", "sums of words"
        self.dimension, self.max_tokens = DIMENSION, 254

    def prepare(self) -> Iterator[Progress]:
        """There is nothing to prepare."""
        yield from ()

    def recognises(self, fingerprint: str) -> bool:
        """Whether an index was made by this."""
        return fingerprint == self.fingerprint

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One for each word."""
        return [text.count(" ") + 1 for text in texts]

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Embed passages."""
        found = [self._states(text) for text in texts]
        pairs = zip(texts, found, strict=True)
        vectors = np.array([self._pooled(text, states) for text, (states, _) in pairs])
        return Encoded(vectors, tuple(pack(states, spans) for states, spans in found))

    def encode_query(self, text: str) -> QueryEncoding:
        """Embed a question."""
        if self._real is not None:
            self._real.encode_query(text)
        states, spans = self._states(text)
        pieces = tuple((int(start), int(end)) for start, end in spans)
        return QueryEncoding(self._pooled(text, states), pieces, states)

    def _states(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        known = self._corpus.numbers
        found = [(known[m[0]], m.span()) for m in _WORD.finditer(text.lower()) if m[0] in known]
        numbers, spans = zip(*found, strict=True) if found else ((), ())
        return self._corpus.vectors[list(numbers)], np.array(spans, np.int32).reshape(-1, 2)

    def _pooled(self, text: str, states: NDArray[np.float32]) -> NDArray[np.float32]:
        chance = np.random.default_rng(np.frombuffer(text.encode()[:64].ljust(64), np.uint32))
        noise = chance.standard_normal(DIMENSION).astype(np.float32)
        total = states.sum(axis=0) if len(states) else noise
        mixed = total / np.linalg.norm(total) + NOISE * noise / np.linalg.norm(noise)
        pooled: NDArray[np.float32] = (mixed / np.linalg.norm(mixed)).astype(np.float32)
        return pooled
