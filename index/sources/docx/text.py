"""The words of a paragraph of Word as they are seen once all changes are accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.sources.docx.styles import Styles
from index.sources.ooxml import W
from index.sources.symbols import readable, symbol

if TYPE_CHECKING:
    from lxml.etree import _Element

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PASSED_OVER = re.compile(
    rf"{re.escape(W)}(?:del|moveFrom|pPr|rPr|sdtPr|sdtEndPr|smartTagPr|customXmlPr|tblPr|rt|rubyPr"
    r"|instrText|delText|delInstrText)"
)
_BETWEEN = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)|\t")
_LETTERS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


@dataclass(slots=True)
class Paragraph:
    """What stands in a paragraph: `turns` are offsets at which pages begin, with their numbers.

    `notes` are marks of the notes it refers to, with their elements; `boxes` the text boxes and
    drawings that are anchored in it; `bold` whether all of its letters are.
    """

    text: str = ""
    turns: list[tuple[int, int]] = field(default_factory=list)
    notes: list[tuple[str, _Element]] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)
    bold: bool = False


Refer = Callable[[str, str, bool], tuple[str, "_Element | None"]]


class Reader:
    """Reads paragraphs in their order; fields and pages go on from one to the next."""

    def __init__(self, styles: Styles, refer: Refer) -> None:
        """`refer` is given kind, id and whether the mark is custom, and tells mark and note."""
        self._styles = styles
        self._refer = refer
        self._fields: list[bool] = []  # for each open field, whether its instruction is being read
        self.page = 1
        self._style = ""
        self._made = Paragraph()
        self._parts: list[str] = []
        self._length = 0
        self._bold = True

    def read(self, paragraph: _Element) -> Paragraph:
        """Take in the next paragraph."""
        self._style = self._styles.of(paragraph)
        self._made, self._parts, self._length, self._bold = Paragraph(), [], 0, True
        self._within(paragraph)
        made = self._made
        made.text = "".join(self._parts)
        made.bold = self._bold and bool(made.text.strip())
        return made

    def _add(self, text: str) -> None:
        if text and not any(self._fields):
            self._parts.append(text)
            self._length += len(text)

    def _within(self, element: _Element) -> None:
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or _PASSED_OVER.fullmatch(tag):
                continue
            if tag == f"{W}r":
                self._run(child)
            elif tag.startswith(M):
                self._add("".join(math(child)))
            elif tag == f"{W}sdt":
                if child.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
                    self._within(child)
            else:
                self._within(child)

    def _run(self, run: _Element) -> None:
        properties = run.find(f"{W}rPr")
        if self._styles.on(properties, "vanish", style=self._style):
            for child in run.iter(f"{W}fldChar"):
                self._field(child)
            return
        before = self._length
        font = ""
        if properties is not None and (fonts := properties.find(f"{W}rFonts")) is not None:
            font = fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
        for child in run:
            self._piece(child, font)
        if self._length > before and not self._styles.on(properties, "b", style=self._style):
            self._bold = self._bold and not "".join(self._parts)[before:].strip()

    def _piece(self, child: _Element, font: str) -> None:
        tag = child.tag
        if tag in (f"{W}t", f"{W}sym", f"{W}br") or tag in _LETTERS:
            self._add(_letters(child, font))
        elif tag == f"{W}fldChar":
            self._field(child)
        elif tag == f"{W}lastRenderedPageBreak":
            self.page += 1
            self._made.turns.append((self._length, self.page))
        elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            self._note(child)
        elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
            self._made.boxes.append(child)
        elif tag == f"{W}ruby" and (base := child.find(f"{W}rubyBase")) is not None:
            self._within(base)

    def _field(self, element: _Element) -> None:
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _note(self, element: _Element) -> None:
        kind = "footnote" if element.tag == f"{W}footnoteReference" else "endnote"
        custom = element.get(f"{W}customMarkFollows") in ("1", "true", "on")
        mark, note = self._refer(kind, element.get(f"{W}id") or "", custom)
        self._add(mark)
        if note is not None:
            self._made.notes.append((mark, note))


def _letters(element: _Element, font: str) -> str:
    """What a text, a symbol, a break or a sign of a run is seen as."""
    tag = element.tag
    if tag == f"{W}t":
        return readable((element.text or "").replace("\n", " "), font)
    if tag == f"{W}br":
        return "\n" if element.get(f"{W}type") in (None, "textWrapping") else " "
    if tag == f"{W}sym":
        place = element.get(f"{W}char") or ""
        known = re.fullmatch("[0-9A-Fa-f]{1,4}", place)
        return symbol(element.get(f"{W}font") or "", int(place, 16)) if known else ""
    return _LETTERS[tag]


def tidied(text: str) -> str:
    """A text with one space wherever there are several or a tab, but for what begins a line."""
    return _BETWEEN.sub(" ", text)


def marks_removed(paragraph: _Element, styles: Styles) -> bool:
    """Whether the end of a paragraph is deleted or hidden, so that the next goes on in its line."""
    properties = paragraph.find(f"{W}pPr/{W}rPr")
    if properties is None:
        return False
    gone = any(properties.find(f"{W}{name}") is not None for name in ("del", "moveFrom"))
    return gone or any(
        properties.find(f"{W}{name}") is not None and styles.on(properties, name)
        for name in ("vanish", "specVanish")
    )


def math(element: _Element) -> Iterator[str]:
    """A formula in one line: (a+b)/c, x^2, √(y)."""
    tag = element.tag.removeprefix(M) if isinstance(element.tag, str) else ""
    if tag == "t":
        yield element.text or ""
    elif tag == "f":
        yield f"{_grouped(element, 'num')}/{_grouped(element, 'den')}"
    elif tag in ("sSup", "sSub", "sSubSup"):
        yield _grouped(element, "e") + _limits(element)
    elif tag == "rad":
        yield f"√{_grouped(element, 'e')}"
    elif tag == "d":
        yield f"({', '.join(''.join(math(part)) for part in element.findall(f'{M}e'))})"
    elif tag == "nary":
        sign = element.find(f"{M}naryPr/{M}chr")
        shown = (sign.get(f"{M}val") if sign is not None else "") or "∫"
        yield f"{shown}{_limits(element)} {_grouped(element, 'e')}"
    else:
        for child in element:
            yield from math(child)


def _limits(element: _Element) -> str:
    made = ((sign, _grouped(element, part)) for part, sign in (("sub", "_"), ("sup", "^")))
    return "".join(f"{sign}{text}" for sign, text in made if text)


def _grouped(element: _Element, part: str) -> str:
    found = element.find(f"{M}{part}")
    text = "".join(math(found)).strip() if found is not None else ""
    return text if len(text) <= 1 or text.replace(".", "").isalnum() else f"({text})"
