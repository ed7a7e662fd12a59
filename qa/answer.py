"""From scored sentences to an answer: what is said once, by whom, and where they disagree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from types import MappingProxyType

from index.lexical import analyze
from index.sentences import sentences as split
from qa.conflicts import Statement, agree, difference
from qa.context import context, self_contained
from qa.copies import Copies
from qa.evidence import Sentence
from qa.parts import Wanted, parts
from qa.spans import short_answer
from qa.types import Citation, Conflict, Document, Part, Point, Quote

MARGIN = 0.75  # how far below the best sentence's score another may lie
SUPPORT = 0.1  # added to a point's score for every further document that says it, up to three
PART = 0.5  # share of the weight of a part's own words that a sentence for it holds at least
SURELY = 0.15  # probability from which what a reader points at is the short answer
LIKELY = 0.04  # and from which it is where nothing of the kind that is asked for is found
LEAST_WORDS = 4  # shorter sentences are labels, not statements
FROM_ONE = 2  # points from one document while others have something to say

NO_COPIES = Copies()
_ABBREVIATED = re.compile(r"\b\w(?:\.\w)+\.$")  # "U.S.", whose last stop is its own
_NO_TERMS: Mapping[str, float] = MappingProxyType({})


@dataclass
class Said:
    """What is said once: sentences of different documents, the best of them first.

    `copies` are by the place of a member those sentences that only repeat it, in other documents.
    """

    members: list[Sentence]
    statements: list[Statement]
    copies: dict[int, list[Sentence]] = field(default_factory=dict)

    @property
    def lead(self) -> Sentence:
        """The best of them."""
        return self.members[0]

    @property
    def document(self) -> str:
        """The id of the document of the best."""
        return self.lead.hit.document.id

    @property
    def score(self) -> float:
        """That of the best, and more for every further document."""
        return self.lead.score + SUPPORT * min(3, len(self.members) - 1)

    def same(self, statements: Sequence[Statement]) -> bool:
        """Whether these statements say the same."""
        fewer, more = sorted((self.statements, statements), key=len)
        return all(any(agree(one, other) for other in more) for one in fewer)

    def joins(self, sentence: Sentence, statements: Sequence[Statement], copies: Copies) -> bool:
        """Whether a sentence says the same; then it is cited as well, once a document.

        One that is only a copy of another is not cited, but its document is named there.
        """
        if not self.same(statements):
            return False
        document = sentence.hit.document.id
        if any(document == member.hit.document.id for member in self.members):
            return True
        for place, member in enumerate(self.members):
            if copies.repeated(member, sentence):
                self.copies.setdefault(place, []).append(sentence)
                return True
        self.members.append(sentence)
        return True

    def also(self, place: int, copies: Copies) -> tuple[Document, ...]:
        """The documents, each once, that a member stands in as well; none that is cited itself."""
        repeating = (sentence.hit.document for sentence in self.copies.get(place, ()))
        also = chain(copies.also(self.members[place]), repeating)
        found = {document.id: document for document in also}
        cited = {member.hit.document.id for member in self.members}
        return tuple(document for name, document in found.items() if name not in cited)


@dataclass
class Composition:
    """What an answer is made of, as it grows."""

    points: list[Point] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)  # one for each citation
    short_answer: str | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The points, one a line."""
        return "\n".join(point.line for point in self.points)

    def add(self, said: Said, copies: Copies) -> None:
        """Add a point with its citations, each quote with the sentence before if it needs it."""
        first = len(self.citations) + 1
        for number, sentence in enumerate(said.members, first):
            document = sentence.hit.document
            start, end = self_contained(document, sentence.start, sentence.end)
            quote = Quote(document.id, start, end, document.text[start:end])
            also = said.also(number - first, copies)
            self.citations.append(Citation(number, sentence.hit, quote, copies=also))
            self.sentences.append(sentence)
        quote = self.citations[first - 1].quote
        named = context(said.lead.hit.document, quote.start, quote.end)
        numbers = tuple(range(first, first + len(said.members)))
        self.points.append(Point(quote.text, numbers, named))


def compose(
    question: str,
    sentences: Sequence[Sentence],
    quotes: int,
    terms: Mapping[str, float] = _NO_TERMS,
    copies: Copies = NO_COPIES,
    asked: str = "",
) -> Composition:
    """Choose what to quote: at most `quotes` points, the best supported first.

    `sentences` are scored, best first; `terms` are the IDF of the question's stems. Sentences of
    several documents that say the same become one point, unless they are only `copies`; one that
    matches a point but for a number, date, unit or negation follows it, as a conflict. Each thing
    that the question asks for gets a point of its own where a sentence speaks of it; `asked` is the
    question as it was typed, if it took words of earlier ones along: they are no things of its own.
    """
    asked = asked or question
    _, chosen = choose(asked, sentences, quotes, terms, copies)
    composition = Composition()
    for said in chosen:
        composition.add(said, copies)
    composition.conflicts = list(_conflicts(chosen, composition.points))
    if chosen:
        composition.parts = list(_spoken_of(parts(asked), chosen, composition.points, terms))
        first = composition.points[0].text
        composition.short_answer = _short(question, first, chosen[0].lead, terms)
    return composition


def choose(
    asked: str,
    sentences: Sequence[Sentence],
    quotes: int,
    terms: Mapping[str, float],
    copies: Copies = NO_COPIES,
) -> tuple[list[Said], list[Said]]:
    """All that is said, the best supported first, and what of it `compose` quotes, in its order."""
    groups = _grouped(sentences, copies)
    return groups, _beside(_choose(groups, parts(asked), quotes, terms), groups, quotes)


