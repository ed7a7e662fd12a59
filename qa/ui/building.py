"""One build of the index at a time: how it stands, for every panel that shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from textual.app import App
from textual.signal import Signal

from qa.types import BuildReport, Progress
from qa.ui.jobs import Job

STEPS = ("scan", "read", "embed", "write")
SETTLED = 2.0  # seconds until a pace can be told


class Pace:
    """How fast the present stage is, and how long it still takes, by how it went so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing known."""
        self._clock = clock
        self._stage = ""
        self._since = 0.0
        self._from = 0
        self.rate: float | None = None

    def left(self, event: Progress) -> float | None:
        """Seconds left in this stage; None (as is `rate`, a second) while too little is known."""
        now = self._clock()
        if event.stage != self._stage:
            self._stage, self._since, self._from = event.stage, now, event.done
        done, elapsed = event.done - self._from, now - self._since
        self.rate = done / elapsed if event.total and done > 0 and elapsed >= SETTLED else None
        if self.rate is None or not event.total:
            return None
        return (event.total - event.done) / self.rate


@dataclass(frozen=True, slots=True)
class BuildState:
    """How a build stands: at `event` while it `works`, then what it did, or why it did nothing.

    `steps` are the stages it has and will go through, in order; `rate` is what it does in a
    second, `left` the seconds that the present stage still takes, as far as they are known.
    """

    works: bool = False
    steps: tuple[str, ...] = STEPS
    event: Progress | None = None
    rate: float | None = None
    left: float | None = None
    report: BuildReport | None = None
    sentence: str = ""

    @property
    def shown(self) -> bool:
        """Whether there is anything to tell."""
        return self.works or self.report is not None or bool(self.sentence)

    def after(self, event: Progress, rate: float | None, left: float | None) -> BuildState:
        """How it stands once it has come this far."""
        steps = self.steps
        if event.stage not in steps:  # after the present one, or before all
            place = steps.index(self.event.stage) + 1 if self.event else 0
            steps = (*steps[:place], event.stage, *steps[place:])
        return replace(self, steps=steps, event=event, rate=rate, left=left)


class Builds:
    """Follows the build that goes on; `changed` tells whoever shows it."""

    def __init__(self, app: App[None], key: Callable[[str], str]) -> None:
        """Start with none; `key` says which key a binding has."""
        self._key = key
        self.changed: Signal[BuildState] = Signal(app, "building")
        self.state = BuildState()
        self._job: Job | None = None
        self._pace = Pace()

    @property
    def working(self) -> bool:
        """Whether a build goes on."""
        return self.state.works

    def begin(self, job: Job) -> None:
        """Follow this one."""
        self._job, self._pace = job, Pace()
        self._now(BuildState(works=True))

    def hear(self, event: Progress | BuildReport) -> None:
        """It has come this far."""
        if isinstance(event, BuildReport):
            self._job = None
            self._now(BuildState(report=event))
        elif self.working:
            left = self._pace.left(event)
            self._now(self.state.after(event, self._pace.rate, left))

    def end(self, sentence: str = "") -> None:
        """It is over without a report; the sentence says why, if that is to be told here."""
        self._job = None
        self._now(BuildState(sentence=sentence))

    def stop(self) -> None:
        """Stop it."""
        if self._job is not None:
            self._job.cancelled = True
        again = self._key("rebuild")
        self.end(f"Stopped; what was finished is kept, and {again} goes on from there")

    def close(self) -> bool:
        """Tell no more of a build that is over; false where there was nothing to tell."""
        if self.working or not self.state.shown:
            return False
        self._now(BuildState())
        return True

    def tidy(self) -> None:
        """Tell no more of a build that is over, if all went well."""
        report = self.state.report
        if not self.state.sentence and not (report and report.skipped):
            self.close()

    def _now(self, state: BuildState) -> None:
        self.state = state
        self.changed.publish(state)
