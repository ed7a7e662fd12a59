"""One turn as it is seen: the question, and what the documents say, in their own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style

from qa.types import Answer, Point
from qa.ui import wording
from qa.ui.cited import sources
from qa.ui.desk import desk
from qa.ui.exchange import Exchange
from qa.ui.messages import Chosen, Reasked, Source
from qa.ui.words import Words

NEAREST = 3  # passages that stand under a refusal; the others are among the sources

STOP = Style.from_meta({"@click": "app.cancel"})


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


class Understood(Words, can_focus=True):
    """What a question was taken to mean; `u`, Enter or a click asks it alone, or not any more."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "u,enter",
            "again",
            "Ask alone",
            id="asking.alone",
            tooltip="Ask it again without the questions before, or with them",
        )
    ]

    def __init__(self, exchange: Exchange, key: str) -> None:
        """Say how a question was understood, and with which key it is asked the other way."""
        answer = exchange.answer
        if exchange.leans and answer is not None:
            said = f"understood as: {wording.flow(answer.resolved_question)}"
            way_out = f"{key} asks it alone"
        else:
            said, way_out = "asked alone, without the questions before", f"{key} brings them back"
        super().__init__(
            Content.assemble((said, "$dim"), "  ", (way_out, "$accent")), classes="understood"
        )
        self._number = exchange.number

    def on_click(self) -> None:
        """Ask it the other way."""
        self.action_again()

    def action_again(self) -> None:
        """Ask it the other way."""
        self.post_message(Reasked(self._number))


