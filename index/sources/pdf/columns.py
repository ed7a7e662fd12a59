"""Columns of a page, told by the tall empty strips between them."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from index.sources.pdf.rows import Level, row
from index.sources.pdf.shapes import Line, Rect, Shape, beside

_NARROWEST = 0.5  # of the letters' size: a strip between columns is at least so wide
_WIDE = 1.5  # of the letters' size: two lines on each side are enough
_FAR = 6.0  # of the letters' size: lines of a column begin no farther from the strip before it
MARKER = re.compile(r"[•‣▪◦●○–—*✓-]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.):]?|\d+(?:\.\d+)*\.?")


@dataclass(slots=True)
class Strip:
    """An empty strip with the lines beside it, nearest to it on each side."""

    x0: float
    x1: float
    top: float
    bottom: float
    left: list[Line]
    right: list[Line]

    @property
    def width(self) -> float:
        """From side to side."""
        return self.x1 - self.x0

    @property
    def start(self) -> float:
        """Where there are lines on both sides, from the top."""
        return max(min(line.top for line in side) for side in (self.left, self.right))

    def between(self, one: Shape, other: Shape) -> bool:
        """Whether the strip keeps two shapes of a line apart, `one` being left of `other`."""
        middle = (max(one.top, other.top) + min(one.bottom, other.bottom)) / 2
        return (
            self.top <= middle <= self.bottom
            and one.x1 <= self.x0 + 1 + 0.1 * self.width
            and other.x0 >= self.x1 - 1 - 0.1 * self.width
        )


def strips(lines: Sequence[Line], obstacles: Sequence[Rect]) -> list[Strip]:
    """The strips between columns of prose; gaps between cells of a table are none."""
    shapes: list[Shape] = sorted([*lines, *obstacles], key=_middle)
    found: list[Strip] = []
    for line in lines:
        other = _right_of(line, shapes)
        if other is None or any(strip.between(line, other) for strip in found):
            continue
        strip = _grown(line, other, shapes)
        if strip.bottom - strip.top > 2 * line.size:  # less high, it has one line on a side at most
            strip.left, strip.right = _sides(strip, lines)
            found.append(strip)
    kept: list[Strip] = []
    level = Level(lines)
    for strip in sorted(found, key=lambda one: -min(len(one.left), len(one.right))):
        # What stands beyond another strip is no neighbour of this one.
        strip.left = [line for line in strip.left if not _beyond(line, strip, kept)]
        strip.right = [line for line in strip.right if not _beyond(line, strip, kept)]
        if _parts_columns(strip, level, found):
            kept.append(strip)
    return kept


def _beyond(line: Line, strip: Strip, others: Sequence[Strip]) -> bool:
    middle = (line.top + line.bottom) / 2
    return any(
        other.top <= middle <= other.bottom
        and (
            strip.x1 - 1 <= other.x0 and other.x1 <= line.x0 + 1
            if line.x0 >= strip.x1 - 1
            else other.x1 <= strip.x0 + 1 and line.x1 <= other.x0 + 1
        )
        for other in others
    )


def _middle(shape: Shape) -> float:
    return (shape.top + shape.bottom) / 2


def _right_of(line: Line, shapes: Sequence[Shape]) -> Shape | None:
    near = (
        shape
        for shape in shapes
        if shape.x0 >= line.x1
        and beside(line, shape) > 0.3 * min(line.size, shape.bottom - shape.top)
    )
    return min(near, key=lambda shape: shape.x0, default=None)


def _grown(line: Line, other: Shape, shapes: Sequence[Shape]) -> Strip:
    """The gap between two shapes, made as tall as it can be while it keeps some width."""
    strip = Strip(line.x1, other.x0, 0.0, float("inf"), [], [])
    least = min(_NARROWEST * line.size, strip.width)
    middle = (max(line.top, other.top) + min(line.bottom, other.bottom)) / 2
    half = bisect_left(shapes, middle, key=_middle)
    above, below = shapes[:half][::-1], shapes[half:]
    for shape in above:
        if not _narrowed(strip, shape, least):
            strip.top = shape.bottom
            break
    for shape in below:
        if not _narrowed(strip, shape, least):
            strip.bottom = shape.top
            break
    return strip


def _narrowed(strip: Strip, shape: Shape, least: float) -> bool:
    """Whether the strip passes a shape, made narrower where it has to be."""
    if shape.x1 <= strip.x0 or shape.x0 >= strip.x1:
        return True
    left, right = strip.x0, strip.x1
    if shape.x1 - strip.x0 < strip.x1 - shape.x0:
        left = shape.x1
    else:
        right = shape.x0
    if right - left < least:
        return False
    strip.x0, strip.x1 = left, right
    return True


def _sides(strip: Strip, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The lines along a strip that nothing separates from it, as far as there are any opposite."""
    along = [
        line for line in lines if strip.top - 1 <= (line.top + line.bottom) / 2 <= strip.bottom + 1
    ]
    left = _nearest([line for line in along if line.x1 <= strip.x0 + 1], lambda line: -line.x1)
    right = _nearest(
        [line for line in along if -1 <= line.x0 - strip.x1 < _FAR * line.size],
        lambda line: line.x0,
    )
    if not left or not right:
        return left, right
    top = max(min(line.top for line in left), min(line.top for line in right)) - left[0].size
    bottom = min(max(line.bottom for line in left), max(line.bottom for line in right))
    bottom += left[0].size
    return (
        [line for line in left if line.bottom > top and line.top < bottom],
        [line for line in right if line.bottom > top and line.top < bottom],
    )


