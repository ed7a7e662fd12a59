"""E-books: chapter after chapter in the order of reading, without their lists of contents.

A quote is cited by the page of the printed book where the e-book marks its pages, else by the
title of its chapter, as no two readers show the same pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from index.digests import sha256_of
from index.errors import SourceError
from index.sources.blocks import About, Block, assemble, document
from index.sources.encodings import decode_page
from index.sources.files import SourceFile, one_line
from index.sources.package import DAMAGED, Package, joined
from index.sources.tree import parse, pieces
from index.types import Document, Page

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_PROTECTED = "is protected against copying; get it without that protection to have it read"
_ISBN = re.compile(r"(?:urn:isbn:|isbn:?\s*)?((?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx])", re.IGNORECASE)
# Marks for where a printed page begins, while the text goes through the reader of HTML.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE} ?")
_PAGE = re.compile(r"^(?:page|p\.) ?", re.IGNORECASE)
_OPENING = 3  # blocks among which the title of a chapter stands


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the book as one document.

    Raises:
        SourceError: it is none, is damaged or protected, or has no text.
    """
    digest = sha256_of(source.path)
    with Package(source.path) as package:
        package.expect("epub")
        book = _Book(package)
        body = assemble(book.blocks())
    about = book.about(lacking=book.lacking)
    yield document(source, digest, body, about)


@dataclass(frozen=True, slots=True)
class _Item:
    path: str
    kind: str
    properties: str


