"""What flows through the index. Offsets are code points into `Document.text`, end exclusive."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Metadata = Mapping[str, str]
NAMED = 12  # authors whose names are shown

State = Literal["current", "changed", "missing"]
ChangeKind = Literal["added", "changed", "renamed", "removed"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line: `document.text[start:end]` is its text; `level` is 1 (top) to 6."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide, sheet or the like begins at `start`; `label` names it: "page 3"."""

    start: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it is stored and quoted: cleaned text, and where it came from.

    `sha256` is the hexadecimal digest of the source bytes (the file, the line of a `.jsonl`
    collection, the member of an archive or the message of a mailbox); `published` is an ISO date,
    possibly only a year or a year and month; `headings` and `pages` are in the order of the text.
    """

    id: str
    path: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    publisher: str | None
    text: str
    sha256: str
    metadata: Metadata = field(default_factory=dict)
    headings: tuple[Heading, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def people(self) -> str:
        """The authors as one line, the first of them where they are many."""
        named, others = ", ".join(self.authors[:NAMED]), len(self.authors) - NAMED
        return f"{named} and {others:,} more" if others > 0 else named

    @property
    def file(self) -> str:
        """The path of the file that it was read from, where `path` leads on into an archive."""
        return self.metadata.get("file", self.path)

    def page_at(self, offset: int) -> str:
        """The label of the page that holds this offset; empty where there are no pages."""
        place = bisect_right(self.pages, offset, key=lambda page: page.start)
        return self.pages[place - 1].label if place else ""

    def pages_at(self, start: int, end: int) -> str:
        """The page or pages that a span stands on: "page 3", "pages 3-4"; often empty.

        Of pages within something else that is said once: "sheet Costs, rows 3-4".
        """
        first, last = self.page_at(start), self.page_at(max(start, end - 1))
        if first == last or not first:
            return last
        (kind, _, one), (other, _, two) = first.rpartition(" "), last.rpartition(" ")
        counted = kind.endswith(("page", "slide", "row", "cell"))
        if kind == other and counted and one.isalnum() and two.isalnum():
            return f"{kind}s {one}-{two}"
        return f"{first} to {last}"


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Another document that is nearly the same: `similarity` is about the share, 0..1, of runs of
    four words that the two have in common (Jaccard)."""

    document_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Holding:
    """A document as a library lists it: without its text, but with how long it is.

    `near` are the documents that are nearly the same, the most similar first; `former` are the ids
    that it had before it was renamed.
    """

    document: Document
    passages: int
    words: int
    near: tuple[NearDuplicate, ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder that documents may be added from, as it was typed and as it is.

    `documents` counts the files in it that can be read, `more` says that counting was given up;
    `fault` says in one sentence why it cannot be added, or is empty.
    """

    path: str
    folder: bool = False
    documents: int = 0
    more: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where words of a document stand in its file as it is now.

    `path` opens the file (its name may not be fit to be shown); `line` counts from 1 (0 where the
    file is missing, or is no text as it stands); `held` says whether the words stand there
    "whole", a few in a row ("part"), or neither ("nothing"; then `line` has the most of them, or
    is near where they stood). `page` names the page that they stand on, if there are any, and
    `sheet` is its place in the file, from 1 (0 where a viewer could not go there).
    """

    path: str
    line: int
    state: State
    held: Literal["whole", "part", "nothing"]
    page: str = ""
    sheet: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence-aligned stretch of a document: `document.text[start:end] == text`.

    `id` is never used again once the passage is gone (0 until stored); `ordinal` counts the
    passages of a document from 0; `section` numbers the larger stretch (about 250 words) that
    gives the passage its context; `heading` is the nearest heading above it, or empty.
    """

    id: int
    document_id: str
    ordinal: int
    section: int
    start: int
    end: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with the document it stands in. Higher scores are better, everywhere.

    `signals` names every score that led to `score`, raw, before weighting.
    """

    passage: Passage
    document: Document
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come. `total` is None while it is not known."""

    stage: str
    done: int
    total: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file (or line of a collection, named `path:line`) that was left out, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a build did to a document; `former` is the id that a renamed one had before."""

    kind: ChangeKind
    document_id: str
    former: str = ""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: counts of documents, the passages embedded anew, and what was left out.

    A document is `renamed` where its file has another name or place and the same bytes. `changes`
    are some of those counted, the first of each kind.
    """

    generation: int
    added: int
    changed: int
    removed: int
    unchanged: int
    documents: int
    passages: int
    embedded: int
    skipped: tuple[Skipped, ...] = ()
    renamed: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be known while an index is watched, in one sentence.

    Its roots are watched by now; one is "away", or "back"; it is "locked" by another process,
    which is waited for; a build has "failed", and will be tried again.
    """

    kind: Literal["watching", "away", "back", "locked", "failed"]
    sentence: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """A summary of an index: its generation, its contents and the model that embedded them."""

    path: str
    generation: int
    documents: int
    passages: int
    model: str
    built: str
    sources: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    bytes: int = 0
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the past an index keeps: former generations, in at most so many megabytes.

    The last one is kept however large it is. 0 `megabytes`: as much as the present one takes.
    """

    generations: int = 10
    megabytes: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation as the index's log has it.

    `made` is the time in UTC, `kind` what made it (build, rebuild, remove, undo). The documents
    that it `added`, `changed` (or renamed) and `removed` are None where that was not kept. `bytes`
    is the size of the store at that time, `held` what is kept beside the present index to go back
    to it. `open` tells whether that can be done (None for the present one).
    """

    number: int
    made: str
    kind: str
    added: int | None
    changed: int | None
    removed: int | None
    documents: int
    passages: int
    bytes: int
    held: int
    open: bool | None
