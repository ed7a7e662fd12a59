"""What the screens may ask of the app: the backend, work in the background, a word in passing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.notifications import SeverityLevel

from qa.types import Backend, BuildReport, Progress
from qa.ui import messages, wording
from qa.ui.jobs import Job

Opener = Callable[[], Backend]
Builder = Callable[[], Iterator[Progress | BuildReport]]
PASTED = 4_000  # characters


class Desk(App[None]):
    """An app that works in threads; a screen asks it with `desk(self)` for what it needs.

    `backend` is None until the index is open.
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
        self.backend: Backend | None = None
        self._explain = explain
        self._jobs: list[Job] = []

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
        job = Job(to or self, work, lambda error: failed(self._explain(error)))
        self._jobs = [*(former for former in self._jobs if former.working), job]
        return job

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
