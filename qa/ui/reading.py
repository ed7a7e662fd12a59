"""The reading view: a whole document, at the words that were quoted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from qa.types import Document, Quote
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.conversation import Words
from qa.ui.messages import Source
from qa.ui.page import Page
from qa.ui.wrapping import Span, occurrences

OUTLINE = 2_000  # headings: more do not help to find one's way
FOUND = 5_000
WINDOWS = 2  # of the text, searched at a time: about 20 ms


def standing(document: Document, sources: Sequence[Source]) -> list[Source]:
    """The sources whose words are in the document to the letter, in reading order."""
    return sorted(
        (source for source in sources if _stands(document, source.citation.quote)),
        key=lambda source: (source.citation.quote.start, source.citation.number),
    )


def _stands(document: Document, quote: Quote) -> bool:
    return document.text[quote.start : quote.end] == quote.text


class ReadingScreen(Screen[None]):
    """A document with the quotes of one answer marked; n and p go from mark to mark."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="reading.back"),
        Binding("q", "dismiss", "Leave", show=False, id="reading.leave"),
        Binding("n", "step(1)", "Next mark", id="reading.next"),
        Binding("p", "step(-1)", "Previous mark", id="reading.previous"),
        Binding("slash", "find", "Find", id="reading.find", tooltip="Find in this document"),
        Binding("o", "outline", "Outline", id="reading.outline", tooltip="The headings, to go to"),
        Binding(
            "c", "copy", "Copy quote", id="reading.copy", tooltip="Copy the quote and its reference"
        ),
        Binding("g,home", "edge(False)", "Top", show=False, id="reading.top"),
        Binding("G,end", "edge(True)", "End", show=False, id="reading.end"),
    ]

    def __init__(
        self, document: Document, sources: Sequence[Source], chosen: Source | None
    ) -> None:
        """Read a document at the words of one of an answer's sources, if there are any."""
        super().__init__()
        self._document = document
        self._sources = standing(document, sources)
        self._lost = len(self._sources) < len(sources)
        self._place = self._sources.index(chosen) if chosen in self._sources else 0
        self._sought = ""
        self._search: Iterator[list[Span]] = iter(())
        self._found: list[Span] = []

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar(wording.title(self._document))
        yield Words(self._about(), classes="about")
        with Horizontal():
            yield OptionList(markup=False)
            yield Page(self._document)
        yield Input(placeholder="Find in this document", compact=True)
        yield Hints(
            ("reading.back", "Back"),
            ("reading.next", "Next"),
            ("reading.find", "Find"),
            ("reading.copy", "Copy"),
        )

    def on_mount(self) -> None:
        """Go to the quote."""
        self.query_one(OptionList).add_options(
            Option(Content("  " * (heading.level - 1) + self._words(heading.start, heading.end)))
            for heading in self._document.headings[:OUTLINE]
        )
        self.query_one(Page).focus()
        self._show_quotes()

    def _words(self, start: int, end: int) -> str:
        return wording.flow(self._document.text[start:end])

    def _about(self) -> str:
        document = self._document
        line = wording.byline(document, document.path)
        if self._sources:
            line += f" · {wording.STATES[self._sources[self._place].citation.state]}"
        return line

    def _show_quotes(self) -> None:
        quotes = [source.citation.quote for source in self._sources]
        spans = [(quote.start, quote.end) for quote in quotes]
        self.query_one(Page).show_marks(spans, self._place)
        self._tell()

    def _tell(self) -> None:
        page = self.query_one(Page)
        if self._sought:
            count = f"{page.current + 1:,} of {len(page.marks):,}" if page.marks else "nowhere"
            state = f"“{self._sought}”: {count}"
        elif self._sources:
            noun = "nearest passage" if self._sources[0].nearest else "quote"
            state = f"{noun} {page.current + 1} of {len(self._sources)}"
        elif self._lost:
            state = "the quote is no longer in this document"
        else:
            state = wording.counted(len(self._document.text), "character")
        self.query_one(TitleBar).say(state)

    def action_step(self, by: int) -> None:
        """Go to the next or the previous mark, round and round."""
        page = self.query_one(Page)
        if page.marks:
            page.show_marks(page.marks, (page.current + by) % len(page.marks))
            if not self._sought:
                self._place = page.current
        self._tell()

    def action_edge(self, end: bool) -> None:
        """Go to the beginning or the end of the document."""
        page = self.query_one(Page)
        page.scroll_end(animate=False) if end else page.scroll_home(animate=False)

    def action_outline(self) -> None:
        """Show or hide the headings."""
        outline = self.query_one(OptionList)
        if not outline.option_count:
            self.app.notify("This document has no headings.", markup=False)
            return
        outline.display = not outline.display
        outline.highlighted = min(outline.option_count - 1, self.query_one(Page).heading_in_view())
        (outline if outline.display else self.query_one(Page)).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the heading."""
        self.query_one(Page).reveal(self._document.headings[event.option_index].start, above=0)
        self.query_one(Page).focus()

    def action_find(self) -> None:
        """Ask what to find."""
        box = self.query_one(Input)
        box.display = True
        box.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look for it, a window of the text at a time."""
        self._close_find()
        self._sought = wording.flow(event.value)
        if not self._sought:
            self._show_quotes()
            return
        self._found = []
        self.query_one(Page).show_marks([])
        self._search = occurrences(self._document.text, event.value)
        self._seek(self._search)

    def _seek(self, search: Iterator[list[Span]]) -> None:
        if search is not self._search:
            return
        windows = list(islice(search, WINDOWS))
        first = not self._found
        for window in windows:
            self._found += window
        if first and self._found:
            self.query_one(Page).show_marks(self._found)
        self._tell()
        if len(windows) == WINDOWS and len(self._found) < FOUND:
            self.set_timer(0.001, lambda: self._seek(search))

    def _close_find(self) -> None:
        self.query_one(Input).display = False
        self.query_one(Page).focus()

    def action_copy(self) -> None:
        """Copy the quote with where it stands."""
        if not self._sources:
            self.app.notify("No quote of an answer stands here.", markup=False)
            return
        self.app.copy_to_clipboard(wording.reference(self._sources[self._place].citation))
        self.app.notify("Quote and reference copied.", markup=False)

    def action_back(self) -> None:
        """Leave what is open: the find box, the outline, what was found; then the document."""
        if self.query_one(Input).display:
            self._close_find()
        elif self.query_one(OptionList).display:
            self.action_outline()
        elif self._sought:
            self._sought = ""
            self._search = iter(())
            self._show_quotes()
        else:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """Let Escape leave the find box."""
        if event.key == "escape" and self.query_one(Input).has_focus:
            event.stop()
            self.action_back()
