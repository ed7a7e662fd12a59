"""What kind of answer a question asks for, and where a sentence holds one of that kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Expected = Literal["number", "date", "person", "place", "name", "any"]

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WORDS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|million|billion|dozen|half|quarter|third)"
)
_DATE = re.compile(
    rf"\b(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?"
    r"(?:,?\s+\d{4})?(?![a-z])|(?:1[0-9]|20)\d{2}s?\b|\d{1,2}(?:st|nd|rd|th)\s+century"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_NUMBER = re.compile(
    rf"(?:[$£€¥]\s?)?\b\d[\d,.]*\d?(?:\s?(?:%|per\s?cent|percent|million|billion|trillion|"
    rf"thousand|hundred|bn|m|k)\b|%)?|\b(?:a\s+)?{_WORDS}(?:[-\s]{_WORDS})*"
    r"(?:\s+(?:of|per\s?cent|percent))?\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b[A-Z][\w'’.-]*(?:\s+(?:(?:of|the|and|for|de|van|von|al|la|le|&)\s+)*[A-Z][\w'’.-]*)*"
)

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
            r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|date|day|month|decade|century)\b",
            re.IGNORECASE,
        ),
    ),
    ("person", re.compile(r"\bwho(?:se|m)?\b|\bwhat (?:person|man|woman)\b", re.IGNORECASE)),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:what|which|in what|in which) (?:country|city|state|place|town|"
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


def spans(expected: Expected, sentence: str) -> Iterator[tuple[int, int]]:
    """The spans of a sentence that could be an answer of this kind, in order."""
    if expected == "any":
        return
    dates = [match.span() for match in _DATE.finditer(sentence)]
    if expected == "date":
        yield from dates
    elif expected == "number":
        for match in _NUMBER.finditer(sentence):
            if not any(start < match.end() and match.start() < end for start, end in dates):
                yield match.span()
    else:
        for match in _NAME.finditer(sentence):
            if not any(start <= match.start() < end for start, end in dates):
                yield match.span()


def finds(expected: Expected, sentence: str, question: str) -> bool:
    """Whether a sentence holds something of this kind that the question does not name itself."""
    lowered = question.lower()
    return any(sentence[s:e].lower() not in lowered for s, e in spans(expected, sentence))


def short_answer(question: str, sentence: str) -> str | None:
    """The span of a sentence that a question for a name, number, date or place asks for.

    Of the spans of that kind, the one whose neighbourhood holds most of the question's words;
    None where the question asks for nothing of the kind, or shares no word with the sentence.
    """
    asked = set(re.findall(r"\w{3,}", question.lower()))
    matches = [m for m in re.finditer(r"\w{3,}", sentence) if m[0].lower() in asked]
    best: tuple[float, int, int] | None = None
    for start, end in spans(expected_answer(question), sentence):
        if all(word in asked for word in re.findall(r"\w{3,}", sentence[start:end].lower())) and (
            re.search(r"\w{3,}", sentence[start:end])
        ):
            continue
        near = sum(1 / (1 + max(m.start() - end, start - m.end(), 0) / 20) for m in matches)
        if near > 0 and (best is None or near > best[0]):
            best = near, start, end
    return sentence[best[1] : best[2]].rstrip(".,;:") if best else None
