"""Looking for an answer: what a question means after those before it, and what is found on it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from index.profiles import near
from index.ranking import Query
from index.search import Searcher
from index.types import Hit
from qa.confidence import WORDS_ONLY, Calibration, alone, calibration_of, signs, support
from qa.conversation import bracketed, carried_terms, goes_on, leans_on_history
from qa.copies import Copies
from qa.evidence import PASSAGES, Sentence, find_sentences

MANY = 20  # times as many passages are looked at where nearly all are copies
SURE = 0.6  # confidence from which a question is taken as it stands, whatever was asked before


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on a question as it was understood.

    `forms` are what was searched for, with their weights, the last as it was typed; `query` is what
    the passages were read for, `carried` whether with words of earlier questions; `hits` are those
    that say something new, `copies` knows the others; `sentences` are scored, best first;
    `signs` are what `confidence`, a probability, is made of; `timings` are seconds by stage.
    """

    resolved: str
    forms: Sequence[tuple[Query, float]]
    query: Query
    hits: tuple[Hit, ...]
    copies: Copies
    sentences: list[Sentence]
    signs: Mapping[str, float]
    confidence: float
    carried: bool
    timings: Mapping[str, float]

    @property
    def asked(self) -> str:
        """The question as it was typed, without words of earlier ones."""
        return self.forms[-1][0].text


class Looking:
    """Looks for answers in one generation of an index; use it within `searcher.reading()`."""

    def __init__(
        self,
        searcher: Searcher,
        allowed: NDArray[np.int64] | None,
        passages: int,
        words_only: bool = False,
    ) -> None:
        """Look for at most `passages` passages among those `allowed`; by words or meaning too."""
        self._searcher = searcher
        self._allowed = allowed
        self._passages = passages
        self._words_only = words_only

    def understood(self, question: str, history: Sequence[str] = ()) -> Found:
        """What is found on a question that may lean on those before it, oldest first.

        A question that leans on them takes words of theirs along. So does one that goes on with
        their subject, unless the documents answer it as it stands: an answer to a new question
        is not changed by an old one.
        """
        if history and leans_on_history(question):
            terms = carried_terms(question, history, self._searcher.idf)
            return self._find(question, terms, leans=True)
        bare = self._find(question)
        if not history or self._words_only or bare.confidence >= SURE:
            return bare
        started = perf_counter()
        same = goes_on(question, history, lambda text: self._searcher.encode(text).vector)
        compared = perf_counter() - started
        idf = self._searcher.idf
        terms = carried_terms(question, history, idf, instead=False) if same else []
        found = self._find(question, terms) if terms else bare
        spent = dict(bare.timings)
        spent["encode"] += compared
        if found is not bare:
            spent = {stage: spent[stage] + found.timings[stage] for stage in spent}
        return replace(found, timings=spent)

    @property
    def _calibration(self) -> Calibration:
        if self._words_only:
            return WORDS_ONLY
        return calibration_of(self._searcher.store, self._searcher.reader)

    def apart(self, found: Found, sentences: Sequence[Sentence]) -> list[float]:
        """For each sentence the probability that its passage alone answers; that of all at most."""
        passages = [sentence.hit.passage for sentence in sentences]
        seen, calibration = self._searcher.views(passages), self._calibration
        readings = self._searcher.read(found.query, passages)
        told = [
            alone(found.query, s, v, readings[i : i + 1], calibration, carried=found.carried)
            for i, (s, v) in enumerate(zip(sentences, seen, strict=True))
        ]
        return [min(found.confidence, own) for own in told]

    def _find(self, question: str, terms: Sequence[str] = (), *, leans: bool = False) -> Found:
        """Look for the question together with `terms`, and for it alone; read for what it says.

        One that leans says what it is about only with the terms.
        """
        searcher, started = self._searcher, perf_counter()
        resolved = bracketed(question, terms)
        texts = dict.fromkeys((resolved, question))
        encodings = {text: None if self._words_only else searcher.encode(text) for text in texts}
        encoded = perf_counter()
        forms = [(searcher.query(text, encodings[text]), 1.0) for text in texts]
        carried = leans and bool(terms)
        query = forms[0 if carried else -1][0]
        copies = distinct(searcher, forms, self._passages, self._allowed)
        hits = tuple(copies.hits)
        retrieved = perf_counter()
        read = hits[:PASSAGES]
        seen = searcher.views([hit.passage for hit in read])
        readings = searcher.read(query, [hit.passage for hit in read])
        sentences = find_sentences(query, read, seen, readings)
        found = signs(query, read, seen, sentences, readings=readings, carried=carried)
        calibration = self._calibration
        strength = support(found, read=calibration.reads)
        confidence = calibration.probability(strength) if sentences else 0.0
        timings = {
            "encode": encoded - started,
            "retrieve": retrieved - encoded,
            "evidence": perf_counter() - retrieved,
        }
        return Found(
            resolved, forms, query, hits, copies, sentences, found, confidence, carried, timings
        )


def distinct(
    searcher: Searcher,
    forms: Sequence[tuple[Query, float]],
    most: int,
    allowed: NDArray[np.int64] | None = None,
    without: Container[int] = (),
) -> Copies:
    """The best `most` passages that say something new, as `Searcher.rank` finds them."""
    for wanted in (2 * most, MANY * most):
        hits = searcher.rank(forms, wanted, allowed, without)
        copies = Copies(hits, most, near(searcher.store, {hit.document.id for hit in hits}))
        if len(copies.hits) == most or len(hits) < wanted:
            break
    return copies
