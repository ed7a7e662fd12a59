"""Running heads, page numbers and watermarks: what stands at the same place on many pages.

Only what repeats goes, digits aside: and digits may differ only as page numbers do, by one a page.
So a sentence that an author repeats inside the text stays, and so does a total under each table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from statistics import median

from index.sources.pdf.headings import bare
from index.sources.pdf.layout import Leaf
from index.sources.pdf.paragraphs import ENDS
from index.sources.pdf.shapes import Line, beside, overlap

AROUND = 24  # pages before and after that are compared
_OFTEN = 3
_MARGIN = 0.14  # of the page's height, at the top and the bottom
_SMALL = (
    0.93  # of the letters' size: of two pages, what both have goes in smaller print, or well apart
)
_ROWS = 3  # lines from the edge of the text
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[\s–—-]*([ivxlcdm]{1,8}|[IVXLCDM]{1,8})[\s–—-]*")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_NEAR = 3.0  # points


@dataclass(frozen=True, slots=True)
class _Place:
    page: int
    base: float
    x0: float
    x1: float
    size: float
    numbers: tuple[int, ...]


_EDGES: tuple[Callable[[_Place], float], ...] = (
    lambda place: place.x0,
    lambda place: place.x1,
    lambda place: (place.x0 + place.x1) / 2,
)


class Running:
    """What stood in the margins of the pages so far; `add` pages in order, then `strip` them."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, str], list[_Place]] = defaultdict(list)
        self._pages = 0
        self._slots: dict[int, list[int]] = defaultdict(list)

    def add(self, page: Leaf) -> None:
        """Take note of what stands at the edges of a page."""
        self._pages += 1
        for angle, line in _candidates(page):
            text, numbers = _key(line.text)
            where = _Place(page.number, line.base, line.x0, line.x1, line.size, numbers)
            self._places[angle, text].append(where)

    def strip(self, page: Leaf, label: str, titles: Collection[str]) -> None:
        """Take away from a page what other pages have at the same place.

        So goes what names the page as `label` does, and one of `titles` (of chapters, as `bare`
        has them) in the row of the running heads.
        """
        found = _candidates(page)
        often = {id(line): self._often(page, angle, line) for angle, line in found}
        gone = {
            id(line): line
            for angle, line in found
            if often[id(line)] >= (2 if self._pages == 2 else _OFTEN)
            or line.text.strip("–—- ") == label
            or (self._in_slot(page, line) and (often[id(line)] > 1 or _names(line, titles)))
        }
        upright = {
            id(line)
            for angle, line in found
            if not angle and (ENDS.search(line.text) or often[id(line)] < _OFTEN)
        }
        while True:  # what stands close to the text belongs to it, and so what is close to that
            rest = [line for line in page.lines if id(line) not in gone]
            close = [
                at
                for at, line in gone.items()
                if (at in upright and not _aside(line, rest)) or _continued(line, rest)
            ]
            if not close:
                break
            for at in close:
                del gone[at]
        for angle, line in found:
            if id(line) in gone and angle == 0:
                self._slots[round(line.base)].append(page.number)
        if gone:
            page.lines = [line for line in page.lines if id(line) not in gone]
            page.turned = {
                angle: [line for line in lines if id(line) not in gone]
                for angle, lines in page.turned.items()
            }

    def _in_slot(self, page: Leaf, line: Line) -> bool:
        """Whether other pages had a running head or foot in this row."""
        rows = range(round(line.base) - 2, round(line.base) + 3)
        return len({n for row in rows for n in self._slots[row] if n != page.number}) >= _OFTEN

    def _often(self, page: Leaf, angle: int, line: Line) -> int:
        """On how many pages a line stands at this place; 0 where it does not stand still."""
        text, numbers = _key(line.text)
        alike = [
            place
            for place in self._places[angle, text]
            if abs(place.page - page.number) <= AROUND
            and abs(place.base - line.base) <= _NEAR
            and len(place.numbers) == len(numbers)
            and _counted(place, numbers, page.number)
        ]
        pages = {place.page for place in alike}
        if not any(len({round(edge(place) / _NEAR) for place in alike}) <= 3 for edge in _EDGES):
            return 0
        counting = _only_number(text) and len({place.numbers for place in alike}) > 1
        return max(len(pages), _OFTEN) if counting and len(pages) > 1 else len(pages)


def _candidates(page: Leaf) -> list[tuple[int, Line]]:
    """Lines near the upper and the lower edge, and those that run aslant."""
    bases = sorted({round(line.base) for line in page.lines})
    rows: list[float] = []
    for base in bases:
        if not rows or base - rows[-1] > 4:
            rows.append(base)
    if not rows:
        upper, lower = 0.0, page.height
    else:
        upper, lower = rows[:_ROWS][-1] + 4, rows[-_ROWS:][0] - 1
    found = [
        (0, line)
        for line in page.lines
        if (line.base <= upper and line.base < _MARGIN * page.height)
        or (line.base >= lower and line.base > (1 - _MARGIN) * page.height)
    ]
    return found + [(angle, line) for angle, lines in page.turned.items() for line in lines]


def _continued(line: Line, others: Sequence[Line]) -> bool:
    """Whether other words stand beside a line, close to it, as after the mark of a note."""
    return any(
        beside(line, other) > 0.3 * line.size and -overlap(line, other) < 4 * line.size
        for other in others
    )


def _aside(line: Line, others: Sequence[Line]) -> bool:
    """Whether a line is in smaller print than the text, or apart from it."""
    if not others:
        return True
    gap = min(abs(other.base - line.base) for other in others)
    return gap > 1.6 * line.size or line.size < _SMALL * median(one.size for one in others)


def _names(line: Line, titles: Collection[str]) -> bool:
    return bare(_NUMBER.sub("", line.text)) in titles


def _key(text: str) -> tuple[str, tuple[int, ...]]:
    """A text without its digits, and the numbers that they make; so with a Roman one alone."""
    if roman := _ROMAN.fullmatch(text):
        values = [_VALUES[letter] for letter in roman[1].lower()]
        signed = (
            -value if value < max(values[at + 1 :], default=0) else value
            for at, value in enumerate(values)
        )
        return "#", (sum(signed),)
    numbers = tuple(int(number[:9]) for number in _NUMBER.findall(text))
    return " ".join(_NUMBER.sub("#", text).casefold().split()), numbers


def _only_number(text: str) -> bool:
    return not re.sub(r"[#\s|/·.–—-]|page|of", "", text)


def _counted(place: _Place, numbers: tuple[int, ...], page: int) -> bool:
    """Whether numbers are the same on two pages, or as far apart as the pages are."""
    return all(
        one in (other, other + place.page - page)
        for one, other in zip(place.numbers, numbers, strict=True)
    )
