"""Whether two sentences say the same, or match but for a number, date, unit or negation.

A false conflict is worse than a missed one: all that is not a quantity has to match, names above
all, and exactly one kind of difference has to be left.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from index.lexical import analyze, analyze_spans

SAME = 0.6  # Jaccard similarity of stems, quantities aside, from which two sentences say the same
MATCH = 0.7  # and from which a difference between them is a conflict
LEAST = 3  # stems that two sentences share before they can be compared
CLOSE = 0.25  # relative difference within which "about 50" is no other number than 54

_MONTH = (
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"(?:uary|ruary|ch|il|e|y|ust|t(?:ember)?|ember|ober)?\b\.?"
)
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}"
    r"(?:\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?(?:,?\s+(?P<year>(?:1\d|20)\d\d))?\b"
    r"|\b(?P<only>(?:1[0-9]|20)\d\d)\b(?![,.]?\d|\s*(?:%|per\s?cent|people|places|staff))"
)
_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_UNITS = {"percent": "%", "km": "kilometre", "kilometer": "kilometre", "meter": "metre"}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}
_NUMBER = re.compile(
    rf"(?P<sign>[$£€¥])?\s?(?P<value>\d[\d,]*(?:\.\d+)?|\b(?:{'|'.join(_WORDS[2:])})\b)"
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|bn|m)\b)?"
    r"(?:\s?(?P<unit>%|per\s?cent|kilomet\w+|km|met(?:re|er)s?|miles?|feet|inches|kg|kilograms?|"
    r"tonnes?|tons?|pounds?|dollars?|euros?|seconds?|minutes?|hours?|days?|weeks?|months?|years?)"
    r"(?![\w]))?",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|around|almost|nearly|over|under|some|roughly|approximately|more than|less than|"
    r"fewer than|at least|at most|up to)\s*$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:(?:not|cannot|never|\w+n['’]t)\b(?!\s+(?:only|just|merely|least|all|everybody|"
    r"everyone|every))|no\b(?!\s+(?:doubt|fewer|less|more|one|longer|sooner|later|\.)|\.))",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w'’.-]*(?:[ ]+[A-Z][\w'’.-]*)*")


@dataclass(frozen=True, slots=True)
class _Date:
    """A date, as far as it is given."""

    year: str
    month: str
    day: str

    def differs(self, other: _Date) -> bool:
        pairs = zip(
            (self.year, self.month, self.day), (other.year, other.month, other.day), strict=True
        )
        both = [(one, two) for one, two in pairs if one and two]
        return not both or any(one != two for one, two in both)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number: its digits as written, what they come to, its unit, and whether it is rough."""

    digits: float
    value: float
    unit: str
    rough: bool

    def differs(self, other: _Number) -> bool:
        if self.unit != other.unit or not (self.rough or other.rough):
            return (self.value, self.unit) != (other.value, other.unit)
        return abs(self.value - other.value) > CLOSE * max(self.value, other.value)


Quantity = TypeVar("Quantity", _Date, _Number)
Unlike = tuple[list[Quantity], list[Quantity]]


class Statement:
    """A sentence as it is compared: what it counts and dates, and the stems of all else."""

    def __init__(self, text: str) -> None:
        """Read a sentence."""
        dates = list(_DATE.finditer(text))
        bare = _DATE.sub(lambda match: " " * len(match[0]), text)
        numbers = list(_NUMBER.finditer(bare))
        taken = [match.span() for match in (*dates, *numbers)]
        self.dates = [_date(match) for match in dates]
        self.numbers = [_number(match) for match in numbers]
        self.negations = [match.end() for match in _NOT.finditer(text)]
        spans = analyze_spans(text)
        self.stems = frozenset(
            stem
            for stem, start, _ in spans
            if not any(first <= start < last for first, last in taken) and stem != "never"
        )
        self.denied = [
            [stem for stem, start, _ in spans if start >= end][:2] for end in self.negations
        ]
        self.names = [
            frozenset(analyze(match[0]))
            for match in _NAME.finditer(bare)
            if match.start() and analyze(match[0])
        ]

    def likeness(self, other: Statement) -> float:
        """Jaccard similarity of the stems, quantities aside; 0 where too little is shared."""
        shared = self.stems & other.stems
        return len(shared) / len(self.stems | other.stems) if len(shared) >= LEAST else 0.0

    def names_match(self, other: Statement) -> bool:
        """Whether neither names somebody or something that the other does not."""
        return all(name & other.stems for name in self.names) and all(
            name & self.stems for name in other.names
        )


def difference(one: Statement, other: Statement) -> str:
    """What two sentences that otherwise match disagree in: number, date, unit, negation or ""."""
    if one.likeness(other) < MATCH or not one.names_match(other):
        return ""
    dates, numbers = _unlike(one.dates, other.dates), _unlike(one.numbers, other.numbers)
    denial = _denial(one, other)
    if denial:
        return "negation" if not (any(dates) or any(numbers)) else ""
    match [len(dates[0]), len(dates[1]), len(numbers[0]), len(numbers[1])]:
        case [1, 1, 0, 0]:
            return "date"
        case [0, 0, 1, 1]:  # two numbers that differ are another case, not another view of it
            (a,), (b,) = numbers
            return "unit" if a.digits == b.digits or a.value == b.value else "number"
    return ""


def agree(one: Statement, other: Statement) -> bool:
    """Whether two sentences say the same: alike, with no name or quantity that contradicts."""
    return (
        one.likeness(other) >= SAME
        and one.names_match(other)
        and bool(one.negations) == bool(other.negations)
        and not all(_unlike(one.dates, other.dates))
        and not all(_unlike(one.numbers, other.numbers))
    )


def _denial(one: Statement, other: Statement) -> bool:
    """Whether just one of the two denies what the other says in the same words."""
    if len(one.negations) + len(other.negations) != 1:
        return False
    denying, plain = (one, other) if one.negations else (other, one)
    return bool(denying.denied[0]) and all(stem in plain.stems for stem in denying.denied[0])


def _unlike(ones: Sequence[Quantity], others: Sequence[Quantity]) -> Unlike[Quantity]:
    """The quantities of each side that the other has not."""
    return (
        [a for a in ones if all(a.differs(b) for b in others)],
        [b for b in others if all(a.differs(b) for a in ones)],
    )


def _date(match: re.Match[str]) -> _Date:
    month = (match["month"] or "").lower()
    return _Date(match["year"] or match["only"] or "", month, match["day"] or match["day2"] or "")


def _number(match: re.Match[str]) -> _Number:
    written = match["value"].lower().replace(",", "")
    digits = float(_WORDS.index(written)) if written.isalpha() else float(written)
    unit = re.sub(r"\s|s$", "", (match["sign"] or match["unit"] or "").lower())
    rough = bool(_ABOUT.search(match.string, max(0, match.start() - 20), match.start()))
    return _Number(
        digits,
        digits * _SCALES.get((match["scale"] or "").lower(), 1.0),
        _UNITS.get(unit, unit),
        rough,
    )
