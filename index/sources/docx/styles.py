"""What the styles of a Word document say of its paragraphs: headings, lists, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.sources.ooxml import W

if TYPE_CHECKING:
    from lxml.etree import _Element

# Word keeps the English names of its own styles in any language; other programs do not.
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|otsikko|nagłówek"
    r"|nadpis|címsor|başlık|titlu|encabezado|intestazione|заголовок|标题|標題|見出し|제목)"
    r" ?(?P<level>\d)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"title|titel|titre|título|titolo|tytuł|tittel|otsikko|název|cím|название|标题|表題|제목",
    re.IGNORECASE,
)
# Lists of what stands in the document, with page numbers, which a program made.
_CONTENTS = re.compile(
    r"(?:toc|contents|table of (?:figures|authorities)|user index|index) ?(?:\d+|heading)?"
    r"|(?:inhaltsverzeichnis|verzeichnis|tm|tdc|sommario|inhopg) ?\d+",
    re.IGNORECASE,
)
LONGEST_HEADING = 400  # characters; what is longer is prose that somebody made large


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: _Element | None) -> None:
        """Take in the part that holds them."""
        found = root.findall(f"{W}style") if root is not None else []
        self._styles = {style.get(f"{W}styleId") or "": style for style in found}
        self._usual = next(
            (
                style.get(f"{W}styleId") or ""
                for style in found
                if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ON[1:]
            ),
            "",
        )

    def of(self, paragraph: _Element) -> str:
        """The id of a paragraph's style."""
        return value(paragraph.find(f"{W}pPr/{W}pStyle")) or self._usual

    def chain(self, name: str) -> Iterator[_Element]:
        """A style and those that it is based on."""
        seen: set[str] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            yield self._styles[name]
            name = value(self._styles[name].find(f"{W}basedOn"))

    def level(self, paragraph: _Element) -> int:
        """1 to 6 for a heading, else 0."""
        own = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if own is not None:
            return _outline(own)
        for style in self.chain(self.of(paragraph)):
            name = value(style.find(f"{W}name")).strip()
            if match := _HEADING.fullmatch(name):
                return min(max(1, int(match["level"])), 6)
            if _TITLE.fullmatch(name):
                return 1
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            if outline is not None:
                return _outline(outline)
        return 0

    def lists_contents(self, paragraph: _Element) -> bool:
        """Whether a paragraph is of a table of contents or an index that a program made."""
        style = next(self.chain(self.of(paragraph)), None)
        return style is not None and bool(
            _CONTENTS.fullmatch(value(style.find(f"{W}name")).strip())
        )

    def numbering(self, paragraph: _Element) -> tuple[str, int | None, str]:
        """The list that a paragraph is in: its number, the level if told, and the style it is from.

        The number is empty where it is in none.
        """
        own = paragraph.find(f"{W}pPr/{W}numPr")
        found, name, level = own, "", None
        if own is not None and (told := value(own.find(f"{W}ilvl"))).isdigit():
            level = int(told)
        if own is None or own.find(f"{W}numId") is None:
            for style in self.chain(self.of(paragraph)):
                inherited = style.find(f"{W}pPr/{W}numPr")
                if inherited is not None and inherited.find(f"{W}numId") is not None:
                    found, name = inherited, style.get(f"{W}styleId") or ""
                    told = value(inherited.find(f"{W}ilvl"))
                    level = int(told) if level is None and told.isdigit() else level
                    break
        number = value(found.find(f"{W}numId")) if found is not None else ""
        return ("" if number == "0" else number), level, name

    def list_of(self, name: str) -> str:
        """The number of the list that a style for lists stands for."""
        found = (style.find(f"{W}pPr/{W}numPr/{W}numId") for style in self.chain(name))
        return next((value(each) for each in found if each is not None), "")

    def on(self, properties: _Element | None, flag: str, *, style: str = "") -> bool:
        """Whether a flag of a run is set: by itself, its style, or the paragraph's `style`."""
        if properties is not None:
            own = properties.find(f"{W}{flag}")
            if own is not None:
                return is_on(own)
            named = value(properties.find(f"{W}rStyle"))
            if named and (found := self._flag(named, flag)) is not None:
                return found
        return bool(style and self._flag(style, flag))

    def _flag(self, name: str, flag: str) -> bool | None:
        found = (style.find(f"{W}rPr/{W}{flag}") for style in self.chain(name))
        return next((is_on(each) for each in found if each is not None), None)


ON = (None, "1", "true", "on")


def is_on(element: _Element) -> bool:
    """Whether a property that is there is set."""
    return element.get(f"{W}val") in ON


def value(element: _Element | None) -> str:
    """The value of a property, empty where it is not there."""
    return (element.get(f"{W}val") or "") if element is not None else ""


def _outline(element: _Element) -> int:
    told = value(element)
    return min(int(told) + 1, 6) if told.isdigit() and int(told) < 9 else 0