def _pointed_at(sentence: Sentence) -> str | None:
    """What a reader points at in a sentence, in whole words."""
    if sentence.answer is None:
        return None
    start, end = sentence.answer
    text = sentence.hit.document.text
    while start > sentence.start and _goes_on(text, start):
        start -= 1
    while end < sentence.end and _goes_on(text, end):
        end += 1
    said = text[start:end]
    return said if _ABBREVIATED.search(said) else said.rstrip(",;:.!?") or said


def _goes_on(text: str, place: int) -> bool:
    """Whether a word, or a number with its separators, goes on across a place of a text."""
    before, after = text[place - 1], text[place]
    if unicodedata.category(after).startswith("M"):
        return True
    if after in ",." or before in ",.":
        first = place - 1 if after in ",." else place - 2
        return text[max(0, first)].isdigit() and text[first + 2 : first + 3].isdigit()
    return _letter(before) and _letter(after)


def _letter(character: str) -> bool:
    """Whether it is of a word: a letter, a digit or a mark on one."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _short(question: str, quote: str, sentence: Sentence, terms: Mapping[str, float]) -> str | None:
    """The short answer: what a reader points at in the sentence that is quoted, if it is sure.

    Else a span of the kind asked for, from that sentence of the quote that holds most of the
    question; and where there is none, what the reader points at, if it is likely at all.
    """
    if sentence.likelihood >= SURELY:
        return _pointed_at(sentence)
    asked = {stem: terms.get(stem, 1.0) for stem in analyze(question)}
    fullest = max(
        _apart(quote), key=lambda text: sum(asked.get(stem, 0) for stem in {*analyze(text)})
    )
    found = short_answer(question, fullest, terms)
    return found or (_pointed_at(sentence) if sentence.likelihood >= LIKELY else None)


def _apart(text: str) -> list[str]:
    """The sentences of what is quoted together."""
    return [text[start:end] for start, end in split(text)]


def _grouped(sentences: Sequence[Sentence], copies: Copies) -> list[Said]:
    """What is said, the best supported first; labels only where there is nothing else.

    What a better sentence brings along, because it needs it, is not quoted once more.
    """
    groups: list[Said] = []
    quoted: list[tuple[str, int, int]] = []
    for sentence in sentences:
        document = sentence.hit.document
        start, end = self_contained(document, sentence.start, sentence.end)
        within = (name == document.id and s < end and start < e for name, s, e in quoted)
        if any(within) or (len(sentence.text.split()) < LEAST_WORDS and groups):
            continue
        quoted.append((document.id, start, end))
        statements = [Statement(text) for text in _apart(sentence.text)]
        if not any(said.joins(sentence, statements, copies) for said in groups):
            groups.append(Said([sentence], statements))
    return sorted(groups, key=lambda said: -said.score)


def _choose(
    groups: Sequence[Said],
    wanted: Sequence[Wanted],
    most: int,
    terms: Mapping[str, float],
) -> list[Said]:
    """The best of all, the best for each part, then whatever lies near; best first."""
    chosen = list(groups[:1])
    for part in wanted:
        speaking = [said for said in groups if _fit(said, part.stems, terms)[0]]
        if speaking and len(chosen) < most and not any(said in chosen for said in speaking):
            chosen.append(max(speaking, key=lambda said: _fit(said, part.stems, terms)))
    near = [said for said in groups if said.score >= groups[0].score - MARGIN]
    for limit in (FROM_ONE, most):
        for said in near:
            own = sum(other.document == said.document for other in chosen)
            if said not in chosen and len(chosen) < most and own < limit:
                chosen.append(said)
    return sorted(chosen, key=lambda said: -said.score)


def _fit(said: Said, part: frozenset[str], terms: Mapping[str, float]) -> tuple[bool, float]:
    """Whether a sentence speaks of a part, and how well it fits."""
    weights = {stem: terms.get(stem, 1.0) for stem in part}
    held = sum(weight for stem, weight in weights.items() if stem in said.lead.stems)
    share = held / (sum(weights.values()) or 1.0)
    return share >= PART, said.score + share


def _spoken_of(
    wanted: Sequence[Wanted],
    chosen: Sequence[Said],
    points: Sequence[Point],
    terms: Mapping[str, float],
) -> Iterator[Part]:
    """What of the chosen speaks of each thing asked for."""
    for part in wanted:
        speaking = [
            point.citations
            for said, point in zip(chosen, points, strict=True)
            if _fit(said, part.stems, terms)[0]
        ]
        yield Part(part.text, tuple(number for numbers in speaking for number in numbers))


def _beside(chosen: Sequence[Said], groups: Sequence[Said], most: int) -> list[Said]:
    """The chosen, each followed by what contradicts it in another document."""
    beside: list[Said] = []
    for said in chosen:
        against = [other for other in groups if other is not said and _clash(said, other)]
        beside += [new for new in (said, *against[:1]) if new not in beside]
    return beside[:most]


def _clash(one: Said, other: Said) -> str:
    """What two statements of different documents disagree in, or nothing."""
    if one.document == other.document:
        return ""
    pairs = product(one.statements, other.statements)
    return next((about for pair in pairs if (about := difference(*pair))), "")


def _conflicts(chosen: Sequence[Said], points: Sequence[Point]) -> Iterator[Conflict]:
    for i, (said, point) in enumerate(zip(chosen, points, strict=True)):
        for other, against in zip(chosen[i + 1 :], points[i + 1 :], strict=True):
            if about := _clash(said, other):
                yield Conflict((point.citations[0], against.citations[0]), about)
