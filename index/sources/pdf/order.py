"""In which order people read what stands on a page.

After T. M. Breuel, "High performance document layout analysis" (2003): what stands above something
comes before it; so does what stands to its left, unless a third thing between the two in height
reaches over both, as a title over columns does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from index.sources.pdf.shapes import Line, Rect, Shape, around, overlap

_MOST = 200  # things that are put in order by all pairs; labels of a map are more
_SLACK = 3.0  # points that columns may stick into each other

S = TypeVar("S", bound=Shape)


def stacks(
    lines: Sequence[Line], obstacles: Sequence[Rect], rules: Sequence[Rect] = ()
) -> list[list[Line]]:
    """Lines that follow each other alone: each is the only one below and above the other.

    Rules between lines, as over notes, part them.
    """
    across = [rule for rule in rules if rule.width > 20 and rule.width > rule.height]
    ordered: list[Shape] = sorted([*lines, *obstacles], key=lambda shape: shape.top)
    below = [_next(ordered, at) for at in range(len(ordered))]
    above: list[list[int]] = [[] for _ in ordered]
    for at, found in enumerate(below):
        for other in found:
            above[other].append(at)
    found_stacks: list[list[Line]] = []
    of: dict[int, list[Line]] = {}
    for at, shape in enumerate(ordered):
        if not isinstance(shape, Line):
            continue
        before = above[at]
        stack = of.get(before[0]) if len(before) == 1 and len(below[before[0]]) == 1 else None
        if stack is None or not _alike(stack[-1], shape) or _ruled(stack[-1], shape, across):
            stack = []
            found_stacks.append(stack)
        stack.append(shape)
        of[at] = stack
    return found_stacks


def _next(ordered: Sequence[Shape], at: int) -> list[int]:
    """What stands next below a shape: all that begins before the nearest one ends."""
    shape = ordered[at]
    found: list[int] = []
    bottom = float("inf")
    for other in range(at + 1, len(ordered)):
        following = ordered[other]
        if (following.top + following.bottom) / 2 > bottom:
            break
        middle = (shape.top + shape.bottom) / 2
        if following.top > middle and overlap(shape, following) > _SLACK:
            found.append(other)
            bottom = min(bottom, following.bottom)
    return found


def _ruled(line: Line, following: Line, rules: Sequence[Rect]) -> bool:
    """Whether a rule parts two lines, rather than underlining the first."""
    return any(
        line.bottom <= (rule.top + rule.bottom) / 2 <= following.top
        and overlap(rule, following) > 0
        for rule in rules
    )


def _alike(line: Line, following: Line) -> bool:
    """Whether lines may belong to one stretch of text."""
    sizes = sorted((line.size, following.size))
    gap = following.base - line.base
    return sizes[1] <= 1.12 * sizes[0] and gap < 2.6 * sizes[1] and line.mono == following.mono


def in_order(things: Sequence[S]) -> list[S]:
    """The order to read things in, each of which has its place on the page."""
    shapes = sorted(things, key=lambda thing: (thing.top, thing.x0))
    if len(shapes) > _MOST:
        return shapes
    waits = [
        {
            before
            for before in range(len(shapes))
            if before != at and _precedes(shapes[before], shapes[at], shapes)
        }
        for at in range(len(shapes))
    ]
    left = dict(enumerate(waits))
    found: list[S] = []
    while left:
        free = [at for at, others in left.items() if not others]
        # Where each waits for another, the one that waits for the fewest goes first.
        chosen = free[0] if free else min(left, key=lambda at: (len(left[at]), at))
        if free and found:
            chosen = min(free, key=lambda at: (_away(found[-1], shapes[at]), at))
        del left[chosen]
        for others in left.values():
            others.discard(chosen)
        found.append(shapes[chosen])
    return found


def _away(last: Shape, shape: Shape) -> bool:
    """Whether something does not stand below what was read last."""
    return not (overlap(last, shape) > _SLACK and shape.top >= last.top)


def _precedes(one: Shape, other: Shape, shapes: Sequence[Shape]) -> bool:
    if overlap(one, other) > _SLACK:
        return (one.top, one.bottom) < (other.top, other.bottom)
    if one.x0 >= other.x0:
        return False
    return not any(
        shape is not one
        and shape is not other
        and overlap(shape, one) > _SLACK
        and overlap(shape, other) > _SLACK
        and _amid(shape, one, other)
        for shape in shapes
    )


def _amid(shape: Shape, one: Shape, other: Shape) -> bool:
    """Whether a shape stands between two others in height."""
    middle = (shape.top + shape.bottom) / 2
    return min(one.bottom, other.bottom) <= middle + 1 and middle <= max(one.top, other.top) + 1


def frame(lines: Sequence[Line]) -> Rect:
    """The place of a stack of lines."""
    return around(lines)
