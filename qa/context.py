"""Quotes that stand on their own: whom or what a sentence that begins with "He" or "This" means.

The sentence before is quoted along where that tells it. Where it does not, the name is shown
beside the quote, but only where the document leaves no doubt; otherwise its title is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.lexical import STOP_WORDS
from index.sentences import sentences
from index.types import Document

LONGEST = 70  # words of a quote that takes along the sentences before it
LOOK_BACK = 800  # characters before a quote in which a pronoun's name is looked for
FARTHEST = 4  # and sentences
NEARBY = 5_000  # characters around a sentence in which a surname's full name is looked for

_LEAD_IN = r"[\"'“‘(]*(?:(?:But|And|So|Yet|Still|Then|Also|However|Now|Later|In addition),?\s+)?"
_PERSON = re.compile(rf"^{_LEAD_IN}(?:he|she|his|her)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    rf"^{_LEAD_IN}(?:he|she|they|it|his|her|their|its|this|that|these|those|such|both)\b"
    r"(?!['’]s\s+(?:how|why)\b|\s+(?:is|was)\s+\w+\s+(?:that|to|how)\b)",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZÀ-ÞĀ-ž][\w'’-]*\w"
_FULL_NAME = re.compile(rf"(?<![\w.-]){_CAPITAL}(?:[ ][A-Z]\.)?(?:[ ]{_CAPITAL}){{1,2}}")
_BEFORE_SUBJECT = re.compile(
    r"(?:^[\"“'‘(]*|,\s|\b(?:said|says|adds|added|secretary|minister|president|professor|director|"
    r"chair|executive|Dr|Mr|Mrs|Ms|Sir|Professor)\.?,?\s)$",
)
_OWNS = re.compile(r"['’]s?$")
_BODY = re.compile(
    r"\b(?:University|College|Institut\w*|Committee|Council|Company|Trusts?|Act|War|Society|Party|"
    r"Church|Museum|School|Hospitals?|Union|Court|Parliament|Government|Senate|Congress|Assembly|Conference|League|Treaty|Commission|NHS|BMJ|"
    r"Health|Royal|Foundation|Groups?|Faculty|Academy|Association|Department|Ministry|Board|Times|"
    r"Street|Road|Park|River|Lake|Mount|Bay|City|County|State|States|Kingdom|Republic|Empire|"
    r"North|South|East|West|New|United|The|In|On|At|For|Medical|Services?|Providers|Review|"
    r"January|February|March|April|May|June|July|August|September|October|November|December)\b"
)

_SPEAKS = (
    r",? (?:(?:said|says|who|told|argued|wrote|adds|added)\b|(?<=, )(?:a|an|the|chief|professor|"
    r"director|president|chair|head)\b)"
)


def points_back(text: str) -> bool:
    """Whether a sentence begins with a word that stands for what was named before it."""
    return bool(_POINTS_BACK.match(text))


def self_contained(document: Document, start: int, end: int) -> tuple[int, int]:
    """The span to quote: with the sentences before it, where it needs them and they are short."""
    text, first = document.text, start
    if not points_back(text[start:end]):
        return start, end
    person = bool(_PERSON.match(text[start:end]))
    for before, stop in _before(document, start):
        if text[stop:first].count("\n") > 1 or len(text[before:end].split()) > LONGEST:
            break
        first = before
        if not points_back(text[first:end]) and (
            not person or _names_somebody(document, first, stop)
        ):
            return first, end
    return start, end


def context(document: Document, start: int, end: int) -> str:
    """What a quote that still points back is about, to be shown in brackets; "" if it does not.

    A person, where a sentence before speaks of one only; otherwise the title.
    """
    quote = document.text[start:end]
    if not points_back(quote):
        return ""
    if _PERSON.match(quote):
        for before, stop in _before(document, start):
            sentence, named = document.text[before:stop], _named(document, before, stop)
            if len(named) == 1 and _is_subject(sentence, named[0]):
                return named[0]
            if named and not points_back(sentence):
                break
    return f"in “{document.title}”"


def _before(document: Document, start: int) -> Iterator[tuple[int, int]]:
    """The sentences before a place, nearest first, not beyond the heading above it."""
    heads = [heading.end for heading in document.headings if heading.end <= start]
    first = max([0, start - LOOK_BACK, *heads])
    whole = first == 0 or first in heads
    spans = sentences(document.text, first, start)
    yield from reversed(spans[0 if whole else 1 :][-FARTHEST:])


def _names_somebody(document: Document, start: int, end: int) -> bool:
    """Whether a stretch holds what looks like a person's name: enough to quote it along."""
    full = (match[0] for match in _FULL_NAME.finditer(document.text, start, end))
    return any(map(_could_be_person, full)) or bool(_named(document, start, end))


def _could_be_person(name: str) -> bool:
    return not _BODY.search(name) and name.split(maxsplit=1)[0].lower() not in STOP_WORDS


def _named(document: Document, start: int, end: int) -> list[str]:
    """The full names of the persons that a stretch names, as they stand near it.

    A person is who has one full name there, whose last word stands alone too or who is said to
    speak or to be something: a name of two words can be a town's.
    """
    text = document.text[max(0, start - NEARBY) : end + NEARBY]
    words = set(re.findall(_CAPITAL, document.text[start:end]))
    full: dict[str, set[str]] = {}
    for match in _FULL_NAME.finditer(text):
        name = _OWNS.sub("", match[0])
        if (surname := name.split()[-1]) in words and _could_be_person(name):
            full.setdefault(surname, set()).add(name)
    return [
        name
        for surname, names in full.items()
        if len(names) == 1 and _is_person(text, name := next(iter(names)), surname)
    ]


def _is_person(text: str, name: str, surname: str) -> bool:
    given = re.escape(name[: -len(surname)])
    alone = rf"(?<![\w-])(?<!{given}){re.escape(surname)}(?![\w-])"
    return bool(re.search(alone, text) or re.search(re.escape(name) + _SPEAKS, text))


def _is_subject(sentence: str, name: str) -> bool:
    """Whether a sentence is about a person whom it names: "by Ada Holm" is about somebody else."""
    surname = re.escape(name.rsplit(maxsplit=1)[-1])
    return any(
        _BEFORE_SUBJECT.search(sentence, 0, match.start())
        for match in re.finditer(rf"(?:{re.escape(name)}|{surname})(?![\w-])", sentence)
    )
