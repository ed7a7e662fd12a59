"""The files that the last build left out, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qa.types import Backend, Skipped
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.desk import desk
from qa.ui.jobs import Job
from qa.ui.messages import Unavailable
from qa.ui.wrapping import rows

NOTHING = "Nothing was left out when the index was last brought up to date."


@dataclass
class Wrapped(Message):
    """The lines of the list at a width, each with whether it names a file."""

    width: int
    count: int
    lines: Sequence[tuple[str, bool]]


def lines(skipped: Sequence[Skipped], width: int) -> list[tuple[str, bool]]:
    """Each file's path, and below it, indented, why it was left out; or that none was."""
    texts = [
        (indent, wording.flow(text), named)
        for item in skipped
        for indent, text, named in (("", item.path, True), ("  ", item.reason, False))
    ]
    found: list[tuple[str, bool]] = []
    for indent, text, named in texts or [("", NOTHING, False)]:
        starts = [*rows(text, max(8, width - len(indent))), len(text)]
        found += [(indent + text[first:last].rstrip(), named) for first, last in pairwise(starts)]
    return found


class LeftOut(ScrollView, can_focus=True):
    """The list, however long: only the lines in view are rendered."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"left-out--path", "left-out--reason"}

    def __init__(self, backend: Backend) -> None:
        """Start empty."""
        super().__init__()
        self._backend = backend
        self._lines: Sequence[tuple[str, bool]] = ()
        self._job: Job | None = None

    def on_resize(self) -> None:
        """Fetch and wrap anew, in the background."""
        width = self.scrollable_content_region.width

        def work(job: Job) -> None:
            skipped = self._backend.status().skipped
            job.tell(Wrapped(width, len(skipped), lines(skipped, width)))

        if self._job is not None:
            self._job.cancelled = True
        self._job = desk(self).start(work, Unavailable, to=self)

    def on_wrapped(self, message: Wrapped) -> None:
        """Show them."""
        self._lines = message.lines
        self.virtual_size = Size(message.width, len(message.lines))
        self.refresh()

    def on_unavailable(self, message: Unavailable) -> None:
        """Say why it cannot be told."""
        width = self.scrollable_content_region.width
        text = f"! {wording.flow(message.sentence)}"
        starts = [*rows(text, max(8, width)), len(text)]
        told = [(text[first:last].rstrip(), True) for first, last in pairwise(starts)]
        self.on_wrapped(Wrapped(width, 0, told))

    def render_line(self, y: int) -> Strip:
        """Render one line."""
        row = y + self.scroll_offset.y
        reason = self.get_component_rich_style("left-out--reason")
        if row >= len(self._lines):
            return Strip.blank(self.size.width, reason)
        text, named = self._lines[row]
        style = self.get_component_rich_style("left-out--path") if named else reason
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)


class LeftOutScreen(Screen[None]):
    """Every file left out, and why; scroll, and go back."""

    BINDING_GROUP_TITLE = "Files left out"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="left-out.back"),
    ]

    def __init__(self, backend: Backend) -> None:
        """Prepare."""
        super().__init__()
        self._backend = backend

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Files left out", "looking…")
        yield LeftOut(self._backend)
        yield Hints(("left-out.back", "Back"), ("rebuild", "Try them again"), ("commands", "More"))

    def on_unavailable(self) -> None:
        """Look no longer."""
        self.query_one(TitleBar).say("")

    def on_wrapped(self, message: Wrapped) -> None:
        """Say how many there are."""
        self.query_one(TitleBar).say(f"{wording.counted(message.count, 'file')} left out")
