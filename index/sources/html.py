"""Saved web pages: the main text with what the page says of itself, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import SourceError
from index.metadata import Described, describe
from index.sources.blocks import About, Block, assemble, document
from index.sources.bounds import MAIN, PAGE
from index.sources.encodings import decode_page
from index.sources.files import SourceFile, names, one_line, sha256
from index.sources.tree import Piece, parse, pieces
from index.types import Document

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_TOP = 12  # pieces at the top of a text that may tell of it
_TITLES = ('//meta[@property="og:title"]/@content', "//head/title/text()", "//title/text()")
_DATE_NAMES = (
    "dc.date|dc.date.issued|dcterms.date|dcterms.created|dcterms.issued|date|pubdate|publication_date"
    "|citation_publication_date|citation_date|parsely-pub-date"
)
_LOWER = "translate(@name, 'ACDEINPRSTU', 'acdeinprstu')"
_NAMED_DATE = f"//meta[contains('|{_DATE_NAMES}|', concat('|', {_LOWER}, '|'))]/@content"
_DATES = (
    '//meta[@property="article:published_time" or @property="og:article:published_time"]/@content',
    '//meta[@itemprop="datePublished"]/@content',
    '//*[@itemprop="datePublished"]/@datetime',
    _NAMED_DATE,
    "//time[@pubdate]/@datetime",
    "//article//header//time/@datetime",
)
_LINKED_DATE = re.compile(r'"datePublished"\s*:\s*"(?P<date>[^"]{4,40})"')
_SEPARATOR = re.compile(r"\s+[|–—·•»-]\s+")
_KEPT = frozenset({"table", "pre", "caption", "figcaption", "list", "blockquote"})


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the page as one document."""
    if source.size > PAGE:
        raise SourceError(f"is a page of more than {PAGE:,} bytes; save it in parts")
    data = source.path.read_bytes()
    tree = parse(decode_page(data))
    if tree is None:
        raise SourceError("has no text")
    about, squeezed = About(), ""
    if len(data) <= MAIN:
        with suppress(ValueError):  # of odd pages trafilatura makes trees that lxml refuses
            about, squeezed = _described(tree)
    page = pieces(tree)
    chosen = main(page, squeezed)
    body = assemble(Block(piece.text, piece.level) for piece in chosen)
    found = _found(body.text, _inside(page), source.path.name)
    yield document(source, sha256(data), body, _titled(about, chosen), found)


def _found(text: str, pool: Sequence[Piece], name: str) -> Described:
    """What the text tells of itself, and the lines under its heading that are often left out."""
    found = describe(text, name)
    first = next((at for at, piece in enumerate(pool) if piece.level), 0)
    head = describe("\n\n".join(piece.text for piece in pool[first : first + _TOP]), name)
    return replace(
        found,
        authors=found.authors or head.authors,
        published=found.published or head.published,
        publisher=found.publisher or head.publisher,
    )


def _described(tree: HtmlElement) -> tuple[About, str]:
    """What a page says of itself, and the letters of its main text, as trafilatura finds them."""
    from copy import deepcopy

    from trafilatura import bare_extraction, extract_metadata

    told = extract_metadata(deepcopy(tree), extensive=False)
    found = bare_extraction(deepcopy(tree), include_comments=False)
    facts = {"url": told.url, "language": told.language or tree.get("lang")}
    about = About(
        title=one_line(_first(tree, _TITLES) or told.title or ""),
        authors=names((told.author or "").split("; ") if told.author else ()),
        published=_date(tree),
        publisher=told.sitename or "",
        metadata={name: one_line(value) for name, value in facts.items() if value},
    )
    return about, squeeze(getattr(found, "text", None) or "")


def _first(tree: HtmlElement, paths: Sequence[str]) -> str:
    """What the first of these paths leads to."""
    found = (str(value).strip() for path in paths for value in tree.xpath(path))
    return next(filter(None, found), "")


