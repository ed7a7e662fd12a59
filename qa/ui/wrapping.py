"""Rows of a text at a width, and places of words in it: lazily, so that any size opens at once."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from rich.cells import get_character_cell_size

Span = tuple[int, int]

# Below U+1100, and in general punctuation and the symbols up to U+22FF, no character is two
# cells wide: rows of those alone are measured by counting characters.
_WIDE = re.compile("[\u1100-\u200f\u2300-\U0010ffff]")
_WINDOW = 100_000
_BLOCK = 16_384  # characters wrapped at once: under 1 ms, and 10 ms where each is wide
_SAMPLE = 400  # characters of a block that its height is estimated from


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


def blocks(text: str) -> array[int]:
    """Where a text can be wrapped anew: at lines or, where those are endless, at spaces."""
    starts = array("Q", [0])
    while (end := starts[-1] + _BLOCK) < len(text):
        after = max(text.rfind("\n", starts[-1], end), -1) + 1
        after = after or text.rfind(" ", starts[-1], end) + 1
        starts.append(after or end)
    return starts


class Layout:
    """The rows of a text at a width; only the blocks that were looked at are wrapped.

    The rows of all others are estimated, so that a text of any size has a height, and any place
    in it a row, at once. Wrapping a block moves the rows after it.
    """

    def __init__(
        self, text: str, width: int, starts: Sequence[int], breaks: Sequence[int] = ()
    ) -> None:
        """Lay out a text whose `blocks` are `starts`; an empty row goes before each of `breaks`."""
        self._text, self._width, self._starts, self._breaks = text, width, starts, breaks
        self._ends = [*starts[1:], len(text)]
        self._counts = list(map(self._estimate, starts, self._ends))
        self._wrapped: dict[int, array[int]] = {}
        self._sum()

    def _estimate(self, start: int, end: int) -> int:
        sample = self._text[start : min(end, start + _SAMPLE)]
        found = sum(-(-max(1, len(line)) // self._width) for line in sample.split("\n"))
        return max(1, found * (end - start) // max(1, len(sample)) + len(self._within(start, end)))

    def _within(self, start: int, end: int) -> Sequence[int]:
        """The breaks in a stretch."""
        return self._breaks[bisect_left(self._breaks, start) : bisect_left(self._breaks, end)]

    def _sum(self) -> None:
        self._firsts = list(accumulate(self._counts, initial=0))

    @property
    def height(self) -> int:
        """The number of rows, as far as is known."""
        return self._firsts[-1]

    @property
    def wrapped(self) -> int:
        """The number of blocks that were wrapped."""
        return len(self._wrapped)

    def _rows(self, start: int, end: int) -> Iterator[int]:
        return (start + row for row in rows(self._text[start:end], self._width))

    def _wrap(self, block: int) -> array[int]:
        found = self._wrapped.get(block)
        if found is None:
            start, end = self._starts[block], self._ends[block]
            cuts = [*self._within(start, end), end]
            found = array("Q", self._rows(start, cuts[0]))
            for first, last in pairwise(cuts):
                found.append(first)
                found.extend(self._rows(first, last))
            self._wrapped[block] = found
            if len(found) != self._counts[block]:
                self._counts[block] = len(found)
                self._sum()
        return found

    def _block(self, row: int) -> int:
        return min(bisect_right(self._firsts, row), len(self._starts)) - 1

    def settle(self, top: int, height: int) -> int:
        """Wrap what is in view, and return the row that the first one in view has become.

        Where a block comes into view from below, its last rows stay in place; else its first.
        """
        block = self._block(max(0, top))
        within, estimated = top - self._firsts[block], self._counts[block]
        found = len(self._wrap(block))
        if within > estimated // 2:
            within += found - estimated
        top = self._firsts[block] + max(0, min(within, found - 1))
        while block + 1 < len(self._starts) and self._firsts[block + 1] < top + height:
            block += 1
            self._wrap(block)
        return top

    def row_of(self, offset: int) -> int:
        """The row that an offset stands in."""
        block = max(0, bisect_right(self._starts, offset) - 1)
        return self._firsts[block] + max(0, bisect_right(self._wrap(block), offset) - 1)

    def span(self, row: int) -> Span:
        """From the first character of a row to the first of the next; empty after the last."""
        block = self._block(row)
        found, within = self._wrap(block), row - self._firsts[block]
        if within >= len(found):
            return len(self._text), len(self._text)
        after = found[within + 1] if within + 1 < len(found) else self._ends[block]
        return found[within], after


def occurrences(
    text: str, words: str, first: int = 0, last: int | None = None
) -> Iterator[list[Span]]:
    """Find words between two offsets, whatever their case and the white space between them.

    Yields the spans of one window of the text at a time (often none), so that a caller on the
    event loop can do something else in between.
    """
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words.split()), re.IGNORECASE)
    reach = 2 * len(words) + 100
    last = len(text) if last is None else last
    after = first
    for window in range(first, last, _WINDOW):
        found: list[Span] = []
        end = min(window + _WINDOW, last)
        for match in pattern.finditer(text, max(window, after), min(end + reach, len(text))):
            if match.start() >= end or match.end() == match.start():
                break
            found.append(match.span())
            after = match.end()
        yield found
