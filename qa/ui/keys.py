"""The key sheet: made of the bindings themselves, opened where one is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise, zip_longest
from typing import ClassVar

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from qa.ui.bindings import Key, listed, sheet
from qa.ui.desk import desk
from qa.ui.sheet import Sheet
from qa.ui.words import Words
from qa.ui.wrapping import rows

ABOUT = (
    "The words at the right name what a key does, for the table [keys] of the settings file: "
    'library = "ctrl+o". Those of the section Everywhere are slash commands, too: /library.'
)


def _named(names: tuple[str, ...]) -> str:
    return f"{names[0]} …" if len(names) > 1 else "".join(names)


def _wrapped(text: str, width: int) -> list[str]:
    starts = [*rows(text, width), len(text)]
    return [set_cell_size(text[start:end].rstrip(), width) for start, end in pairwise(starts)]


class Rows(Widget):
    """Keys and what they do, in columns; a widget for each cell would take a second to open."""

    def __init__(self, keys: Iterable[Key]) -> None:
        """Show these."""
        super().__init__()
        self._keys = list(keys)

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """As many lines as the columns take."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Write them."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        narrow = self.screen.has_class("-narrow")
        first, last = (14, 0) if narrow else (22, 18)
        middle = max(1, width - first - last)
        lines: list[Content] = []
        for key in self._keys:
            keys = [f"{line} " for line in _wrapped(listed(key.keys), first - 1)]
            purpose = [f"{line} " for line in _wrapped(key.purpose, max(1, middle - 1))]
            names = [] if narrow else _wrapped(_named(key.names), last)
            for left, text, right in zip_longest(keys, purpose, names, fillvalue=""):
                columns = (left.ljust(first), "bold"), text.ljust(middle), (right, "$dim")
                lines.append(Content.assemble(*columns))
        return lines


class KeySheet(Sheet[None]):
    """Every key and what it does, from the section of the place it was opened at."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-roomy")]  # noqa: RUF012 - not a ClassVar
    BINDING_GROUP_TITLE = "This sheet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f1,question_mark", "dismiss", "Close", id="sheet.close")
    ]

    def __init__(self, place: str) -> None:
        """Open at a section."""
        super().__init__()
        self._place = place

    def compose(self) -> ComposeResult:
        """Lay out."""
        every = sheet(self.app, desk(self).keymap)
        with VerticalScroll():
            for title, keys in groupby(every, lambda key: key.section):
                yield Words(title, classes="title here" if title == self._place else "title")
                yield Rows(keys)
            yield Words(ABOUT, classes="aside gap")

    def on_mount(self) -> None:
        """Go to the section."""
        box = self.query_one(VerticalScroll)
        box.focus()
        self.offer_way_out(box, "sheet.close")
        for title in self.query(".here"):
            self.call_after_refresh(title.scroll_visible, animate=False, top=True)
