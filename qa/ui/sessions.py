"""The conversations that are kept: to search, to resume, to rename, to save and to delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from qa.types import Backend, Session
from qa.ui import wording
from qa.ui.bars import Hints, TitleBar
from qa.ui.desk import desk
from qa.ui.entry import entry, facts
from qa.ui.jobs import Job
from qa.ui.messages import Forgotten, Renamed, Resumed, SessionsFailed, SessionsFound
from qa.ui.saving import SaveSheet, write
from qa.ui.words import Line, Words

NO_MATCH = "No question, answer or name holds these words."
NONE_YET = "None is kept yet: every answer is, as soon as it is whole."


class SessionsScreen(Screen[None]):
    """All conversations, the latest first; `/` searches what was asked and answered."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="sessions.back"),
        Binding("slash,ctrl+f", "search", "Search", id="sessions.search"),
        Binding("r", "rename", "Rename", id="sessions.rename"),
        Binding("d,delete", "delete", "Delete", id="sessions.delete"),
        Binding("u", "undo", "Undo the deletion", id="sessions.undo"),
        Binding("e,f4", "export", "Save as a file", id="sessions.save"),
        Binding("j", "move('down')", "Down", show=False, id="sessions.down"),
        Binding("k", "move('up')", "Up", show=False, id="sessions.up"),
    ]

    def __init__(self, backend: Backend, present: str) -> None:
        """Start empty; `present` is the conversation that is going on."""
        super().__init__()
        self._backend = backend
        self._kept = backend.sessions
        self._present = present
        self._here = ""
        self._news = ""
        self._sessions: Sequence[Session] = ()
        self._job: Job | None = None
        self._renaming: Session | None = None
        self._cursor: int | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield TitleBar("Conversations", "opening…")
        yield Line("Search questions and answers", name="search")
        yield Words(classes="notice")
        yield OptionList(markup=False, compact=False)
        yield Words(classes="aside kept")
        yield Line("Another name", name="name")
        yield Hints(
            ("enter", "Resume"),
            ("sessions.search", "Search"),
            ("sessions.rename", "Rename"),
            ("sessions.delete", "Delete"),
            ("sessions.save", "Save"),
            ("sessions.back", "Back"),
            ("commands", "More"),
        )

    def on_mount(self) -> None:
        """Fetch them."""
        where = wording.plain(self._kept.path)
        kept = f"Kept until you delete them, in {where}"
        off = f"Nothing new is kept, as the settings say; what was is in {where}"
        self.query_one(".kept", Words).update(Content(kept if self._kept.keeps else off))
        self._fetch("")

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _chosen(self) -> Session | None:
        row = self._list.highlighted
        return None if row is None or row >= len(self._sessions) else self._sessions[row]

    # Listing and searching

    def _fetch(self, words: str, at: str = "") -> None:
        if self._job is not None:
            self._job.cancelled = True

        def work(job: Job) -> None:
            self._here = self._here or self._backend.status().path
            job.tell(SessionsFound(words, self._kept.listed(words), at))

        self._job = desk(self).start(work, SessionsFailed, to=self)

    def on_sessions_found(self, message: SessionsFound) -> None:
        """Show them, at the one that was asked for, or where the cursor was."""
        chosen = self._chosen
        at = message.at or (chosen.id if chosen else "")
        self._sessions = message.sessions
        self._fill(at)
        words = wording.flow(message.words)
        count = wording.counted(len(self._sessions), "conversation")
        self.query_one(TitleBar).say(f"{count} with “{words}”" if words else count)
        why = ""
        if not self._sessions:
            why = NO_MATCH if words else NONE_YET
        self._say(" ".join(sentence for sentence in (self._news, why) if sentence))

    def _fill(self, at: str) -> None:
        listing = self._list
        ids = [session.id for session in self._sessions]
        row = ids.index(at) if at in ids else 0
        options: list[Option | None] = []
        for place, session in enumerate(self._sessions):
            options += [None] if place and not self.has_class("-low") else []
            options.append(Option(self._row(place, cursor=place == row), id=session.id))
        listing.set_options(options)
        self._cursor = listing.highlighted = row if ids else None

    def _row(self, place: int, *, cursor: bool) -> Content:
        session = self._sessions[place]
        about = facts(session, self._here, self._present, datetime.now().astimezone())
        return entry(session, about, self.size.width - 6, cursor=cursor)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Let the sign follow the cursor: a colour alone would not tell."""
        for place, cursor in ((self._cursor, False), (event.option_index, True)):
            if place is not None and place < len(self._sessions):
                self._list.replace_option_prompt_at_index(place, self._row(place, cursor=cursor))
        self._cursor = event.option_index

    def on_resize(self) -> None:
        """Fit the rows."""
        self._fill(self._chosen.id if self._chosen else "")

    def _say(self, sentence: str) -> None:
        notice = self.query_one(".notice", Words)
        notice.update(Content(wording.plain(sentence)))
        notice.display = bool(sentence)

    def on_sessions_failed(self, message: SessionsFailed) -> None:
        """Say what went wrong, where the conversations would be."""
        self.query_one(TitleBar).say("")
        self._say(f"! {message.sentence}")

    def action_search(self) -> None:
        """Type what to look for."""
        self.query_one("#search").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for it as it is typed."""
        if event.input.id == "search":
            self._fetch(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to what was found; or take the new name."""
        if event.input.id == "search":
            self._list.focus()
            return
        session, name = self._renaming, event.value
        self._close_name()
        if session is not None:

            def work(job: Job) -> None:
                self._kept.rename(session.id, name)
                job.tell(Renamed(session.id, name.strip()))

            desk(self).start(work, SessionsFailed, to=self)

    def on_renamed(self) -> None:
        """Show the new name."""
        self._fetch(self.query_one("#search", Input).value)

    # What can be done with one

    def action_move(self, way: str) -> None:
        """Move the cursor."""
        self._list.action_cursor_down() if way == "down" else self._list.action_cursor_up()

    def on_option_list_option_selected(self) -> None:
        """Resume it: fetch its turns and look for their quotes in the index."""
        session = self._chosen
        if session is None:
            return
        if session.id == self._present:
            self.dismiss()
            return

        def work(job: Job) -> None:
            turns = self._kept.checked(self._kept.turns(session.id))
            job.tell(Resumed(session, turns, session.index != self._here))

        self.query_one(TitleBar).say("looking for its quotes in the index…")
        desk(self).start(work, SessionsFailed, to=self)

    def on_resumed(self) -> None:
        """Leave; the app goes on with it."""
        self.dismiss()

    def action_rename(self) -> None:
        """Ask for another name."""
        if (session := self._chosen) is not None:
            self._renaming = session
            box = self.query_one("#name", Input)
            box.value = wording.flow(session.title)
            box.display = True
            box.focus()

    def _close_name(self) -> None:
        self._renaming = None
        self.query_one("#name").display = False
        self._list.focus()

    def action_delete(self) -> None:
        """Delete it; u brings it back."""
        if (session := self._chosen) is not None:

            def work(job: Job) -> None:
                self._kept.delete(session.id)
                job.tell(Forgotten(session.id))

            desk(self).start(work, SessionsFailed, to=self)

    def on_forgotten(self, message: Forgotten) -> None:
        """Say what is gone, and how it comes back."""
        if message.session == self._present:
            self._present = ""
        gone = next((s.title for s in self._sessions if s.id == message.session), "")
        row = self._list.highlighted or 0
        rest = [s.id for s in self._sessions if s.id != message.session]
        undo = desk(self).key("sessions.undo")
        self._news = f"Deleted “{wording.shorten(gone, 50)}”; {undo} brings it back."
        at = rest[min(row, len(rest) - 1)] if rest else ""
        self._fetch(self.query_one("#search", Input).value, at)

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        words = self.query_one("#search", Input).value

        def work(job: Job) -> None:
            back = self._kept.restore()
            job.tell(SessionsFound(words, self._kept.listed(words), back))

        self._news = ""
        desk(self).start(work, SessionsFailed, to=self)

    def action_export(self) -> None:
        """Save it in this folder."""
        if (session := self._chosen) is not None:
            self.app.push_screen(SaveSheet(session.title), partial(self._export, session))

    def _export(self, session: Session, form: str | None) -> None:
        web = self.app.is_web

        def work(job: Job) -> None:
            turns = self._kept.turns(session.id)
            job.tell(write(self._backend, form or "", session.title, turns, web=web))

        if form:
            desk(self).start(work, SessionsFailed, to=self)

    def action_back(self) -> None:
        """Leave what is open: the new name, the search; then the screen."""
        box = self.query_one("#search", Input)
        if self._renaming is not None:
            self._close_name()
        elif box.value:
            box.value = ""
            self._list.focus()
        else:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        """Let Down leave the search for what was found, and Escape leave a name as it was."""
        box = self.query_one("#search", Input)
        if event.key == "down" and box.has_focus:
            event.stop()
            self._list.focus()
        elif event.key == "up" and self._list.has_focus and not self._list.highlighted:
            event.stop()
            event.prevent_default()
            box.focus()
