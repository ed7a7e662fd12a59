"""A backend all of whose words would like to be markup, escapes, links, or wider than they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from index.types import (
    BuildReport,
    Document,
    Holding,
    IndexStatus,
    Location,
    Passage,
    Place,
    Progress,
    State,
)
from qa.types import Answer, Citation, Event, Kept, Partial, Point, Quote, Session, Share, Step, Why
from tests.ui.fake import DOCUMENTS, FakeBackend
from tests.ui.shelf import FakeSessions
from tui import QuothApp

MARKUP = "[/x][bold][@click=app.quit]quit[/][link=https://a.example]a[/link][red on blue]\\[b]"
ESCAPES = "\x1b[31m\x1b]8;;https://a.example\x1b\\b\x1b]8;;\x07\x1b]52;c;YQ==\x07\x9b2J\x00\x07\x7f"
BIDI = "\u202eevil\u202c\u2066x\u2069\u200f\u061c"
WIDE = "漢字かな\u200b👩‍👩‍👧‍👦🇫🇷e\u0301\u0308\u0327ﷺ"
LONG = "Donaudampf" * 20
EVIL = f"{MARKUP}{ESCAPES}{BIDI}{WIDE}{LONG}\n\n  and\t{MARKUP}\r\n{ESCAPES}"

# As long as what they stand for, and as many words: places in a text stay true.
SAME = {
    "Ada Fenwick": "[/x] \x1b[31m\u202e",
    "whole coast": "漢字👩\u200d👩 \x07e\u0301\u200f\x9b",
    "parish ledger": "[@a=b] \x1b]8;;\x07",
}
TEXTS = (Document, Passage, Quote, Point)
KEPT: Mapping[type, Collection[str]] = {
    Answer: ("status", "question"),
    Citation: ("state",),
    Partial: ("stage",),
    Step: ("stage",),
    Why: ("lost",),
    Location: ("state", "held"),
    Session: ("id",),
    Share: ("signal",),
}
# What a click may do, in the words of those who made it: numbers and names of ours, nothing else.
CLICKS = re.compile(
    r"screen\.cite\(\d+, \d+\)|screen\.dismiss|press\('[\w.-]+'\)"
    r"|app\.(cancel|rebuild|close_panel|left_out|all_documents)"
)
CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def evil(thing: Any) -> Any:
    """The same, with every text in it gone bad, but for those that are no words."""
    if isinstance(thing, str):
        return f"{thing} {EVIL}".strip()
    if is_dataclass(thing) and not isinstance(thing, type):
        names = {field.name for field in fields(thing)} - set(KEPT.get(type(thing), ()))
        bad = {name: evil(getattr(thing, name)) for name in names}
        if isinstance(thing, TEXTS):
            bad["text"] = thing.text
            for words, same in SAME.items():
                bad["text"] = bad["text"].replace(words, same)
        return replace(thing, **bad)
    if isinstance(thing, tuple | list):
        return tuple(map(evil, thing))
    return thing


class HostileSessions(FakeSessions):
    """Conversations with bad names, in a bad place."""

    path = f"/home/reader/{EVIL}"

    def listed(self, words: str = "") -> Sequence[Session]:
        """Those that hold the words."""
        return [evil(session) for session in super().listed(words)]

    def turns(self, session: str) -> Sequence[Kept]:
        """The turns, kept at bad times."""
        return [replace(kept, asked=evil(kept.asked)) for kept in super().turns(session)]


class HostileBackend(FakeBackend):
    """Answers by rote, out of documents that would like to be more than words."""

    def __init__(self) -> None:
        """Spoil the shelf."""
        super().__init__()
        self.shelf = tuple(map(evil, DOCUMENTS))
        self.files = {evil(name): state for name, state in self.files.items()}
        self.alike = {evil(name): evil(near) for name, near in self.alike.items()}
        self.left_out = evil(self.left_out)
        self.sessions = HostileSessions()
        self.answer = self._bad

    def _bad(self, question: str) -> Answer:
        answer = super()._answer(question)
        leans = answer.resolved_question != question
        bad: Answer = evil(answer)
        return bad if leans else replace(bad, resolved_question=question)

    def stream(
        self, question: str, history: Sequence[str] = (), scope: Collection[str] | None = None
    ) -> Iterator[Event]:
        """Answer, and tell badly how far that is."""
        for event in super().stream(question, history, scope):
            yield evil(event) if isinstance(event, Progress) else event

    def status(self) -> IndexStatus:
        """Summarise."""
        status: IndexStatus = evil(super().status())
        return replace(status, sources=("/books", evil("/books")))

    def library(self) -> Sequence[Holding]:
        """All of them, each with those that are nearly the same."""
        return [
            replace(held, near=self.alike.get(held.document.id, ())) for held in super().library()
        ]

    def check(self) -> Iterator[Mapping[str, State]]:
        """What has become of their files."""
        yield {document.id: self.files.get(document.id, "current") for document in self.shelf}

    def complete(self, typed: str) -> Sequence[str]:
        """Bad folders."""
        offered: Sequence[str] = evil(super().complete(typed))
        return offered

    def examine(self, typed: str) -> Place:
        """Nothing good."""
        return replace(super().examine(typed), fault=evil("There is no such thing."))

    def update(self, documents: Sequence[str] = ()) -> Iterator[Progress | BuildReport]:
        """Build out of bad files."""
        for event in super().update(documents):
            yield replace(event, detail=evil("x")) if isinstance(event, Progress) else event

    def why(self, answer: Answer, document_id: str, start: int, end: int) -> Why:
        """Tell it badly."""
        why: Why = super().why(answer, document_id, start, end)
        document, passage = why.document, why.passage
        bad: Why = evil(replace(why, note="Beware."))
        return replace(bad, document=document, passage=passage)

    def suggestions(self) -> Sequence[str]:
        """Bad questions."""
        offered: Sequence[str] = evil(super().suggestions())
        return offered


def unsafe(app: QuothApp) -> list[str]:
    """What is on the screen and is no plain text: controls, links, and clicks that are not ours."""
    found = []
    for strip in app.screen._compositor.render_strips():
        for text, style, control in strip:
            bad = {c for c in text if unicodedata.category(c) == "Cc" or c in CONTROLS}
            click = style.meta.get("@click", "") if style else ""
            link = style.link if style else None
            if bad or control or link or (click and not CLICKS.fullmatch(str(click))):
                found.append(f"{text!r} {bad} {link} {click}")
    return found
