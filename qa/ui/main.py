"""The screen that everything starts from: the conversation, its sources and the question."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from qa.types import IndexStatus, Marks
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.cited import sources
from qa.ui.completion import Completions
from qa.ui.composer import Composer
from qa.ui.conversation import Conversation
from qa.ui.desk import desk
from qa.ui.exchange import Exchange
from qa.ui.messages import Source, Suggested
from qa.ui.rebuild import BuildPanel
from qa.ui.sources import SourcesPane, SourcesScreen
from qa.ui.welcome import Welcome
from qa.ui.words import Words

WIDE = 100


class MainScreen(Screen[None]):
    """Conversation and question; the sources beside them where there is room."""

    AUTO_FOCUS = "Composer"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - not a ClassVar
    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            str(digit),
            f"source({digit})",
            "Source",
            id=f"asking.source-{digit}",
            show=False,
            tooltip="Go to a source (while no question is typed)",
        )
        for digit in range(1, 10)
    ]

    def __init__(self) -> None:
        """Start without sources on show."""
        super().__init__()
        self.shown = 0
        self.conversation = Conversation()

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Quoth")
        with Horizontal(id="room"):
            yield self.conversation
            yield SourcesPane()
        yield BuildPanel()
        completions = Completions()
        yield completions
        with Horizontal(id="question"):
            yield Words("›", classes="prompt")
            yield Composer(completions)
        yield Hints(
            ("help", "Keys"),
            ("sources", "Sources"),
            ("library", "Library"),
            ("rebuild", "Rebuild"),
            ("commands", "Commands"),
            ("quit", "Quit"),
        )

    def welcome(self, status: IndexStatus) -> None:
        """Say what is indexed, and offer questions where nothing was asked yet."""
        welcome, backend = self.query_one(Welcome), desk(self).backend
        welcome.show(status)
        if backend is not None and status.documents and not self.conversation.turns:
            desk(self).start(lambda job: job.tell(Suggested(backend.suggestions())), to=welcome)
        self.query_one(TitleBar).say(wording.holdings(status))

    def clear(self) -> None:
        """Begin anew."""
        self.shown = 0
        self.conversation.clear()
        self.query_one(SourcesPane).show((), Marks())
        self.query_one(Composer).sources = 0

    def turn(self, number: int) -> Exchange | None:
        """The turn of a number, unless it is forgotten."""
        return self.conversation.turn(number)

    def sources_of(self, number: int) -> list[Source]:
        """What stands behind the answer of a turn, as far as it has come."""
        turn = self.turn(number)
        return sources(number, turn.answer) if turn and turn.answer else []

    def show_sources(self, turn: Exchange) -> None:
        """Put the sources of a turn beside the conversation, where the digits find them."""
        self.shown = turn.number
        found = self.sources_of(turn.number)
        self.query_one(SourcesPane).show(found, turn.marks)
        self.query_one(Composer).sources = len(found)

    def action_cite(self, number: int, citation: int) -> None:
        """Go to a source of a turn: beside the conversation, or on a screen of its own."""
        turn = self.turn(number)
        if turn is not None and number != self.shown:
            self.show_sources(turn)
        pane = self.query_one(SourcesPane)
        if self.size.width >= WIDE:
            self.call_after_refresh(pane.action_focus_card, citation)
        elif turn is not None and pane.sources:
            self.app.push_screen(SourcesScreen(pane.sources, citation, turn.marks))

    def action_source(self, citation: int) -> None:
        """Go to a source of the answer whose sources are on show."""
        self.action_cite(self.shown, citation)

    def on_key(self, event: events.Key) -> None:
        """Let typing begin anywhere: text goes into the question."""
        composer = self.query_one(Composer)
        if event.is_printable and event.character and not composer.has_focus:
            if event.key in self.active_bindings:
                return
            event.stop()
            composer.focus()
            composer.insert(event.character)
