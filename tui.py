"""Quoth in the terminal: wiring, bindings, work in the background, and who gets which message."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from index.errors import IndexingError
from qa.config import Settings
from qa.errors import QuothError, SettingsError
from qa.types import Answer, Backend, BuildReport, Document, Marks, Progress
from qa.ui import garbage, messages, wording
from qa.ui.bindings import fault, keymap, load, section_of
from qa.ui.commands import BINDINGS, COMMANDS
from qa.ui.composer import Composer
from qa.ui.conversation import Conversation
from qa.ui.current import LOOK
from qa.ui.desk import Builder, Opener
from qa.ui.exchange import Exchange
from qa.ui.jobs import Job
from qa.ui.keeping import Keeping
from qa.ui.leaving import leave_on_signals
from qa.ui.main import MainScreen
from qa.ui.questions import Questions
from qa.ui.saving import put
from qa.ui.sources import SourcesPane
from qa.ui.theme import DARK, LIGHT, TERMINAL, THEMES, fitting
from qa.ui.welcome import Welcome

if TYPE_CHECKING:
    from textual.command import Provider


def palette() -> type[Provider]:
    """The command palette; as the screens, it is imported when it is first opened."""
    from qa.ui.palette import Palette

    return Palette


def explain(error: Exception) -> str:
    """Say in one sentence what went wrong, and what to do."""
    if isinstance(error, (IndexingError, QuothError)):
        return str(error)
    name = type(error).__name__
    return f"Something failed inside ({name}: {error}); try again, or run `quoth doctor`."


class QuothApp(Keeping, inherit_bindings=False):
    """Routes messages between the screens and a backend that works in threads."""

    TITLE = "Quoth"
    CSS_PATH = "qa/ui/ui.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high"), (36, "-tall")]  # noqa: RUF012 - not ClassVar
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        *BINDINGS,
        Binding("escape", "cancel", "Stop the question, close a notice", show=False, id="cancel"),
        Binding("ctrl+c", "help_quit", "Tell how to quit", show=False, id="how-to-quit"),
    ]

    def __init__(
        self,
        opener: Opener,
        builder: Builder | None = None,
        theme: str = DARK.name,
        keymap: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare.

        Args:
            opener: opens the backend; called in a thread, as it may load a model.
            builder: builds the index first, where that is needed.
            theme: one of `qa.ui.theme.THEMES`.
            keymap: the keys that the user changed.
        """
        super().__init__(explain, keymap)
        for known in (*THEMES.values(), TERMINAL):
            self.register_theme(known)
        self.theme = theme
        self._opener, self._builder = opener, builder
        self._opening: Job | None = None
        self._given_up = ""  # why the index is not open, where opening it was given up
        self._questions = Questions(self._ask)
        self.main = MainScreen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for any theme that lacks them."""
        return DARK.variables

    def get_default_screen(self) -> MainScreen:
        """Start with the conversation."""
        return self.main

    @property
    def conversation(self) -> Conversation:
        """The conversation."""
        return self.main.conversation

    def warm(self, prepare: Callable[[], None]) -> None:
        """Load what the first question will need, while it is being typed; then the screens."""

        def work(_job: Job) -> None:
            prepare()
            load()
            garbage.keep()

        self.start(work)

    def on_load(self) -> None:
        """Heed signals from the first moment that the terminal is ours."""
        if not self.is_headless and not self.is_web:
            leave_on_signals(self)

    def on_ready(self) -> None:
        """Open the index as soon as the first frame is out."""
        self.set_interval(LOOK, self.current.look)
        self.current.renewed.subscribe(self.main, self.main.renew)
        garbage.look_between(self)
        self._open_index()

    def on_unmount(self) -> None:
        """Leave the process as it was."""
        garbage.as_ever()

    # Opening and building

    def _open_index(self) -> None:
        self._opening = self.start(self._open, messages.OpeningFailed)
        if self._builder is not None:
            self.builds.begin(self._opening)

    def _open(self, job: Job) -> None:
        if self._builder is not None:
            job.follow(self._builder(), messages.Building)
        if not job.cancelled:
            self.report(job, self._opener())

    def on_opened(self, message: messages.Opened) -> None:
        """The index can be asked."""
        self.backend, self._opening, self._builder = message.backend, None, None
        self.current.generation = message.status.generation
        garbage.keep()
        self.main.welcome(message.status)
        self._questions.advance()

    def on_opening_failed(self, message: messages.OpeningFailed) -> None:
        """Nothing can be asked; say so where the questions wait."""
        self._opening = None
        self.builds.end()
        self._given_up = f"{message.sentence}\n{self.key('rebuild')} tries again."
        self.main.query_one(Welcome).say(self._given_up)
        self._questions.fail_all(self._given_up)

    def action_rebuild(self) -> None:
        """Bring the index up to date; stop that if it is under way."""
        if self.builds.working:
            self._opening = None
            self.builds.stop()
        elif self.backend is not None:
            self.change(lambda backend: backend.update())
        elif self._opening is None:
            self._open_index()

    def action_watch(self) -> None:
        """Keep the index up to date with its files from now on, or no more."""
        if self.backend is None:
            self.say("The index is not open yet; its files can be watched when it is.")
        elif self.current.toggle():
            self.say("The files are watched: the index follows them. The same command stops it.")
        else:
            self.say("The files are watched no more.")
        if self.main.status is not None:
            self.main.renew(self.main.status)

    def on_watching_failed(self, message: messages.WatchingFailed) -> None:
        """Say why the files are watched no more."""
        self.current.fail()
        self.say(message.sentence, wrong=True)
        if self.main.status is not None:
            self.main.renew(self.main.status)

    # Asking

    async def on_submitted(self, message: messages.Submitted) -> None:
        """Run a command, or ask a question."""
        text = message.text
        composer = self.main.query_one(Composer)
        if text.startswith("/") and " " not in text:
            named = [command for command in COMMANDS if command.name == text[1:].lower()]
            if not named:
                names = ", ".join(f"/{command.name}" for command in COMMANDS)
                self.say(f"There is no command {text}; there are {names}.", wrong=True)
                return
            composer.accept(text)
            await self.run_action(named[0].action)
            return
        composer.accept(text)
        self.builds.tidy()
        self._queue(await self.conversation.ask(next(self._numbers), text))

    def _queue(self, turn: Exchange) -> None:
        if self._given_up and self.backend is None and self._opening is None:
            turn.fail(self._given_up)
            return
        turn.scope = self.scope.ids if self.scope else None
        why = "waiting until the index is open" if self.backend is None else "waiting its turn"
        self._questions.add(turn, why)

    def on_reasked(self, message: messages.Reasked) -> None:
        """Ask a turn again, without the questions before it, or with them again."""
        turn = self.main.turn(message.turn)
        if turn is not None and not turn.waits:
            turn.again()
            self._queue(turn)

    def action_alone(self) -> None:
        """Ask the turn whose sources are on show without what came before, or with it again."""
        turn = self.main.turn(self.main.shown)
        if turn is not None and (turn.leans or turn.alone):
            self.post_message(messages.Reasked(turn.number))
        else:
            self.say("Nothing to undo: the question was taken as it stands.")

    def _ask(self, turn: Exchange) -> Job | None:
        backend = self.backend
        if backend is None:
            return None
        history = [] if turn.alone else self.conversation.before(turn)
        scope = turn.scope

        def work(job: Job) -> None:
            events = backend.stream(turn.question, history, scope)
            job.follow(events, lambda event: messages.Answering(turn.number, event))
            job.tell(messages.AskingFailed(turn.number, "No answer came; ask again."))

        return self.start(work, lambda why: messages.AskingFailed(turn.number, why))

    def on_answering(self, message: messages.Answering) -> None:
        """Show how far the answer has come, and what it stands on."""
        turn = self._questions.hear(message)
        if turn is not None:
            self.main.show_sources(turn)
            backend, event = self.backend, message.event
            if backend is not None and isinstance(event, Answer):
                self._tell_marks(turn, lambda: (backend.marks(event), ""))

    def on_asking_failed(self, message: messages.AskingFailed) -> None:
        """Say why there is no answer."""
        self._questions.fail(message.turn, message.sentence)

    def action_cancel(self) -> None:
        """Stop the question; else close the notice; else go back to the question."""
        if not self._questions.cancel() and not self.builds.close():
            self.main.query_one(Composer).focus()

    def action_clear(self) -> None:
        """Begin a new conversation."""
        self._questions.clear()
        self.main.clear()
        self.new_session()

    # Marking

    def action_absent(self) -> None:
        """Mark the question whose sources are on show as one that no document answers."""
        self.post_message(messages.Judged(self.main.shown, "absent"))

    def on_judged(self, message: messages.Judged) -> None:
        """Keep a verdict, or take it back."""
        turn, backend = self.main.turn(message.turn), self.backend
        answer = turn.answer if turn else None
        if turn is None or answer is None or backend is None:
            self.say("Nothing to mark yet: ask something first.")
            return

        def keep() -> tuple[Marks, str]:
            marks = backend.mark(answer, message.verdict, message.quote)
            return marks, wording.marked(message.verdict, message.quote, marks)

        self._tell_marks(turn, keep)

    def _tell_marks(self, turn: Exchange, work: Callable[[], tuple[Marks, str]]) -> None:
        self.start(lambda job: job.tell(messages.Marked(turn.number, *work())))

    def on_marked(self, message: messages.Marked) -> None:
        """Show what is said of a question and its sources."""
        if turn := self.main.turn(message.turn):
            turn.show_marks(message.marks)
        for screen in self.screen_stack:
            for pane in screen.query(SourcesPane):
                pane.show_marks(message.turn, message.marks)
        if message.news:
            self.clear_notifications()  # of marks before: they would cover the cards
            self.say(message.news)

    # Sources and documents

    def action_sources(self) -> None:
        """Show the sources, from the first."""
        if not self.main.query_one(SourcesPane).sources:
            self.say("No sources yet: ask something first.")
        elif self.screen is self.main:
            self.main.action_source(1)

    def on_chosen(self, message: messages.Chosen) -> None:
        """Open the document of a source, with all that the answer takes from it."""
        chosen = message.source
        name = chosen.citation.hit.document.id
        related = [
            source
            for source in self.main.sources_of(chosen.turn)
            if source.citation.hit.document.id == name
        ]
        self._fetch(name, lambda found: messages.Fetched(found, related, chosen))

    def on_wondered(self, message: messages.Wondered) -> None:
        """Tell why a stretch of a document is in an answer, or what lost it."""
        turn = self.main.turn(self.main.shown if message.turn is None else message.turn)
        if turn is None or turn.answer is None:
            self.say("Ask something first; then this tells why a passage is in the answer or not.")
            return
        from qa.ui.why import WhyScreen

        place = message.document_id, message.start, message.end
        self.push_screen(WhyScreen(turn.answer, *place))

    def on_picked(self, message: messages.Picked) -> None:
        """Open a document of the library."""
        self._fetch(message.document.id, messages.Fetched)

    def _fetch(self, name: str, wrap: Callable[[Document], Message]) -> None:
        backend = self.backend
        if backend is not None:
            self.start(lambda job: job.tell(wrap(backend.document(name))))

    def on_fetched(self, message: messages.Fetched) -> None:
        """Read."""
        from qa.ui.reading import ReadingScreen

        if not isinstance(self.screen, ReadingScreen):
            self.push_screen(ReadingScreen(message.document, message.sources, message.chosen))

    def action_library(self) -> None:
        """Show all documents."""
        backend = self.backend
        if self.screen is not self.main:
            return
        if backend is None:
            self.say("The index is not open yet; the library is there when it is.")
            return
        from qa.ui.library import LibraryScreen

        self.push_screen(LibraryScreen(backend))

    def action_left_out(self) -> None:
        """Show which files the last build left out, and why."""
        from qa.ui.leftout import LeftOutScreen

        if self.backend is not None and not isinstance(self.screen, LeftOutScreen):
            self.push_screen(LeftOutScreen(self.backend))

    # The rest

    def action_help(self) -> None:
        """Show the key sheet."""
        from qa.ui.keys import KeySheet

        if not isinstance(self.screen, KeySheet):
            self.push_screen(KeySheet(section_of(self.focused or self.screen)))

    def action_theme(self) -> None:
        """Switch between light and dark."""
        if self.theme == TERMINAL.name:
            self.say("The colours are your terminal's own: choose light or dark there.")
            return
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_save_screenshot(self) -> None:
        """Save what is on the screen, once the palette has gone."""
        self.call_after_refresh(
            lambda: self.post_message(
                put("quoth-screenshot", ".svg", self.export_screenshot(), web=self.is_web)
            )
        )


def run_app(settings: Settings, documents: Sequence[str]) -> int:
    """Run the terminal UI; build or update the index first if documents are named.

    Raises:
        SettingsError: there is no theme of that name, or no such key.
    """
    if settings.theme not in THEMES:
        raise SettingsError(f"theme is {settings.theme!r}; choose {' or '.join(THEMES)}.")
    keys = keymap(settings.keys)
    if wrong := fault(QuothApp, keys):
        raise SettingsError(wrong)
    if not settings.color:
        os.environ["NO_COLOR"] = "1"

    def opener() -> Backend:
        from qa.assistant import Assistant

        assistant = Assistant.open(settings.index, settings)
        app.warm(assistant.warm)
        return assistant

    def builder() -> Iterator[Progress | BuildReport]:
        from index.build import build
        from index.reading import open_reader
        from qa.upkeep import calibrated

        events = build(
            documents,
            settings.index,
            settings.model,
            threads=settings.threads,
            limits=settings.limits,
        )
        reader = open_reader(settings.reader, settings.threads)
        return calibrated(events, settings.index, reader=reader)

    app = QuothApp(opener, builder if documents else None, settings.theme, keys)
    app.theme = fitting(settings.theme, app.console.color_system, color=not app.no_color)
    return run(app)


def run(app: QuothApp) -> int:
    """Run until the user leaves, then leave at once, whatever still works in the background."""
    app.run()
    app.settle()
    code = app.return_code or 0
    if app.working:
        # Finalising the interpreter under a thread inside native code can abort the process.
        # The store survives being killed at any instant.
        sys.stdout.flush()
        os._exit(code)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run from a checkout, as `quoth` does: `python tui.py [DOCUMENTS...]`."""
    from qa.cli import main as command

    return command(argv)


if __name__ == "__main__":
    sys.exit(main())
