"""The conversation: questions, and what the documents say, in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from qa.types import Answer, Citation, IndexStatus, Marks, Partial, Point, Progress, Quote
from qa.ui import wording
from qa.ui.messages import Source, Submitted


def sources(turn: int, answer: Answer) -> list[Source]:
    """What stands behind an answer: its citations, or the nearest passages that answer nothing."""
    if answer.status == "answered":
        return [Source(turn, citation) for citation in answer.citations]
    found = []
    for number, hit in enumerate(answer.hits[:5], start=1):
        passage = hit.passage
        quote = Quote(passage.document_id, passage.start, passage.end, passage.text)
        found.append(Source(turn, Citation(number, hit, quote), nearest=True))
    return found


def _marker(turn: int, number: int) -> Content:
    link = Style.from_meta({"@click": f"screen.cite({turn}, {number})"})
    return Content(f"[{number}]").stylize("$accent bold").stylize(link)


def quoted(turn: int, point: Point, short: str | None = None) -> Content:
    """A point: its words between quotation marks, who they speak of, and its markers."""
    words = Content(wording.flow(point.text))
    if short and (start := words.plain.find(short := wording.flow(short))) >= 0:
        words = words.stylize("bold underline", start, start + len(short))
    parts: list[Content | str | tuple[str, str]] = ["“", words, "”"]
    if point.context:
        parts.append((f" ({wording.flow(point.context)})", "$dim"))
    for number in point.citations:
        parts += [" ", _marker(turn, number)]
    if point.agreement:
        parts.append((f" ({point.agreement})", "$dim"))
    return Content.assemble(*parts)


class Words(Static):
    """Text that is never read as markup."""

    def __init__(self, content: Content | str = "", *, classes: str = "") -> None:
        """Show text as it is."""
        super().__init__(content, markup=False, classes=classes)


class TurnView(Vertical):
    """A question and, as it comes, its answer."""

    def __init__(self, number: int, question: str) -> None:
        """Show the question, waiting."""
        super().__init__(classes="turn")
        self.number = number
        self.question = question
        self.answer: Answer | None = None
        self.marks = Marks()
        self._stage = Words(classes="stage")
        self._verdict = Words(f"✗ marked {wording.VERDICTS['absent']}", classes="verdict")

    def compose(self) -> ComposeResult:
        """Show what was asked, and room for what is said."""
        yield Words(wording.plain(self.question), classes="question")
        yield Vertical(classes="answer")
        yield self._verdict
        yield self._stage

    def wait(self, why: str) -> None:
        """Say quietly what is being done, or waited for."""
        self._stage.update(Content(f"… {why} · esc stops"))
        self._stage.display = True

    def progress(self, event: Progress) -> None:
        """Say which stage the answer is in."""
        self.wait(wording.progress(event))

    def show(self, event: Partial | Answer) -> None:
        """Show an answer, whether it may still be refined or not; a refusal only when final."""
        answer = event.answer if isinstance(event, Partial) else event
        early = isinstance(event, Partial)
        if early and answer.status == "not_found":
            self.wait("nothing by words alone; reading for the meaning")
            return
        self.answer = answer
        self._fill(self._answered(answer) if answer.status == "answered" else self._refused(answer))
        self.stop()
        if early:
            self.wait("by words alone; reading on for the meaning")

    def show_marks(self, marks: Marks) -> None:
        """Show whether the question is marked as one that no document answers."""
        self.marks = marks
        self._verdict.display = marks.absent

    def fail(self, sentence: str) -> None:
        """Say what went wrong, in the answer's place."""
        self.stop()
        self.query_one(".answer").mount(Words(f"! {wording.plain(sentence)}", classes="error"))

    def stop(self, why: str = "") -> None:
        """No longer wait; say why, if there is more to say than the answer."""
        self._stage.update(Content(why))
        self._stage.display = bool(why)

    def _fill(self, parts: Sequence[Words]) -> None:
        answer = self.query_one(".answer")
        with self.app.batch_update():
            answer.remove_children()
            answer.mount_all(parts)

    def _understood(self, answer: Answer) -> list[Words]:
        if wording.flow(answer.resolved_question) == wording.flow(answer.question):
            return []
        return [Words(f"understood as: {wording.flow(answer.resolved_question)}", classes="aside")]

    def _answered(self, answer: Answer) -> list[Words]:
        parts = self._understood(answer)
        if answer.short_answer:
            parts.append(Words(wording.flow(answer.short_answer), classes="short"))
        points = answer.points or [Point(c.quote.text, (c.number,)) for c in answer.citations]
        for place, point in enumerate(points):
            short = answer.short_answer if place == 0 else None
            parts.append(Words(quoted(self.number, point, short), classes="point"))
        for conflict in answer.conflicts:
            first, second = (_marker(self.number, number) for number in conflict.citations)
            about = f" differ: {wording.flow(conflict.about)}"
            parts.append(
                Words(Content.assemble("≠ ", first, " and ", second, about), classes="conflict")
            )
        missing = [wording.flow(item.term) for item in answer.coverage if not item.found]
        facts = [f"confidence {wording.confidence(answer.confidence)}"]
        if missing:
            facts.append(f"nothing found on: {', '.join(missing)}")
        documents = {citation.hit.document.id for citation in answer.citations}
        facts.append(f"from {wording.counted(len(documents), 'document')}")
        if "total" in answer.timings:
            facts.append(f"{answer.timings['total']:,.0f} ms")
        return [*parts, Words(" · ".join(facts), classes="aside gap")]

    def _refused(self, answer: Answer) -> list[Words]:
        said = "Not in these documents." if answer.hits else wording.flow(answer.text)
        parts = [
            *self._understood(answer),
            Words(said, classes="refusal"),
            Words(
                f"confidence that they hold an answer: {wording.confidence(answer.confidence)}",
                classes="aside",
            ),
        ]
        if answer.coverage:
            terms = (
                f"{'✓' if item.found else '✗ no'} {wording.flow(item.term)}"
                for item in answer.coverage
            )
            parts.append(Words("in the documents: " + "  ".join(terms), classes="aside"))
        nearest = sources(self.number, answer)[:3]
        if nearest:
            parts.append(Words("Nearest passages; they do not answer it:", classes="aside gap"))
        for source in nearest:
            hit = source.citation.hit
            text = Content.assemble(
                _marker(self.number, source.citation.number),
                f" {wording.title(hit.document)}: ",
                (wording.shorten(hit.passage.text, 90), "$dim"),
            )
            parts.append(Words(text, classes="nearest"))
        return parts


