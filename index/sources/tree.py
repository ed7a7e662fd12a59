"""HTML as a tree, and what a person sees of it as pieces of text in reading order.

Pages, chapters of e-books and the bodies of mails all come through here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import SourceError
from index.sources.blocks import Block
from index.sources.tables import grid, headed, lines

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Elements that show nothing, or nothing that could be quoted.
_UNSEEN = re.compile(
    "annotation|annotation-xml|area|audio|base|button|canvas|datalist|embed|head|iframe|input|link"
    "|map|meta|meter|noembed|noframes|noscript|object|optgroup|option|param|progress|rp|script"
    "|select|source|style|svg|template|textarea|title|track|video"
)
_BREAKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset"
    "|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|html|legend|li|main|menu|nav|ol|p|pre"
    "|search|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
# Not opacity, which pages that fade in give to all of their text.
_STYLE_HIDES = re.compile(
    r"""display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*(?:0*\.)?0+(?![.\d])
    |(?<![-\w])color\s*:\s*transparent|(?:text-indent|left|right|top)\s*:\s*-\d{3}
    |clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01]|clip-path\s*:\s*inset\(\s*(?:50|100)%
    |(?<![-\w])color\s*:\s*(?P<ink>\#?\w{3,20})\b[^{}]{0,200}?background(?:-color)?\s*:\s*(?P=ink)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STYLE = 500_000  # characters of it that are looked at
_BRACE = re.compile("[{}]")
_SELECTOR = re.compile(r"(?:^|,)\s*(?P<name>[.#][\w-]+)\s*(?=,|$)")
_CLASS_HIDES = re.compile(
    r"(?:^|\s)(?:sr-only|screen-reader-text|visually-?hidden|headerlink|linenos|mw-editsection"
    r"|noprint|d-none)(?:\s|$)"
)
# What surrounds a text for certain, by its element or role; and likely, by what it is called.
_AROUND = re.compile(
    "alert|alertdialog|banner|contentinfo|dialog|menu|menubar|navigation|search|toolbar"
)
_NAMES = (
    r"(?:ads?|advert(?:isement)?s?|banner|breadcrumbs?|comments?|consent|cookies?|disqus|footer|gdpr"
    r"|masthead|menu|modal|nav(?:bar|igation)?|newsletter|pager|pagination|popup|promo|recommended"
    r"|related|respond|shar(?:e|ing)|sidebar|skip|social|sponsored|subscribe|toolbar|widget)"
)
_CALLED = re.compile(rf"(?:^|[\s_-]){_NAMES}(?:$|[\s_-])", re.IGNORECASE)
# Documentation makes ids of its headings, "file-menu": those of pages come alone or with these.
_CALLED_BY_ID = re.compile(
    rf"(?:(?:site|main|page|top|left|right|global|cookie)[_-]?)?{_NAMES}"
    r"(?:[_-]?(?:wrapper|container|section|area|list|box|bar|block|notice|banner|inner|buttons))?",
    re.IGNORECASE,
)
_TOO_DEEP = "has elements hundreds deep in each other, as no page has; save it as plain text"
_SPACE = re.compile(r"\s+")
_PERMALINK = re.compile(r"\s*[¶#§🔗]$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A block, and what tells whether it belongs to the text of its page.

    `around` is 0, 1 where it is called like what surrounds a text, 2 where it does for certain;
    `main` says that it stands in what the page calls its main part; `links` is the share of it,
    0..1, that links are made of; `kind` is the element that it comes from.
    """

    text: str
    level: int
    kind: str
    around: int
    main: bool
    links: float


def parse(data: bytes | str) -> HtmlElement | None:
    """The tree of a page in UTF-8, however it is written; None where there is nothing in it.

    Nothing is fetched and no entity but those of HTML is replaced.

    Raises:
        SourceError: it is too deep to be a page.
    """
    from lxml import etree, html

    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(data.replace(b"\0", b""), parser=parser)
    except etree.ParserError:
        return None
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise SourceError(_TOO_DEEP)
    _hide(tree)
    return tree


def _hide(tree: HtmlElement) -> None:
    """Mark what the page's own style hides, as far as that goes by a class or an id alone."""
    style = "".join(str(text) for text in tree.xpath("//style/text()"))[:_STYLE]
    hidden = {
        match["name"]
        for selector, body in _rules(style)
        if _STYLE_HIDES.search(body)
        for match in _SELECTOR.finditer(selector)
    }
    if not hidden:
        return
    for element in tree.iter():
        names = [f".{name}" for name in (element.get("class") or "").split()]
        if hidden.intersection([*names, f"#{element.get('id')}"]):
            element.set("hidden", "")


def _rules(style: str) -> Iterator[tuple[str, str]]:
    """The selectors and declarations of a style that hold for every screen.

    By splitting: an expression would start again at each of many braces that are never closed.
    """
    first, *others = style.split("/*")
    style = first + "".join(part.partition("*/")[2] for part in others)
    depth, start, selector = 0, 0, ""
    for brace in _BRACE.finditer(style):
        if brace[0] == "{":
            if not depth:
                selector, start = style[start : brace.start()].rpartition(";")[2], brace.end()
            depth += 1
            continue
        depth = max(0, depth - 1)
        if not depth:
            if not selector.lstrip().startswith("@"):
                yield selector, style[start : brace.start()]
            selector, start = "", brace.end()


def blocks(tree: HtmlElement, page: str = "") -> Iterator[Block]:
    """All that is seen of a tree, but for what surrounds its text for certain, such as menus."""
    for piece in pieces(tree):
        if piece.around < 2:
            yield Block(piece.text, piece.level, page)


def pieces(tree: HtmlElement) -> list[Piece]:
    """What is seen of a tree, in reading order."""
    reader = _Reader()
    try:
        reader.visit(tree)
    except RecursionError:
        raise SourceError(_TOO_DEEP) from None
    reader.flush()
    return reader.pieces


class _Reader:
    """Goes through a tree once; every element that breaks a line ends a piece."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._words: list[str] = []
        self.linked = 0
        self.in_link = False
        self._around = 0
        self._main = False
        self._in_article = False
        self._kind = "p"
        self._level = 0

    def visit(self, element: HtmlElement) -> None:
        """Take in an element, unless it is hidden."""
        tag = element.tag
        if not isinstance(tag, str) or _UNSEEN.fullmatch(tag) or _hidden(element):
            return
        if tag == "br":
            self._words.append("\n")
        elif tag == "wbr":
            return
        elif _BREAKS.fullmatch(tag):
            self.flush()
            self._block(element, tag)
            self.flush()
        elif tag == "a":
            before, self.in_link = self.in_link, True
            self.flow(element)
            self.in_link = before
        elif tag == "q":
            self._words.append("“")
            self.flow(element)
            self._words.append("”")
        else:
            self.flow(element)

    def flow(self, element: HtmlElement) -> None:
        """Take in what stands in an element."""
        self._say(element.text)
        for child in element:
            self.visit(child)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            text = _SPACE.sub(" ", text)
            self._words.append(text)
            self.linked += self.in_link * len(text.strip())

    def _block(self, element: HtmlElement, tag: str) -> None:
        kept = self._around, self._main, self._in_article, self._kind, self._level
        self._around = max(self._around, _around(element, inside=self._in_article))
        self._main = self._main or tag == "main" or element.get("role") == "main"
        self._in_article = self._in_article or self._main or tag == "article"
        if tag in ("ul", "ol", "menu", "dir") and not _laid_out(element):
            self._add("\n".join(self._items(element)), "list")
        elif tag == "dl" and not _laid_out(element):
            self._add("\n".join(self._terms(element)), "list")
        elif tag == "table" and not _laid_out(element):
            self._table(element)
        elif tag == "pre":
            self._add(_code(element), "pre")
        else:
            if tag in ("figcaption", "caption", "blockquote"):
                self._kind = tag
            elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
                self._kind, self._level = "heading", int(tag[1])
            self.flow(element)
            self.flush()
        self._around, self._main, self._in_article, self._kind, self._level = kept

    def flush(self) -> None:
        """End the piece that is being read; two line breaks in a row end one as well."""
        if not self._words:
            return
        text = "".join(self._words)
        self._words.clear()
        for part in re.split(r"\n\s*\n", text):
            made = "\n".join(filter(None, (line.strip() for line in part.split("\n"))))
            made = re.sub(" {2,}", " ", made)
            if self._level:
                made = _PERMALINK.sub("", made.replace("\n", " "))
            self._add(made, self._kind, self._level)
        self.linked = 0

    def _add(self, text: str, kind: str, level: int = 0) -> None:
        if text.strip():
            share = min(1.0, self.linked / len(text))
            self.pieces.append(Piece(text, level, kind, self._around, self._main, share))
        self.linked = 0

    def _inner(self, element: HtmlElement) -> str:
        """What is seen in an element, a line for each piece."""
        reader = _Reader()
        reader.in_link = self.in_link
        reader.flow(element)
        linked = reader.linked
        reader.flush()
        self.linked += linked + round(sum(p.links * len(p.text) for p in reader.pieces))
        return "\n".join(piece.text for piece in reader.pieces)

    def _items(self, element: HtmlElement) -> Iterator[str]:
        number = _whole(element.get("start"), 1)
        for item in element:
            if not isinstance(item.tag, str) or _UNSEEN.fullmatch(item.tag) or _hidden(item):
                continue
            marker = "-"
            if element.tag == "ol":
                number = _whole(item.get("value"), number)
                marker, number = f"{number}.", number + 1
            text = self._inner(item) if item.tag == "li" else self._inner_of(item)
            if text:
                lead = f"{marker} " if item.tag == "li" else "  "
                # What is nested in an item stands two to the right, whatever its marker.
                yield lead + text.replace("\n", "\n  ")

    def _inner_of(self, element: HtmlElement) -> str:
        """An element, itself included, where it stands in a list without being an item."""
        reader = _Reader()
        reader.visit(element)
        reader.flush()
        return "\n".join(piece.text for piece in reader.pieces)

    def _terms(self, element: HtmlElement) -> Iterator[str]:
        terms: list[str] = []
        for item in element.iter("dt", "dd"):
            if _hidden(item):
                continue
            text = self._inner(item)
            if item.tag == "dt":
                terms.append(_PERMALINK.sub("", text))
            elif text:
                yield f"{', '.join(filter(None, terms))}: {text}" if terms else text
                terms.clear()
        yield from terms

    def _table(self, element: HtmlElement) -> None:
        for caption in element.iterchildren("caption"):
            self._add(_line(self._inner(caption)), "caption")
        heads = sides = 0
        table: list[list[tuple[str, int, int]]] = []
        for row in element.iter("tr"):
            cells = [cell for cell in row.iterchildren("td", "th") if not _hidden(cell)]
            if not cells or _hidden(row):
                continue
            over = all(cell.tag == "th" for cell in cells) or row.getparent().tag == "thead"
            heads += over and heads == len(table)
            sides += cells[0].tag == "th" and not over
            table.append([self._cell(cell) for cell in cells])
        texts = grid(table, heads)
        if not heads and not sides and table:
            heads = headed(texts, surely=True)
        if texts:
            self._add("\n".join(lines(texts, heads, sides=bool(sides))), "table")

    def _cell(self, cell: HtmlElement) -> tuple[str, int, int]:
        across, down = (_whole(cell.get(name), 1) for name in ("colspan", "rowspan"))
        return _line(self._inner(cell)), across, down


def _line(text: str) -> str:
    return " ".join(text.split())


def _hidden(element: HtmlElement) -> bool:
    get = element.get
    return (
        get("hidden") is not None
        or get("aria-hidden") == "true"
        or (element.tag == "dialog" and get("open") is None)
        or bool(_STYLE_HIDES.search(get("style") or ""))
        or bool(_CLASS_HIDES.search(get("class") or ""))
    )


def _around(element: HtmlElement, *, inside: bool) -> int:
    tag, role = element.tag, element.get("role") or ""
    if tag == "nav" or _AROUND.fullmatch(role) or (tag == "footer" and not inside):
        return 2
    if tag in ("body", "html", "main", "article"):
        return 0
    surrounds = tag in ("aside", "footer") or (tag == "header" and not inside)
    return int(
        surrounds
        or bool(_CALLED.search(element.get("class") or ""))
        or bool(_CALLED_BY_ID.fullmatch(element.get("id") or "") and not _after_heading(element))
    )


def _after_heading(element: HtmlElement) -> bool:
    """Whether a section has its id from its heading, as "comments" in a manual of a language."""
    heading = next(element.iter("h1", "h2", "h3", "h4", "h5", "h6"), None)
    words = "".join(heading.itertext()).lower() if heading is not None else ""
    named = re.sub(r"[\W_]+", "-", words).strip("-") == (element.get("id") or "").lower()
    return named and (element.tag == "section" or "section" in (element.get("class") or "").split())


def _laid_out(element: HtmlElement) -> bool:
    """Whether a list or table only arranges what stands in it, as pages of old and cards do."""
    if element.tag != "table":
        return (
            next(element.iter("h1", "h2", "h3", "h4", "h5", "h6", "table", "pre"), None) is not None
        )
    if element.get("role") in ("presentation", "none"):
        return True
    inner = element.iter("table", "h1", "h2", "h3", "h4", "h5", "h6", "pre")
    if next((each for each in inner if each is not element), None) is not None:
        return True
    return next(element.iter("th"), None) is None and all(
        len(row) < 2 for row in element.iter("tr")
    )


def _code(element: HtmlElement) -> str:
    """What is preformatted, as it is; line breaks may be elements."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "br":
            parts.append("\n")
        elif isinstance(child.tag, str) and not _UNSEEN.fullmatch(child.tag) and not _hidden(child):
            parts.append(_code(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _whole(value: str | None, usual: int) -> int:
    return int(value) if value and value.isascii() and value.strip().isdigit() else usual
