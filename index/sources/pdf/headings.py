"""Which parts are headings, and of what level: by the outline, else by their letters."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise, takewhile

from index.sources.pdf.paragraphs import LEADER, Part

_LONGEST = 200  # characters
_PROSE = 100  # characters of a paragraph
_LARGER = 1.15  # times the letters of the text
_NUMBERED = re.compile(r"(?:\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.|§\s?\d+)\s+\S")
_FORMULA = re.compile(r"[=∼≈≤≥±×∑∫∈∞]|\(\d+(?:\.\d+)*\)$")
_PAGED = re.compile(r"\s\d{1,4}$")
_LETTERS = re.compile(r"[^\W\d_]")
_KINDS = ("text", "item")

Style = tuple[float, bool]


class Levels:
    """The levels of the headings among the parts of a file.

    `outline` are the page, the title and the depth (from 1) of each entry of the file's own.
    """

    def __init__(self, parts: Sequence[Part], outline: Sequence[tuple[int, str, int]]) -> None:
        sizes: Counter[float] = Counter()
        bold: Counter[bool] = Counter()
        for part in parts:
            if part.kind in (*_KINDS, "note"):
                letters = sum(map(len, part.lines))
                sizes[part.size] += letters
                bold[part.bold] += letters
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        self._bold_text = bold[True] > bold[False]
        self._titles: dict[int, dict[str, int]] = defaultdict(dict)
        for page, title, depth in outline:
            self._titles[page].setdefault(bare(title), depth)
        self._title = self._largest(parts)
        self._names = self._below_title(parts)
        self._styles = self._ranked(parts)

    def _largest(self, parts: Sequence[Part]) -> Part | None:
        """The title: what has the largest letters of the first page, if they are very large."""
        first = [
            part
            for part in parts
            if part.page == parts[0].page and self._stands_out(part, " ".join(part.lines))
        ]
        title = max(first, key=lambda part: part.size, default=None)
        return title if title and title.size >= 1.3 * self._body else None

    def _below_title(self, parts: Sequence[Part]) -> set[int]:
        """Whose names and places stand below the title: short lines over others of the kind."""
        if self._title is None:
            return set()
        first = [part for part in parts if part.page == parts[0].page]
        rest = first[first.index(self._title) + 1 :]
        lines = list(takewhile(lambda part: sum(map(len, part.lines)) < _PROSE, rest))
        found: set[int] = set()
        for part, after in [*pairwise(lines)][::-1]:  # a heading stands over prose, or a heading
            if id(after) in found or not self._stands_out(after, " ".join(after.lines)):
                found.add(id(part))
        return found

    def _ranked(self, parts: Sequence[Part]) -> dict[Style, int]:
        """The level of each style of heading: the outline's, or by size, the largest first."""
        counted: dict[Style, Counter[int]] = defaultdict(Counter)
        styles: set[Style] = set()
        for part in parts:
            text = " ".join(part.lines)
            if depth := self._told(part, text):
                counted[_style(part)][depth] += 1
            elif self._stands_out(part, text):
                styles.add(_style(part))
        if not counted:
            return {style: min(at, 6) for at, style in enumerate(_apart(styles), start=1)}
        known = {style: depths.most_common(1)[0][0] for style, depths in counted.items()}
        largest, deepest = max(known), max(known.values())
        more = {
            style: 1 if style > largest else min(deepest + 1, 6) for style in styles - set(known)
        }
        return {**more, **known}

    def of(self, part: Part, text: str) -> int:
        """The level of a part, from 1; 0 for what is no heading."""
        if part is self._title:
            return 1
        if depth := self._told(part, text):
            return min(depth, 6)
        if id(part) in self._names or not self._stands_out(part, text):
            return 0
        return self._styles.get(_style(part), 0)

    def _told(self, part: Part, text: str) -> int:
        if part.kind not in _KINDS or len(text) > _LONGEST or part.page not in self._titles:
            return 0
        titles = self._titles[part.page]
        words = bare(text)
        return titles.get(words, 0) or titles.get(words.lstrip("0123456789"), 0)

    def _stands_out(self, part: Part, text: str) -> bool:
        """Whether a short part has larger or bolder letters than the text."""
        text = text.strip()
        if part.kind not in _KINDS or part.floats or len(text) > _LONGEST or len(part.lines) > 4:
            return False
        if LEADER.search(text) or "\n" in text or _FORMULA.search(text):
            return False
        if self._titles and _PAGED.search(text):  # a line of the table of contents
            return False
        if len(_LETTERS.findall(text)) < 2 or text[-1] in ".,;:" or text[0].islower():
            return False
        if part.size >= _LARGER * self._body:
            return True
        if part.kind == "item" and not _NUMBERED.match(text):
            return False
        if part.size < 0.95 * self._body:
            return False
        capitals = text.isupper() and len(text.split()) <= 8 and len(part.lines) == 1
        return (part.bold and not self._bold_text) or (capitals and len(text) > 5)


def _style(part: Part) -> Style:
    return round(part.size * 2) / 2, part.bold


def _apart(styles: set[Style]) -> list[Style]:
    return sorted(styles, reverse=True)


def bare(title: str) -> str:
    """A title as it is compared: letters and digits only."""
    return "".join(letter for letter in title.casefold() if letter.isalnum())
