"""What the parts of the screen and the work behind them tell the app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from qa.types import (
    Backend,
    BuildReport,
    Citation,
    Document,
    Event,
    IndexStatus,
    Kept,
    Location,
    Marks,
    Notice,
    Progress,
    Quote,
    Session,
    State,
    Verdict,
)


@dataclass
class Renewed(Message):
    """The index has a new generation that was not asked for here."""

    status: IndexStatus


@dataclass
class Noticed(Message):
    """Something is to be known while files are watched, or a build of theirs is done."""

    event: Notice | BuildReport


@dataclass
class WatchingFailed(Message):
    """Files are watched no more; `sentence` says why and what to do."""

    sentence: str


@dataclass
class Submitted(Message):
    """The user sent this text."""

    text: str


@dataclass
class Reasked(Message):
    """The user wants a turn asked again: without the questions before it, or with them again."""

    turn: int


@dataclass
class Suggested(Message):
    """Questions that the documents can answer, for an empty conversation."""

    questions: Sequence[str]


@dataclass
class Chosen(Message):
    """The user wants to see the document that this source stands in."""

    source: Source


@dataclass
class Wondered(Message):
    """The user wants to know why a stretch of a document is in the answer of a turn, or is not.

    `turn` is None for the one whose sources are on show.
    """

    turn: int | None
    document_id: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """What a card shows: a citation and the turn it belongs to; `nearest` answers nothing.

    `same` are the numbers of citations that say the same, `differs` of those that say otherwise,
    each with what it is about.
    """

    turn: int
    citation: Citation
    nearest: bool = False
    same: tuple[int, ...] = ()
    differs: tuple[tuple[int, str], ...] = ()


@dataclass
class Judged(Message):
    """The user says of a turn that these words answer it or do not, or that no document does."""

    turn: int
    verdict: Verdict
    quote: Quote | None = None


@dataclass
class Marked(Message):
    """What is kept as said of a turn's question; `news` tells what has just changed."""

    turn: int
    marks: Marks
    news: str = ""


@dataclass
class Picked(Message):
    """The user picked a document in the library."""

    document: Document


@dataclass
class Opened(Message):
    """The index is open (or was brought up to date), and this is what it holds."""

    backend: Backend
    status: IndexStatus


@dataclass
class OpeningFailed(Message):
    """The index cannot be opened; `sentence` says why and what to do."""

    sentence: str


@dataclass
class Answering(Message):
    """The question of `turn` has come this far."""

    turn: int
    event: Event


@dataclass
class AskingFailed(Message):
    """The question of `turn` has no answer; `sentence` says why and what to do."""

    turn: int
    sentence: str


@dataclass
class Building(Message):
    """The index is being built and has come this far."""

    event: Progress | BuildReport


@dataclass
class BuildingFailed(Message):
    """The build stopped; `sentence` says why and what to do."""

    sentence: str


@dataclass
class Fetched(Message):
    """A document is here to be read, at the chosen one of an answer's sources if there are any."""

    document: Document
    sources: Sequence[Source] = ()
    chosen: Source | None = None


@dataclass
class Checked(Message):
    """What has become by now of the files of these documents, by id."""

    states: Mapping[str, State]


@dataclass
class Located(Message):
    """Where words stand in their file by now; `what` names them, `viewer` says who shows them."""

    location: Location
    what: str
    viewer: bool


@dataclass
class ForBrowser(Message):
    """A file for whoever sees the app in a browser: what is in it, or where it is.

    `name` is of letters, digits, hyphens and dots: it becomes part of an HTTP header.
    """

    name: str
    content: bytes | Path


@dataclass
class Saved(Message):
    """A file was written; `sentence` says which."""

    sentence: str


@dataclass
class Failed(Message):
    """Something else went wrong; `sentence` says what, and what to do."""

    sentence: str


@dataclass
class Unavailable(Message):
    """What a screen was to show cannot be had; `sentence` says why, and what to do."""

    sentence: str


@dataclass
class Resumed(Message):
    """A conversation to go on with, checked against the index; `elsewhere`: it had another."""

    session: Session
    turns: Sequence[Kept]
    elsewhere: bool


@dataclass
class Forgotten(Message):
    """A conversation was deleted."""

    session: str


@dataclass
class Renamed(Message):
    """A conversation has another name."""

    session: str
    title: str


@dataclass
class SessionsFound(Message):
    """The conversations that hold these words."""

    words: str
    sessions: Sequence[Session]
    at: str = ""


@dataclass
class SessionsFailed(Message):
    """They cannot be read; `sentence` says why and what to do."""

    sentence: str
