"""PDF files made for tests with PDFium itself: words at places, rules, boxes and pictures."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pypdfium2
import pypdfium2.raw as pdfium

A4 = 595.0, 842.0


class Writer:
    """A file that is being written; `y` counts from the top of the page, at the text's base."""

    def __init__(self, path: Path, size: tuple[float, float] = A4) -> None:
        self.path, self.size = path, size
        self._pdf = pypdfium2.PdfDocument.new()
        self._fonts: dict[str, Any] = {}
        self._page: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish()
        for font in self._fonts.values():
            pdfium.FPDFFont_Close(font)
        if error is None:
            self._pdf.save(self.path)
        self._pdf.close()

    def _finish(self) -> None:
        if self._page is not None:
            self._page.gen_content()
            self._page.close()

    def page(self, rotation: int = 0) -> None:
        """Begin a page, shown turned clockwise by so many degrees."""
        self._finish()
        self._page = self._pdf.new_page(*self.size)
        self._page.set_rotation(rotation)

    def _font(self, name: str) -> Any:
        if name not in self._fonts:
            self._fonts[name] = pdfium.FPDFText_LoadStandardFont(self._pdf.raw, name.encode())
        return self._fonts[name]

    def width(self, text: str, size: float = 10, font: str = "Helvetica") -> float:
        """How wide a text is."""
        total, wide = 0.0, ctypes.c_float()
        for letter in text:
            pdfium.FPDFFont_GetGlyphWidth(self._font(font), ord(letter), size, wide)
            total += wide.value
        return total

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10,
        font: str = "Helvetica",
        *,
        color: tuple[int, int, int] = (0, 0, 0),
        mode: int = 0,
        turn: tuple[float, float] = (1, 0),
    ) -> float:
        """Write a text at a place; `turn` is the cosine and sine of its angle. Where it ends."""
        held = pdfium.FPDFPageObj_CreateTextObj(self._pdf.raw, self._font(font), size)
        encoded = (text + "\0").encode("utf-16-le")
        units = (ctypes.c_ushort * (len(encoded) // 2)).from_buffer_copy(encoded)
        pdfium.FPDFText_SetText(held, units)
        pdfium.FPDFPageObj_SetFillColor(held, *color, 255)
        if mode:
            pdfium.FPDFTextObj_SetTextRenderMode(held, mode)
        cosine, sine = turn
        pdfium.FPDFPageObj_Transform(held, cosine, sine, -sine, cosine, x, self.size[1] - y)
        pdfium.FPDFPage_InsertObject(self._page.raw, held)
        return x + self.width(text, size, font)

    def box(
        self,
        x0: float,
        top: float,
        x1: float,
        bottom: float,
        fill: tuple[int, int, int] | None = None,
    ) -> None:
        """Draw a box: its outline, or filled."""
        held = pdfium.FPDFPageObj_CreateNewRect(x0, self.size[1] - bottom, x1 - x0, bottom - top)
        pdfium.FPDFPageObj_SetFillColor(held, *(fill or (0, 0, 0)), 255)
        pdfium.FPDFPageObj_SetStrokeColor(held, 0, 0, 0, 255)
        pdfium.FPDFPath_SetDrawMode(held, 1 if fill else 0, fill is None)
        pdfium.FPDFPage_InsertObject(self._page.raw, held)

    def picture(self, x0: float, top: float, x1: float, bottom: float) -> None:
        """Draw a grey picture."""
        held = pdfium.FPDFPageObj_NewImageObj(self._pdf.raw)
        bitmap = pypdfium2.PdfBitmap.new_native(4, 4, pdfium.FPDFBitmap_BGR)
        bitmap.fill_rect((200, 200, 200, 255), 0, 0, 4, 4)
        pdfium.FPDFImageObj_SetBitmap(None, 0, held, bitmap.raw)
        pdfium.FPDFPageObj_Transform(held, x1 - x0, 0, 0, bottom - top, x0, self.size[1] - bottom)
        pdfium.FPDFPage_InsertObject(self._page.raw, held)

    def lines(
        self, x: float, y: float, lines: Sequence[str], size: float = 10, **how: Any
    ) -> float:
        """Write lines below each other; where the next one would stand."""
        for line in lines:
            self.text(x, y, line, size, **how)
            y += 1.2 * size
        return y

    def wrapped(self, text: str, width: float, size: float = 10) -> list[str]:
        """A text in lines of that width at most."""
        lines: list[str] = []
        for word in text.split():
            if lines and self.width(f"{lines[-1]} {word}", size) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines

    def justified(
        self, x: float, y: float, words: Sequence[str], width: float, size: float = 10
    ) -> None:
        """Write a line word by word, so that it fills the width."""
        room = (width - sum(self.width(word, size) for word in words)) / max(1, len(words) - 1)
        for word in words:
            x = self.text(x, y, word, size) + room
