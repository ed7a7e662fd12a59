"""What stands on a page: words, lines, rules and boxes.

Coordinates are points from the upper left corner of the page as it is shown, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Kind = Literal["text", "heading", "item", "code", "table", "note", "caption"]


class Shape(Protocol):
    """Anything with a place on the page."""

    @property
    def x0(self) -> float: ...
    @property
    def x1(self) -> float: ...
    @property
    def top(self) -> float: ...
    @property
    def bottom(self) -> float: ...


class Rect(NamedTuple):
    """An upright rectangle."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def width(self) -> float:
        """From the left to the right edge."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """From the top to the bottom edge."""
        return self.bottom - self.top


@dataclass(slots=True)
class Run:
    """Letters that follow one another; `base` is the line that they stand on.

    `order` is when they were drawn.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    mono: bool
    order: int

    @property
    def top(self) -> float:
        """The upper edge of capital letters, about."""
        return self.base - 0.8 * self.size

    @property
    def bottom(self) -> float:
        """The lower edge of letters such as g."""
        return self.base + 0.2 * self.size


@dataclass(slots=True)
class Word(Run):
    """Letters without a gap.

    `spaced` says that a space of the file's own follows, `set_apart` that one stands before.
    """

    spaced: bool = False
    set_apart: bool = False


@dataclass(slots=True)
class Line(Run):
    """A line of a column; `cells` are its stretches where wide gaps set them apart."""

    cells: list[Line] = field(default_factory=list)

    @property
    def width(self) -> float:
        """From the first letter to the end of the last."""
        return self.x1 - self.x0


@dataclass(slots=True)
class Sheet:
    """A page: its words by the angle that they run at, and what is drawn (`dots` may be bullets).

    `hidden` says that there was text that nobody can see; `strange` counts letters that the file
    does not tell the meaning of.
    """

    width: float
    height: float
    words: dict[int, list[Word]]
    rules: list[Rect]
    boxes: list[Rect]
    images: list[Rect]
    dots: list[Rect]
    hidden: bool = False
    strange: int = 0


def overlap(one: Shape, other: Shape) -> float:
    """How many points of their width two shapes share; below 0 is the gap between them."""
    return min(one.x1, other.x1) - max(one.x0, other.x0)


def beside(one: Shape, other: Shape) -> float:
    """How many points of their height two shapes share; below 0 is the gap between them."""
    return min(one.bottom, other.bottom) - max(one.top, other.top)


def within(shape: Shape, frame: Shape, slack: float = 2.0) -> bool:
    """Whether the middle of a shape is in a frame."""
    x, y = (shape.x0 + shape.x1) / 2, (shape.top + shape.bottom) / 2
    return (
        frame.x0 - slack <= x <= frame.x1 + slack and frame.top - slack <= y <= frame.bottom + slack
    )


def around(shapes: Iterable[Shape]) -> Rect:
    """The smallest rectangle around shapes, of which there is at least one."""
    found = list(shapes)
    return Rect(
        min(shape.x0 for shape in found),
        min(shape.top for shape in found),
        max(shape.x1 for shape in found),
        max(shape.bottom for shape in found),
    )
