"""Rows of a text at a width, and places of words in it: lazily, so that any size opens at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import get_character_cell_size

Span = tuple[int, int]

# Below U+1100, and in general punctuation and the symbols up to U+22FF, no character is two
# cells wide: rows of those alone are measured by counting characters.
_WIDE = re.compile("[\u1100-\u200f\u2300-\U0010ffff]")
_WINDOW = 200_000


def _fit(text: str, start: int, end: int, width: int) -> int:
    cells = 0
    for offset in range(start, end):
        cells += get_character_cell_size(text[offset])
        if cells > width:
            return max(offset, start + 1)
    return end


def rows(text: str, width: int) -> Iterator[int]:
    """Yield the offset at which each row starts, breaking at spaces where there are any.

    Rows follow each other without gaps; a row stripped of white space at its end fits `width`
    cells (at least 2).
    """
    start, size = 0, len(text)
    while start < size:
        yield start
        end = min(start + width, size)
        if _WIDE.search(text, start, end):
            end = _fit(text, start, end, width)
        newline = text.find("\n", start, end + 1)
        if newline >= 0:
            start = newline + 1
        elif end >= size:
            return
        else:
            space = text.rfind(" ", start, end + 1)
            start = space + 1 if space >= start else end


def occurrences(text: str, words: str) -> Iterator[list[Span]]:
    """Find words, whatever their case and the white space between them.

    Yields the spans of one window of the text at a time (often none), so that a caller on the
    event loop can do something else in between.
    """
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words.split()), re.IGNORECASE)
    reach = 2 * len(words) + 100
    last = 0
    for window in range(0, len(text), _WINDOW):
        found: list[Span] = []
        end = window + _WINDOW
        for match in pattern.finditer(text, max(window, last), min(end + reach, len(text))):
            if match.start() >= end or match.end() == match.start():
                break
            found.append(match.span())
            last = match.end()
        yield found