class Suggestion(Words, can_focus=True):
    """A question to begin with: Enter or a click asks it."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "ask", "Ask what is suggested", id="asking.suggestion")
    ]

    def __init__(self, question: str) -> None:
        """Remember what to ask."""
        super().__init__(f"› {wording.flow(question)}")
        self._question = question

    def on_click(self) -> None:
        """Ask."""
        self.action_ask()

    def action_ask(self) -> None:
        """Ask."""
        self.post_message(Submitted(self._question))


class Welcome(Vertical):
    """What stands where nothing was asked yet: the name, what is indexed, and a way to begin."""

    def compose(self) -> ComposeResult:
        """Show the name at once; the rest when it is known."""
        yield Words("Quoth", classes="name")
        yield Words("Answers in your documents' own words.", classes="motto")
        yield Words("Opening the index… you can type already.", classes="state")
        yield Vertical(classes="suggestions")

    def show(self, status: IndexStatus, suggestions: Sequence[str]) -> None:
        """Say what is indexed, and offer questions."""
        self.say(wording.holdings(status))
        offered = self.query_one(".suggestions")
        offered.remove_children()
        if suggestions:
            offered.mount(Words("You might ask", classes="aside"))
        offered.mount_all([Suggestion(question) for question in suggestions[:4]])

    def say(self, sentence: str) -> None:
        """Say how things stand."""
        self.query_one(".state", Words).update(Content(wording.plain(sentence)))


class Conversation(VerticalScroll):
    """All turns, oldest first; follows the newest unless the reader has scrolled away.

    The turns stand in a box at least as high as the view: an anchored view shows less than a
    screenful at its bottom otherwise.
    """

    def compose(self) -> ComposeResult:
        """Begin with the welcome."""
        with Vertical(classes="turns"):
            yield Welcome()

    async def ask(self, number: int, question: str) -> TurnView:
        """Begin a turn, and follow it."""
        self.query_one(Welcome).display = False
        turn = TurnView(number, question)
        await self.query_one(".turns").mount(turn)
        self.anchor()
        return turn

    @property
    def turns(self) -> list[TurnView]:
        """The turns, oldest first."""
        return list(self.query(TurnView))

    def clear(self) -> None:
        """Forget all turns."""
        self.query(TurnView).remove()
        self.query_one(Welcome).display = True
        self.scroll_home(animate=False)
