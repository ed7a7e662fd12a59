"""What is drawn on a page beside text: rules, boxes, pictures, and what is coloured."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from index.sources.pdf.shapes import Rect

MOST = 20_000  # objects of a page that are looked at: maps have millions, and no tables
_SEGMENTS = 400  # of a path
_THIN = 2.5  # points: what is thinner is a rule
_DOT = 8.0  # points
_DEEP = 4  # forms within forms
_WHITE = 240

Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(slots=True)
class Drawings:
    """Rules (thin), boxes (with room for words), pictures, dots (as bullets are).

    `filled` are boxes in a colour.
    """

    rules: list[Rect]
    boxes: list[Rect]
    images: list[Rect]
    filled: list[Rect]
    dots: list[Rect]

    def colored(self, x: float, y: float) -> bool:
        """Whether something is painted at a place, so that white letters can be read there."""
        return any(
            part.x0 <= x <= part.x1 and part.top <= y <= part.bottom
            for part in (*self.filled, *self.images)
        )


def drawings(page: Any, shown: Callable[[float, float], tuple[float, float]]) -> Drawings:
    """Look at what is drawn; `shown` turns a point of the plane into one of the page."""
    found = Drawings([], [], [], [], [])
    for kind, corners, painted in _objects(page):
        points = [shown(*corner) for corner in corners]
        across, down = [x for x, _ in points], [y for _, y in points]
        rect = Rect(min(across), min(down), max(across), max(down))
        if kind == "image":
            found.images.append(rect)
        elif (
            max(rect.width, rect.height) < _DOT and rect.width < 1.3 * rect.height < 2 * rect.width
        ):
            if rect.width > 1.5:
                found.dots.append(rect)
        elif min(rect.width, rect.height) <= _THIN:
            if max(rect.width, rect.height) >= 4:
                found.rules.append(rect)
        else:
            if painted:
                found.filled.append(rect)
            found.boxes.append(rect)
    return found


def _objects(page: Any) -> Iterator[tuple[str, list[tuple[float, float]], bool]]:
    """Pictures and the straight parts of paths: kind, corners, whether filled with a colour."""
    import pypdfium2.raw as pdfium

    for held, matrix in islice(_held(pdfium, page, _SAME, 0), MOST):
        kind = pdfium.FPDFPageObj_GetType(held)
        if kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            yield "image", _corners(pdfium, held, matrix), False
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield from _path(pdfium, held, matrix)


def _held(pdfium: Any, holder: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    """What a page or a form holds, forms opened, with the matrix that moves it onto the page."""
    count, get = pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject
    if not depth:
        count, get = pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject
    for at in range(count(holder)):
        held = get(holder, at)
        if pdfium.FPDFPageObj_GetType(held) != pdfium.FPDF_PAGEOBJ_FORM:
            yield held, matrix
        elif depth < _DEEP:
            yield from _held(pdfium, held, _times(_matrix(pdfium, held), matrix), depth + 1)


def _matrix(pdfium: Any, held: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(held, found)
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(one: Matrix, other: Matrix) -> Matrix:
    """First `one`, then `other`."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _corners(pdfium: Any, held: Any, matrix: Matrix) -> list[tuple[float, float]]:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(held, left, bottom, right, top)
    return [_moved(x.value, y.value, matrix) for x in (left, right) for y in (bottom, top)]


def _path(
    pdfium: Any, held: Any, matrix: Matrix
) -> Iterator[tuple[str, list[tuple[float, float]], bool]]:
    """A path as rectangles: its bounds, or each straight part of one that has many."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(held, fill, stroke)
    filled = bool(fill.value) and _shows(pdfium.FPDFPageObj_GetFillColor, held)
    stroked = bool(stroke.value) and _shows(pdfium.FPDFPageObj_GetStrokeColor, held)
    if not filled and not stroked:
        return
    corners = _corners(pdfium, held, matrix)
    count = pdfium.FPDFPath_CountSegments(held)
    if count <= 6 or count > _SEGMENTS or not stroked:
        yield "path", corners, filled
        return
    if filled:
        yield "path", corners, True
    inner = _times(_matrix(pdfium, held), matrix)
    before: tuple[float, float] | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for at in range(count):
        part = pdfium.FPDFPath_GetPathSegment(held, at)
        pdfium.FPDFPathSegment_GetPoint(part, x, y)
        point = _moved(x.value, y.value, inner)
        straight = pdfium.FPDFPathSegment_GetType(part) == pdfium.FPDF_SEGMENT_LINETO
        if straight and before is not None:
            yield "path", [before, point], False
        before = point


def _shows(color: Any, held: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    color(held, red, green, blue, alpha)
    white = min(red.value, green.value, blue.value) >= _WHITE
    return alpha.value >= 8 and not white
