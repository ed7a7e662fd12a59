"""The screen that everything starts from: the conversation, its sources and the question."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from qa.ui.bars import Hints, TitleBar
from qa.ui.composer import Composer
from qa.ui.conversation import Conversation, Words
from qa.ui.rebuild import BuildPanel
from qa.ui.sources import SourcesPane

WIDE = 100


class MainScreen(Screen[None]):
    """Conversation and question; the sources beside them where there is room."""

    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - not a ClassVar
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high"), (36, "-tall")]  # noqa: RUF012 - not a ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [
        (str(digit), f"app.source({digit})", "Source") for digit in range(1, 10)
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Quoth")
        with Horizontal(id="room"):
            yield Conversation()
            yield SourcesPane()
        yield BuildPanel()
        with Horizontal(id="question"):
            yield Words("›", classes="prompt")
            yield Composer()
        yield Hints(
            ("f1", "Keys"), ("ctrl+s", "Sources"), ("ctrl+l", "Library"), ("ctrl+p", "Commands")
        )

    @property
    def wide(self) -> bool:
        """Whether the sources stand beside the conversation."""
        return self.size.width >= WIDE

    def on_key(self, event: events.Key) -> None:
        """Let typing begin anywhere: text goes into the question."""
        composer = self.query_one(Composer)
        if event.is_printable and event.character and not composer.has_focus:
            if event.key in self.active_bindings:
                return
            event.stop()
            composer.focus()
            composer.insert(event.character)
