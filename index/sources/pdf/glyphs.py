"""A page as PDFium reads it: letters gathered into words, and the lines and boxes drawn around.

Text that nobody can see on the page is left out: white on white, smaller than any print, outside
the page, drawn invisibly. It is how a file is made to say to a program what it does not say to
people. Invisible text over a picture is another thing: the words of a scan, and wanted.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from index.sources.pdf.drawings import Drawings, drawings
from index.sources.pdf.fragments import RAISED
from index.sources.pdf.shapes import Rect, Sheet, Word, within

LEAST = 2.0  # points: smaller print is not for people
_WHITE = 240  # of 255, in each colour: no ink that could be seen on white
_FIXED_PITCH, _FORCE_BOLD = 1 << 0, 1 << 18  # flags of fonts, ISO 32000-1, table 123
_BOLD = re.compile(r"bold|black|heavy|demi|-medi(?!um)|cmbx|cmssbx|sfbx", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|code", re.IGNORECASE)
_PRIVATE = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "‣", "\uf0fc": "✓", "\uf02d": "-"}
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_SPACES = frozenset(" \u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t")
_INVISIBLE_MODES = (3, 7)  # neither filled nor stroked

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Style:
    """How the letters of a text object look: the same for all of them."""

    size: float
    angle: int
    bold: bool
    mono: bool
    hidden: bool  # drawn, but not to be seen on white
    unseen: bool  # not drawn at all
    base: float
    rise: Point  # turns a point of the page: cosine and sine of the angle


@dataclass(slots=True)
class _Letter:
    text: str
    x0: float
    x1: float
    style: _Style


def sheet(page: Any) -> Sheet:
    """Read a page of `pypdfium2`; the caller closes it."""
    left, bottom, right, top = page.get_cropbox()
    turned = page.get_rotation() // 90 % 4
    frame = _Frame(min(left, right), min(bottom, top), max(left, right), max(bottom, top), turned)
    drawn = drawings(page.raw, frame.shown)
    found = Sheet(frame.width, frame.height, {}, drawn.rules, drawn.boxes, drawn.images, drawn.dots)
    text = page.get_textpage()
    try:
        for letters, spaced in _runs(_Reader(text.raw, frame, drawn), found):
            words = found.words.setdefault(letters[0].style.angle, [])
            _into_words(letters, spaced, words)
    finally:
        text.close()
    return found


@dataclass(frozen=True, slots=True)
class _Frame:
    """What part of the plane a page shows, and how many quarters it is turned clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turned: int

    @property
    def width(self) -> float:
        size = self.right - self.left, self.top - self.bottom
        return size[self.turned % 2]

    @property
    def height(self) -> float:
        size = self.right - self.left, self.top - self.bottom
        return size[1 - self.turned % 2]

    def shown(self, x: float, y: float) -> Point:
        """Where a point of the plane is on the page as it is shown."""
        if self.turned == 1:
            return y - self.bottom, x - self.left
        if self.turned == 2:
            return self.right - x, y - self.bottom
        if self.turned == 3:
            return self.top - y, self.right - x
        return x - self.left, self.top - y


class _Reader:
    """The letters of a page in the order in which they were drawn."""

    def __init__(self, text: Any, frame: _Frame, drawn: Drawings) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._text, self._frame, self._drawn = pdfium, text, frame, drawn
        self._styles: dict[int, _Style] = {}
        self._edges = tuple(ctypes.c_double() for _ in range(4))
        self._fonts: dict[int, tuple[bool, bool]] = {}
        self.count = pdfium.FPDFText_CountChars(text)

    def letters(self) -> Iterator[tuple[str, Rect, _Style]]:
        """Each letter or space with its box on the page; what PDFium adds is left out."""
        pdfium, text = self._pdfium, self._text
        box = pdfium.FS_RECTF()
        place = ctypes.byref(box)
        # As a plain number, an address takes half the time that a pointer does.
        get = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
        object_of = get(ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0)
        address = ctypes.cast(text, ctypes.c_void_p)
        shown = self._frame.shown
        for at in range(self.count):
            code = pdfium.FPDFText_GetUnicode(text, at)
            pdfium.FPDFText_GetLooseCharBox(text, at, place)
            if code in (0, 10, 13) or box.right == box.left or code > 0x10FFFF:
                continue
            name = object_of(address, at)
            if not name:
                continue
            style = self._styles.get(name) or self._style(name, at)
            x0, y0 = shown(box.left, box.bottom)
            x1, y1 = shown(box.right, box.top)
            if 48 <= code <= 57 and self._raised(at, style):
                code = ord(RAISED[code - 48])
            yield chr(code), Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), style

    def _raised(self, at: int, style: _Style) -> bool:
        """Whether a digit is one of a font's own raised ones, as marks of footnotes are."""
        if style.angle or self._frame.turned:
            return False
        left, right, bottom, top = self._edges
        self._pdfium.FPDFText_GetCharBox(self._text, at, left, right, bottom, top)
        base = self._frame.top - style.base
        return (
            bottom.value - base > 0.2 * style.size and top.value - bottom.value < 0.6 * style.size
        )

    def _style(self, name: int, at: int) -> _Style:
        pdfium = self._pdfium
        held = pdfium.FPDFText_GetTextObject(self._text, at)
        matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetMatrix(self._text, at, matrix)
        pdfium.FPDFText_GetCharOrigin(self._text, at, x, y)
        scale = math.hypot(matrix.c, matrix.d) or math.hypot(matrix.a, matrix.b)
        size = abs(pdfium.FPDFText_GetFontSize(self._text, at)) * scale
        runs = round(math.degrees(math.atan2(matrix.b, matrix.a))) - 90 * self._frame.turned
        angle = next((right for right in (0, 90, 180, 270, 360) if abs(runs % 360 - right) < 3), -1)
        angle = angle % 360 if angle >= 0 else runs % 360
        rise = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        across, down = self._frame.shown(x.value, y.value)
        base = across * rise[1] + down * rise[0]
        mode = pdfium.FPDFTextObj_GetTextRenderMode(held)
        bold, mono = self._font(held)
        unseen = mode in _INVISIBLE_MODES
        hidden = not unseen and (size < LEAST or self._pale(held, across, down))
        style = _Style(size, angle, bold or mode == 2, mono, hidden, unseen, base, rise)
        self._styles[name] = style
        return style

    def _font(self, held: Any) -> tuple[bool, bool]:
        """Whether a font is bold, and whether all its letters are as wide."""
        pdfium = self._pdfium
        font = pdfium.FPDFTextObj_GetFont(held)
        if not font:
            return False, False
        key = ctypes.addressof(font.contents)
        if key not in self._fonts:
            buffer = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.value.decode("utf-8", "replace")
            # The weight that a font states tells little: regular ones state 744, bold ones 400.
            flags = pdfium.FPDFFont_GetFlags(font)
            bold = bool(_BOLD.search(name)) or bool(flags & _FORCE_BOLD)
            mono = bool(_MONO.search(name)) or bool(flags & _FIXED_PITCH)
            self._fonts[key] = bold, mono
        return self._fonts[key]

    def _pale(self, held: Any, x: float, y: float) -> bool:
        """Whether text is as white as what it stands on, or wholly transparent."""
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not self._pdfium.FPDFPageObj_GetFillColor(held, red, green, blue, alpha):
            return False
        if alpha.value < 8:
            return True
        white = min(red.value, green.value, blue.value) >= _WHITE
        return white and not self._drawn.colored(x + 0.5, y - 0.5)


