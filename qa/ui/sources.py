"""The passages behind an answer, as cards: beside it when there is room, else on their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import AwaitMount

from qa.types import Marks, State, Verdict
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.desk import desk
from qa.ui.details import state_line
from qa.ui.jobs import Job
from qa.ui.messages import Checked, Chosen, Judged, Source, Wondered
from qa.ui.words import Words

WIDE = 100  # cells from which on the sources have room beside the conversation


def card(source: Source, verdict: Verdict | None = None, state: State | None = None) -> Content:
    """Write a card: number, title, verdict, origin, heading, the passage with its quote, and
    how far to trust it: what agrees and differs, confidence, and the state of the file."""
    citation = source.citation
    passage, document = citation.hit.passage, citation.hit.document
    name = f"nearest {citation.number}" if source.nearest else f"[{citation.number}]"
    about = [wording.byline(document, wording.page(citation)), wording.flow(passage.heading)]
    parts: list[Content | str | tuple[str, str]] = [
        (name, "bold $accent"),
        "  ",
        (wording.title(document), "bold"),
        "\n",
    ]
    if verdict is not None:
        sign = "✓" if verdict == "right" else "✗"
        parts.append((f"{sign} marked {wording.VERDICTS[verdict]}\n", "bold $accent"))
    parts += [(f"{line}\n", "$dim") for line in about if line]
    if citation.orders:
        parts.append((f"! {wording.ORDERS}\n", "$warning"))
    parts += ["\n", _marked(source), "\n\n", *_beside_others(source)]
    parts.append(Content.assemble((" · ", "$dim")).join(_trust(source, state)))
    return Content.assemble(*parts)


def _trust(source: Source, state: State | None) -> Iterator[Content]:
    """Confidence, and the state of the file, unless the words are no longer in the index at all."""
    citation = source.citation
    if citation.confidence is not None:
        yield Content.assemble((f"confidence {wording.confidence(citation.confidence)}", "$dim"))
    if not citation.stands:
        yield Content.assemble((f"✗ {wording.condition(citation)}", "$error"))
    elif state is not None:
        yield state_line(state)


def _beside_others(source: Source) -> Iterator[Content]:
    """The lines that tell which citations say the same, which copies do, and what differs."""
    if source.same:
        numbers = Content(" ").join(_link(source.turn, number) for number in source.same)
        yield Content.assemble("= same in ", numbers, "\n")
    if repeated := wording.also(source.citation):
        yield Content.assemble((f"= {repeated}\n", "$dim"))
    for number, about in source.differs:
        link = _link(source.turn, number)
        differs = Content.assemble("≠ differs from ", link, f": {wording.flow(about)}\n")
        yield differs.stylize("$warning")


def _link(turn: int, number: int) -> Content:
    click = Style.from_meta({"@click": f"screen.cite({turn}, {number})"})
    return Content(f"[{number}]").stylize("$accent bold").stylize(click)


def _marked(source: Source) -> Content:
    citation = source.citation
    passage, quote = citation.hit.passage, citation.quote
    start, end = quote.start - passage.start, quote.end - passage.start
    if source.nearest or passage.text[start:end] != quote.text or start < 0:
        words = wording.flow(passage.text)
        return Content(words if source.nearest else f"“{wording.flow(quote.text)}”")
    before, after = wording.flow(passage.text[:start]), wording.flow(passage.text[end:])
    return Content.assemble(
        (f"{before} " if before else "", "$dim"),
        (f"“{wording.flow(quote.text)}”", "bold $mark-foreground on $mark-background"),
        (f" {after}" if after else "", "$dim"),
    )


class Card(Words, can_focus=True):
    """One source: Enter or a click opens it where it stands, + and - mark it right or wrong."""

    BINDING_GROUP_TITLE = "Sources"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Read", id="sources.read", tooltip="Read it where it stands"),
        Binding("w", "why", "Why", id="sources.why", tooltip="Why it is in the answer, or is not"),
        Binding(
            "c", "copy", "Copy quote", id="sources.copy", tooltip="Copy the quote and its reference"
        ),
        Binding(
            "plus",
            "judge('right')",
            "Right",
            id="sources.right",
            tooltip="Mark it as right; again takes it back",
        ),
        Binding(
            "minus",
            "judge('wrong')",
            "Wrong",
            id="sources.wrong",
            tooltip="Mark it as wrong; again takes it back",
        ),
        Binding("down,j", "app.focus_next", "Next", id="sources.next", show=False),
        Binding("up,k", "app.focus_previous", "Previous", id="sources.previous", show=False),
    ]

    def __init__(self, source: Source, marks: Marks) -> None:
        """Show the source, and what was said of it."""
        super().__init__(classes="card")
        self.source = source
        # The nearest passages of a refusal come unchecked.
        self.state = None if source.nearest else source.citation.state
        self.show(marks)

    def show(self, marks: Marks) -> None:
        """Show what was said of the source."""
        self._marks = marks
        self.update(card(self.source, marks.of(self.source.citation.quote), self.state))

    def check(self, states: Mapping[str, State]) -> None:
        """Show what has become of the file."""
        self.state = states.get(self.source.citation.hit.document.id, self.state)
        self.show(self._marks)

    def on_click(self, event: events.Click) -> None:
        """Open, unless a number was clicked or text was selected to be copied."""
        if not self.screen.selections and "@click" not in event.style.meta:
            self.action_open()

    def action_open(self) -> None:
        """Ask for the document."""
        self.post_message(Chosen(self.source))

    def action_why(self) -> None:
        """Ask why this is in the answer, or is not."""
        quote = self.source.citation.quote
        self.post_message(Wondered(self.source.turn, quote.document_id, quote.start, quote.end))

    def action_judge(self, verdict: Verdict) -> None:
        """Say whether this answers the question; the same again takes it back."""
        self.post_message(Judged(self.source.turn, verdict, self.source.citation.quote))

    def action_copy(self) -> None:
        """Copy the quote with where it stands."""
        self.app.copy_to_clipboard(wording.reference(self.source.citation))
        self.app.notify("Quote and reference copied.", markup=False)


class SourcesPane(VerticalScroll, can_focus=False):
    """The cards of one answer, in the order of their numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            str(digit),
            f"digit({digit})",
            "Source",
            show=False,
            id=f"sources.source-{digit}",
            tooltip="Go to a source by its number",
        )
        for digit in range(10)
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(classes="-empty")
        self.sources: Sequence[Source] = ()
        self.at: int | None = None  # the number of the card that one is at
        self.pause = 1.0  # seconds within which two digits make one number
        self._typed = (0, -inf)

    def show(self, sources: Sequence[Source], marks: Marks) -> AwaitMount:
        """Show these sources instead, and what was said of them; await it to go to one of them."""
        self.sources = sources
        self._typed = (0, -inf)
        self.set_class(not sources, "-empty")
        with self.app.batch_update():
            self.remove_children()
            self.mount(Words(self._heading(), classes="heading"))
            mounted = self.mount_all([Card(source, marks) for source in sources])
        self.scroll_home(animate=False)
        self._check(sources)
        return mounted

    def _check(self, sources: Sequence[Source]) -> None:
        """Look what has become of the files by now: an answer may be hours old."""
        backend = desk(self).backend
        documents = {source.citation.hit.document.id: source for source in sources}
        if backend is None or not documents:
            return

        def work(job: Job) -> None:
            job.tell(
                Checked(
                    {
                        name: backend.state(source.citation.hit.document)
                        for name, source in documents.items()
                    }
                )
            )

        desk(self).start(work, to=self)

    def on_checked(self, message: Checked) -> None:
        """Show what has become of the files."""
        for card_view in self.query(Card):
            card_view.check(message.states)

    def number(self, wanted: int) -> int:
        """This number, if it is one of a card; else 0."""
        numbers = (source.citation.number for source in self.sources)
        return wanted if wanted in numbers else 0

    def takes(self, digit: int) -> bool:
        """Whether a digit leads to a card, alone or after the one before."""
        return bool(self.number(digit) or self.number(self._after(digit)))

    def _after(self, digit: int) -> int:
        number, moment = self._typed
        return 10 * number + digit if monotonic() - moment < self.pause else digit

    def typed(self, digit: int) -> int:
        """The number that a digit leads to: after another one, a number of both if there is one."""
        number = self.number(self._after(digit)) or digit
        self._typed = number, monotonic()
        return number

    def action_digit(self, digit: int) -> None:
        """Go to the card that a digit leads to."""
        self.action_focus_card(self.typed(digit))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember which card one is at."""
        if isinstance(event.widget, Card) and self.display:  # not where Textual looks for another
            self.at = event.widget.source.citation.number

    def show_marks(self, turn: int, marks: Marks) -> None:
        """Show what is said of the sources by now, if they are those of this turn."""
        for card_view in self.query(Card):
            if card_view.source.turn == turn:
                card_view.show(marks)

    def _heading(self) -> str:
        if self.sources and self.sources[0].nearest:
            return "Nearest passages, not an answer"
        return "Sources"

    def action_focus_card(self, number: int) -> None:
        """Go to the card of a citation."""
        for card_view in self.query(Card):
            if card_view.source.citation.number == number:
                card_view.focus()
                card_view.scroll_visible(animate=False, top=True)


class SourcesScreen(Screen[int | None]):
    """The cards on a screen of their own, where there is no room beside the conversation."""

    AUTO_FOCUS = ""  # the card that was asked for, not the first
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="sources.back")
    ]

    def __init__(self, sources: Sequence[Source], number: int, marks: Marks) -> None:
        """Show these sources, at one of them."""
        super().__init__()
        self._sources = sources
        self._marks = marks
        self._number = number

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Sources")
        yield SourcesPane()
        yield Hints(
            ("sources.read", "Read"),
            ("sources.why", "Why"),
            ("sources.copy", "Copy quote"),
            ("sources.right", "Right"),
            ("sources.wrong", "Wrong"),
            ("sources.back", "Back"),
            ("commands", "More"),
        )

    async def on_mount(self) -> None:
        """Show the cards, and go to the one that was asked for."""
        pane = self.query_one(SourcesPane)
        await pane.show(self._sources, self._marks)
        if 0 < self._number < 10:
            pane.typed(self._number)
        self.call_after_refresh(pane.action_focus_card, self._number)

    def action_cite(self, _turn: int, number: int) -> None:
        """Go to another card."""
        self.query_one(SourcesPane).action_focus_card(number)

    def on_resize(self, event: events.Resize) -> None:
        """Leave for the pane beside the conversation where there is room for it."""
        self._make_room(event.size.width)

    def on_screen_resume(self) -> None:
        """Do so after reading as well."""
        self._make_room(self.app.size.width)

    def _make_room(self, width: int) -> None:
        for pane in self.query(SourcesPane):
            if width >= WIDE and self.app.screen is self:
                self.dismiss(pane.at or self._number)
