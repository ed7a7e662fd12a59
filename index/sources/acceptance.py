"""How much of a document is taken in, whatever a format's reader made of a file.

What stands in a text is kept whole or not at all; what is said about it is shown on every screen
and stored beside every passage, so that it is cut short.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from index.clean import strip_invisible
from index.errors import SourceError
from index.sources.files import RESERVED, one_line
from index.types import Document, Heading, Metadata, Page

LONGEST_TEXT = 50_000_000  # characters: some 100,000 passages, an hour of embedding
LONGEST_LABEL = 500  # of a title, publisher or page
LONGEST_ID = 1_000
LONGEST_AUTHORS = 50_000  # of all names together, so that a paper of 3,000 authors names them all
LONGEST_VALUE = 2_000
MOST_VALUES = 100


def accepted(document: Document) -> Document:
    """The document with all that is said about it cut to a bearable length.

    Raises:
        SourceError: its text is too long, or not fit to be shown, or its id is too long.
    """
    if len(document.text) > LONGEST_TEXT:
        raise SourceError(
            f"has {len(document.text):,} characters; split it into documents of at most "
            f"{LONGEST_TEXT:,}"
        )
    if len(document.id) > LONGEST_ID:
        raise SourceError(f"has an id of {len(document.id):,} characters; {LONGEST_ID:,} may be")
    if strip_invisible(document.text) != document.text:
        raise SourceError("has characters that cannot be shown")
    return replace(
        document,
        title=_line(document.title) or document.id,
        authors=_first(document.authors),
        published=document.published and _line(document.published),
        publisher=document.publisher and _line(document.publisher),
        metadata=_bearable(document.metadata),
        headings=_in_range(document.headings, len(document.text)),
        pages=_in_order(document.pages, len(document.text)),
    )


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; what is cut ends with "…"."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _line(text: str, most: int = LONGEST_LABEL) -> str:
    """One line that can be shown."""
    return shortened(one_line(text[: 2 * most]), most)


def _first(authors: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    room = LONGEST_AUTHORS
    for author in filter(None, map(_line, authors)):
        room -= len(author)
        if room < 0:
            return (*kept, "…")
        kept.append(author)
    return tuple(kept)


def _bearable(metadata: Metadata) -> Metadata:
    """What leads back to the file whole, and of what a document says of itself the first part."""
    own = {name: metadata[name] for name in metadata.keys() & RESERVED}
    said = [name for name in metadata if name not in own][:MOST_VALUES]
    return own | {_line(name): _line(metadata[name], LONGEST_VALUE) for name in said}


def _in_range(headings: Iterable[Heading], length: int) -> tuple[Heading, ...]:
    return tuple(
        heading
        for heading in headings
        if 0 <= heading.start < heading.end <= length and 1 <= heading.level <= 6
    )


def _in_order(pages: Iterable[Page], length: int) -> tuple[Page, ...]:
    known = [page for page in pages if 0 <= page.start < length]
    return tuple(
        Page(page.start, _line(page.label)) for page in sorted(known, key=lambda page: page.start)
    )
