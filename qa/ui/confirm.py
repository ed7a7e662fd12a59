"""A question before something goes: what goes, what stays, and two ways on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button

from qa.ui import wording
from qa.ui.sheet import Sheet
from qa.ui.words import Words


class Confirm(Sheet[bool]):
    """Asks; the answer is True only where the user says so on purpose."""

    AUTO_FOCUS = "#no"
    BINDING_GROUP_TITLE = "Before something goes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "Leave it as it is", id="confirm.no"),
        Binding("y", "answer(True)", "Do it", id="confirm.yes"),
        Binding("left,up", "app.focus_previous", "Other button", show=False, id="confirm.previous"),
        Binding("right,down", "app.focus_next", "Other button", show=False, id="confirm.next"),
    ]

    def __init__(self, question: str, what: str, yes: str, no: str) -> None:
        """Ask `question`; `what` says what it does, `yes` and `no` name the answers."""
        super().__init__()
        self._question, self._what = question, what
        self._yes, self._no = yes, no

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical():
            yield Words(wording.plain(self._question), classes="title")
            with VerticalScroll(can_focus=False):
                yield Words(wording.plain(self._what), classes="gap")
            with Horizontal():
                yield Button(Content(f"{self._no} (n)"), id="no", compact=True)
                yield Button(Content(f"{self._yes} (y)"), id="yes", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer."""
        self.dismiss(yes)
