"""The passages behind an answer, as cards: beside it when there is room, else on their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen

from qa.types import Marks, Verdict
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.messages import Chosen, Judged, Source, Wondered
from qa.ui.words import Words


def card(source: Source, verdict: Verdict | None = None) -> Content:
    """Write a card: number, title, verdict, origin, heading, and the passage with its quote."""
    citation = source.citation
    passage, document = citation.hit.passage, citation.hit.document
    name = f"nearest {citation.number}" if source.nearest else f"[{citation.number}]"
    about = [wording.byline(document), wording.flow(passage.heading)]
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
    parts += ["\n", _marked(source), "\n\n"]
    state = wording.condition(citation) or wording.STATES[citation.state]
    parts.append((f"score {citation.hit.score:.2f} · {state}", "$dim"))
    return Content.assemble(*parts)


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
        self.show(marks)

    def show(self, marks: Marks) -> None:
        """Show what was said of the source."""
        self.update(card(self.source, marks.of(self.source.citation.quote)))

    def on_click(self) -> None:
        """Open, unless text was selected to be copied."""
        if not self.screen.selections:
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
            f"focus_card({digit})",
            "Source",
            show=False,
            id=f"sources.source-{digit}",
            tooltip="Go to a source",
        )
        for digit in range(1, 10)
    ]

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(classes="-empty")
        self.sources: Sequence[Source] = ()

    def show(self, sources: Sequence[Source], marks: Marks) -> None:
        """Show these sources instead, and what was said of them."""
        self.sources = sources
        self.set_class(not sources, "-empty")
        with self.app.batch_update():
            self.remove_children()
            self.mount(Words(self._heading(), classes="heading"))
            self.mount_all([Card(source, marks) for source in sources])
        self.scroll_home(animate=False)

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


class SourcesScreen(Screen[None]):
    """The cards on a screen of their own, where there is no room beside the conversation."""

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
        )

    def on_mount(self) -> None:
        """Show the cards."""
        pane = self.query_one(SourcesPane)
        pane.show(self._sources, self._marks)
        self.call_after_refresh(pane.action_focus_card, self._number)
