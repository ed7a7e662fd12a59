"""From scored sentences to an answer: what is said once, by whom, and where they disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.sentences import sentences
from qa.evidence import Sentence
from qa.expected import short_answer
from qa.types import Citation, Conflict, Point, Quote

SAME = 0.75  # Jaccard similarity of stems from which two sentences say the same
LIKE = 0.45  # and from which they speak of the same thing
MARGIN = 0.75  # how far below the best sentence's score another may lie
LEAST_WORDS = 4  # shorter sentences are labels, not statements
LONGEST = 60  # words of a quote that takes along the sentence before
LOOK_BACK = 800  # characters before a quote in which a pronoun's name is looked for

_POINTS_BACK = re.compile(
    r"^[\"'“‘(]*(?:He|She|They|It|His|Her|Their|Its|This|That|These|Those|Such|There|Here|But he|"
    r"But she|But they|And he|And they)\b"
)
_NAME = re.compile(r"\b[A-Z][a-z'’-]+(?:\s+(?:(?:of|the|for|and)\s+)*[A-Z][\w'’-]+)+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_NOT = re.compile(r"\b(?:not|no|never|none|neither|nor|cannot|without|\w+n['’]t)\b", re.IGNORECASE)


@dataclass
class _Group:
    """Sentences that say the same: the best of them leads."""

    members: list[Sentence] = field(default_factory=list)

    @property
    def lead(self) -> Sentence:
        return self.members[0]


def compose(question: str, sentences: Sequence[Sentence], quotes: int) -> Composition:
    """Choose what to quote: at most `quotes` points, the best supported first.

    `sentences` are scored, best first. Sentences of several documents that say the same become
    one point; those that differ in a number or a negation become a conflict.
    """
    chosen = list(_choose(sentences, quotes))
    composition = Composition()
    for group in chosen:
        numbers = tuple(composition.cite(sentence) for sentence in group.members)
        quote = composition.citations[numbers[0] - 1].quote
        context = _name_before(group.lead) if _POINTS_BACK.match(quote.text) else ""
        composition.points.append(Point(quote.text, numbers, context))
    composition.conflicts = list(_conflicts(chosen, composition))
    if chosen:
        composition.short_answer = short_answer(question, composition.points[0].text)
    return composition


@dataclass
class Composition:
    """What an answer is made of, as it grows."""

    points: list[Point] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    short_answer: str | None = None

    @property
    def text(self) -> str:
        """The points, each with its context in brackets before and its markers behind."""
        return "\n".join(_line(point) for point in self.points)

    def cite(self, sentence: Sentence) -> int:
        """Cite a sentence, with the one before where it needs it; returns the number."""
        start, end = _self_contained(sentence)
        document = sentence.hit.document
        quote = Quote(document.id, start, end, document.text[start:end])
        self.citations.append(Citation(len(self.citations) + 1, sentence.hit, quote))
        return len(self.citations)


def _line(point: Point) -> str:
    markers = " ".join(f"[{number}]" for number in point.citations)
    context = f"[{point.context}] " if point.context else ""
    return f"{context}“{point.text}” {markers}"


def _choose(sentences: Sequence[Sentence], most: int) -> Iterator[_Group]:
    """Group what says the same, and take the best groups, no document filling more than two."""
    groups: list[_Group] = []
    by_document: dict[str, int] = {}
    for sentence in sentences:
        if len(sentence.text.split()) < LEAST_WORDS and groups:
            continue
        if groups and sentence.score < groups[0].lead.score - MARGIN:
            break
        same = next((g for g in groups if _alike(sentence, g.lead, SAME)), None)
        document = sentence.hit.document.id
        if same is None:
            if len(groups) < most and by_document.get(document, 0) < max(2, most - 1):
                groups.append(_Group([sentence]))
                by_document[document] = by_document.get(document, 0) + 1
        elif all(document != member.hit.document.id for member in same.members) and not _differ(
            sentence, same.lead
        ):
            same.members.append(sentence)
    yield from groups


def _alike(one: Sentence, other: Sentence, least: float) -> bool:
    union = one.stems | other.stems
    return bool(union) and len(one.stems & other.stems) / len(union) >= least


def _differ(one: Sentence, other: Sentence) -> str:
    """What two like sentences disagree in: "number", "negation" or nothing."""
    numbers, others = set(_NUMBER.findall(one.text)), set(_NUMBER.findall(other.text))
    if numbers and others and not (numbers <= others or others <= numbers):
        return "number"
    if bool(_NOT.search(one.text)) != bool(_NOT.search(other.text)):
        return "negation"
    return ""


def _conflicts(groups: Sequence[_Group], composition: Composition) -> Iterator[Conflict]:
    for i, group in enumerate(groups):
        for other in groups[i + 1 :]:
            if group.lead.hit.document.id == other.lead.hit.document.id:
                continue
            if _alike(group.lead, other.lead, LIKE) and (about := _differ(group.lead, other.lead)):
                first = composition.points[i].citations[0]
                second = composition.points[groups.index(other)].citations[0]
                yield Conflict((first, second), about)


def _self_contained(sentence: Sentence) -> tuple[int, int]:
    """The span to quote: with the sentence before, where a pronoun needs it and it is short."""
    text = sentence.hit.document.text
    if not _POINTS_BACK.match(sentence.text):
        return sentence.start, sentence.end
    first = max(0, sentence.start - LOOK_BACK)
    before = [
        span for span in sentences(text, first, sentence.start) if span[0] > first or not first
    ]
    if before and "\n\n" not in text[before[-1][1] : sentence.start]:
        start = before[-1][0]
        whole = text[start : sentence.end]
        if len(whole.split()) <= LONGEST and not _POINTS_BACK.match(whole):
            return start, sentence.end
    return sentence.start, sentence.end


def _name_before(sentence: Sentence) -> str:
    """The last full name before a sentence, or its document's title."""
    text = sentence.hit.document.text[max(0, sentence.start - LOOK_BACK) : sentence.start]
    names = _NAME.findall(text)
    return names[-1] if names else sentence.hit.document.title
