"""Parts of all pages as one text: paragraphs that go on elsewhere, hyphens at line ends, levels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from index.sources.blocks import Block, rows
from index.sources.pdf.headings import Levels
from index.sources.pdf.paragraphs import ENDS, ITEM, Part
from index.types import Page

_BROKEN = re.compile(r"([^\W\d_]+)-$")
_BEGINS = re.compile(r"[^\W\d_]+")
_CUT = re.compile(r"([^\W\d_]+[-\u00ad]?)\u00ad([^\W\d_]+)")  # as in the cell of a table
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
# Words that keep their hyphen, wherever a line ends.
_PREFIXES = frozenset(
    ("self", "non", "ex", "well", "half", "cross", "all", "quasi", "semi", "post", "multi", "ill")
)


class Flow:
    """The parts of a file in order; `add` them page by page, then take the `blocks`."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._open = -1  # the place of the paragraph that may go on

    def add(self, part: Part) -> None:
        """Add the next part, to the paragraph that it goes on where it does."""
        if part.kind == "table":
            self._same_head(part)
        if part.floats:
            self.parts.append(part)
            return
        if self._open >= 0 and _goes_on(self.parts[self._open], part):
            self._continue(part)
            return
        self.parts.append(part)
        if self._open >= 0 and _interrupts(self.parts[self._open], part):
            return
        self._open = len(self.parts) - 1 if part.kind in ("text", "item") else -1

    def _same_head(self, part: Part) -> None:
        """A table that goes on at the top of a page has the head of the one before it."""
        last = self.parts[-1] if self.parts else None
        if (
            last is not None
            and last.kind == "table"
            and part.page == last.page + 1
            and len(part.rows[0]) == len(last.rows[0])
        ):
            again = part.rows[0] == last.rows[0]
            part.rows = part.rows if again else [last.rows[0], *part.rows]
            part.headed = last.headed

    def _continue(self, part: Part) -> None:
        """Join a paragraph with its other half.

        What stood between, a table or notes, comes before it if a page ends there: so that pages
        stay in order; else after it.
        """
        paragraph = self.parts[self._open]
        if part.page != paragraph.last_page:
            paragraph.turns.append((len(paragraph.lines), part.page))
            between = self.parts[self._open + 1 :]
            before = [one for one in between if one.page < part.page]
            after = [one for one in between if one.page >= part.page]
            self.parts[self._open :] = [*before, paragraph, *after]
            self._open += len(before)
        paragraph.lines += part.lines
        paragraph.full, paragraph.brim = part.full, part.brim

    def blocks(self, labels: Sequence[str], outline: Sequence[tuple[int, str, int]]) -> list[Block]:
        """The text in blocks. `labels` name the pages; `outline` has pages, titles and levels."""
        words = _vocabulary(self.parts)
        levels = Levels(self.parts, outline)
        found: list[Block] = []
        items: list[str] = []
        for at, part in enumerate(self.parts):
            label = labels[part.page]
            text, turns = _text(part, words, labels)
            level = levels.of(part, text)
            if part.kind == "item" and not level and not turns:
                items.append(text)
                following = self.parts[at + 1] if at + 1 < len(self.parts) else None
                if following and following.kind == "item" and following.page == part.page:
                    continue
            if items:
                found.append(Block("\n".join(items), 0, label))
                items = []
                if part.kind == "item" and not level and not turns:
                    continue
            found.append(Block(text, level, label, turns))
        return found


def _goes_on(before: Part, part: Part) -> bool:
    """Whether a paragraph goes on at the head of another column or page."""
    if part.kind != "text" or abs(before.size - part.size) > 0.04 * part.size:
        return False
    last, first = before.lines[-1].strip(), part.lines[0].strip()
    if before.bold != part.bold or not before.full or not last or not first:
        return False
    if ENDS.search(last):  # as full as that, and not indented: only the sentence ends there
        return before.brim and part.flush and not last.endswith(":") and len(part.lines) > 1
    if first[0].islower() or last[-1] in "-\u00ad":
        return True
    if not part.flush:
        return False
    # A name or a number may follow; but so may a heading, or a running head that is there once.
    return len(last) > 20 and len("".join(part.lines)) > 60 and not ITEM.match(first)


def _interrupts(before: Part, part: Part) -> bool:
    """Whether a part may stand in the middle of a sentence: labels of a figure, a listing."""
    small = part.kind == "code" or part.size < 0.95 * before.size
    near = part.page <= before.last_page + 1
    prose = not before.bold and sum(map(len, before.lines)) > 80
    return small and near and prose and before.full and not ENDS.search(before.lines[-1])


def _vocabulary(parts: Sequence[Part]) -> Collection[str]:
    """The words that stand inside lines, compounds with their hyphens, in lower case."""
    words: set[str] = set()
    for part in parts:
        for at, line in enumerate(part.lines):
            found = _WORD.findall(line)
            if line[-1:] in "-\u00ad":
                found = found[:-1]
            if at and part.lines[at - 1][-1:] in "-\u00ad":
                found = found[1:]
            words.update(word.casefold() for word in found)
    for word in [word for word in words if "-" in word]:
        words.update(word.split("-"))
    return words


def _text(
    part: Part, words: Collection[str], labels: Sequence[str]
) -> tuple[str, tuple[Page, ...]]:
    """The text of a part, and the pages that begin inside it."""
    if part.kind == "table":
        return _CUT.sub(lambda cut: joined(cut[1], cut[2], words)[0], "\n".join(_table(part))), ()
    text = ""
    turns: list[Page] = []
    pages = dict(part.turns)
    for at, line in enumerate(part.lines):
        text, start = joined(text, line, words)
        if at in pages:
            turns.append(Page(start, labels[pages[at]]))
    return text.strip("\n").rstrip("\u00ad"), tuple(turns)


def joined(text: str, line: str, words: Collection[str]) -> tuple[str, int]:
    """A text with its next line, and where that begins; a word cut in two is whole again."""
    if not text or line.startswith("\n"):
        text = text.rstrip("\u00ad") + (line if text else line.lstrip("\n"))
        return text, len(text) - len(line.lstrip("\n"))
    if text[-1] == "\u00ad":
        return text[:-1] + line, len(text) - 1
    broken, begins = _BROKEN.search(text[-40:]), _BEGINS.match(line)
    if broken and begins and begins[0][0].islower():
        first, second = broken[1].casefold(), begins[0].casefold()
        if not _keeps(first, second, words):
            return text[:-1] + line, len(text) - 1
    if text[-1] in "-–/" and text[-2:-1].strip() and line[:1].isalnum():
        return text + line, len(text)
    if _wide(text[-1]) and _wide(line[0]):
        return text + line, len(text)
    return f"{text} {line}", len(text) + 1


def _keeps(first: str, second: str, words: Collection[str]) -> bool:
    """Whether a word has a hyphen of its own where a line ends.

    What the text has elsewhere tells; else a compound is made of words that stand alone, too.
    """
    if first + second in words:
        return False
    if f"{first}-{second}" in words or first in _PREFIXES:
        return True
    return len(first) > 2 and len(second) > 2 and first in words and second in words


def _wide(letter: str) -> bool:
    """Whether a letter is of a script that has no spaces between words."""
    return ord(letter) > 0x2E7F and unicodedata.east_asian_width(letter) in "WF"


def _table(part: Part) -> Iterator[str]:
    if part.headed:
        yield from rows(part.rows)
        return
    for row in part.rows:
        first, *others = row
        cells = [cell for cell in others if cell]
        name = first.rstrip(":")
        yield f"{name}: {'; '.join(cells)}" if first and cells else first or "; ".join(cells)
