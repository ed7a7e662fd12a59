"""The numbers and signs before the items of lists and before headings, as Word shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.sources.counting import counted
from index.sources.docx.styles import Styles, is_on, value
from index.sources.ooxml import W

if TYPE_CHECKING:
    from lxml.etree import _Element

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


class Numbering:
    """The lists of a document; asked for each item in turn, as each counts on from the last."""

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        """Take in the part that holds them, if there is one."""
        self._styles = styles
        kinds = root.findall(f"{W}abstractNum") if root is not None else []
        self._kinds = {kind.get(f"{W}abstractNumId") or "": kind for kind in kinds}
        lists = root.findall(f"{W}num") if root is not None else []
        self._lists = {each.get(f"{W}numId") or "": each for each in lists}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()

    def marker(self, paragraph: _Element) -> tuple[str, int] | None:
        """What stands before a paragraph ("-" for a bullet), and its level from 0; None if nothing.

        The marker is empty where an item of a list has none.
        """
        number, level, style = self._styles.numbering(paragraph)
        kind = self._kind(number)
        if not number or kind is None:
            return None
        levels = {int(each.get(f"{W}ilvl") or 0): each for each in kind.findall(f"{W}lvl")}
        if level is None:
            named = (at for at, each in levels.items() if value(each.find(f"{W}pStyle")) == style)
            level = next(named, 0) if style else 0
        level = min(level, _LEVELS - 1)
        counts = self._counts.setdefault(kind.get(f"{W}abstractNumId") or "", [None] * _LEVELS)
        self._override(number, levels, counts)
        if level not in levels:
            return "-", level
        self._count(counts, level, levels)
        return self._shown(levels, level, counts), level

    def _kind(self, number: str, depth: int = 0) -> _Element | None:
        each = self._lists.get(number)
        kind = self._kinds.get(value(each.find(f"{W}abstractNumId"))) if each is not None else None
        if kind is None or depth > 4:
            return None
        link = value(kind.find(f"{W}numStyleLink"))
        return self._kind(self._styles.list_of(link), depth + 1) or kind if link else kind

    def _override(self, number: str, levels: dict[int, _Element], counts: list[int | None]) -> None:
        """What a list changes of its kind: other levels, and where it begins to count anew."""
        for change in self._lists[number].findall(f"{W}lvlOverride"):
            level = int(change.get(f"{W}ilvl") or 0)
            if not 0 <= level < _LEVELS:
                continue
            if (own := change.find(f"{W}lvl")) is not None:
                levels[level] = own
            start = value(change.find(f"{W}startOverride"))
            if number not in self._begun and start.isdigit():
                counts[level] = int(start) - 1
        self._begun.add(number)

    @staticmethod
    def _count(counts: list[int | None], level: int, levels: dict[int, _Element]) -> None:
        for at in range(level + 1):
            start = value(levels[at].find(f"{W}start")) if at in levels else "1"
            first = int(start) if start.isdigit() else 1
            now = counts[at]
            if at == level:
                counts[at] = first if now is None else now + 1
            elif now is None:
                counts[at] = first
        for at in range(level + 1, _LEVELS):
            restart = levels[at].find(f"{W}lvlRestart") if at in levels else None
            if restart is None or value(restart) != "0":
                counts[at] = None

    @staticmethod
    def _shown(levels: dict[int, _Element], level: int, counts: list[int | None]) -> str:
        here = levels[level]
        style = value(here.find(f"{W}numFmt"))
        text = value(here.find(f"{W}lvlText"))
        if style == "bullet":
            return "-"
        legal = here.find(f"{W}isLgl")
        plain = legal is not None and is_on(legal)

        def place(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            kind = value(levels[at].find(f"{W}numFmt")) if at in levels else "decimal"
            return counted(counts[at] or 0, "decimal" if plain else kind)

        return _PLACE.sub(place, text).strip() if style != "none" or text else ""
