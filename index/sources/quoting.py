"""HTML mails as plain ones: a line for each paragraph, what is quoted after `>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.sources.tree import parse, pieces

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CONTAINER = re.compile(
    r"(?:^|\s)(?:gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote)(?:\s|$)"
)
_MARK = "\ue000"  # private to us: stands where something quoted was taken out


def plainly(text: str) -> str:
    """The words of an HTML mail, those of its quotes marked as in plain mails."""
    tree = parse(text)
    if tree is None:
        return ""
    quotes: list[str] = []
    for element in list(tree.iter("blockquote", "div")):
        if _quotes(element) and _outermost(element):
            quotes.append(_seen(element))
            mark = element.makeelement("p")
            mark.text, mark.tail = _MARK, element.tail
            element.getparent().replace(element, mark)
    words = _seen(tree)
    for quote in quotes:
        head, _, rest = quote.partition("\n\n") if _introduces(quote) else ("", "", quote)
        marked = "\n".join(f"> {line}".rstrip() for line in rest.split("\n"))
        words = words.replace(_MARK, f"{head}\n{marked}".strip("\n"), 1)
    return words


def _introduces(quote: str) -> bool:
    return quote.partition("\n\n")[0].rstrip().endswith(":")


def _quotes(element: HtmlElement) -> bool:
    if element.tag == "blockquote":
        return element.get("type") == "cite" or element.get("cite") is not None
    return bool(_CONTAINER.search(element.get("class") or ""))


def _outermost(element: HtmlElement) -> bool:
    return element.getparent() is not None and not any(map(_quotes, element.iterancestors()))


def _seen(tree: HtmlElement) -> str:
    return "\n\n".join(piece.text for piece in pieces(tree))
