"""The library: every document, narrowed down by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from qa.types import Backend, Document
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.desk import desk
from qa.ui.jobs import Job
from qa.ui.messages import Listed, Picked


def haystack(document: Document) -> str:
    """What the words of a filter are looked for in."""
    parts = (document.title, document.path, document.publisher or "", *document.authors)
    return " ".join((*parts, document.published or "")).casefold()


class Shelf(ScrollView):
    """The documents, one row each; rendered only where in view."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"shelf--title", "shelf--aside", "shelf--cursor"}

    class Clicked(Message):
        """A row was clicked."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.documents: Sequence[Document] = ()
        self.cursor = 0

    def show(self, documents: Sequence[Document]) -> None:
        """Show these documents instead."""
        self.documents = documents
        self.virtual_size = Size(self.size.width, len(documents))
        self.move(-len(documents))
        self.refresh()

    def on_resize(self) -> None:
        """Fit."""
        self.virtual_size = Size(self.size.width, len(self.documents))

    def move(self, by: int) -> None:
        """Move the cursor, and keep it in view."""
        self.cursor = max(0, min(len(self.documents) - 1, self.cursor + by))
        top, height = round(self.scroll_y), max(1, self.size.height)
        if not top <= self.cursor < top + height:
            top = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=top, animate=False, force=True)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Open what is clicked."""
        row = event.y + self.scroll_offset.y
        if row < len(self.documents):
            self.move(row - self.cursor)
            self.post_message(self.Clicked())

    def render_line(self, y: int) -> Strip:
        """Render one document: title, publisher and date, in columns."""
        row = y + self.scroll_offset.y
        aside = self.get_component_rich_style("shelf--aside")
        width = self.size.width
        if row >= len(self.documents):
            return Strip.blank(width, aside)
        document = self.documents[row]
        title = self.get_component_rich_style("shelf--title")
        if row == self.cursor:
            title = aside = self.get_component_rich_style("shelf--cursor")
        date = wording.day(document.published) if document.published else ""
        publisher = wording.flow(document.publisher or ", ".join(document.authors))
        dates, publishers = 13, (width // 4 if width >= 60 else 0)
        cells = [
            (("▶ " if row == self.cursor else "  "), title, 2),
            (wording.title(document), title, width - 2 - dates - publishers),
            (publisher, aside, publishers),
            (date, aside, dates),
        ]
        return Strip.join([_cell(*cell) for cell in cells if cell[2] > 0])


def _cell(text: str, style: Style, width: int) -> Strip:
    """Text in a column, with an ellipsis where it is longer than that."""
    strip = Strip([Segment(text, style)])
    if strip.cell_length > width - 1 and width > 2:
        strip = Strip.join([strip.crop(0, width - 2), Strip([Segment("…", style)])])
    return strip.adjust_cell_length(width, style)


class LibraryScreen(Screen[None]):
    """All documents; type to narrow them down, Enter to read."""

    BINDING_GROUP_TITLE = "Library"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="library.back"),
        Binding("up", "move(-1)", "Up", show=False, id="library.up"),
        Binding("down", "move(1)", "Down", show=False, id="library.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="library.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="library.page-down"),
    ]

    def __init__(self, backend: Backend) -> None:
        """Start without documents: they are on their way."""
        super().__init__()
        self._backend = backend
        self._documents: Sequence[Document] = ()
        self._haystacks: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Library", "opening…")
        yield Input(placeholder="Type to filter by title, publisher, author or date", compact=True)
        yield Shelf()
        yield Hints(("enter", "Read"), ("library.back", "Back"))

    def on_mount(self) -> None:
        """Fetch the documents."""

        def work(job: Job) -> None:
            documents = self._backend.documents()
            job.tell(Listed(documents, [haystack(document) for document in documents]))

        desk(self).start(work, to=self)

    def on_listed(self, message: Listed) -> None:
        """Show the documents, now that they are here."""
        self._documents, self._haystacks = message.documents, message.haystacks
        self._filter(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow down."""
        self._filter(event.value)

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        found = [
            document
            for document, haystack in zip(self._documents, self._haystacks, strict=True)
            if all(word in haystack for word in words)
        ]
        self.query_one(Shelf).show(found)
        total = wording.counted(len(self._documents), "document")
        self.query_one(TitleBar).say(f"{len(found):,} of {total}" if words else total)

    def on_input_submitted(self) -> None:
        """Open the document under the cursor."""
        shelf = self.query_one(Shelf)
        if shelf.documents:
            self.post_message(Picked(shelf.documents[shelf.cursor]))

    def on_shelf_clicked(self) -> None:
        """Open what was clicked."""
        self.on_input_submitted()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.query_one(Shelf).move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        shelf = self.query_one(Shelf)
        shelf.move(by * max(1, shelf.size.height - 1))

    def action_back(self) -> None:
        """Empty the filter first, then leave."""
        box = self.query_one(Input)
        if box.value:
            box.value = ""
        else:
            self.dismiss()
