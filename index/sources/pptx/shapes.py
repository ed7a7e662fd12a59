"""What stands on a slide, in the order in which it is read: from the top, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.sources.ooxml import A, drawings
from index.sources.pptx.paragraphs import paragraphs, words
from index.sources.tables import grid, headed, lines

if TYPE_CHECKING:
    from lxml.etree import _Element

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_TITLES = ("title", "ctrTitle")
_FURNITURE = ("dt", "ftr", "sldNum", "hdr", "sldImg")
_BODIES = ("body", "obj", "")  # types of placeholders that have bullets where nothing tells else
_DEEPEST = 30  # groups in groups


def title_of(slide: Any) -> str:
    """The words of a slide's title in one line."""
    shape = _title_shape(slide)
    return " ".join(_all_words(shape).split()) if shape is not None else ""


def _title_shape(slide: Any) -> Any:
    """The first title that has words; what else is called a title is read as any text."""
    titles = (shape for shape in slide.placeholders if _type(shape) in _TITLES)
    return next((shape for shape in titles if _all_words(shape).strip()), None)


def blocks_of(slide: Any) -> Iterator[str]:
    """The texts of a slide but its title."""
    title = _title_shape(slide)
    place = title.shape_id if title is not None else None
    rest = [shape for shape in slide.shapes if shape.shape_id != place or place is None]
    yield from _texts(_ordered(rest), slide, 0)


def _texts(shapes: Sequence[Any], slide: Any, depth: int) -> Iterator[str]:
    for shape in shapes:
        kind = _type(shape) if shape.is_placeholder else None
        if kind in _FURNITURE or _unseen(shape):
            continue
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                yield from _texts(_ordered(shape.shapes), slide, depth + 1)
        elif getattr(shape, "has_table", False):
            yield from _table(shape.table)
        elif shape.has_text_frame:
            bulleted = kind in _BODIES if kind is not None else False
            yield from paragraphs(
                shape.text_frame, bulleted=bulleted, inherited=_inherited(shape, slide, kind)
            )
        else:
            yield from drawings(shape.element, slide.part)


def _unseen(shape: Any) -> bool:
    about = next(shape.element.iter(f"{P}cNvPr"), None)
    return about is not None and about.get("hidden") in ("1", "true")


def _type(shape: Any) -> str:
    found = next(shape.element.iter(f"{P}ph"), None)
    return (found.get("type") or "") if found is not None else ""


def _all_words(shape: Any) -> str:
    return " ".join(words(each) for each in shape.element.iter(f"{A}p"))


def _inherited(shape: Any, slide: Any, kind: str | None) -> Callable[[int], _Element | None]:
    """What layout and master say of bullets in a placeholder; None for other shapes."""
    if kind is None:
        return lambda _: None
    styles: list[_Element] = []
    layout = slide.slide_layout
    place = shape.placeholder_format.idx
    same = (each for each in layout.placeholders if each.placeholder_format.idx == place)
    for each in same:
        styles += each.element.iter(f"{A}lstStyle")
    bodies = (each for each in layout.slide_master.placeholders if _type(each) == "body")
    for each in bodies:
        styles += each.element.iter(f"{A}lstStyle")
    styles += layout.slide_master.element.iter(f"{P}bodyStyle")

    def level_of(level: int) -> _Element | None:
        for style in styles:
            found = style.find(f"{A}lvl{level + 1}pPr")
            if found is not None and any("}bu" in str(child.tag) for child in found):
                return found
        return None

    return level_of


def _table(table: Any) -> Iterator[str]:
    spans: list[list[tuple[str, int, int]]] = []
    for row in table.rows:
        cells = [cell for cell in row.cells if not cell.is_spanned]
        spans.append(
            [
                (
                    " ".join(cell.text.replace("\v", " ").split()),
                    cell.span_width if cell.is_merge_origin else 1,
                    cell.span_height if cell.is_merge_origin else 1,
                )
                for cell in cells
            ]
        )
    if not spans:
        return
    told = bool(table.first_row) and len(spans) > 1
    deepest = max((down for _, _, down in spans[0]), default=1) if told else 0
    heads = min(deepest, len(spans) - 1)
    texts = [row for row in grid(spans, heads) if any(row)]
    if texts:
        heads = heads or int(headed(texts))
        sides = not heads and bool(table.first_col)
        yield "\n".join(lines(texts, heads if heads < len(texts) else 0, sides=sides))


Placed = tuple[tuple[int, int, int, int], Any]  # left, top, right, bottom; and what stands there


def _ordered(shapes: Any) -> list[Any]:
    """Shapes in the order of reading; where they lie over each other, as they are in the file."""
    placed: list[Placed] = []
    for shape in shapes:
        left, top = shape.left or 0, shape.top or 0
        placed.append(((left, top, left + (shape.width or 0), top + (shape.height or 0)), shape))
    return [shape for _, shape in _cut(placed, 0)]


def _cut(placed: list[Placed], depth: int) -> list[Placed]:
    """Cut where nothing stands: first from left to right, then from top to bottom, and again."""
    if len(placed) < 2 or depth > 40:
        return placed
    for start in (1, 0):
        parts = _parts(placed, start)
        if len(parts) > 1:
            return [each for part in parts for each in _cut(part, depth + 1)]
    return sorted(placed, key=lambda each: (each[0][1], each[0][0]))


def _parts(placed: list[Placed], start: int) -> list[list[Placed]]:
    """What lies apart along an axis, in its order; a little overlap does not join."""
    parts: list[list[Placed]] = []
    end = 0
    for each in sorted(placed, key=lambda each: each[0][start]):
        first, last = each[0][start], each[0][start + 2]
        slack = min(last - first, 200_000) // 4
        if not parts or first + slack >= end:
            parts.append([])
        parts[-1].append(each)
        end = max(end, last)
    return parts
