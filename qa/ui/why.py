"""Why a passage is in an answer, or which stage lost it: every stage, and what each signal adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from qa.types import Answer, Share, Stage, Step
from qa.types import Why as Reasons
from qa.ui import wording
from qa.ui.conversation import Words
from qa.ui.desk import desk
from qa.ui.jobs import Job
from qa.ui.sheet import Sheet

NAMES: dict[Stage, str] = {
    "passage": "Passage",
    "filters": "Filters",
    "search": "Search",
    "candidates": "Candidates",
    "ranking": "Ranking",
    "confidence": "Confidence",
    "quotes": "Quotes",
}
SIGNS = {True: "✓", False: "✗", None: "·"}
LEAST, MOST, LABEL = 6, 24, 24  # cells of a bar, and of the name beside it


def bar(amount: float, most: float, width: int) -> str:
    """A bar that is `width` cells long for `most`, to the half of a cell; anything shows."""
    halves = round(2 * width * amount / most) if most > 0 else 0
    halves = max(halves, 1) if amount > 0 else 0
    return "█" * (halves // 2) + "▌" * (halves % 2)


def stage(step: Step) -> Content:
    """A stage: a sign, its name, and what became of the passage there."""
    style = {True: "", False: "bold $warning", None: "$dim"}[step.passed]
    told = wording.flow(step.told) or "not reached"
    lost = "lost here: " if step.passed is False else ""
    return Content.assemble((f"{SIGNS[step.passed]} {NAMES[step.stage]}: {lost}{told}", style))


def signals(why: Reasons, width: int) -> Iterator[Content]:
    """A row for each signal that counts: its name, a bar, what it adds, and what it adds there."""
    counted = [share for share in why.shares if share.weight]
    most = max((max(s.contribution, s.rival or 0.0) for s in counted), default=0.0)
    room = max(LEAST, min(MOST, width - LABEL - 22))
    for share in counted:
        yield _signal(share, most, room, wording.flow(why.rival), wide=width >= 60)


def _signal(share: Share, most: float, room: int, rival: str, *, wide: bool) -> Content:
    name, drawn = wording.flow(share.label), bar(share.contribution, most, room)
    other = "" if share.rival is None else f"{share.rival:.2f} {rival}"
    if wide:
        numbers = f" {share.contribution:.2f}  "
        return Content.assemble(
            f"{name[:LABEL]:<{LABEL}} ",
            (f"{drawn:<{room}}", "$accent"),
            (numbers, "bold"),
            (other, "$dim"),
        )
    return Content.assemble(
        f"{name}\n",
        (f"{drawn:<{room}}", "$accent"),
        (f" {share.contribution:.2f} ", "bold"),
        (other, "$dim"),
    )


class WhyScreen(Sheet[None]):
    """Why a stretch of a document is in an answer or not; shows at once, and fills in."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-roomy")]  # noqa: RUF012 - not a ClassVar
    BINDING_GROUP_TITLE = "Why"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w,enter", "dismiss", "Close", id="why.close")
    ]

    @dataclass
    class Told(Message):
        """What was found out."""

        why: Reasons

    @dataclass
    class Failed(Message):
        """It cannot be told; `sentence` says why and what to do."""

        sentence: str

    def __init__(self, answer: Answer, document_id: str, start: int, end: int) -> None:
        """Ask why a stretch of a document is in the answer or not."""
        super().__init__()
        self._answer = answer
        self._place = document_id, start, end
        self._why: Reasons | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll():
            yield Words(classes="title")
            yield Words("looking back at every stage…", classes="verdict")
            yield Vertical(classes="found")

    def on_mount(self) -> None:
        """Find out."""
        box = self.query_one(VerticalScroll)
        box.focus()
        self.offer_way_out(box, "why.close")
        self.query_one(".title", Words).update(
            Content(f"Why? · {wording.flow(self._answer.question)}")
        )
        backend = desk(self).backend
        if backend is None:
            return

        def work(job: Job) -> None:
            job.tell(self.Told(backend.why(self._answer, *self._place)))

        desk(self).start(work, self.Failed, to=self)

    def on_why_screen_failed(self, message: Failed) -> None:
        """Say why it cannot be told."""
        self.query_one(".verdict", Words).update(Content(wording.flow(message.sentence)))

    def on_why_screen_told(self, message: Told) -> None:
        """Show it."""
        self._why = message.why
        self._show()

    def on_resize(self) -> None:
        """Draw the bars anew."""
        if self._why is not None:
            self._show()

    def _show(self) -> None:
        if (why := self._why) is None:
            return
        self.query_one(".verdict", Words).update(Content(wording.flow(why.verdict)))
        found = self.query_one(".found")
        width = self.query_one(VerticalScroll).size.width
        with self.app.batch_update():
            found.remove_children()
            found.mount_all(self._parts(why, width))

    @staticmethod
    def _parts(why: Reasons, width: int) -> Iterator[Words]:
        """What put it there comes first for what is quoted, and the stages for what was lost."""
        if why.note:
            yield Words(Content(wording.flow(why.note)), classes="note")
        signs = _signs(why, width)
        if why.lost is None:
            yield from signs
        yield Words("Stages", classes="head")
        yield from (Words(stage(step)) for step in why.steps)
        if why.lost is not None:
            yield from signs
        yield from _held(why)
        if why.passage is not None:
            yield Words(Content(wording.title(why.document)), classes="head")
            yield Words(Content(wording.shorten(why.passage.text, 300)), classes="dim")


def _signs(why: Reasons, width: int) -> list[Words]:
    if not why.shares:
        return []
    beside = f", beside {wording.flow(why.rival)}" if why.rival else ""
    head = Words(Content(f"What adds up to its score of {why.score:.2f}{beside}"), classes="head")
    return [head, *(Words(row) for row in signals(why, width))]


def _held(why: Reasons) -> Iterator[Words]:
    named = (
        ("In it", why.held),
        ("In its title or heading only", why.titled),
        ("Not in it", why.lacked),
    )
    if any(words for _, words in named):
        yield Words("Words of the question", classes="head")
    for label, words in named:
        if words:
            yield Words(Content(f"{label}: {wording.flow(', '.join(words))}"))
