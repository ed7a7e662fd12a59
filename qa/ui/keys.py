"""The key sheet: made of the bindings themselves, opened where one is."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from qa.ui.bindings import Key, listed, sheet
from qa.ui.desk import desk
from qa.ui.sheet import Sheet
from qa.ui.words import Words

ABOUT = (
    "The words at the right name what a key does, for the table [keys] of the settings file: "
    'library = "ctrl+o". Those of the section Everywhere are slash commands, too: /library.'
)


def _named(names: tuple[str, ...]) -> str:
    return f"{names[0]} …" if len(names) > 1 else "".join(names)


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
        keys = sheet(self.app, desk(self).keymap)
        with VerticalScroll():
            for title, rows in groupby(keys, lambda key: key.section):
                yield Words(title, classes="title here" if title == self._place else "title")
                yield from map(self._row, rows)
            yield Words(ABOUT, classes="aside gap")

    @staticmethod
    def _row(key: Key) -> Horizontal:
        return Horizontal(
            Words(listed(key.keys), classes="keys"),
            Words(key.purpose, classes="purpose"),
            Words(_named(key.names), classes="names"),
        )

    def on_mount(self) -> None:
        """Go to the section."""
        box = self.query_one(VerticalScroll)
        box.focus()
        self.offer_way_out(box, "sheet.close")
        for title in self.query(".here"):
            self.call_after_refresh(title.scroll_visible, animate=False, top=True)
