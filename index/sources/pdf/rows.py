"""Stretches of a line put side by side, and parted again where they do not belong together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from index.sources.pdf.shapes import Line, beside

_JOINED = 1.2  # of the letters' size: a wider gap is crossed only by what was drawn in one go
NUMBERED = re.compile(r"\([A-Z]?\d+(?:\.\d+)*[a-z]?\)")  # as equations are, at the right edge


class Level:
    """Lines by their height, so that those beside one are at hand."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = sorted(lines, key=lambda line: line.base)
        self._bases = [line.base for line in self.lines]
        self._reach = max((line.size for line in lines), default=0.0)

    def near(self, line: Line) -> range:
        """The places of the lines that may stand beside a line."""
        return range(
            bisect_left(self._bases, line.base - self._reach),
            bisect_right(self._bases, line.base + self._reach),
        )


def rows(lines: Sequence[Line], apart: Callable[[Line, Line], bool]) -> list[Line]:
    """Put the stretches of a line side by side, unless something keeps two of them `apart`."""
    level = Level(lines)
    lines = level.lines
    following: dict[int, int] = {}
    taken: set[int] = set()
    for at, line in enumerate(lines):
        best: tuple[float, int] | None = None
        for to in level.near(line):
            other = lines[to]
            if to == at or other.x0 <= line.x0 or other.x1 <= line.x1:
                continue
            if beside(line, other) > 0.5 * min(line.size, other.size):
                best = min(best or (other.x0, to), (other.x0, to))
        if best is None or best[1] in taken:
            continue
        if not apart(line, lines[best[1]]):
            following[at] = best[1]
            taken.add(best[1])
    found = []
    for at in range(len(lines)):
        if at not in taken:
            chain = [lines[at]]
            while (at := following.get(at, -1)) >= 0:
                chain.append(lines[at])
            found.append(row(chain))
    return found


def row(cells: Sequence[Line]) -> Line:
    """Stretches of one line as a line that remembers them."""
    if len(cells) == 1:
        return cells[0]
    longest = max(cells, key=lambda cell: len(cell.text))
    return Line(
        " ".join(cell.text for cell in cells),
        cells[0].x0,
        cells[-1].x1,
        longest.base,
        longest.size,
        all(cell.bold for cell in cells),
        all(cell.mono for cell in cells),
        cells[0].order,
        list(cells),
    )


def parted(line: Line) -> Iterator[Line]:
    """The stretches of a line that is no row of a table: one, unless they do not belong together.

    Across a wide gap only what was drawn one after the other is one line.
    """
    together: list[Line] = []
    for cell in line.cells or [line]:
        if together:
            before = together[-1]
            gap = (cell.x0 - before.x1) / max(cell.size, before.size)
            alike = abs(cell.size - before.size) < 0.2 * cell.size
            drawn_next = 0 < cell.order - before.order <= before.text.count(" ") + 2
            numbered = NUMBERED.fullmatch(cell.text)
            if not (gap < _JOINED and alike) and not drawn_next and not numbered:
                yield row(together)
                together = []
        together.append(cell)
    yield row(together)
