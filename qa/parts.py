"""What a question asks for, where it asks for several things or compares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import analyze

LONGEST = 500  # characters of a question; what is longer tells a story

_ASKS = r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|did|does|do|can|will)"
_JOINT = re.compile(
    rf"\?\s+|[,;]\s*(?:and|or|but)?\s+(?={_ASKS}\b)|\s+and\s+(?={_ASKS}\b)", re.IGNORECASE
)
_COMPARES = re.compile(
    r"\b(?:compar\w*|differ\w*|versus|vs|than|between|rather|both|contrast\w*)\b", re.IGNORECASE
)
_AGAINST = re.compile(r"\s+(?:and|with|to|from|versus|vs\.?|than|against|or)\s+", re.IGNORECASE)
_NAMES = r"[A-Z][\w'’.-]*(?:\s+(?:of\s+|the\s+)*[A-Z][\w'’.-]*)*"
_PAIR = re.compile(
    rf"(?P<one>{_NAMES})(?P<more>(?:,\s+{_NAMES})*),?\s+(?:and|or)\s+(?:the\s+)?(?P<last>{_NAMES})"
)
_NAME = re.compile(_NAMES)
_OPENING = re.compile(rf"^\W*{_ASKS}\b\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing asked for: its words, and the stems that tell it from the others."""

    text: str
    stems: frozenset[str]


def parts(question: str) -> list[Wanted]:
    """Each thing asked for; none where it is one thing."""
    if len(question) > LONGEST:
        return []
    clauses = [piece for piece in _JOINT.split(question) if analyze(piece)]
    found = _apart(clauses) if len(clauses) > 1 else []
    return found or _apart(list(_entities(question)))


def _entities(question: str) -> Iterator[str]:
    """Names that are listed or compared."""
    rest = _OPENING.sub("", question)
    if listed := _PAIR.search(rest):
        yield from _NAME.findall(f"{listed['one']}{listed['more']}, {listed['last']}")
    elif _COMPARES.search(question):
        places = [match.span() for match in _NAME.finditer(rest)]
        if len(places) > 1 and _AGAINST.search(rest, places[0][1], places[-1][0] + 1):
            yield from (rest[start:end] for start, end in (places[0], places[-1]))


def _apart(pieces: list[str]) -> list[Wanted]:
    stems = [frozenset(analyze(piece)) for piece in pieces]
    own = [
        mine - frozenset().union(*(other for j, other in enumerate(stems) if j != i))
        for i, mine in enumerate(stems)
    ]
    if len(own) < 2 or not all(own):
        return []
    return [Wanted(text.strip(" ,;?"), mine) for text, mine in zip(pieces, own, strict=True)]
