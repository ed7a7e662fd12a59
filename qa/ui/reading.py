"""The reading view: a whole document, at the words that were quoted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input

from qa.types import Document, Quote, State
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.desk import desk
from qa.ui.details import DetailsScreen, state_line
from qa.ui.elsewhere import leave_for
from qa.ui.finding import Finding
from qa.ui.jobs import Job
from qa.ui.messages import Checked, Located, Source, Unavailable, Wondered
from qa.ui.outline import Outline
from qa.ui.page import Page
from qa.ui.words import Brief, Line, Words
from qa.ui.wrapping import Span

WINDOWS = 10  # of the text, searched at a time: about 5 ms
SIDE = 70  # cells from which on the outline has room beside the page


def standing(document: Document, sources: Sequence[Source]) -> list[Source]:
    """The sources whose words are in the document to the letter, in reading order."""
    return sorted(
        (source for source in sources if _stands(document, source.citation.quote)),
        key=lambda source: (source.citation.quote.start, source.citation.number),
    )


def _stands(document: Document, quote: Quote) -> bool:
    return document.text[quote.start : quote.end] == quote.text


class FindBar(Horizontal):
    """Where one types what to find, and how often it stands in the document."""

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Words("/", classes="sign")
        yield Line("Find in this document")
        yield Words(classes="count")


class ReadingScreen(Screen[None]):
    """A document with the quotes of one answer marked; n and p go from mark to mark."""

    AUTO_FOCUS = "Page"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SIDE, "-wide")]  # noqa: RUF012 - not a ClassVar
    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="reading.back"),
        Binding("q", "dismiss", "Leave", show=False, id="reading.leave"),
        Binding("n", "step(1)", "Next mark, or place found", id="reading.next"),
        Binding("p,N", "step(-1)", "Previous mark, or place found", id="reading.previous"),
        Binding("down", "step(1)", "While typing: next place", show=False, id="reading.found"),
        Binding(
            "up", "step(-1)", "While typing: previous place", show=False, id="reading.found-before"
        ),
        Binding("slash,ctrl+f", "find", "Find in this document", id="reading.find"),
        Binding("w", "why", "Why this is in the answer, or is not", id="reading.why"),
        Binding("o", "outline", "The headings, to go to", id="reading.outline"),
        Binding("i", "details", "All that is known of the document", id="reading.details"),
        Binding("e", "edit", "Open the file in $EDITOR, at its line", id="reading.edit"),
        Binding("v", "view", "Open the file as the desktop does", id="reading.view"),
        Binding("c", "copy", "Copy the quote and its reference", id="reading.copy"),
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
        self._state: State | None = None
        self._fault = ""
        self._finding: Finding | None = None
        self._anchor = 0
        self._said: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar(wording.title(self._document))
        yield Brief(classes="about")
        with Horizontal(id="book"):
            yield Outline(self._document)
            yield Page(self._document)
        yield FindBar()
        yield Hints(
            ("reading.back", "Back"),
            ("reading.next", "Next"),
            ("reading.find", "Find"),
            ("reading.why", "Why"),
            ("reading.outline", "Outline"),
            ("reading.details", "About"),
            ("reading.edit", "Edit"),
            ("reading.view", "View"),
            ("reading.copy", "Copy"),
            ("reading.previous", "Previous"),
            ("commands", "More"),
        )

    def on_mount(self) -> None:
        """Go to the quote, and look what has become of the file."""
        self._show_marks()
        if spans := self._quotes():
            self.query_one(Page).reveal(spans[self._place][0])
        self._check()

    def _check(self) -> None:
        backend, document = desk(self).backend, self._document
        if backend is not None:
            desk(self).start(
                lambda job: job.tell(Checked({document.id: backend.state(document)})),
                Unavailable,
                to=self,
            )

    def on_unavailable(self, message: Unavailable) -> None:
        """Say why it cannot be told what has become of the file."""
        self._fault = message.sentence
        self._tell()

    def on_checked(self, message: Checked) -> None:
        """Say what has become of the file."""
        self._state = message.states.get(self._document.id)
        self._fault = ""
        self._tell()

    def on_screen_resume(self) -> None:
        """Look again: the file may have been edited meanwhile."""
        self._check()

    # Marks

    def _quotes(self) -> list[Span]:
        quotes = [source.citation.quote for source in self._sources]
        return [(quote.start, quote.end) for quote in quotes]

    def _current(self) -> Span | None:
        if self._finding is not None:
            return self._finding.current
        quotes = self._quotes()
        return quotes[self._place] if quotes else None

    def _show_marks(self) -> None:
        found = self._finding.found if self._finding else ()
        self.query_one(Page).mark(self._quotes(), found, self._current())
        self._tell()

    def _tell(self) -> None:
        self._say(".about", self._about())
        if (finding := self._finding) is not None:
            count = wording.found(
                finding.place, finding.count, complete=finding.complete, capped=finding.capped
            )
            self._say(".count", Content(count))

    def _say(self, where: str, said: Content) -> None:
        """Update a line only where it differs: each time the screen is laid out anew."""
        if self._said.get(where) != said:
            self._said[where] = said
            self.query_one(where, Words).update(said)

    def _about(self) -> Content:
        document, parts = self._document, []
        if self._sources:
            source = self._sources[self._place]
            noun = "nearest passage" if source.nearest else f"[{source.citation.number}] quote"
            where = f"{noun} {self._place + 1} of {len(self._sources)}"
            parts.append(Content.assemble((where, "bold $accent")))
        elif self._lost:
            parts.append(Content("the quote is no longer in this document"))
        if self._fault:
            parts.append(Content(f"! {wording.flow(self._fault)}").stylize("$error"))
        elif self._state is not None:
            parts.append(state_line(self._state))
        label = wording.page(self._sources[self._place].citation) if self._sources else ""
        parts.append(Content(wording.byline(document, label, document.path)))
        return Content(" · ").join(parts)

    def action_step(self, by: int) -> None:
        """Go to the next or the previous place found, or else mark, round and round."""
        if self._finding is not None:
            self._finding.step(by)
        elif self._sources:
            self._place = (self._place + by) % len(self._sources)
        else:
            desk(self).say("No quote of an answer stands here; / finds words.")
        self._show_marks()
        if current := self._current():
            self.query_one(Page).reveal(current[0])

    def on_page_moved(self) -> None:
        """Say how far one has come, and under which heading."""
        page = self.query_one(Page)
        share = page.in_view()[1] / max(1, len(self._document.text))
        place = f"{share:.0%}"
        if label := wording.flow(page.page_in_view()):
            place = f"{label} · {place}"
        self.query_one(TitleBar).say(place)
        outline = self.query_one(Outline)
        if outline.display and not outline.has_focus:
            outline.show(page.heading_in_view())

    # Outline

    def action_outline(self) -> None:
        """Show or hide the headings."""
        outline, page = self.query_one(Outline), self.query_one(Page)
        if not outline.count:
            desk(self).say("This document has no headings.")
            return
        shown = not outline.display
        self.set_class(shown, "-outline")
        if shown:
            outline.show(page.heading_in_view())
        (outline if shown else page).focus()

    def on_outline_picked(self, message: Outline.Picked) -> None:
        """Go to the heading; where the outline covers the page, it goes."""
        page = self.query_one(Page)
        if self.size.width < SIDE:
            self.set_class(False, "-outline")
        page.reveal(self._document.headings[message.place].start, above=0)
        page.focus()

    # Finding

    def action_find(self) -> None:
        """Ask what to find."""
        self.set_class(True, "-find")
        box = self.query_one(Input)
        box.select_all()
        box.focus()
        self._anchor = self.query_one(Page).in_view()[0]
        if self._finding is None:
            self._look_for(box.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for it while it is typed, a little of the text at a time."""
        self._look_for(event.value)

    def _look_for(self, words: str) -> None:
        if not words.strip():
            self._forget()
            return
        self._finding = Finding(self._document.text, words, self._anchor)
        self._show_marks()
        self._seek(self._finding)

    def _seek(self, finding: Finding) -> None:
        if finding is not self._finding:
            return
        before, count = finding.current, finding.count
        finding.advance(WINDOWS)
        if finding.count > count:
            self._show_marks()
        else:
            self._tell()
        if finding.current is not None and before is None:
            page = self.query_one(Page)
            if not page.shows(finding.current):
                page.reveal(finding.current[0])
        if not finding.complete:
            self.set_timer(0.001, lambda: self._seek(finding))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on reading among what was found."""
        if not event.value.strip():
            self._close_find()
        self.query_one(Page).focus()

    def _forget(self) -> None:
        self._finding = None
        self._say(".count", Content(""))
        self._show_marks()

    def _close_find(self) -> None:
        self.set_class(False, "-find")
        self._forget()
        self.query_one(Page).focus()

    # Elsewhere

    def action_details(self) -> None:
        """Show all that is known of the document."""
        self.app.push_screen(DetailsScreen(self._document))

    def action_edit(self) -> None:
        """Open the file in the editor, at the mark or the words in view."""
        self._locate(viewer=False)

    def action_view(self) -> None:
        """Open the file in what the desktop shows it with."""
        self._locate(viewer=True)

    def _locate(self, *, viewer: bool) -> None:
        backend, page, current = desk(self).backend, self.query_one(Page), self._current()
        if backend is None:
            return
        what, (start, end) = "what is in view", page.in_view()
        if current is not None and page.shows(current):
            what = "what was found" if self._finding else "the quote"
            start, end = current
        document, end = self._document, min(end, start + 1_000)

        def work(job: Job) -> None:
            job.tell(Located(backend.locate(document, start, end), what, viewer))

        desk(self).start(work, to=self)

    def on_located(self, message: Located) -> None:
        """Leave for the other program, and look afterwards what has become of the file."""
        leave_for(desk(self), message)
        self._check()

    def action_why(self) -> None:
        """Ask why the mark, the place found, or else what is in view is in the answer or not."""
        page, current = self.query_one(Page), self._current()
        start, end = page.in_view() if current is None or not page.shows(current) else current
        turn = self._sources[0].turn if self._sources else None
        self.post_message(Wondered(turn, self._document.id, start, end))

    def action_copy(self) -> None:
        """Copy the quote with where it stands."""
        if not self._sources:
            desk(self).say("No quote of an answer stands here.")
            return
        self.app.copy_to_clipboard(wording.reference(self._sources[self._place].citation))
        desk(self).say("Quote and reference copied.")

    def action_back(self) -> None:
        """Leave what is open: what was found, the outline; then the document."""
        if self.has_class("-find"):
            self._close_find()
        elif self.query_one(Outline).display:
            self.action_outline()
        else:
            self.dismiss()
