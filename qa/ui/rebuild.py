"""How a build comes along, while the conversation goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ProgressBar

from qa.types import BuildReport, Progress, Skipped
from qa.ui import wording
from qa.ui.words import Words


class Pace:
    """How long the present stage still takes, judged by how it went so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing known."""
        self._clock = clock
        self._stage = ""
        self._since = 0.0
        self._from = 0

    def left(self, event: Progress) -> float | None:
        """Seconds left in this stage; None while too little is known."""
        now = self._clock()
        if event.stage != self._stage:
            self._stage, self._since, self._from = event.stage, now, event.done
        done, elapsed = event.done - self._from, now - self._since
        if not event.total or done <= 0 or elapsed < 2:
            return None
        return elapsed / done * (event.total - event.done)


class BuildPanel(Vertical):
    """Stage, bar and time left; afterwards one line, and what was left out with the reasons."""

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__()
        self._pace = Pace()

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Horizontal():
            yield Words(classes="stage")
            yield ProgressBar(total=None, show_percentage=False, show_eta=False)
        yield Words(classes="detail")
        yield VerticalScroll(classes="skipped")

    def begin(self) -> None:
        """Appear."""
        self._pace = Pace()
        self._say("Bringing the index up to date", "ctrl+r stops")
        self.query_one(ProgressBar).update(total=None, progress=0)
        self._open(bar=True)

    def progress(self, event: Progress) -> None:
        """Say how far it is."""
        left = self._pace.left(event)
        facts = [f"about {wording.duration(left)} left"] if left is not None else []
        facts += ["ctrl+r stops", wording.flow(event.detail)]
        self._say(wording.progress(event).capitalize(), " · ".join(fact for fact in facts if fact))
        self.query_one(ProgressBar).update(total=event.total or None, progress=event.done)

    def finish(self, report: BuildReport) -> None:
        """Sum up."""
        self._say(wording.report(report), "esc closes this")
        self._open(bar=False, skipped=report.skipped)

    def stop(self, sentence: str) -> None:
        """Say why there is no report."""
        self._say(wording.flow(sentence), "esc closes this")
        self._open(bar=False)

    def close(self) -> None:
        """Go away."""
        self.display = False

    def tidy(self) -> None:
        """Go away if all is done and well."""
        if self.has_class("-done") and not self.query_one(".skipped").display:
            self.close()

    def _say(self, stage: str, detail: str) -> None:
        self.query_one(".stage", Words).update(Content(stage))
        self.query_one(".detail", Words).update(Content(detail))

    def _open(self, *, bar: bool, skipped: Sequence[Skipped] = ()) -> None:
        self.query_one(ProgressBar).display = bar
        self.set_class(not bar, "-done")
        listing = self.query_one(".skipped")
        listing.remove_children()
        listing.mount_all(
            Words(f"! {wording.flow(item.path)}: {wording.flow(item.reason)}")
            for item in skipped[:200]
        )
        listing.display = bool(skipped)
        self.display = True
