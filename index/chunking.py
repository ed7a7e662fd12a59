"""Documents cut into passages: whole sentences, about 80 words, never across a heading."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from index.sentences import sentences
from index.types import Document, Passage

CHUNKING = "sentences-2/80/250"
BODY_START = "body_start"  # metadata: where the lines that only name authors and dates end
APART = "apart"  # metadata: "start-end ...", what is shown but not this author's to be quoted for

_CHARACTERS_A_WORD = 12  # text without spaces counts as words of this length
_OVERLONG = 1.3  # a passage may exceed its words by this before it costs dearly
_HEADING = 500  # characters of a heading at most that are kept with each passage under it
_MID_PARAGRAPH = 0.08  # cost of a cut inside a paragraph; being 23 words off costs the same

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A stretch that is not cut: a sentence, or passages on their way into a section."""

    start: int
    end: int
    words: int
    tokens: int
    breaks: bool  # whether a paragraph (of passages: what stands under a heading) ends with it


def chunk(
    document: Document,
    count_tokens: CountTokens,
    max_tokens: int,
    words: int = 80,
    section_words: int = 250,
) -> list[Passage]:
    """Cut a document into passages, in order and apart, of at most `max_tokens` tokens each.

    `count_tokens` maps texts to their numbers of tokens, special ones not counted; it is called
    once with all sentences, and again only for sentences that are too long. All but headings, the
    lines before the body and what is set apart is in some passage. A document of nothing else is
    taken whole.
    """
    text = document.text
    units: list[_Unit] = []
    headings: list[str] = []
    for heading, spans in _stretches(document):
        pieces = _fitting(text, spans, count_tokens, max_tokens, words * _CHARACTERS_A_WORD)
        for first, last in _groups(pieces, words, max_tokens):
            group = pieces[first:last]
            total = sum(piece.words for piece in group)
            under = last == len(pieces)
            units.append(_Unit(group[0].start, group[-1].end, total, 0, under))
            headings.append(heading)
    numbers = [
        number
        for number, (first, last) in enumerate(_groups(units, section_words, 0))
        for _ in range(first, last)
    ]
    return [
        Passage(
            0,
            document.id,
            place,
            number,
            unit.start,
            unit.end,
            heading,
            text[unit.start : unit.end],
        )
        for place, (unit, heading, number) in enumerate(zip(units, headings, numbers, strict=True))
    ]


def _stretches(document: Document) -> list[tuple[str, list[tuple[int, int]]]]:
    """The sentences under each heading, without headings and what stands before the body."""
    place = int(document.metadata.get(BODY_START, "0"))
    heading, stretches = "", []
    for mark in sorted(document.headings, key=lambda mark: mark.start):
        if mark.start > place:
            stretches.append((heading, sentences(document.text, place, mark.start)))
        words = document.text[mark.start : min(mark.end, mark.start + _HEADING)]
        heading, place = words.strip(), max(place, mark.end)
    stretches.append((heading, sentences(document.text, place)))
    apart = _apart(document)
    stretches = [
        (heading, list(run))
        for heading, spans in stretches
        for others, run in groupby(spans, lambda span: bisect_right(apart, span[0]))
        if not others % 2
    ]
    return stretches or [("", sentences(document.text))]


def _apart(document: Document) -> list[int]:
    """Where stretches of somebody else's words begin and end, in turn."""
    return [int(at) for at in re.findall(r"\d+", document.metadata.get(APART, ""))]


def _fitting(
    text: str,
    spans: list[tuple[int, int]],
    count_tokens: CountTokens,
    max_tokens: int,
    max_characters: int,
) -> list[_Unit]:
    """Sentences as units; those too long are halved, at a space if there is one, until they fit."""
    done: dict[int, tuple[int, int]] = {}  # start -> end, tokens
    while spans:
        counts = count_tokens([text[start:end] for start, end in spans])
        halves: list[tuple[int, int]] = []
        for (start, end), tokens in zip(spans, counts, strict=True):
            if (tokens <= max_tokens and end - start <= max_characters * 2) or end - start == 1:
                done[start] = end, tokens
            else:
                halves += _halves(text, start, end)
        spans = halves
    ordered = sorted(done)
    return [
        _Unit(start, end, _words(text[start:end]), tokens, _breaks(text, end, follower))
        for start, follower in zip(ordered, [*ordered[1:], None], strict=False)
        for end, tokens in [done[start]]
    ]


def _words(text: str) -> int:
    return max(len(text.split()), len(text) // _CHARACTERS_A_WORD, 1)


def _breaks(text: str, end: int, follower: int | None) -> bool:
    return follower is None or "\n\n" in text[end:follower]


def _halves(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    middle = (start + end) // 2
    spaces = re.compile(r"\s+")
    gap = spaces.search(text, middle, end)
    if gap is None:
        before = text[start:middle].rstrip()
        cut = max(before.rfind(" "), before.rfind("\n"))
        gap = spaces.search(text, start + cut, middle) if cut > 0 else None
    left, right = (
        gap.span() if gap and gap.start() > start and gap.end() < end else (middle, middle)
    )
    yield start, left
    yield right, end


def _groups(units: list[_Unit], words: int, max_tokens: int) -> list[tuple[int, int]]:
    """Cut a sequence into groups near `words`: the cuts of least cost, by dynamic programming.

    A group costs the square of its relative distance from `words`, four times that when it is
    overlong, and a little when it ends inside a paragraph. `max_tokens` 0 sets no limit.
    """
    best = [0.0]
    cuts = [0]
    for last in range(1, len(units) + 1):
        total = tokens = 0
        cost, cut = float("inf"), last - 1
        for first in range(last - 1, -1, -1):
            total += units[first].words
            tokens += units[first].tokens
            if first < last - 1 and (total > 2 * words or (max_tokens and tokens > max_tokens)):
                break
            off = ((total - words) / words) ** 2 * (4 if total > _OVERLONG * words else 1)
            inside = 0.0 if units[last - 1].breaks else _MID_PARAGRAPH
            if best[first] + off + inside < cost:
                cost, cut = best[first] + off + inside, first
        best.append(cost)
        cuts.append(cut)
    groups: list[tuple[int, int]] = []
    last = len(units)
    while last:
        groups.append((cuts[last], last))
        last = cuts[last]
    return groups[::-1]