class _Book:
    """An open e-book. `lacking` is how many of its chapters are not in the file."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.lacking = 0
        self._page = ""  # of the printed book
        container = package.xml("META-INF/container.xml")
        roots = [each.get("full-path") or "" for each in container.iter("{*}rootfile")]
        if not roots or not package.has(roots[0]):
            raise SourceError(DAMAGED)
        self._opf = package.xml(roots[0])
        base = str(PurePosixPath(roots[0]).parent)
        self._items = {
            item.get("id") or "": _Item(
                joined(base, unquote(item.get("href") or "")),
                item.get("media-type") or "",
                item.get("properties") or "",
            )
            for item in self._opf.iter(f"{_OPF}item")
        }
        order = (
            self._items.get(each.get("idref") or "") for each in self._opf.iter(f"{_OPF}itemref")
        )
        self._spine = [item for item in order if item and "nav" not in item.properties.split()]
        self._refuse_protected()

    def _refuse_protected(self) -> None:
        """Fonts may be scrambled; chapters that are cannot be read."""
        if self._package.has("META-INF/encryption.xml"):
            told = self._package.xml("META-INF/encryption.xml")
            hidden = {unquote(each.get("URI") or "") for each in told.iter("{*}CipherReference")}
            if any(item.path in hidden for item in self._spine):
                raise SourceError(_PROTECTED)

    def blocks(self) -> Iterator[Block]:
        """All chapters; each begins with its title as the list of contents has it."""
        titles, label = self._titles(), ""
        for item in self._spine:
            if item.kind not in _CHAPTERS:
                continue
            if not self._package.has(item.path):
                self.lacking += 1
                continue
            title = titles.get(item.path, "")
            label = title or label
            tree = parse(decode_page(self._package.read(item.path)))
            if tree is not None:
                _mark(tree)
                made = [
                    Block(piece.text, piece.level, label)
                    for piece in pieces(tree)
                    if piece.around < 2
                ]
                yield from self._paged(_titled(made, title, label))

    def _paged(self, blocks: list[Block]) -> Iterator[Block]:
        """Blocks with the pages of the printed book where they are marked."""
        for block in blocks:
            text, turns, last = "", list[Page](), 0
            begins = self._page or block.page
            for match in _MARK.finditer(block.text):
                text += block.text[last : match.start()]
                last = match.end()
                if match[1]:
                    self._page = f"page {match[1]}"
                    if text.strip():
                        turns.append(Page(len(text), self._page))
                    else:
                        begins = self._page
            text += block.text[last:]
            yield Block(text, block.level, begins, () if block.level else tuple(turns))

    def _titles(self) -> Mapping[str, str]:
        """The titles of chapters by the paths of their files."""
        nav = next((i for i in self._items.values() if "nav" in i.properties.split()), None)
        if nav and self._package.has(nav.path):
            tree = parse(decode_page(self._package.read(nav.path)))
            found = _links(tree) if tree is not None else []
        else:
            nav = next((i for i in self._items.values() if "x-dtbncx" in i.kind), None)
            if nav is None or not self._package.has(nav.path):
                return {}
            found = _points(self._package.xml(nav.path))
        base = str(PurePosixPath(nav.path).parent)
        titles: dict[str, str] = {}
        for href, title in found:
            if title:
                titles.setdefault(joined(base, unquote(href.partition("#")[0])), title)
        return titles

    def about(self, *, lacking: int) -> About:
        """What the book says of itself."""
        names = [one_line(each.text or "") for each in self._opf.iter(f"{_DC}creator")]
        codes = (_ISBN.fullmatch(each) for each in self._said("identifier"))
        told = {
            "isbn": next((match[1] for match in codes if match), ""),
            "language": next(iter(self._said("language")), ""),
            "subjects": ", ".join(self._said("subject")),
            "left out": f"{lacking} chapters that the file does not hold" if lacking else "",
        }
        return About(
            title=next(iter(self._said("title")), ""),
            authors=tuple(filter(None, names)),
            published=next(iter(self._said("date")), "")[:10],
            publisher=next(iter(self._said("publisher")), ""),
            metadata={name: value for name, value in told.items() if value},
        )

    def _said(self, name: str) -> list[str]:
        found = (
            one_line("".join(map(str, each.itertext()))) for each in self._opf.iter(f"{_DC}{name}")
        )
        return [text for text in found if text]


def _links(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """The entries of a list of contents in HTML."""
    lists = [each for each in tree.iter("nav") if (each.get("epub:type") or "toc") == "toc"]
    for link in (lists[0] if lists else tree).iter("a"):
        yield link.get("href") or "", one_line(link.text_content())


def _points(root: _Element) -> Iterator[tuple[str, str]]:
    """The entries of a list of contents as e-books had it before."""
    for point in root.iter(f"{_NCX}navPoint"):
        content, label = point.find(f"{_NCX}content"), point.find(f"{_NCX}navLabel/{_NCX}text")
        if content is not None and label is not None:
            yield content.get("src") or "", one_line(label.text or "")


def _titled(made: list[Block], title: str, label: str) -> list[Block]:
    """The blocks of a chapter, with its title as a heading, whatever element that stands in."""
    if not title or not made or any(block.level for block in made[:_OPENING]):
        return made
    for at, block in enumerate(made[:_OPENING]):
        words = one_line(_MARK.sub("", block.text))
        if words and words.casefold() in title.casefold() and len(words) > 2:
            made[at] = Block(block.text.replace("\n", " "), 1, label)
            return made
    return [Block(title, 1, label), *made]


def _mark(tree: HtmlElement) -> None:
    """Put a mark wherever a page of the printed book begins; notes are referred to in brackets."""
    for each in list(tree.iter()):
        kinds = f"{each.get('role') or ''} {each.get('epub:type') or ''}".split()
        words = one_line(each.text_content()) if kinds and isinstance(each.tag, str) else ""
        if "doc-pagebreak" in kinds or "pagebreak" in kinds:
            label = one_line(each.get("aria-label") or each.get("title") or words)
            each.attrib.pop("hidden", None)
            _put(each, f"{_OPEN}{_PAGE.sub('', label)}{_CLOSE}")
        elif ("doc-noteref" in kinds or "noteref" in kinds) and words.isalnum():
            _put(each, f"[{words}]")
        elif "doc-backlink" in kinds or "backlink" in kinds:
            _put(each, "")


def _put(element: HtmlElement, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text
