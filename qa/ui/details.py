"""All that is known of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import sleep
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message

from qa.types import Document, State
from qa.ui import wording
from qa.ui.desk import desk
from qa.ui.jobs import Job
from qa.ui.messages import Unavailable
from qa.ui.sheet import Sheet
from qa.ui.words import Words

_SLICE = 50_000  # characters whose words are counted at once: 0.5 ms
_TURN = 0.001  # seconds after each, for the screen to take its turn in
_WORD = re.compile(r"\S+")


def count_words(text: str) -> int:
    """The number of words, however long the text."""
    return sum(_counts(text))


def _counts(text: str) -> Iterator[int]:
    for start in range(0, len(text), _SLICE):
        part = text[start : start + _SLICE]
        runs_on = start > 0 and not part[0].isspace() and not text[start - 1].isspace()
        yield len(part.split()) - runs_on
        if start + _SLICE < len(text):
            sleep(_TURN)


def state_line(state: State) -> Content:
    """The state of a file: a sign and words, in a colour."""
    sign, color = wording.SIGNS[state]
    return Content.assemble((f"{sign} {wording.STATES[state]}", color))


class DetailsScreen(Sheet[None]):
    """Names and values; what takes time to find out comes when it is there."""

    BINDING_GROUP_TITLE = "Reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i,enter", "dismiss", "Close what is known of it", id="details.close")
    ]

    @dataclass
    class Counted(Message):
        """What took a moment to find out."""

        words: int
        state: State

    def __init__(self, document: Document) -> None:
        """Show what is known of a document."""
        super().__init__()
        self._document = document
        self._words, self._state = Words("counting…"), Words("looking…")

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll():
            yield Words("About this document", classes="title")
            for name, value in wording.facts(self._document):
                if name == "sha256":
                    yield self._row("words", self._words)
                    yield self._row("state", self._state)
                yield self._row(name, Words(value))

    @staticmethod
    def _row(name: str, value: Words) -> Horizontal:
        return Horizontal(Words(name, classes="name"), value)

    def on_mount(self) -> None:
        """Find out what takes a moment."""
        self.offer_way_out(self.query_one(VerticalScroll), "details.close")
        backend = desk(self).backend
        if backend is None:
            return

        def work(job: Job) -> None:
            words, state = count_words(self._document.text), backend.state(self._document)
            job.tell(self.Counted(words, state))

        desk(self).start(work, Unavailable, to=self)

    def on_unavailable(self, message: Unavailable) -> None:
        """Say why it cannot be found out."""
        self._words.update("")
        self._state.update(Content(f"! {wording.flow(message.sentence)}").stylize("$error"))

    def on_details_screen_counted(self, message: Counted) -> None:
        """Show it."""
        self._words.update(Content(f"{message.words:,}"))
        self._state.update(state_line(message.state))