def _date(tree: HtmlElement) -> str:
    """When a page says that it was published; never a date that only stands in its text."""
    said = _first(tree, _DATES)
    if not said:
        scripts = tree.xpath('//script[@type="application/ld+json"]/text()')
        match = next(filter(None, map(_LINKED_DATE.search, map(str, scripts))), None)
        said = match["date"] if match else ""
    return said.replace("/", "-")


def _titled(about: About, chosen: Sequence[Piece]) -> About:
    """A page is titled as its first heading where its title begins or ends so, site left out."""
    heading = next((piece.text for piece in chosen if piece.level), "")
    known = squeeze(heading)
    whole = squeeze(about.title)
    if known and (whole.startswith(known) or whole.endswith(known)):
        return replace(about, title=heading)
    site = squeeze(about.publisher)
    parts = _SEPARATOR.split(about.title)
    kept = [part for part in parts if squeeze(part) != site] or parts
    return replace(about, title=about.title if len(kept) == len(parts) else " - ".join(kept))


def squeeze(text: str) -> str:
    """The letters and digits of a text alone, for comparing whatever is spaced in two ways."""
    return "".join(filter(str.isalnum, text.casefold()))


def main(page: Sequence[Piece], squeezed: str) -> list[Piece]:
    """The pieces of the main text, given the letters of what was found to be that.

    What was found tells what to leave out; tables, code, captions and headings between its first
    and its last piece belong to it too, and so does all of what the page calls its main part. Of a
    page of which too little was found all is taken that does not surround a text.
    """
    pool = _inside(page)
    kept = _known(pool, squeezed)
    prose = [piece for piece in pool if piece.kind != "table"]  # their cells come in other orders
    total = sum(len(piece.text) for piece in prose)
    found = sum(len(piece.text) for piece, known in zip(pool, kept, strict=True) if known)
    least = total / 2 if pool and pool[0].main else total / 4
    if not found or found < least:
        return [p for p in pool if not (p.around or (_only_links(p) and not p.main))] or pool
    return _filled(pool, kept)


def _inside(page: Sequence[Piece]) -> list[Piece]:
    """What the page calls its main part, if that is most of it, without menus and the like."""
    pool = [piece for piece in page if piece.around < 2] or list(page)
    inner = [piece for piece in pool if piece.main]
    large = 3 * sum(len(piece.text) for piece in inner) > sum(len(p.text) for p in pool)
    return inner if large else pool


def _known(pool: Sequence[Piece], squeezed: str) -> list[bool]:
    """Which pieces stand in the text found; looked for from the last one on, as most follow it."""
    known, at = [], 0
    for piece in pool:
        letters = squeeze(piece.text)
        place = squeezed.find(letters, at) if letters else -1
        if place < 0 and letters:
            place = squeezed.find(letters, 0, at)
        if place < 0 and piece.kind in ("list", "table"):
            lines = [squeeze(line) for line in piece.text.split("\n")]
            known.append(2 * sum(line in squeezed for line in lines if line) > len(lines))
            continue
        known.append(place >= 0)
        at = max(at, place)
    return known


def _filled(pool: Sequence[Piece], kept: Sequence[bool]) -> list[Piece]:
    """The pieces found, and of those among them what belongs there."""
    prose = [at for at, known in enumerate(kept) if known]
    first, last = prose[0], prose[-1]
    chosen: list[Piece] = []
    for at, piece in enumerate(pool):
        mine = not piece.around and not _only_links(piece)
        filling = piece.main or (piece.kind in _KEPT and first <= at <= last + 1)
        if piece.level:
            belongs = (kept[at] or mine) and (piece.main or _leads(pool, kept, at))
        else:
            belongs = kept[at] or (mine and filling)
        if belongs:
            chosen.append(piece)
    return chosen


def _leads(pool: Sequence[Piece], kept: Sequence[bool], at: int) -> bool:
    """Whether something that was found stands under a heading, before the next such heading."""
    for later in range(at + 1, len(pool)):
        if pool[later].level and pool[later].level <= pool[at].level:
            return False
        if kept[later]:
            return True
    return False


def _only_links(piece: Piece) -> bool:
    return piece.links > 0.8 and piece.kind in ("p", "list")
