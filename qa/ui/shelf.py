"""The list of documents: column heads, and rows that are rendered only where in view."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from qa.ui.columns import COLUMNS, Order, Row, States, shown, text

TICKS = 6  # cells before the columns: the cursor, and the tick
TICKED, UNTICKED = "[✓] ", "[ ] "


def fit(words: str, width: int, *, number: bool = False) -> str:
    """Text in a column of so many cells, the last of them blank; an ellipsis for what is cut."""
    room = width - (2 if number else 1)
    if cell_len(words) > room:
        words = set_cell_size(words, max(0, room - 1)).rstrip() + "…"
    blank = " " * max(0, room - cell_len(words))
    return f"{blank}{words}  " if number else f"{words}{blank} "


class Heads(Widget):
    """The heads of the columns; a click sorts by one, or turns the order around."""

    @dataclass
    class Clicked(Message):
        """A head was clicked: of a column, or (None) of the ticks."""

        column: int | None

    def __init__(self) -> None:
        """Start in the order of titles."""
        super().__init__()
        self.order = Order()

    def show(self, order: Order) -> None:
        """Show which way the list is sorted."""
        self.order = order
        self.refresh()

    def _columns(self) -> list[tuple[int, int]]:
        return shown(self.content_size.width - TICKS, self.order.column)

    def render_line(self, _y: int) -> Strip:
        """Write them."""
        style = self.rich_style
        segments = [Segment("  Ask ".ljust(TICKS), style)]
        for place, width in self._columns():
            column = COLUMNS[place]
            here = place == self.order.column
            head = f"{column.head} {self.order.sign}" if here else column.head
            bold = style + Style(bold=here)
            segments.append(Segment(fit(head, width, number=column.number), bold))
        return Strip(segments).adjust_cell_length(self.size.width, style)

    def on_click(self, event: events.Click) -> None:
        """Tell which was clicked."""
        left = TICKS
        if event.x < left:
            self.post_message(self.Clicked(None))
        for place, width in self._columns():
            if left <= event.x < left + width:
                self.post_message(self.Clicked(place))
            left += width


class Shelf(ScrollView, can_focus=True):
    """The documents, one row each, with a tick before those that count."""

    BINDING_GROUP_TITLE = "Library"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"shelf--title", "shelf--aside", "shelf--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "read", "Read the document", id="library.read"),
        Binding("home", "move(-1000000000)", "First", show=False, id="library.first"),
        Binding("end", "move(1000000000)", "Last", show=False, id="library.last"),
    ]

    class Opened(Message):
        """The row under the cursor is to be read."""

    class Ticked(Message):
        """The tick of the row under the cursor is to be set or taken away."""

    class Moved(Message):
        """The cursor stands on another row."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.rows: Sequence[Row] = ()
        self.states: States = {}
        self.ticked: Collection[str] = ()
        self.order = Order()
        self.cursor = 0

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def show(self, rows: Sequence[Row], order: Order, keep: str | None = None) -> None:
        """Show these rows instead, with the cursor on the document `keep`, or on the first."""
        self.rows, self.order = rows, order
        self.virtual_size = Size(self.size.width, len(rows))
        places = (place for place, row in enumerate(rows) if row.id == keep)
        self.go(next(places, 0) if keep else 0)

    def on_resize(self) -> None:
        """Fit."""
        self.virtual_size = Size(self.size.width, len(self.rows))
        self.go(self.cursor)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.go(self.cursor + by)

    def go(self, place: int) -> None:
        """Put the cursor on a row, and keep that in view."""
        self.cursor = max(0, min(len(self.rows) - 1, place))
        top, height = round(self.scroll_y), max(1, self.size.height)
        if not top <= self.cursor < top + height:
            top = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=top, animate=False, force=True)
        self.post_message(self.Moved())
        self.refresh()

    def action_read(self) -> None:
        """Open the document under the cursor."""
        if self.rows:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Tick where the tick is clicked; open what is clicked elsewhere."""
        place = event.y + self.scroll_offset.y
        if place < len(self.rows):
            self.go(place)
            self.post_message(self.Ticked() if event.x < TICKS else self.Opened())

    def render_line(self, y: int) -> Strip:
        """Render one document, in columns."""
        place = y + self.scroll_offset.y
        aside = self.get_component_rich_style("shelf--aside")
        if place >= len(self.rows):
            return Strip.blank(self.size.width, aside)
        row, here = self.rows[place], place == self.cursor
        title = self.get_component_rich_style("shelf--title")
        if here:
            title = aside = self.get_component_rich_style("shelf--cursor")
        tick = TICKED if row.id in self.ticked else UNTICKED
        segments = [Segment(("▶ " if here else "  ") + tick, title)]
        for column, width in shown(self.size.width - TICKS, self.order.column):
            words = text(column, row, self.states, width)
            cell = fit(words, width, number=COLUMNS[column].number)
            segments.append(Segment(cell, title if column == 0 else aside))
        return Strip(segments).adjust_cell_length(self.size.width, aside)
