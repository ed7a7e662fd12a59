"""A document of any size on the screen: only the rows in view are ever rendered."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qa.types import Document
from qa.ui.wording import plain
from qa.ui.wrapping import Span, rows

MEASURE = 84  # cells in a row: longer ones tire the reader
SLICE = 1_000  # rows wrapped at a time: 2 ms, and 20 ms where every character is wide


class Page(ScrollView, can_focus=True):
    """The text of a document, wrapped, with its marks.

    Rows are wrapped a slice at a time on the event loop, so that a document of 30 MB opens at
    once and its scrollbar grows while one reads.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "page--text",
        "page--heading",
        "page--mark",
        "page--current",
        "page--rule",
    }
    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="reading.down"),
        Binding("k", "scroll_up", "Up", show=False, id="reading.up"),
        Binding("space", "page_down", "Page down", show=False, id="reading.page"),
    ]

    def __init__(self, document: Document) -> None:
        """Show a document from its beginning, without marks."""
        super().__init__()
        self.document = document
        self.marks: Sequence[Span] = ()
        self.current = 0
        self.starts = array("Q")
        self._rows: Iterator[int] = iter(())
        self._complete = False
        self._width = 0
        self._target: tuple[int, int] | None = None
        self._heads = [heading.start for heading in document.headings]

    def show_marks(self, marks: Sequence[Span], current: int = 0) -> None:
        """Mark these spans (in order, apart from each other), and go to one of them."""
        self.marks, self.current = marks, current
        self.refresh()
        if marks:
            self.reveal(marks[current][0])

    def reveal(self, offset: int, above: int = 4) -> None:
        """Scroll to an offset, as soon as the text is wrapped up to there."""
        self._target = (offset, above)
        self._arrive()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap anew for another width, and stay at the same place."""
        width = max(10, min(MEASURE, event.size.width - 4))
        if width == self._width:
            return
        if self._target is None and self.starts:
            self._target = (self.starts[min(round(self.scroll_y), len(self.starts) - 1)], 0)
        self._width = width
        self.starts = array("Q")
        self.virtual_size = Size(event.size.width, 0)
        self._rows = rows(self.document.text, width)
        self._wrap(self._rows)

    def _wrap(self, pending: Iterator[int]) -> None:
        if pending is not self._rows:
            return
        more = array("Q", islice(pending, SLICE))
        self.starts.extend(more)
        self._complete = len(more) < SLICE
        if self._complete or len(self.starts) >= 2 * self.virtual_size.height:
            # Every new size lays the screen out again: a few times will do.
            self.virtual_size = Size(self.size.width, len(self.starts))
            self.refresh()
        self._arrive()
        if not self._complete:
            self.set_timer(0.001, lambda: self._wrap(pending))

    def _arrive(self) -> None:
        if self._target is None or not self.starts:
            return
        offset, above = self._target
        if self._complete or self.starts[-1] > offset:
            self._target = None
            self.virtual_size = Size(self.size.width, len(self.starts))
            self.scroll_to(y=max(0, self.row_of(offset) - above), animate=False, force=True)

    def row_of(self, offset: int) -> int:
        """The row that an offset stands in."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def heading_in_view(self) -> int:
        """The place, among the headings, of the one that the first row in view stands under."""
        row = min(self.scroll_offset.y, len(self.starts) - 1)
        return max(0, bisect_right(self._heads, self.starts[row]) - 1) if self.starts else 0

    def render_line(self, y: int) -> Strip:
        """Render one row: a rule beside marked rows, and the text with its marks."""
        row = y + self.scroll_offset.y
        base = self.get_component_rich_style("page--text")
        if row >= len(self.starts):
            return Strip.blank(self.size.width, base)
        start = self.starts[row]
        end = self.starts[row + 1] if row + 1 < len(self.starts) else self._end(start)
        marks = self._within(start, end)
        rule = "  "
        if marks:
            rule = "▶ " if any(place == self.current for place, _ in marks) else "▏ "
        left = max(0, (self.size.width - self._width - 2) // 2)
        segments = [
            Segment(" " * left, base),
            Segment(rule, self.get_component_rich_style("page--rule")),
            *self._segments(start, end, marks),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _end(self, start: int) -> int:
        nearby = self.document.text[start : start + 2 * self._width]
        following = list(islice(rows(nearby, self._width), 1, 2))
        return start + (following[0] if following else len(nearby))

    def _within(self, start: int, end: int) -> list[tuple[int, Span]]:
        first = bisect_left(self.marks, start, key=lambda span: span[1] - 1)
        found = []
        for place in range(first, len(self.marks)):
            if self.marks[place][0] >= end:
                break
            found.append((place, self.marks[place]))
        return found

    def _segments(self, start: int, end: int, marks: list[tuple[int, Span]]) -> Iterator[Segment]:
        style = self.get_component_rich_style(
            "page--heading" if self._in_heading(start) else "page--text"
        )
        stop = start + len(self.document.text[start:end].rstrip())
        position = start
        for place, (mark_start, mark_end) in marks:
            before, after = max(position, mark_start), min(stop, mark_end)
            if after <= before:
                continue
            name = "page--current" if place == self.current else "page--mark"
            yield self._segment(position, before, style)
            yield self._segment(before, after, self.get_component_rich_style(name))
            position = after
        yield self._segment(position, max(position, stop), style)

    def _segment(self, start: int, end: int, style: Style) -> Segment:
        return Segment(plain(self.document.text[start:end]).replace("\n", " "), style)

    def _in_heading(self, start: int) -> bool:
        place = bisect_right(self._heads, start) - 1
        return place >= 0 and start < self.document.headings[place].end
