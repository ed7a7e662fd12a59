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
from qa.ui.scope import ScopeBar
from qa.ui.sources import WIDE, Card, SourcesPane, SourcesScreen
from qa.ui.welcome import Welcome
from qa.ui.words import Words

NAME = 50  # characters of a conversation's name


class Prompt(Words):
    """The sign before the question; a click on it asks."""

    def on_click(self) -> None:
        """Ask."""
        self.screen.query_one(Composer).action_send()


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
            tooltip="Go to a source by its number (while no question is typed)",
        )
        for digit in range(10)
    ]

    def __init__(self) -> None:
        """Start without sources on show."""
        super().__init__()
        self.shown = 0
        self.status: IndexStatus | None = None  # of the index, once it is open
        self.conversation = Conversation()

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Quoth")
        with Horizontal(id="room"):
            yield self.conversation
            yield SourcesPane()
        yield BuildPanel()
        yield ScopeBar()
        completions = Completions()
        yield completions
        with Horizontal(id="question"):
            yield Prompt("›", classes="prompt")
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
        if backend is not None and status.documents and not self.conversation.turns:
            desk(self).start(lambda job: job.tell(Suggested(backend.suggestions())), to=welcome)
        self.renew(status)

    def renew(self, status: IndexStatus) -> None:
        """Say at the top what the index holds by now, and how it is kept so."""
        self.status = status
        for welcome in self.query(Welcome):
            welcome.show(status)
        self.query_one(TitleBar).say(f"{wording.holdings(status)}{desk(self).current.sign}")

    def clear(self) -> None:
        """Begin anew."""
        self.shown = 0
        self.conversation.clear()
        self.query_one(SourcesPane).show((), Marks())
        self.name_conversation("")

    def name_conversation(self, title: str) -> None:
        """Say at the top which conversation this is, where it has a name."""
        named = f"Quoth · {wording.shorten(title, NAME)}" if title else "Quoth"
        self.query_one(TitleBar).entitle(named)

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

    def action_cite(self, number: int, citation: int) -> None:
        """Go to a source of a turn: beside the conversation, or on a screen of its own."""
        turn = self.turn(number)
        if turn is not None and number != self.shown:
            self.show_sources(turn)
        pane = self.query_one(SourcesPane)
        if self.app.size.width >= WIDE:
            self.call_after_refresh(pane.action_focus_card, citation)
        elif turn is not None and pane.number(citation):
            screen = SourcesScreen(pane.sources, citation, turn.marks)
            self.app.push_screen(screen, self._beside)

    def _beside(self, citation: int | None) -> None:
        """Go on beside the conversation, where the screen of the sources found room for it."""
        if citation is not None:
            self.call_after_refresh(self.query_one(SourcesPane).action_focus_card, citation)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Forget which source one was at."""
        if not isinstance(event.widget, Card):
            self.query_one(SourcesPane).at = None

    def on_resize(self, event: events.Resize) -> None:
        """Stay at the source one is at, on a screen of its own where there is no more room."""
        if self.app.screen is self:
            self._keep_source(event.size.width)

    def on_screen_resume(self) -> None:
        """Do so after reading as well."""
        self._keep_source(self.app.size.width)

    def _keep_source(self, width: int) -> None:
        for pane in self.query(SourcesPane):
            if width < WIDE and pane.at is not None:
                at, pane.at = pane.at, None
                self.action_cite(self.shown, at)

    def action_source(self, digit: int) -> None:
        """Go to a source of the answer whose sources are on show; 1 and 2 at once are 12."""
        self.action_cite(self.shown, self.query_one(SourcesPane).typed(digit))

    def on_key(self, event: events.Key) -> None:
        """Let typing begin anywhere: text goes into the question.

        What comes here while the question has the focus was on its way before it had.
        """
        composer = self.query_one(Composer)
        if event.is_printable and event.character:
            going_on = self.focused is composer and composer.text
            if event.key in self.active_bindings and not going_on:
                return
            event.stop()
            self.set_focus(composer)  # at once, where `focus` lets what follows come first
            composer.insert(event.character)
