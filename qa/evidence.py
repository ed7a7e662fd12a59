"""Which sentences answer: every sentence of the best passages, scored against the question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index.ranking import Query, View, scaled, sentence_cosines, sentence_interaction
from index.reading import Reading
from index.types import Hit
from qa.expected import expected_answer, finds

PASSAGES = 5  # whose sentences are read

# Weights of the signals of a sentence, found on three development sets: `benchmarks/README.md`.
COSINE, COVERAGE, INTERACTION, EXPECTED, PASSAGE, BEFORE = 0.5, 0.5, 1.5, 0.15, 0.5, 0.2
POINTED = 1.0  # of what a reader points at
JOINED = 6  # of the best sentences, those that stand side by side are quoted together
UNSURE = 0.25  # as likely as this share of the likelier answer, another may be it


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may answer: its hit, its span of the document, and how well it fits.

    `score` orders sentences of one question, higher is better; `cosine`, `interaction` (-1..1)
    and `coverage` (0..1) are comparable across questions; `stems` are its words' stems. `answer`
    is the likeliest answer in it that a reader points at, as a span of the document, and
    `likelihood` how probable it is, 0..1.
    """

    hit: Hit
    start: int
    end: int
    score: float
    cosine: float
    interaction: float
    coverage: float
    stems: frozenset[str]
    answer: tuple[int, int] | None = None
    likelihood: float = 0.0

    @property
    def text(self) -> str:
        """The words, verbatim."""
        return self.hit.document.text[self.start : self.end]


def find_sentences(
    query: Query, hits: Sequence[Hit], views: Sequence[View], readings: Sequence[Reading] = ()
) -> list[Sentence]:
    """Score every sentence of the passages `hits`, whose views are `views`; best first.

    `readings` are what a reader makes of the passages, or empty where there is none.
    """
    if not hits:
        return []
    expected = expected_answer(query.text)
    passage_scores = scaled(np.array([hit.score for hit in hits], np.float32))
    cosines, interactions = sentence_cosines(query, views), sentence_interaction(query, views)
    found: list[Sentence] = []
    for i, (hit, view) in enumerate(zip(hits, views, strict=True)):
        reading = readings[i] if readings else None
        before: frozenset[str] = frozenset()
        for j, ((start, end), stems) in enumerate(zip(view.sentences, view.stems, strict=True)):
            coverage = query.covered(stems)
            added = query.covered(stems | before) - coverage
            text = hit.passage.text[start:end]
            score = (
                COSINE * float(cosines[i][j])
                + INTERACTION * float(interactions[i][j])
                + COVERAGE * coverage
                + EXPECTED * finds(expected, text, query.text)
                + PASSAGE * float(passage_scores[i])
                + BEFORE * added
            )
            first = hit.passage.start
            sentence = Sentence(
                hit,
                first + start,
                first + end,
                score,
                float(cosines[i][j]),
                float(interactions[i][j]),
                coverage,
                stems,
            )
            found.append(_pointed(sentence, reading) if reading else sentence)
            before = stems
    return _joined(sorted(found, key=lambda sentence: -sentence.score), query.terms)


def _pointed(sentence: Sentence, reading: Reading) -> Sentence:
    """A sentence with what a reader says of it: it scores more the likelier it is the answer's."""
    first = sentence.hit.passage.start
    start, end, chance = reading.answer(sentence.start - first, sentence.end - first)
    pointed = reading.chance * reading.within(sentence.start - first, sentence.end - first)
    return replace(
        sentence,
        score=sentence.score + POINTED * pointed,
        answer=(first + start, first + end) if end else None,
        likelihood=reading.chance * chance,
    )


def _joined(ranked: Sequence[Sentence], asked: Collection[str]) -> list[Sentence]:
    """Join neighbours in pairs among the best: an answer is often said in two sentences."""
    kept: list[Sentence] = []
    pairs: set[int] = set()
    for rank, sentence in enumerate(ranked):
        place = next(
            (i for i, other in enumerate(kept) if i not in pairs and _adjacent(sentence, other)),
            None,
        )
        if place is None or rank >= JOINED:
            kept.append(sentence)
            continue
        pairs.add(place)
        better = kept[place]
        kept[place] = replace(
            better,
            start=min(better.start, sentence.start),
            end=max(better.end, sentence.end),
            coverage=max(better.coverage, sentence.coverage),
            stems=better.stems | sentence.stems,
            **_pointed_at(better, sentence, asked),
        )
    return kept


def _pointed_at(one: Sentence, other: Sentence, asked: Collection[str]) -> dict[str, Any]:
    """The likelier answer of two sentences, unless the other fits better what is asked.

    Of two numbers, that of ward 5 is asked for, not that of ward 3, however alike their sentences
    are: the other counts if its sentence holds all the words `asked` that the likelier one's holds,
    and more, or all their numbers, and more. But not where it is far less likely.
    """
    less, likelier = sorted((one, other), key=lambda sentence: sentence.likelihood)
    unsure = less.likelihood >= UNSURE * likelier.likelihood
    if unsure and _numeric(likelier) and _numeric(less):
        words = set(asked)
        numbers = {word for word in words if any(map(str.isdigit, word))}
        if any(kind & likelier.stems < kind & less.stems for kind in (words, numbers)):
            likelier = less
    return {"answer": likelier.answer, "likelihood": likelier.likelihood}


def _numeric(sentence: Sentence) -> bool:
    """Whether what is pointed at holds a digit."""
    start, end = sentence.answer or (0, 0)
    return any(map(str.isdigit, sentence.hit.document.text[start:end]))


def _adjacent(one: Sentence, other: Sentence) -> bool:
    """Whether nothing but space lies between two sentences of a passage, and no paragraph ends."""
    if one.hit.passage.id != other.hit.passage.id:
        return False
    first, second = sorted((one, other), key=lambda sentence: sentence.start)
    between = one.hit.document.text[first.end : second.start]
    return not between.strip() and "\n\n" not in between
