"""What kind of answer a question asks for, and where a sentence holds one of that kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from index.lexical import STOP_WORDS

Expected = Literal["number", "date", "person", "place", "name", "any"]

Span = tuple[int, int]

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"(?:hundred|thousand|million|billion|dozen)s?|half|quarter|third)"
)
_YEARS = (  # a number before a plural counts, unless "in" or the like comes before it
    r"(?:(?<=\b[Ii]n )|(?<=\b[Ss]ince )|(?<=\b[Bb]y )|(?<=\b[Oo]f )|"
    r"(?!\d{4} (?!was|is|has|its|his|as|this)(?:[a-z]+s|people|staff|men|women)\b))"
    r"(?:1[0-9]|20)\d{2}s?\b"
)
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DATE = re.compile(
    rf"\b(?:(?:{_DAY},?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?"
    r"(?:,?\s+\d{4})?(?![a-z])|" + _YEARS + r"|\d{1,2}(?:st|nd|rd|th)\s+century"
    rf"|{_DAY})\b"
)
_NUMBER = re.compile(
    r"(?:(?:\b(?:US|AU|CA))?[$£€¥]\s?)?\b\d[\d,.]*\d?(?:\s?(?:%|per\s?cent|million|billion|"
    r"trillion|thousand|hundred|bn|m|k)\b|%)?"
    rf"|\bone in (?:\d+|{_WORDS})"
    rf"|\b(?!one\b[^-])(?:a\s+)?{_WORDS}(?:[-\s]{_WORDS})*(?:\s+per\s?cent)?\b",
    re.IGNORECASE,
)
_LINK = r"(?:de|der|van|von|da|di|al|la|le|bin|ibn|ben)"
_CAPITAL = r"(?<![\w-])[A-ZÀ-ÞĀ-ž](?:[\w'’.&-]*\w)?(?:\.(?=[ ]+[A-Z]))?"
_PERSON = re.compile(rf"{_CAPITAL}(?:[ ]+(?:(?:of|the|{_LINK})[ ]+)?{_CAPITAL})*")
_NAME = re.compile(rf"{_CAPITAL}(?:[ ]+(?:(?:of|for|the|&|{_LINK})[ ]+){{0,2}}{_CAPITAL})*")
_PLURAL = re.compile(
    r"\bwho (?:are|were)\b|\b(?:what|which)(?: two| three| four)?(?: \w+)? (?:countries|cities|"
    r"states|universities|companies|people|two|groups|places|teams|towns)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(r",?\s+(?:and|&)\s+|,\s+")
_OPENS = re.compile(r"([A-Z]?[a-z]*)\b[^\w\"]*")
_OPENERS = STOP_WORDS | {
    *("according", "another", "although", "among", "besides", "despite", "however", "like", "many"),
    *("meanwhile", "one", "particularly", "president", "professor", "several", "since", "though"),
    *("today", "together", "whatever", "within", "mr", "mrs", "dr"),
}
_YEAR = re.compile(r"\b\d{4}\b")
_UNIT = re.compile(
    r"\s(?:(?:square|cubic|light)[\s-])?(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|"
    r"centuries|decades?|km|kilomet(?:er|re)s?|m|met(?:er|re)s?|cm|mm|miles?|feet|foot|ft|inch(?:es)?|"
    r"acres?|hectares?|kg|kilograms?|tons?|tonnes?|pounds|dollars|euros)\b"
)
_MEASURED = re.compile(
    r"\bhow (?:much|old|long|far|tall|large|big|high|fast|deep|wide)\b", re.IGNORECASE
)
_IN_YEARS = re.compile(r"\b(?:what|which) years?\b", re.IGNORECASE)
_ASKS_FIRST = r"^(?:(?!\b(?:what|which|who|whom|whose|how|why)\b).)*?"
_DOES = (
    r"(?:\s+\w+ly)?(?:['’]s|\s+(?:do|does|did|is|are|was|were|will|would|has|have|had|can|could|"
    r"should|may|might|must|in|on))\b"
)
_OWNS = re.compile(r"(?:['’]s?|-(?:speaking|based|born|led|style|controlled))$")

_ASKS: tuple[tuple[Expected, re.Pattern[str]], ...] = (
    (
        "number",
        re.compile(
            r"\bhow (?:many|much|old|long|far|tall|large|big|high|often|fast|deep|wide)\b"
            r"|\bwhat (?:percentage|proportion|share|number|fraction|amount|percent|age)\b"
            r"|\bwhat (?:is|was|were) the (?:population|number|size|cost|price|amount|total)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "date",
        re.compile(
            rf"{_ASKS_FIRST}\bwhen{_DOES}"
            r"|\b(?:what|which) (?:year|date|day|month|decade|century)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "person",
        re.compile(
            rf"{_ASKS_FIRST}\bwho(?:se|m)?\b|\b(?:what|which) (?:person|man|woman)\b", re.IGNORECASE
        ),
    ),
    (
        "place",
        re.compile(
            rf"{_ASKS_FIRST}\bwhere{_DOES}|\b(?:what|which) (?:country|city|state|place|town|"
            r"county|continent|region|countries|cities|states|university|college)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "name",
        re.compile(
            r"\b(?:what|which) (?:company|organi[sz]ation|team|group|show|film|movie|book|song|"
            r"band|party|language|tribe|treaty|act|law|king|queen|president|name|is the name)\b"
            r"|\bwhat (?:is|was) .{0,40}\b(?:called|named|known)\b",
            re.IGNORECASE,
        ),
    ),
)


def expected_answer(question: str) -> Expected:
    """The kind of answer a question asks for, by its question words; "any" where none shows."""
    found = [
        (match.start(), kind)
        for kind, asks in _ASKS
        if (match := asks.search(question)) is not None
    ]
    return min(found)[1] if found else "any"


# "neither of the two", "both of these three": picks among things, and counts none.
_PICKED = re.compile(
    r"\b(?:of|between|among) (?:the|these|those|them|his|her|their) $", re.IGNORECASE
)


def spans(expected: Expected, sentence: str) -> Iterator[Span]:
    """The spans of a sentence that could be an answer of this kind, in order."""
    if expected == "any":
        return
    dates = [match.span() for match in _DATE.finditer(sentence)]
    if expected == "date":
        yield from dates
    elif expected == "number":
        found = (match.span() for match in _NUMBER.finditer(sentence))
        yield from _apart(
            (span for span in found if not _PICKED.search(sentence, 0, span[0])), dates
        )
    else:
        yield from _apart(_names(expected, sentence), dates)


def _apart(found: Iterable[Span], dates: Sequence[Span]) -> Iterator[Span]:
    """Those that touch no date."""
    for start, end in found:
        if not any(first < end and start < last for first, last in dates):
            yield start, end


def asked_spans(question: str, sentence: str, expected: Expected) -> list[Span]:
    """The spans of this kind as the question wants them, without those that it names itself.

    A year of a date, a measure with its unit, names joined where the question asks for several.
    """
    found: list[Span] = []
    for span in spans(expected, sentence):
        start, end = _fitted(question, sentence, *span)
        if sentence[start:end].lower() in question.lower():
            continue
        if found and _PLURAL.search(question) and _JOINS.fullmatch(sentence, found[-1][1], start):
            start = found.pop()[0]
        found.append((start, end))
    return found


def _names(expected: Expected, sentence: str) -> Iterator[Span]:
    """Capitalised phrases, without a stop word that only opens a sentence or a clause."""
    pattern = _PERSON if expected == "person" else _NAME
    for match in pattern.finditer(sentence):
        start, end = match.span()
        while (word := _OPENS.match(sentence, start, end)) and _skipped(word[1]):
            start = word.end()
        end -= len(match[0]) - len(_OWNS.sub("", match[0]))
        if sentence[start:end][:1].isupper():
            yield start, end


def _skipped(word: str) -> bool:
    return word.islower() or (word.lower() in _OPENERS and not (len(word) > 1 and word.isupper()))


def _fitted(question: str, sentence: str, start: int, end: int) -> Span:
    if _IN_YEARS.search(question) and (year := _YEAR.search(sentence, start, end)):
        return year.span()
    if _MEASURED.search(question) and (unit := _UNIT.match(sentence, end)):
        return start, unit.end()
    return start, end


def finds(expected: Expected, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of this kind that the question does not name itself."""
    lowered = question.lower()
    return any(sentence[s:e].lower() not in lowered for s, e in spans(expected, sentence))
