"""Which span of a sentence a question asks for, and how likely it is the right one.

The spans of the kind asked for compete, and with them "none of these": a conditional logit
(McFadden 1974) over a few signals, most of them of where the question's words stand around the
span. Two spans that fit about as well share the probability, so that neither is likely.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from index.lexical import analyze_spans
from qa.expected import Expected, asked_spans, expected_answer

LIKELY = 0.31  # probability from which a span is given
AHEAD = 1.3  # and how many times as likely as any other it is
LONGEST = 2_000  # characters of a sentence in which one is looked for
REACH = 4.0  # words over which nearness halves
PLAIN = 1.0  # weight of a question's word where no IDF is known; a name's is twice that

# Fitted to the training questions of SQuAD (Rajpurkar et al. 2016), each with the sentence that
# holds most of its words; a kind's name stands for its constant.
WEIGHTS = {
    "acts": 0.56,
    "adjective": -0.8,
    "clause": 0.87,
    "focus": 0.73,
    "leads": 1.0,
    "near": 1.89,
    "nearest": 0.42,
    "other_unit": -0.33,
    "placed": -0.54,
    "previous": 1.01,
    "repeats": -1.33,
    "rest": -0.96,
    "role": 0.6,
    "unit": 0.8,
    "words": 0.52,
    "person": -1.11,
    "place": -1.73,
    "name": -0.79,
    "number": -0.86,
    "date": -0.17,
    "any": -0.77,
}

_WORD = re.compile(r"\w+(?:['’.,]\w+)*")
_BREAK = re.compile(r"[,;:()\[\]—–\"“”]|\b(?:and|but|while|whereas|which|who|against|compared)\b")
_ASKING = re.compile(r"\b(?:what|which|whose|how\s+(?:many|much))\s+(?=\w)", re.IGNORECASE)
_SHARE = re.compile(r"\b(?:percent\w*|proportion|share|fraction)\b", re.IGNORECASE)
_IS_SHARE = re.compile(r"%|percent|per cent|half|third|quarter")
_IS_MONEY = re.compile(r"[$£€¥]")
_MONEY = re.compile(
    r"\b(?:cost|price|pay|paid|spen[dt]|worth|salary|revenue|money)\b", re.IGNORECASE
)
_EDGE = "\0"  # stands before and after the span in what these patterns are matched with
_IN = rf"\b(?:in|at|near|from|to|into|of)(?:\s+(?:the|an?))?\s*{_EDGE}"
_STANDS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("leads", "person", re.compile(rf"\bby(?:\s+(?:the|an?))?\s*{_EDGE}")),
    ("leads", "place", re.compile(_IN, re.IGNORECASE)),
    (
        "leads",
        "date",
        re.compile(rf"\b(?:in|on|since|until|by|from|during)(?:\s+the)?\s*{_EDGE}", re.IGNORECASE),
    ),
    ("placed", "person", re.compile(_IN, re.IGNORECASE)),
    (
        "role",
        "person",
        re.compile(
            rf"(?!\b(?:the|and|for|with|from|into|that|when|where|while|after|before|but|than|under|"
            rf"over)\b)\b[a-z]{{3,}},? {_EDGE}"
        ),
    ),
    (
        "acts",
        "person",
        re.compile(rf"{_EDGE},? (?:who|was|is|has|had|led|ran|won|wrote|made|said|\w{{2,}}ed)\b"),
    ),
    (
        "adjective",
        "",
        re.compile(rf"(?:[ai]n|ish|ese|ic|French|Dutch|Greek|Norse){_EDGE} [a-z]"),
    ),
)


@dataclass(frozen=True, slots=True)
class _Held:
    """A word that question and sentence share: where it stands, in words, and its weight."""

    start: int
    place: int
    stem: str
    weight: float


@dataclass(frozen=True)
class _Reading:
    """A sentence as it is read for a question, whose stems weigh what `terms` says."""

    question: str
    sentence: str
    terms: Mapping[str, float]

    @cached_property
    def kind(self) -> Expected:
        return expected_answer(self.question)

    @cached_property
    def weights(self) -> dict[str, float]:
        asked = analyze_spans(self.question)
        if self.terms:
            return {stem: self.terms.get(stem, 0.0) for stem, _, _ in asked}
        return {s: PLAIN * (1 + self.question[start].isupper()) for s, start, _ in asked}

    @cached_property
    def total(self) -> float:
        return sum(self.weights.values()) or 1.0

    @cached_property
    def starts(self) -> list[int]:
        return [word.start() for word in _WORD.finditer(self.sentence)]

    @cached_property
    def stems(self) -> list[tuple[str, int, int]]:
        return analyze_spans(self.sentence)

    @cached_property
    def held(self) -> list[_Held]:
        return [
            _Held(start, self.place(start), stem, self.weights[stem])
            for stem, start, _ in self.stems
            if stem in self.weights
        ]

    @cached_property
    def breaks(self) -> list[int]:
        return [match.start() for match in _BREAK.finditer(self.sentence)]

    @cached_property
    def focus(self) -> frozenset[str]:
        """The stems of the noun that the question word stands before: "which university"."""
        asking = _ASKING.search(self.question)
        found: list[str] = []
        place = asking.end() if asking else len(self.question)
        for stem, start, end in analyze_spans(self.question):
            if asking and start == place and len(found) < 3:
                found.append(stem)
                place = end + 1
        return frozenset(found)

    @cached_property
    def candidates(self) -> list[tuple[int, int]]:
        """The spans of the kind asked for that the question does not hold itself."""
        kind: Expected = "name" if self.kind == "any" else self.kind
        found = asked_spans(self.question, self.sentence, kind)
        return [s for s in found if self.kind != "any" or self.focus & self.within(*s)]

    def within(self, start: int, end: int) -> set[str]:
        """The stems of a span."""
        return {stem for stem, place, _ in self.stems if start <= place < end}

    @cached_property
    def nearest(self) -> tuple[int, int] | None:
        """The candidate nearest to the weightiest word shared with the question."""
        own = [h for h in self.held if not any(s <= h.start < e for s, e in self.candidates)]
        if not own or not self.candidates:
            return None
        heaviest = max(own, key=lambda h: h.weight).stem
        return min(
            self.candidates,
            key=lambda span: min(
                max(self.place(span[0]) - h.place, h.place - self.place(span[1] - 1))
                for h in own
                if h.stem == heaviest
            ),
        )

    def units(self, start: int, end: int) -> tuple[bool, bool]:
        """Whether a span is a share or a sum of money, and whether the question asks for it."""
        for is_one, asks in ((_IS_SHARE, _SHARE), (_IS_MONEY, _MONEY)):
            if is_one.search(self.sentence, start, end):
                return True, bool(asks.search(self.question))
        return False, False

    def stands(self, start: int, end: int) -> dict[str, float]:
        """1.0 for each pattern of `_STANDS` in whose way a span stands, else 0.0."""
        before, after = self.sentence[max(0, start - 40) : start], self.sentence[end : end + 20]
        edged = f"{before}{_EDGE}{self.sentence[start:end]}{_EDGE}{after}"
        return {
            name: float(bool(pattern.search(edged)))
            for name, kind, pattern in _STANDS
            if kind in ("", self.kind)
        }

    def place(self, offset: int) -> int:
        """Which word of the sentence stands at an offset, from 0."""
        return bisect_right(self.starts, offset) - 1

    def clause(self, offset: int) -> int:
        """Which clause an offset lies in, from 0."""
        return bisect_right(self.breaks, offset)


def signals(reading: _Reading, start: int, end: int) -> dict[str, float]:
    """What speaks for a span, each 0..1."""
    first, last = reading.place(start), reading.place(end - 1)
    near: dict[str, float] = {}
    clause: dict[str, float] = {}
    rest: dict[str, float] = {}
    previous = 0.0
    for word in reading.held:
        if start <= word.start < end:
            continue
        gap = max(first - word.place, word.place - last)
        closeness = word.weight / (1 + (gap - 1) / REACH)
        near[word.stem] = max(near.get(word.stem, 0.0), closeness)
        rest[word.stem] = word.weight
        if reading.clause(word.start) == reading.clause(start):
            clause[word.stem] = word.weight
        if word.start < start and gap <= 2:
            previous = max(previous, word.weight)
    own = reading.within(start, end)
    after = {stem for stem, place, _ in reading.stems if 0 < reading.place(place) - last <= 2}
    unit, asked = reading.units(start, end)
    return {
        "near": sum(near.values()) / reading.total,
        "clause": sum(clause.values()) / reading.total,
        "rest": sum(rest.values()) / reading.total,
        "previous": previous / reading.total,
        "nearest": float((start, end) == reading.nearest),
        "focus": float(bool(reading.focus & after)),
        "repeats": len((own - reading.focus) & reading.weights.keys()) / len(own) if own else 0.0,
        "words": min(last - first, 4) / 4,
        **reading.stands(start, end),
        "unit": float(unit and asked),
        "other_unit": float(unit and not asked),
        reading.kind: 1.0,
    }


def short_answer(question: str, sentence: str, terms: Mapping[str, float]) -> str | None:
    """The span of a sentence that a question for a name, number, date or place asks for.

    `terms` are the IDF of the question's stems, or empty. None where the question asks for
    nothing of the kind, or no span is likely to be right and clearly likelier than any other.
    """
    if len(sentence) > LONGEST:
        return None
    reading = _Reading(question, sentence, terms)
    chances = {"": 1.0}  # of none of them
    spelled: dict[str, str] = {}
    for start, end in reading.candidates:
        text = sentence[start:end]
        fit = sum(WEIGHTS[name] * value for name, value in signals(reading, start, end).items())
        chances[text.lower()] = chances.get(text.lower(), 0.0) + math.exp(fit)
        spelled.setdefault(text.lower(), text)
    total = sum(chances.values())
    del chances[""]
    first, second, *_ = *sorted(chances, key=lambda text: -chances[text]), "", ""
    if not first or chances[first] < max(LIKELY * total, AHEAD * chances.get(second, 0.0)):
        return None
    return spelled[first]
