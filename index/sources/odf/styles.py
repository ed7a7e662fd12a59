"""Names and styles of OpenDocument files: what is hidden, what is a title, how lists count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.sources.counting import counted

if TYPE_CHECKING:
    from lxml.etree import _Element

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE, STYLE, DRAW, SHOW, META = (
    f"{{{_BASE}{name}:1.0}}"
    for name in ("office", "text", "table", "style", "drawing", "presentation", "meta")
)
FO = f"{{{_BASE}xsl-fo-compatible:1.0}}"
DC = "{http://purl.org/dc/elements/1.1/}"
_COUNTS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


class Styles:
    """The styles of a file by their names."""

    def __init__(self, *roots: _Element | None) -> None:
        """Take in the parts that hold them."""
        self._styles: dict[str, _Element] = {}
        self._lists: dict[str, _Element] = {}
        for root in roots:
            for style in root.iter(f"{STYLE}style") if root is not None else ():
                self._styles[style.get(f"{STYLE}name") or ""] = style
            for style in root.iter(f"{TEXT}list-style") if root is not None else ():
                self._lists[style.get(f"{STYLE}name") or ""] = style

    def property(self, name: str | None, kind: str, key: str) -> str:
        """What a style, or one that it is based on, sets; empty where none does."""
        for _ in range(20):
            style = self._styles.get(name or "")
            if style is None:
                return ""
            found = style.find(f"{STYLE}{kind}-properties")
            if found is not None and (value := found.get(key)) is not None:
                return value
            name = style.get(f"{STYLE}parent-style-name")
        return ""

    def is_title(self, name: str | None) -> bool:
        """Whether a paragraph is the title of the text."""
        style = self._styles.get(name or "")
        parent = style.get(f"{STYLE}parent-style-name") if style is not None else ""
        return "Title" in (name, parent)

    def hides(self, name: str | None) -> bool:
        """Whether words of this style are hidden."""
        return self.property(name, "text", f"{TEXT}display") == "none"

    def marker(self, name: str, counts: list[int]) -> str:
        """What stands before an item, by the counts of all levels down to its own."""
        style = self._lists.get(name)
        levels = {each.get(f"{TEXT}level"): each for each in style} if style is not None else {}
        here = levels.get(str(len(counts)))
        if here is None or not here.tag.endswith("number"):
            return "-"
        if not here.get(f"{STYLE}num-format"):
            return ""
        told = here.get(f"{TEXT}display-levels") or "1"
        shown = int(told) if told.isdigit() else 1
        parts: list[str] = []
        for at in range(max(0, len(counts) - shown), len(counts)):
            level = levels.get(str(at + 1))
            kind = (level.get(f"{STYLE}num-format") or "1") if level is not None else "1"
            parts.append(counted(counts[at], _COUNTS.get(kind, "")))
        around = here.get(f"{STYLE}num-prefix") or "", here.get(f"{STYLE}num-suffix") or ""
        return f"{around[0]}{'.'.join(parts)}{around[1]}".strip()

    def start(self, name: str, level: int) -> int:
        """The number from which a list counts."""
        style = self._lists.get(name)
        levels = style if style is not None else ()
        found = (each for each in levels if each.get(f"{TEXT}level") == str(level))
        told = next(found, None)
        value = (told.get(f"{TEXT}start-value") if told is not None else "") or "1"
        return int(value) if value.isdigit() else 1
