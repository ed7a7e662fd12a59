"""The conversation as it is kept: every finished turn at once, in the background; resumed later."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import count
from uuid import uuid4

from textual.message import Message

from qa.types import Answer, Kept
from qa.ui import messages, wording
from qa.ui.composer import Composer
from qa.ui.desk import Desk
from qa.ui.exchange import Exchange
from qa.ui.export import answers
from qa.ui.jobs import Job
from qa.ui.main import MainScreen
from qa.ui.messages import Forgotten, Renamed, Resumed
from qa.ui.saving import SaveSheet, write

MARKED = 50  # turns of a resumed conversation whose marks are looked up, the last
MOST_COPIED = 74_000  # characters of base64: some terminals take no more at once
TMUX = (
    "tmux did not take the copy; put `set -s set-clipboard on` into ~/.tmux.conf, or save the "
    "conversation as a file."
)
SETTLE = 3.0  # seconds that leaving waits at most for what is just being kept


@dataclass
class Recorded(Message):
    """A turn is kept."""

    session: str
    place: int
    kept: Kept


@dataclass
class NotKept(Message):
    """Turns cannot be kept; `sentence` says why and what to do."""

    sentence: str


@dataclass
class Recalled(Message):
    """What was asked in earlier conversations, oldest first."""

    questions: Sequence[str]


class Keeping(Desk):
    """An app that keeps its conversation, and brings back those before."""

    main: MainScreen

    def __init__(
        self, explain: Callable[[Exception], str], keymap: Mapping[str, str] | None = None
    ) -> None:
        """Start with a new conversation."""
        super().__init__(explain, keymap)
        self._numbers = count(1)
        self._complained = False
        self._saves: list[Job] = []
        self.new_session()

    def new_session(self, name: str = "", title: str = "", turns: Sequence[Kept] = ()) -> None:
        """Keep what follows as a conversation of its own, or as one that there is."""
        self._session, self._named = name or uuid4().hex, title
        self._turns = dict(enumerate(turns, 1))
        self._places: dict[int, int] = {}
        self._unkept: dict[int, Answer] = {}

    def settle(self) -> None:
        """Wait a moment for what is just being kept, so that leaving at once loses nothing."""
        for job in self._saves:
            job.wait(SETTLE)

    # Keeping

    def on_answering(self, message: messages.Answering) -> None:
        """Keep an answer that is whole and on show."""
        turn, answer = self.main.turn(message.turn), message.event
        if isinstance(answer, Answer) and turn is not None and turn.answer is answer:
            place = self._places.setdefault(turn.number, max(self._turns, default=0) + 1)
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._turns[place] = Kept(answer, now)
            self._unkept[place] = answer
            self._keep()

    def _keep(self) -> None:
        if self.backend is None or not self.backend.sessions.keeps:
            return
        sessions, session, waiting = self.backend.sessions, self._session, dict(self._unkept)

        def work(job: Job) -> None:
            for place, answer in sorted(waiting.items()):
                job.tell(Recorded(session, place, sessions.keep(session, place, answer)))

        working = [job for job in self._saves if job.working]
        self._saves = [*working, self.start(work, NotKept)]

    def on_recorded(self, message: Recorded) -> None:
        """Remember that it is kept."""
        self._complained = False
        if message.session == self._session:
            self._unkept.pop(message.place, None)
            if self._turns[message.place].answer is message.kept.answer:
                self._turns[message.place] = message.kept

    def on_not_kept(self, message: NotKept) -> None:
        """Say once that nothing is kept; asking goes on."""
        if not self._complained:
            self.say(message.sentence, wrong=True)
        self._complained = True

    # Former conversations

    def on_opened(self, message: messages.Opened) -> None:
        """Let Up recall what was asked before."""
        sessions = message.backend.sessions
        self.start(lambda job: job.tell(Recalled(sessions.questions())), NotKept)

    def on_recalled(self, message: Recalled) -> None:
        """Hand the questions to where questions are typed."""
        composer = self.main.query_one(Composer)
        composer.recall([text for text in message.questions if text not in composer.asked])

    def action_sessions(self) -> None:
        """Show the conversations that are kept."""
        if self.screen is not self.main:
            return
        if self.backend is None:
            self.say("The index is not open yet; the conversations are there when it is.")
            return
        from qa.ui.sessions import SessionsScreen

        self.push_screen(SessionsScreen(self.backend, self._session))

    async def on_resumed(self, message: Resumed) -> None:
        """Go on with a conversation, all of whose turns are here again."""
        await self.run_action("clear")
        self.new_session(message.session.id, message.session.title, message.turns)
        self._places = {next(self._numbers): place for place in self._turns}
        conversation = self.main.conversation
        await conversation.resume(
            (number, kept.answer) for number, kept in zip(self._places, message.turns, strict=True)
        )
        elsewhere = message.session.index if message.elsewhere else ""
        for turn, kept in zip(conversation.turns, message.turns, strict=True):
            turn.stop(standing(kept, elsewhere))
        await conversation.newest()
        if conversation.turns:
            self.main.show_sources(conversation.turns[-1])
            self._look_up_marks(conversation.turns)
        self.main.name_conversation(message.session.title)

    def _look_up_marks(self, turns: Sequence[Exchange]) -> None:
        backend = self.backend
        found = [(turn.number, turn.answer) for turn in turns[-MARKED:] if turn.answer is not None]

        def work(job: Job) -> None:
            if backend is not None:
                for number, answer in found:
                    job.tell(messages.Marked(number, backend.marks(answer)))

        self.start(work)

    async def on_forgotten(self, message: Forgotten) -> None:
        """Begin anew where the conversation on the screen was deleted."""
        if message.session == self._session:
            await self.run_action("clear")

    def on_renamed(self, message: Renamed) -> None:
        """Remember the name of the conversation on the screen."""
        if message.session == self._session:
            self._named = message.title
            self.main.name_conversation(message.title)

    # Taking along

    def _called(self) -> str:
        return self._named or self._turns[min(self._turns)].answer.question

    def action_export(self) -> None:
        """Save the conversation in this folder."""
        if not self._turns:
            self.say("Nothing to save yet: ask something first.")
        elif not isinstance(self.screen, SaveSheet):
            turns = [self._turns[place] for place in sorted(self._turns)]
            self.push_screen(
                SaveSheet(self._called()), partial(self._export, self._called(), turns)
            )

    def _export(self, title: str, turns: Sequence[Kept], form: str | None) -> None:
        if form:
            self.start(lambda job: job.tell(self._written(form, title, turns)))

    def _written(self, form: str, title: str, turns: Sequence[Kept]) -> Message:
        return write(self.backend, form, title, turns, web=self.is_web)

    def on_for_browser(self, message: messages.ForBrowser) -> None:
        """Have the browser save a file."""
        content = message.content
        try:
            self.deliver_binary(
                BytesIO(content) if isinstance(content, bytes) else content,
                save_filename=message.name,
            )
        except OSError as error:
            self.say(f"{wording.flow(str(content))} cannot be read ({error.strerror}).", wrong=True)
        else:
            self.say(f"Your browser saves it as {message.name}.")

    def on_saved(self, message: messages.Saved) -> None:
        """Say which file was written."""
        self.say(message.sentence)

    def action_copy_answer(self) -> None:
        """Copy the last answer."""
        if not self._turns:
            self.say("Nothing to copy yet: ask something first.")
            return
        text = answers([self._turns[max(self._turns)].answer])
        self.copy_to_clipboard(text)
        if not too_long(text):
            self.say("Answer and references copied.")

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal (OSC 52), which works over SSH; in tmux through tmux as well.

        tmux takes what a program copies only if told to (`set -s set-clipboard on`); its own
        command passes a text on to the terminal either way.
        """
        text = text.encode(errors="replace").decode()
        super().copy_to_clipboard(text)
        if too_long(text):
            self.say(
                f"This is {len(text.encode()) // 1000:,} KB, more than some terminals copy at "
                f"once; {self.key('export')} saves the conversation in a file."
            )
        # A browser takes it as a terminal does; the tmux that serves it is somebody else's.
        if not self.is_web and os.environ.get("TMUX") and (tmux := shutil.which("tmux")):
            self.start(lambda _job: _through_tmux(tmux, text), lambda _why: messages.Failed(TMUX))


def _through_tmux(tmux: str, text: str) -> None:
    command = [tmux, "load-buffer", "-w", "-"]
    subprocess.run(command, input=text.encode(), check=True, capture_output=True, timeout=10)  # noqa: S603


def too_long(text: str) -> bool:
    """Whether a copy is longer than some terminals take."""
    return len(b64encode(text.encode(errors="replace"))) > MOST_COPIED


def standing(kept: Kept, elsewhere: str = "") -> str:
    """When an answer was given, over which other index, and which quotes no longer stand here."""
    citations = kept.answer.citations
    lost = [f"[{citation.number}]" for citation in citations if not citation.stands]
    when = f"answered {wording.lately(kept.asked, datetime.now().astimezone())}"
    if elsewhere:
        when += f" over another index, {wording.flow(elsewhere)}"
    if not lost:
        return when
    verb = "no longer stands" if len(lost) == 1 else "no longer stand"
    return f"{when} · ! {', '.join(lost)} {verb} in the index as quoted; ask again"