class Nearest(Words, can_focus=True):
    """A passage that comes near and answers nothing; Enter or a click opens its document."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Read", id="asking.nearest", tooltip="Read the nearest passage"),
        Binding("down,j", "app.focus_next", "Next", show=False, id="asking.nearer"),
        Binding("up,k", "app.focus_previous", "Previous", show=False, id="asking.farther"),
    ]

    def __init__(self, source: Source) -> None:
        """Show where it stands and how it begins."""
        hit = source.citation.hit
        super().__init__(
            Content.assemble(
                (f"{source.citation.number}  ", "bold $accent"),
                (wording.title(hit.document), "bold"),
                (f"  {wording.shorten(hit.passage.text, 90)}", "$dim"),
            ),
            classes="nearest",
        )
        self._source = source

    def become(self, other: Nearest) -> None:
        """Stand for another passage."""
        super().become(other)
        self._source = other._source

    def on_click(self) -> None:
        """Open, unless text was selected to be copied."""
        if not self.screen.selections:
            self.action_open()

    def action_open(self) -> None:
        """Ask for the document."""
        self.post_message(Chosen(self._source))


class TurnView(Vertical):
    """A question and, as it comes, its answer."""

    def __init__(self, exchange: Exchange) -> None:
        """Show what there is of an exchange by now."""
        super().__init__(classes="turn")
        self.exchange = exchange
        self._composed = False
        self._answer = Vertical(classes="answer")
        self._verdict = Words(f"✗ marked {wording.VERDICTS['absent']}", classes="verdict")
        self._stage = Words(classes="stage")

    def compose(self) -> ComposeResult:
        """Show what was asked, and what is said, or room for it."""
        yield Words(wording.plain(self.exchange.question), classes="question")
        with self._answer:
            yield from self._parts()
        yield self._verdict
        yield self._stage

    def on_mount(self) -> None:
        """Show what has come since."""
        self._composed = True
        self.draw()

    def _parts(self) -> list[Words]:
        return parts(self.exchange, desk(self).key("asking.alone"))

    def draw(self) -> None:
        """Show what there is by now, in place: what stays the same stays the same widget."""
        answer, stage = self._answer, self._stage
        if not self._composed or not answer.is_attached:
            return
        with self.app.batch_update():
            had, wanted = list(answer.query_children(Words)), self._parts()
            same = _alike(had, wanted)
            for old, new in zip(had[:same], wanted[:same], strict=True):
                old.become(new)
            for old in had[same:]:
                old.remove()
            answer.mount_all(wanted[same:])
            way_out = Content(f" · {desk(self).key('cancel')} stops" * self.exchange.waits)
            stage.update(Content.assemble(self.exchange.stage, way_out.stylize(STOP)))
            stage.display = bool(self.exchange.stage)
            self._verdict.display = self.exchange.marks.absent


def _alike(had: Sequence[Words], wanted: Sequence[Words]) -> int:
    """How many widgets, from the first, can go on being what they are."""
    same = 0
    for old, new in zip(had, wanted, strict=False):
        if type(old) is not type(new) or old.classes != new.classes:
            break
        same += 1
    return same


def parts(exchange: Exchange, other_way: str) -> list[Words]:
    """What stands under a question; `other_way` is the key that asks it alone, or not any more."""
    answer, found = exchange.answer, list[Words]()
    if answer is not None:
        if exchange.leans or exchange.alone:
            found.append(Understood(exchange, other_way))
        if answer.status == "answered":
            found += _answered(exchange.number, answer)
        elif exchange.early:
            found += _nearest(exchange.number, answer, "Nearest by words so far:")
        else:
            found += _refused(exchange.number, answer)
    if exchange.error:
        found.append(Words(exchange.error, classes="error"))
    return found


def _answered(turn: int, answer: Answer) -> list[Words]:
    found: list[Words] = []
    if answer.short_answer:
        found.append(Words(wording.flow(answer.short_answer), classes="short"))
    points = answer.points or [Point(c.quote.text, (c.number,)) for c in answer.citations]
    for group, heading in _by_part(turn, answer, points):
        found += [Words(heading, classes="part")] if heading else []
        for point in group:
            short = answer.short_answer if point is points[0] else None
            found.append(Words(quoted(turn, point, short), classes="point"))
    for conflict in answer.conflicts:
        first, second = (_marker(turn, number) for number in conflict.citations)
        about = f" differ: {wording.flow(conflict.about)}"
        found.append(
            Words(Content.assemble("≠ ", first, " and ", second, about), classes="conflict")
        )
    facts = [f"confidence {wording.confidence(answer.confidence)}"]
    missing = [wording.flow(item.term) for item in answer.coverage if not item.found]
    if missing:
        facts.append(f"nothing found on: {', '.join(missing)}")
    documents = {citation.hit.document.id for citation in answer.citations}
    limit = "" if answer.scope is None else f" of the {answer.scope:,} ticked"
    facts.append(f"from {wording.counted(len(documents), 'document')}{limit}")
    if "total" in answer.timings:
        facts.append(f"{answer.timings['total']:,.0f} ms")
    return [*found, Words(" · ".join(facts), classes="aside gap")]


def _by_part(
    turn: int, answer: Answer, points: Sequence[Point]
) -> Iterator[tuple[list[Point], Content | None]]:
    """The points for each thing asked for, each point once, and what stands above them."""
    left = list(points)
    for part in answer.parts:
        speaking = [point for point in points if set(point.citations) & set(part.citations)]
        new = [point for point in speaking if point in left]
        left = [point for point in left if point not in new]
        named = f"“{wording.flow(part.text)}”"
        if not speaking:
            yield [], Content.assemble((f"✗ no quote speaks of {named}", "$dim"))
            continue
        above = [_marker(turn, point.citations[0]) for point in speaking if point not in new]
        see = Content.assemble(" see ", Content(" ").join(above)) if above else Content("")
        yield new, Content.assemble((f"on {named}:", "$dim"), see)
    if left:
        yield left, Content.assemble(("beside that:", "$dim")) if answer.parts else None


def _refused(turn: int, answer: Answer) -> list[Words]:
    everywhere = answer.hits and answer.scope is None
    said = "Not in these documents." if everywhere else wording.flow(answer.text)
    chance = wording.confidence(answer.confidence)
    found = [
        Words(said, classes="refusal"),
        Words(f"confidence that they hold an answer: {chance}", classes="aside"),
    ]
    return found + _nearest(turn, answer, "Nearest passages; none surely answers it:")


def _nearest(turn: int, answer: Answer, heading: str) -> list[Words]:
    """What was looked for, and what comes nearest to it."""
    coverage = wording.coverage(answer.coverage)
    found = [Words("\n".join(coverage), classes="aside gap")] if coverage else []
    if nearest := sources(turn, answer)[:NEAREST]:
        found.append(Words(heading, classes="aside gap"))
    return [*found, *map(Nearest, nearest)]