def _runs(reader: _Reader, found: Sheet) -> Iterator[tuple[list[_Letter], list[bool]]]:
    """Letters drawn one after the other on one line, and whether a space follows each."""
    run: list[_Letter] = []
    spaced: list[bool] = []
    for text, box, style in reader.letters():
        if style.hidden or not _seen(style, box, found):
            found.hidden = found.hidden or text not in _SPACES
            continue
        letter = _Letter(text, *_along(box, style), style)
        if run and run[-1].style is style and letter.x0 == run[-1].x0 and letter.x1 == run[-1].x1:
            run[-1].text += _meaning(text)  # the second letter of a ligature
            continue
        if run and not _goes_on(run[-1], letter):
            yield run, spaced
            run, spaced = [], []
        if text in _SPACES:
            if run:
                spaced[-1] = True
            continue
        letter.text = _meaning(text)
        found.strange += letter.text == "\ufffd" or "\u2460" <= letter.text <= "\u27bf"
        run.append(letter)
        spaced.append(False)
    if run:
        yield run, spaced


def _seen(style: _Style, box: Rect, found: Sheet) -> bool:
    """On the page, and drawn or, where it is not, the words of a picture under it."""
    x0, top, x1, bottom = box
    x, y = (x0 + x1) / 2, (top + bottom) / 2
    if not (-1 <= x <= found.width + 1 and -1 <= y <= found.height + 1):
        return False
    return not style.unseen or any(within(box, image) for image in found.images)


def _along(box: Rect, style: _Style) -> Point:
    """Where a letter begins and ends on its own line."""
    if style.angle == 0:
        return box.x0, box.x1
    cosine, sine = style.rise
    corners = [x * cosine - y * sine for x in (box.x0, box.x1) for y in (box.top, box.bottom)]
    return min(corners), max(corners)


def _goes_on(before: _Letter, letter: _Letter) -> bool:
    """Whether a letter stands on the line of the one drawn before it, soon after it."""
    one, other = before.style, letter.style
    if one is not other and (
        one.angle != other.angle
        or abs(one.base - other.base) > 0.06 * one.size
        or abs(one.size - other.size) > 0.12 * one.size
    ):
        return False
    return -0.4 * one.size < letter.x0 - before.x1 < one.size


def _meaning(text: str) -> str:
    """A letter as it is written elsewhere; a hyphen that PDFium found at a line's end as one."""
    if text == "\x02":
        return "-"
    if "\ue000" <= text <= "\uf8ff":
        return _PRIVATE.get(text, "\ufffd")
    return _LIGATURES.get(text, text)


def _into_words(letters: list[_Letter], spaced: list[bool], words: list[Word]) -> None:
    """Cut a run at its spaces and, where the file has none, at its wide gaps."""
    gaps = [after.x0 - letter.x1 for letter, after in itertools.pairwise(letters)]
    size = letters[0].style.size
    inner = [
        gap
        for gap, letter, after in zip(gaps, letters, letters[1:], strict=False)
        if letter.text.isalnum() and after.text.isalnum()
    ]
    usual = max(0.0, median(inner)) if len(inner) > 3 else 0.0
    least = (0.24 if any(spaced[:-1]) else 0.16) * size + 1.5 * usual
    start = 0
    for at, letter in enumerate(letters):
        following = letters[at + 1].text if at + 1 < len(letters) else ""
        # A mark before a note; x²y is one word.
        mark = (
            not start and following.isalpha() and all(c.text in RAISED for c in letters[: at + 1])
        )
        if following and not spaced[at] and gaps[at] <= least and not mark:
            continue
        part, style = letters[start : at + 1], letters[start].style
        text = "".join(one.text for one in part)
        words.append(
            Word(
                text,
                part[0].x0,
                max(part[0].x0, letter.x1),
                style.base,
                style.size,
                style.bold,
                style.mono,
                len(words),
                spaced[at],
                start > 0,
            )
        )
        start = at + 1
