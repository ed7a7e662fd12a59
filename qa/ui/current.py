"""Staying current: with what other processes make of the index, and with the documents' files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING

from textual.signal import Signal

from qa.types import BuildReport, IndexStatus, Notice
from qa.ui import messages
from qa.ui.jobs import Job

if TYPE_CHECKING:
    from qa.ui.desk import Desk

LOOK = 2.0  # seconds between two looks for a new generation


class Current:
    """Looks for new generations of the index, and watches its files while that is wanted.

    `look` is to be called every `LOOK` seconds. `renewed` tells of a generation that this app has
    not made on purpose; `sign` says in a word or two, for the top of a screen, what goes on.
    """

    def __init__(self, app: Desk) -> None:
        """Begin to look; nothing is watched."""
        self.renewed: Signal[IndexStatus] = Signal(app, "renewed")
        self.generation = 0
        self._app = app
        self._updated = ""
        self._looking: Job | None = None
        self._stop: Event | None = None

    @property
    def watching(self) -> bool:
        """Whether the files are watched."""
        return self._stop is not None

    @property
    def sign(self) -> str:
        """What is to be said of it beside what the index holds."""
        updated = f" · updated {self._updated}" if self._updated else ""
        return f"{updated} · watching" if self.watching else updated

    def look(self) -> None:
        """See whether the index has a new generation, unless one is just being made here."""
        backend, known = self._app.backend, self.generation
        if backend is None or self._app.builds.working or (self._looking and self._looking.working):
            return

        def work(job: Job) -> None:
            if known and backend.generation() != known:
                job.tell(messages.Renewed(backend.status()))

        self._looking = self._app.start(work)

    def renew(self, status: IndexStatus) -> None:
        """The index has this generation by now."""
        if not self._app.builds.working and status.generation != self.generation:
            self.generation = status.generation
            self._updated = f"{datetime.now().astimezone():%H:%M}"
            self.renewed.publish(status)

    def toggle(self) -> bool:
        """Watch the files, or no more; whether they are watched then."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            return False
        backend, stop = self._app.backend, Event()
        if backend is None:
            return False
        self._stop = stop

        def told() -> Iterator[BuildReport | Notice]:
            for event in backend.watch(stop):
                match event:
                    case BuildReport() | Notice(kind="away" | "back" | "failed"):
                        yield event
                    case _:  # progress; another build of this app's own, which is waited for
                        continue

        self._app.start(lambda job: job.follow(told(), messages.Noticed), messages.WatchingFailed)
        return True

    def fail(self) -> None:
        """Watching has ended by itself."""
        self._stop = None
