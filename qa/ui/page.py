"""A document of any size on the screen: only what is in view is ever wrapped and rendered."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qa.types import Document
from qa.ui.wording import plain
from qa.ui.wrapping import Layout, Span, blocks

MEASURE = 84  # cells in a row: longer ones tire the reader
LEAST = 10
CURRENT, QUOTE, FOUND = "▶ ", "▏ ", "• "  # beside the rows, so that no mark is told by colour alone


class Page(ScrollView, can_focus=True):
    """The text of a document, wrapped, with the quotes of an answer and the words found in it.

    Its height is estimated but for what was looked at, so that 30 MB open, resize and scroll to
    anywhere at once.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "page--text",
        "page--heading",
        "page--mark",
        "page--found",
        "page--current",
        "page--rule",
        "page--break",
    }
    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="reading.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="reading.up"),
        Binding("space,pagedown", "page(1)", "Page down", show=False, id="reading.page"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="reading.page-up"),
        Binding("g,home,ctrl+home", "edge(False)", "Top", show=False, id="reading.top"),
        Binding("G,end,ctrl+end", "edge(True)", "End", show=False, id="reading.end"),
    ]

    class Moved(Message):
        """Another part of the document is in view."""

    def __init__(self, document: Document) -> None:
        """Show a document from its beginning, without marks."""
        super().__init__()
        self.document = document
        self.quotes: Sequence[Span] = ()
        self.found: Sequence[Span] = ()
        self.current: Span | None = None
        self._blocks = blocks(document.text)
        self._rows: Layout | None = None
        self._width = 0
        self._target: tuple[int, int] | None = None
        # The rows of a table are lines already: a rule over each would double it.
        self._pages = [
            page for page in document.pages if not page.label.rpartition(", ")[2].startswith("row ")
        ]
        self._breaks = array("Q", (page.start for page in self._pages))
        self._heads = [heading.start for heading in document.headings]

    def mark(
        self, quotes: Sequence[Span], found: Sequence[Span] = (), current: Span | None = None
    ) -> None:
        """Mark quotes and what was found (each in order, apart from each other), one as current."""
        self.quotes, self.found, self.current = quotes, found, current
        self.refresh()

    def reveal(self, offset: int, above: int = 4) -> None:
        """Scroll to an offset, now or as soon as the width is known."""
        self._target = (offset, above)
        self._arrive()

    def shows(self, span: Span) -> bool:
        """Whether the beginning of a span is in view."""
        first, last = self.in_view()
        return first <= span[0] < last

    def in_view(self) -> Span:
        """From the first to the last character in view."""
        if self._rows is None:
            return 0, 0
        top = round(self.scroll_y)
        return self._rows.span(top)[0], self._rows.span(top + max(0, self.size.height - 1))[1]

    def page_in_view(self) -> str:
        """The page of the document that the first row in view stands on, if it has any."""
        return self.document.page_at(self.in_view()[0])

    def heading_in_view(self) -> int:
        """The place, among the headings, of the one that the first row in view stands under."""
        return max(0, bisect_right(self._heads, self.in_view()[0]) - 1)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for another width, and stay at the same place."""
        width = max(LEAST, min(MEASURE, event.size.width - 4))
        if width != self._width:
            if self._target is None and self._rows is not None:
                self._target = (self.in_view()[0], 0)
            self._width = width
            self._rows = Layout(self.document.text, width, self._blocks, self._breaks)
            self._fit()
        self._arrive()
        self._settle()
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Wrap what comes into view."""
        super().watch_scroll_y(old_value, new_value)
        self._settle()
        self.post_message(self.Moved())

    def _fit(self) -> None:
        if self._rows is not None and self._rows.height != self.virtual_size.height:
            self.virtual_size = Size(self.size.width, self._rows.height)

    def _settle(self) -> None:
        if self._rows is None or self._target is not None:
            return
        top = round(self.scroll_y)
        settled = self._rows.settle(top, self.size.height)
        self._fit()
        if settled != top:
            self.scroll_to(y=settled, animate=False, force=True)

    def _arrive(self) -> None:
        if self._target is None or self._rows is None:
            return
        offset, above = self._target
        for _ in range(2):  # wrapping the rows above may move the row
            top = max(0, self._rows.row_of(offset) - above)
            self._rows.settle(top, self.size.height)
        self._target = None
        self._fit()
        top = max(0, self._rows.row_of(offset) - above)
        self.scroll_to(y=top, animate=False, force=True)

    def action_move(self, by: int) -> None:
        """Scroll by rows. Never animated: rows that come into view may still move."""
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by a screenful, but for one row."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_edge(self, end: bool) -> None:
        """Go to the beginning or the end of the document."""
        self.reveal(len(self.document.text) if end else 0, above=self.size.height - 1 if end else 1)

    def render_line(self, y: int) -> Strip:
        """Render one row: a rule beside marked rows, and the text with its marks."""
        row = y + self.scroll_offset.y
        base = self.get_component_rich_style("page--text")
        if self._rows is None or row >= self._rows.height:
            return Strip.blank(self.size.width, base)
        start, end = self._rows.span(row)
        if start == end and (label := self._page_from(start)):
            return self._break(label)
        quotes, found = _within(self.quotes, start, end), _within(self.found, start, end)
        rule = QUOTE if quotes else FOUND if found else "  "
        if self.current and self.current in (*quotes, *found):
            rule = CURRENT
        left = max(0, (self.size.width - self._width - 2) // 2)
        segments = [
            Segment(" " * left, base),
            Segment(rule, self.get_component_rich_style("page--rule")),
            *self._segments(start, end, quotes, found),
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _page_from(self, offset: int) -> str:
        """The page that begins at an offset, if one does."""
        place = bisect_left(self._breaks, offset)
        begins = self._breaks[place : place + 1]
        return self._pages[place].label if offset in begins else ""

    def _break(self, label: str) -> Strip:
        """The row at which a page begins: a rule that names it."""
        name = f"── {plain(label)} "[: self._width]
        line = f"  {name}{'─' * (self._width - cell_len(name))}"
        left = max(0, (self.size.width - self._width - 2) // 2)
        base = self.get_component_rich_style("page--text")
        style = self.get_component_rich_style("page--break")
        segments = [Segment(" " * left, base), Segment(line, style)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _segments(
        self, start: int, end: int, quotes: Sequence[Span], found: Sequence[Span]
    ) -> Iterator[Segment]:
        """The row, cut wherever its style changes; what was found shows above the quotes."""
        stop = start + len(self.document.text[start:end].rstrip())
        cuts = {start, stop}
        for span in (*quotes, *found):
            cuts |= {max(start, min(stop, offset)) for offset in span}
        for first, last in pairwise(sorted(cuts)):
            name = self._style_at(first, quotes, found)
            yield self._segment(first, last, self.get_component_rich_style(name))

    def _style_at(self, offset: int, quotes: Sequence[Span], found: Sequence[Span]) -> str:
        """The style of what stands at an offset."""
        held = [span for span in (*found, *quotes) if span[0] <= offset < span[1]]
        if held and held[0] == self.current:
            return "page--current"
        if held:
            return "page--found" if held[0] in found else "page--mark"
        return "page--heading" if self._in_heading(offset) else "page--text"

    def _segment(self, start: int, end: int, style: Style) -> Segment:
        return Segment(plain(self.document.text[start:end]).replace("\n", " "), style)

    def _in_heading(self, start: int) -> bool:
        place = bisect_right(self._heads, start) - 1
        return place >= 0 and start < self.document.headings[place].end


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The spans, of those in order, that reach into a stretch of the text."""
    first = bisect_left(spans, start, key=lambda span: span[1] - 1)
    found = []
    for place in range(first, len(spans)):
        if spans[place][0] >= end:
            break
        found.append(spans[place])
    return found