def _nearest(lines: list[Line], distance: Callable[[Line], float]) -> list[Line]:
    """Of the lines that stand beside each other, the nearest ones."""
    found: list[Line] = []
    for line in sorted(lines, key=distance):
        if all(beside(line, other) < 0.5 * line.size for other in found):
            found.append(line)
    return sorted(found, key=lambda line: line.base)


def _parts_columns(strip: Strip, lines: Level, found: Sequence[Strip]) -> bool:
    """Whether people read down one side of the strip before the other."""
    least = min(len(strip.left), len(strip.right))
    if least < 2 or any(map(_markers, (strip.left, strip.right))):
        return False
    size = median(line.size for line in (*strip.left, *strip.right))
    facing = sum(any(beside(one, other) > 0 for other in strip.right) for one in strip.left)
    least = min(least, facing)
    if least < 2:
        return False
    if least < 3 and strip.width < _WIDE * size:
        return False
    turns = _turns(strip)
    if len(turns) <= 2:
        return True
    # Running heads and notes beside two columns are drawn before and after them.
    most = max(len(one) + len(other) for one, other in itertools.pairwise(turns))
    if most < 0.6 * sum(map(len, turns)) and _in_rows(turns):
        return False
    tall = [
        other
        for other in found
        if other is not strip and min(len(other.left), len(other.right)) >= max(3, 0.4 * least)
    ]
    return strip.width >= 0.7 * size and all(
        _prose([_whole(line, strip, lines, tall) for line in side])
        for side in (strip.left, strip.right)
    )


def _whole(line: Line, strip: Strip, lines: Level, tall: Sequence[Strip]) -> Line:
    """A line with what goes on beside it, on its side of the strip, up to another tall one."""
    level = [
        other
        for other in (lines.lines[at] for at in lines.near(line))
        if beside(line, other) > 0.5 * line.size
        and (other.x0 >= strip.x1 - 1) == (line.x0 >= strip.x1 - 1)
        and not any(one.between(*sorted((line, other), key=_left)) for one in tall)
    ]
    return row(sorted(level, key=_left))


def _left(line: Line) -> float:
    return line.x0


def _markers(lines: Sequence[Line]) -> bool:
    """Bullets and numbers of a list, or page numbers of a table of contents."""
    return all(MARKER.fullmatch(line.text) for line in lines)


def _turns(strip: Strip) -> list[list[Line]]:
    """The lines in the order in which they were drawn, parted where the side changes."""
    lefts = set(map(id, strip.left))
    turns: list[list[Line]] = []
    side: bool | None = None
    for line in sorted((*strip.left, *strip.right), key=lambda line: line.order):
        if (id(line) in lefts) is not side:
            turns.append([])
            side = id(line) in lefts
        turns[-1].append(line)
    return turns


def _in_rows(turns: Sequence[Sequence[Line]]) -> bool:
    """Whether what was drawn in turn stands side by side, several lines each: cells of a table."""
    pairs = list(zip(turns[::2], turns[1::2], strict=False))
    level = [
        abs(min(line.top for line in one) - min(line.top for line in other)) < one[0].size
        for one, other in pairs
    ]
    lines = sum(map(len, turns))
    return len(pairs) > 1 and all(level) and lines > 1.3 * len(turns)


def _prose(lines: Sequence[Line]) -> bool:
    """Whether lines run on from one to the next, rather than being cells of a table."""
    widest = max(line.width for line in lines)
    words = sum(line.text.count(" ") + 1 for line in lines) / len(lines)
    full = sum(line.width >= 0.7 * widest for line in lines) / len(lines)
    running = sum(line.text[0].isalpha() and not line.text[0].isupper() for line in lines[1:])
    if running < 0.3 * (len(lines) - 1):
        return False
    return (words >= 4 and full >= 0.5) or (len(lines) >= 5 and words >= 2.5 and full >= 0.6)
