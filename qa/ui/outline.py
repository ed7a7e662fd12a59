"""The headings of a document, however many: only those in view are rendered."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qa.types import Document
from qa.ui.wording import flow

INDENT, DEEPEST = 2, 4  # cells a level, and the level from which on there is no room for more
LONGEST = 200  # characters of a heading: no outline is wider


class Outline(ScrollView, can_focus=True):
    """One heading a row, indented by its level; Enter or a click goes there."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"outline--heading", "outline--cursor"}
    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pick", "In the outline: go there", id="outline.pick"),
        Binding("up,k", "move(-1)", "Up", show=False, id="outline.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="outline.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="outline.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="outline.page"),
        Binding("home", "edge(False)", "Top", show=False, id="outline.top"),
        Binding("end", "edge(True)", "End", show=False, id="outline.end"),
    ]

    class Picked(Message):
        """The heading of this place was picked."""

        def __init__(self, place: int) -> None:
            """Remember which."""
            super().__init__()
            self.place = place

    def __init__(self, document: Document) -> None:
        """Show the headings of a document."""
        super().__init__()
        self._document = document
        self.cursor = 0

    @property
    def count(self) -> int:
        """The number of headings."""
        return len(self._document.headings)

    def on_resize(self) -> None:
        """Fit."""
        self.virtual_size = Size(self.size.width, self.count)
        self.show(self.cursor)

    def show(self, place: int) -> None:
        """Put the cursor on a heading, and keep it in view."""
        self.cursor = max(0, min(self.count - 1, place))
        top, height = round(self.scroll_y), max(1, self.size.height)
        if not top <= self.cursor < top + height:
            top = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=top, animate=False, force=True)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.show(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by screenfuls."""
        self.show(self.cursor + by * max(1, self.size.height - 1))

    def action_edge(self, end: bool) -> None:
        """Move the cursor to the first or the last heading."""
        self.show(self.count if end else 0)

    def action_pick(self) -> None:
        """Go to the heading under the cursor."""
        self.post_message(self.Picked(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Go to the heading that is clicked."""
        offset = event.get_content_offset(self)
        row = (offset.y if offset else event.y) + self.scroll_offset.y
        if row < self.count:
            self.show(row)
            self.action_pick()

    def render_line(self, y: int) -> Strip:
        """Render one heading."""
        row, width = y + self.scroll_offset.y, self.size.width
        style = self.get_component_rich_style("outline--heading")
        if row >= self.count:
            return Strip.blank(width, style)
        heading = self._document.headings[row]
        text = flow(self._document.text[heading.start : min(heading.end, heading.start + LONGEST)])
        sign = "  "
        if row == self.cursor:
            style, sign = self.get_component_rich_style("outline--cursor"), "▶ "
        indent = " " * INDENT * (min(heading.level, DEEPEST) - 1)
        strip = Strip([Segment(f"{sign}{indent}{text}", style)])
        if strip.cell_length > width:
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("…", style)])])
        return strip.adjust_cell_length(width, style)
