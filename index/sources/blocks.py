"""A document put together of blocks: paragraphs, headings, lists, tables, as a format has them.

A format's module yields blocks in reading order; here they become one text with its headings and
pages, so that every format separates, cleans and places them alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.chunking import APART
from index.clean import strip_invisible
from index.errors import SourceError
from index.metadata import Described, describe, iso_date
from index.sources.files import SourceFile, one_line, provenance
from index.types import Document, Heading, Metadata, Page


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text set apart by empty lines.

    `level` is 1 (top) to 6 for a heading, else 0; `page` is the label of the page, slide, sheet or
    the like that it stands on, such as "page 3", or empty where the format has none. `turns` are
    the pages that begin inside it, by their offsets into `text`. What is `apart` is shown, but its
    words are somebody else's, and no answer is quoted from them.
    """

    text: str
    level: int = 0
    page: str = ""
    turns: tuple[Page, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A text, its headings, its pages and the spans of it that are set apart, in order."""

    text: str
    headings: tuple[Heading, ...]
    pages: tuple[Page, ...]
    apart: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself outside its text; empty where it says nothing.

    `published` may be any way to write a date; `metadata` is shown as it is.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    publisher: str = ""
    metadata: Metadata | None = None


def assemble(blocks: Iterable[Block]) -> Body:
    """Join blocks with an empty line between them; those without text are left out."""
    parts: list[str] = []
    headings: list[Heading] = []
    pages: list[Page] = []
    apart: list[tuple[int, int]] = []
    start = 0
    for raw in blocks:
        text = strip_invisible(raw.text).strip("\n").rstrip()
        if not text.strip():
            continue
        if raw.level:
            headings.append(Heading(start, start + len(text), raw.level))
        if raw.page and (not pages or pages[-1].label != raw.page):
            pages.append(Page(start, one_line(raw.page)))
        inside = before = 0
        for turn in raw.turns:  # stretch by stretch, as there may be as many as rows of a sheet
            stretch = strip_invisible(raw.text[before : turn.start])
            inside += len(stretch if inside else stretch.lstrip("\n"))
            before = turn.start
            pages.append(Page(start + inside, one_line(turn.label)))
        if raw.apart:
            apart.append((start, start + len(text)))
        parts.append(text)
        start += len(text) + 2
    return Body("\n\n".join(parts), tuple(headings), tuple(pages), tuple(apart))


def rows(table: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row under the first with its column heads, so that it can be read, and quoted, alone."""
    head, body = table[0], table[1:]
    if not body:
        yield " | ".join(head)
    for row in body:
        cells = zip(head, row, strict=False)
        yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def document(
    source: SourceFile, digest: str, body: Body, about: About, described: Described | None = None
) -> Document:
    """The file's one document: what it says of itself first, then what its text tells.

    `digest` is the SHA-256 of the file. `described` is what was found in the text, where the
    format's module has looked already.

    Raises:
        SourceError: there is no text.
    """
    if not body.text:
        raise SourceError("has no text")
    path, metadata = provenance(source)
    if body.apart:
        metadata |= {APART: " ".join(f"{start}-{end}" for start, end in body.apart)}
    found = described or describe(body.text, source.path.name)
    top = (h for h in body.headings if h.level == 1 or h.start == 0)
    heading = next((body.text[h.start : h.end] for h in top), "")
    day = one_line(about.published)
    return Document(
        id=source.id,
        path=path,
        title=one_line(about.title) or heading or found.title,
        authors=about.authors or found.authors,
        published=iso_date(day) or day or found.published,
        publisher=one_line(about.publisher) or found.publisher,
        text=body.text,
        sha256=digest,
        metadata={**(about.metadata or {}), **found.metadata, **metadata},
        headings=body.headings,
        pages=body.pages,
    )
