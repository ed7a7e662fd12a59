"""Sheets: what is laid over a screen for a moment, and closed by its key or by a click."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widget import Widget

from qa.ui.bars import shown_key
from qa.ui.bindings import key_of
from qa.ui.desk import desk

T = TypeVar("T")


class Sheet(ModalScreen[T]):
    """Lies over the middle of the screen; a click beside it closes it."""

    def on_click(self, event: events.Click) -> None:
        """Close, where what is covered was clicked."""
        if event.widget is self:
            self.dismiss()

    def offer_way_out(self, box: Widget, name: str) -> None:
        """Write on the lower frame of the sheet which key closes it; a click there does as well."""
        key = shown_key(key_of(self.app, desk(self).keymap, name))
        click = Style.from_meta({"@click": "screen.dismiss"})
        said = Content.assemble((key, "bold $accent"), " Close")
        box.border_subtitle = said.stylize(click)
