"""What the screens may ask of the app: the backend, work in the background, a word in passing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.signal import Signal

from qa.types import Backend, BuildReport, Progress
from qa.ui import messages, wording
from qa.ui.bindings import key_of, spoken
from qa.ui.building import Builds
from qa.ui.current import Current
from qa.ui.jobs import Job

if TYPE_CHECKING:
    from qa.ui.scope import Scope

Opener = Callable[[], Backend]
Builder = Callable[[], Iterator[Progress | BuildReport]]
PASTED = 4_000  # characters
Change = Callable[[Backend], Iterator[Progress | BuildReport]]


class Desk(App[None]):
    """An app that works in threads; a screen asks it with `desk(self)` for what it needs.

    `backend` is None until the index is open; `scope` is None while all documents count.
    """

    def __init__(
        self, explain: Callable[[Exception], str], keymap: Mapping[str, str] | None = None
    ) -> None:
        """Start without an index.

        Args:
            explain: puts an error into a sentence and a way out.
            keymap: the keys that the user changed, by the names of their bindings.
        """
        # Without colour the terminal's own is kept: Textual would show greys otherwise.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.keymap = keymap or {}
        self.set_keymap(dict(self.keymap))
        self._spoken: dict[str, str] = {}
        self.backend: Backend | None = None
        self.explain = explain
        self._jobs: list[Job] = []
        self.builds = Builds(self, self.key)
        self.scope: Scope | None = None
        self.current = Current(self)
        self.scoped: Signal[Scope | None] = Signal(self, "scope")

    def key(self, name: str) -> str:
        """The first key of a binding as it is now, for a sentence: "ctrl+r"."""
        if name not in self._spoken:
            self._spoken[name] = spoken(key_of(self, self.keymap, name))
        return self._spoken[name]

    @property
    def working(self) -> bool:
        """Whether anything still runs in the background."""
        return any(job.working for job in self._jobs)

    def start(
        self,
        work: Callable[[Job], None],
        failed: Callable[[str], Message] = messages.Failed,
        to: DOMNode | None = None,
    ) -> Job:
        """Work in the background; what goes wrong comes back as one sentence.

        What the job tells goes to `to` (a screen, say), or else to the app.
        """
        job = Job(to or self, work, lambda error: failed(self.explain(error)))
        self._jobs = [*(former for former in self._jobs if former.working), job]
        return job

    # Changing the index

    def change(self, change: Change) -> None:
        """Change the index in the background, one thing at a time; every panel shows how it goes.

        Of what was changed `Opened` tells, as of what was opened.
        """
        backend = self.backend
        if backend is None or self.builds.working:
            why = "being brought up to date" if self.builds.working else "not open yet"
            self.say(f"The index is {why}; wait until that is done.")
            return

        def work(job: Job) -> None:
            job.follow(change(backend), messages.Building)
            if not job.cancelled:
                self.report(job, backend)

        self.builds.begin(self.start(work, messages.BuildingFailed))

    @staticmethod
    def report(job: Job, backend: Backend) -> None:
        """Tell what an index holds."""
        job.tell(messages.Opened(backend, backend.status()))

    def on_building(self, message: messages.Building) -> None:
        """A build has come farther."""
        self.builds.hear(message.event)

    def on_building_failed(self, message: messages.BuildingFailed) -> None:
        """A build has failed."""
        self.builds.end(message.sentence)

    def on_renewed(self, message: messages.Renewed) -> None:
        """The index has a generation that was not made on purpose here."""
        self.current.renew(message.status)

    def on_noticed(self, message: messages.Noticed) -> None:
        """Tell what is waited for while files are watched; show what a build has made of them."""
        if isinstance(message.event, BuildReport):
            self.current.look()
        else:
            self.say(message.event.sentence, wrong=message.event.kind == "failed")

    def action_close_panel(self) -> None:
        """Tell no more of a build that is over."""
        self.builds.close()

    # Which documents count

    def limit(self, scope: Scope | None) -> None:
        """Let only some documents count from the next question on, or all (None)."""
        self.scope = scope
        self.scoped.publish(scope)

    def action_all_documents(self) -> None:
        """Let every document count again."""
        self.say("All documents count already." if self.scope is None else "All documents count.")
        self.limit(None)

    # The rest

    def refresh_css(self, animate: bool = True) -> None:
        """Leave the style sheet unread until there is a screen: reading costs 12 ms each time."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    async def _dispatch_message(self, message: Message) -> None:
        """Pass over what work still tells while the app closes: no screen is left to show it on."""
        if self.is_running or isinstance(message, events.Event):
            await super()._dispatch_message(message)

    async def on_event(self, event: events.Event) -> None:
        """Shorten what is pasted to what anyone can mean: more would freeze whatever takes it."""
        if isinstance(event, events.Paste) and len(event.text) > PASTED:
            event = events.Paste(event.text[:PASTED])
            self.say(f"Only the first {PASTED:,} characters were pasted.")
        await super().on_event(event)

    def say(self, sentence: str, *, wrong: bool = False) -> None:
        """Show a sentence in passing, never read as markup."""
        severity: SeverityLevel = "error" if wrong else "information"
        self.notify(wording.plain(sentence), severity=severity, markup=False)

    def on_failed(self, message: messages.Failed) -> None:
        """Say what went wrong."""
        self.say(message.sentence, wrong=True)


def desk(node: DOMNode) -> Desk:
    """The app that a screen or widget stands in."""
    return cast("Desk", node.app)
