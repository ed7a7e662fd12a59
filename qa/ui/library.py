"""The library: every document, sorted and narrowed down, and which of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from qa.types import Backend, State
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.building import BuildState
from qa.ui.columns import COLUMNS, Order, Row, about, row
from qa.ui.confirm import Confirm
from qa.ui.desk import desk
from qa.ui.folders import FoldersScreen
from qa.ui.jobs import Job
from qa.ui.messages import Checked, Picked, Unavailable
from qa.ui.rebuild import BuildPanel
from qa.ui.scope import NAMED, Scope
from qa.ui.shelf import Heads, Shelf
from qa.ui.words import Brief, Line, Words


@dataclass
class Listed(Message):
    """The documents of the index, by title, as they are listed."""

    rows: Sequence[Row]


class LibraryScreen(Screen[None]):
    """All documents; type to narrow them down, tick those that count, Enter to read."""

    AUTO_FOCUS = "Shelf"
    BINDING_GROUP_TITLE = "Library"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Empty the filter, then go back", id="library.back"),
        Binding("up", "move(-1)", "Up", show=False, id="library.up"),
        Binding("down", "move(1)", "Down", show=False, id="library.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="library.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="library.page-down"),
        Binding("space", "tick('this')", "Let a document count, or not", id="library.tick"),
        Binding("plus", "tick('all')", "Let all that are shown count", id="library.all"),
        Binding("minus", "tick('none')", "Let none that is shown count", id="library.none"),
        Binding("asterisk", "tick('other')", "Turn the ticks shown around", id="library.invert"),
        Binding("equals_sign", "tick('only')", "Let only those shown count", id="library.only"),
        Binding("greater_than_sign", "sort(1)", "Sort another way", id="library.sort"),
        Binding("less_than_sign", "sort(-1)", "Sort the way before", id="library.sort-back"),
        Binding("ctrl+d", "folders", "Add and remove files and folders", id="library.folders"),
        Binding("delete", "remove", "Take the document out of the index", id="library.remove"),
    ]

    def __init__(self, backend: Backend) -> None:
        """Start without documents: they are on their way."""
        super().__init__()
        self._backend = backend
        self._rows: Sequence[Row] = ()  # by title
        self._sorted: Sequence[Row] = ()
        self._titles: dict[str, str] = {}
        self._states: dict[str, State] = {}
        self._ticked: set[str] = set()
        self._order = Order()
        self._fault = ""
        self._job: Job | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Library", "opening…")
        # All selected, the second letter typed would take the first's place.
        yield Line("Type to filter by title, source, author, date", select=False)
        yield Hints(
            ("library.tick", "Tick"),
            ("library.all", "All"),
            ("library.none", "None"),
            ("library.invert", "Invert"),
            ("library.only", "Only these"),
        )
        yield Heads()
        yield Shelf()
        yield Brief(classes="about")
        yield BuildPanel()
        yield Hints(
            ("library.read", "Read"),
            ("library.sort", "Sort"),
            ("library.folders", "Folders"),
            ("library.remove", "Remove"),
            ("library.back", "Back"),
            ("commands", "More"),
        )

    def on_mount(self) -> None:
        """Fetch the documents, now and whenever the index has changed."""
        desk(self).builds.changed.subscribe(self, self._follow)
        desk(self).current.renewed.subscribe(self, lambda _status: self._fetch())
        self._fetch()

    @property
    def _shelf(self) -> Shelf:
        return self.query_one(Shelf)

    # What there is

    def _follow(self, state: BuildState) -> None:
        if state.report is not None:
            self._fetch()

    def _fetch(self) -> None:
        def work(job: Job) -> None:
            held = self._backend.library()
            titles = {each.document.id: wording.title(each.document) for each in held}
            job.tell(Listed(Order().sort([row(each, titles) for each in held], {})))
            for states in self._backend.check():
                if job.cancelled:
                    return
                job.tell(Checked(states))

        if self._job is not None:
            self._job.cancelled = True
        self._fault = ""
        self._job = desk(self).start(work, Unavailable, to=self)

    def on_listed(self, message: Listed) -> None:
        """Show the documents, now that they are here."""
        scope = desk(self).scope
        self._rows = message.rows
        self._titles = {row.id: row.title for row in message.rows}
        called = {old: row.id for row in message.rows for old in row.holding.former}
        ticked = self._titles if scope is None else [called.get(name, name) for name in scope.ids]
        self._ticked = self._titles.keys() & set(ticked)
        self._states = {}
        if scope is not None:
            self._count()
        self._sort(self._order)

    def on_unavailable(self, message: Unavailable) -> None:
        """Say what went wrong, where a document would be told of."""
        self._fault = message.sentence
        self._tell()

    def on_checked(self, message: Checked) -> None:
        """Say what has become of their files."""
        self._states |= message.states
        if self._order.column == len(COLUMNS) - 1 and len(self._states) >= len(self._rows):
            self._sort(self._order)
        self._shelf.states = self._states
        self._shelf.refresh()
        self._tell()

    # Sorting and narrowing down

    def _sort(self, order: Order) -> None:
        self._order = order
        self._sorted = order.sort(self._rows, self._states)
        self.query_one(Heads).show(order)
        self._filter()

    def _filter(self) -> None:
        shelf, words = self._shelf, self.query_one(Input).value.casefold().split()
        rows = [row for row in self._sorted if all(word in row.haystack for word in words)]
        shelf.ticked, shelf.states = self._ticked, self._states
        shelf.show(rows, self._order, shelf.row.id if shelf.row else None)
        self._tell()

    def _tell(self) -> None:
        shelf, total = self._shelf, len(self._rows)
        documents = wording.counted(total, "document")
        facts = [f"{len(shelf.rows):,} of {documents}" if self._filtered else documents]
        if len(self._ticked) < total:
            facts.append(f"{len(self._ticked):,} count")
        said = " · ".join((*facts, self._order.words))
        self.query_one(TitleBar).say(f"{said}{desk(self).current.sign}")
        self.on_shelf_moved()

    @property
    def _filtered(self) -> bool:
        return bool(self.query_one(Input).value.strip())

    def on_shelf_moved(self) -> None:
        """Tell of the document under the cursor."""
        row = self._shelf.row
        if self._fault:
            said = Content(f"! {wording.flow(self._fault)}").stylize("$error")
        elif row is not None:
            facts = about(row, self._states, self._titles)
            said = Content.assemble(facts, "\n", (wording.flow(row.holding.document.path), "$dim"))
        else:
            empties = f"No document meets the filter; {desk(self).key('library.back')} empties it."
            said = Content(empties * bool(self._rows))
        self.query_one(".about", Words).update(said)

    def on_input_changed(self) -> None:
        """Narrow down."""
        self._filter()

    def on_heads_clicked(self, message: Heads.Clicked) -> None:
        """Sort by a column, or tick all or none."""
        if message.column is None:
            shown = {row.id for row in self._shelf.rows}
            self.action_tick("none" if shown <= self._ticked else "all")
        else:
            self._sort(self._order.chosen(message.column))

    def action_sort(self, by: int) -> None:
        """Sort in the next way, or that before."""
        self._sort(self._order.next(by))

    # Which count

    def action_tick(self, which: str) -> None:
        """Change which documents count: the one under the cursor, or those that are shown."""
        shown = {row.id for row in self._shelf.rows}
        here = {self._shelf.row.id} if self._shelf.row else set()
        match which:
            case "this":
                self._ticked ^= here
            case "all":
                self._ticked |= shown
            case "none":
                self._ticked -= shown
            case "other":
                self._ticked ^= shown
            case _:
                self._ticked = shown
        self._shelf.ticked = self._ticked
        self._shelf.refresh()
        self._count()
        self._tell()

    def _count(self) -> None:
        """Let what is ticked count; none is as good as all, for it would answer nothing."""
        if len(self._ticked) in (0, len(self._rows)):
            desk(self).limit(None)
        else:
            names = (title for name, title in self._titles.items() if name in self._ticked)
            named = tuple(islice(names, NAMED))
            desk(self).limit(Scope(frozenset(self._ticked), len(self._rows), named))

    def on_shelf_ticked(self) -> None:
        """A tick was clicked."""
        self.action_tick("this")

    # What is in the index

    def action_folders(self) -> None:
        """Show the files and folders that the index is made of."""
        documents = [row.holding.document.file for row in self._rows]
        self.app.push_screen(FoldersScreen(self._backend, documents))

    def action_remove(self) -> None:
        """Take the document under the cursor out of the index, once that is confirmed."""
        row = self._shelf.row
        if row is None:
            return
        passages = wording.counted(row.holding.passages, "passage")
        self.app.push_screen(
            Confirm(
                f"Take “{row.title}” out of the index?",
                f"The document and its {passages} go: no question finds them any more. The file "
                f"{row.holding.document.file} stays as it is. The document stays out until its "
                "file changes, is added by name, or the index is rebuilt from scratch.",
                "Take it out",
                "Keep it",
            ),
            lambda yes: self._remove(row.id) if yes else None,
        )

    def _remove(self, name: str) -> None:
        desk(self).change(lambda backend: iter([backend.remove([name])]))

    # Moving about

    def on_key(self, event: events.Key) -> None:
        """Let typing begin anywhere: text goes into the filter.

        What comes here while the filter has the focus was on its way before it had.
        """
        box = self.query_one(Input)
        going_on = self.focused is box and bool(box.value)
        if event.key in self.active_bindings and not (going_on and event.is_printable):
            return
        if event.key == "backspace" and box.value:
            self.set_focus(box)
            box.action_delete_left()
        elif event.is_printable and event.character:
            self.set_focus(box)  # at once, where `focus` lets what follows come first
            box.insert_text_at_cursor(event.character)
        else:
            return
        event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Let what is pasted go into the filter, too."""
        box = self.query_one(Input)
        if not box.has_focus and event.text.strip():
            event.stop()
            box.focus()
            box.insert_text_at_cursor(event.text.splitlines()[0])

    def on_input_submitted(self) -> None:
        """Open the document under the cursor."""
        self._shelf.action_read()

    def on_shelf_opened(self) -> None:
        """Read a document."""
        if self._shelf.row is not None:
            self.post_message(Picked(self._shelf.row.holding.document))

    def action_move(self, by: int) -> None:
        """Move the cursor, where space ticks."""
        self._shelf.focus()
        self._shelf.action_move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self._shelf.size.height - 1))

    def action_back(self) -> None:
        """Put away what is told of a build, empty the filter, or leave."""
        box = self.query_one(Input)
        if desk(self).builds.close():
            return
        if box.value:
            box.value = ""
            self._shelf.focus()
            return
        if self._rows and not self._ticked:
            desk(self).say("No document was ticked, so all of them count.")
        self.dismiss()
