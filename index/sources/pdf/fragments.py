"""Words put side by side: stretches of a line, as far as no wide gap interrupts them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from index.sources.pdf.shapes import Line, Word, beside

NEAR = 0.6  # of the letters' size: a wider gap may stand between columns, or the cells of a table
_GLUED = 0.12  # of the letters' size: a gap that is no space between words
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = str.maketrans("0123456789", RAISED)
_LEADERS = re.compile(r"\s*(?:[.·_]\s?){5,}\s*|\s*…(?:\s?…)+\s*")  # from a title to its page number
_ROW = 6.0  # points: words are looked for by the row that they stand in
_ALPHABETS = ("R", "AL")  # written from right to left


def fragments(words: Sequence[Word]) -> list[Line]:
    """Stretches of lines, from the top, each from the left to the right."""
    words = list(_once(words))
    following = _neighbours(words)
    begins = set(range(len(words))) - set(following.values())
    found: list[Line] = []
    for first in begins:
        chain, at = [words[first]], first
        while (at := following.get(at, -1)) >= 0:
            chain.append(words[at])
        if (stretch := line(chain)).text:
            found.append(stretch)
    return sorted(found, key=lambda one: (one.base, one.x0))


def _once(words: Iterable[Word]) -> Iterator[Word]:
    """Each word once: some files print bold words twice, a hair apart."""
    seen: set[tuple[str, int, int]] = set()
    for word in words:
        x, y = round(word.x0), round(word.base)
        near = ((word.text, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        if seen.isdisjoint(near):
            yield word
        seen.add((word.text, x, y))


def _neighbours(words: Sequence[Word]) -> dict[int, int]:
    """For each word, by its place, the one that follows it closely on its line."""
    by_row: dict[int, list[int]] = defaultdict(list)
    for at, word in enumerate(words):
        by_row[int(word.base // _ROW)].append(at)
    chosen: dict[int, tuple[float, int]] = {}  # the follower: its gap, and the word before it
    for at, word in enumerate(words):
        reach = int(0.6 * word.size // _ROW) + 1
        row = int(word.base // _ROW)
        rows = (by_row.get(near, ()) for near in range(row - reach, row + reach + 1))
        best = min(
            (
                (words[other].x0 - word.x1, other)
                for near in rows
                for other in near
                if other != at and _close(word, words[other])
            ),
            default=None,
        )
        if best and (best[1] not in chosen or best[0] < chosen[best[1]][0]):
            chosen[best[1]] = best[0], at
    return {before: after for after, (_, before) in chosen.items()}


def _close(word: Word, other: Word) -> bool:
    gap, small, large = other.x0 - word.x1, word.size, other.size
    if small > large:
        small, large = large, small
    return (
        -0.3 * small < gap < NEAR * large  # most are not: what is cheap comes first
        and other.x0 + other.x1 > word.x0 + word.x1
        and large < 2 * small
        and beside(word, other) > 0.5 * small
    )


def line(words: Sequence[Word]) -> Line:
    """Words of one line, given from the left to the right, as the text of it."""
    sizes: Counter[float] = Counter()
    bold = mono = 0
    for word in words:
        sizes[round(word.size, 1)] += len(word.text)
        bold += len(word.text) * word.bold
        mono += len(word.text) * word.mono
    size = sizes.most_common(1)[0][0]
    main = [word for word in words if abs(word.size - size) < 0.1] or list(words)
    base = Counter(round(word.base, 1) for word in main).most_common(1)[0][0]
    letters = sum(sizes.values())
    return Line(
        _text(words, size, base),
        min(word.x0 for word in words),
        max(word.x1 for word in words),
        base,
        size,
        bold * 10 >= letters * 9,
        mono * 10 >= letters * 9,
        min(word.order for word in words),
    )


def _text(words: Sequence[Word], size: float, base: float) -> str:
    if _from_right(words):
        words = [*words][::-1]
    parts: list[str] = []
    for at, word in enumerate(words):
        if at and _apart(words[at - 1], word):
            parts.append(" ")
        text = word.text
        if word.size <= 0.85 * size and base - word.base >= 0.12 * size:
            text = text.translate(_RAISED)
        parts.append(text)
    text = _LEADERS.sub(" … ", "".join(parts)).strip()
    return f"•{text[1:]}" if text[:1] == "\ufffd" and text[1:2] in ("", " ") else text


def _apart(before: Word, word: Word) -> bool:
    first, last = (before, word) if before.x0 <= word.x0 else (word, before)
    gap = last.x0 - first.x1
    noted = before.text[-1] in RAISED and word.text[0].isalpha()  # the mark before a note
    return before.spaced or word.set_apart or noted or gap > _GLUED * max(before.size, word.size)


def _from_right(words: Sequence[Word]) -> bool:
    """Whether most letters are of an alphabet that is written from right to left."""
    if all(word.text.isascii() for word in words):
        return False
    kinds = Counter(
        unicodedata.bidirectional(letter) in _ALPHABETS
        for word in words
        for letter in word.text
        if letter.isalpha()
    )
    return kinds[True] > kinds[False]
