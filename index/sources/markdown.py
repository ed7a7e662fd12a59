"""Markdown: front matter, headings, and the words as a reader of the rendered page sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from index.clean import strip_invisible
from index.sources.blocks import About, Block, assemble, document, rows
from index.sources.encodings import decode
from index.sources.files import SourceFile, contents, extras, names, one_line, sha256
from index.types import Document

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

_FRONT = re.compile(r"---[ \t]*\n(?P<yaml>.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_TAKEN = {"title", "authors", "author", "publisher", "published", "date"}


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document."""
    data = contents(source.path)
    raw = strip_invisible(decode(data))
    front, body = _front_matter(raw)
    about = About(
        title=one_line(front.get("title") or ""),
        authors=names(front.get("authors") or front.get("author")),
        published=one_line(front.get("published") or front.get("date") or ""),
        publisher=one_line(front.get("publisher") or ""),
        metadata=extras(front, _TAKEN),
    )
    yield document(source, sha256(data), assemble(blocks_of(body)), about)


def _front_matter(raw: str) -> tuple[Mapping[str, Any], str]:
    """Front matter and what follows; front matter that is none, or no YAML, stays text."""
    import yaml

    match = _FRONT.match(raw)
    if match is None:
        return {}, raw
    try:
        # An alias can make a few lines stand for gigabytes.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(match["yaml"])):
            return {}, raw
        front = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, raw
    if not isinstance(front, dict):
        return {}, raw
    return {str(key).lower(): value for key, value in front.items()}, raw[match.end() :]


def blocks_of(body: str) -> Iterator[Block]:
    """The blocks of a text in Markdown."""
    from markdown_it.tree import SyntaxTreeNode

    yield from _children(SyntaxTreeNode(_parser().parse(body)).children)


@cache
def _parser() -> MarkdownIt:
    """A notebook has a text in each of its cells, and this takes longer than to read one."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def _children(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        if node.type == "heading":
            yield Block(" ".join(_inline(node).split()), int(node.tag[1]))
        elif node.type in ("bullet_list", "ordered_list"):
            yield Block("\n".join(_items(node)))
        elif node.type == "table":
            yield Block("\n".join(rows(_rows(node))))
        elif node.type in ("fence", "code_block"):
            yield Block(node.content)
        elif node.type == "html_block":
            yield Block(_untagged(node.content))
        elif node.type == "blockquote":
            yield from (Block(block.text) for block in _children(node.children))
        elif node.type == "paragraph":
            yield Block(_inline(node))


def _untagged(page: str) -> str:
    """The words of raw HTML; split at comments, as many that never end would each be followed."""
    first, *others = page.split("<!--")
    return _TAG.sub("", first + "".join(part.partition("-->")[2] for part in others))


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_words(token) for child in node.children for token in child.to_tokens())


def _words(token: Token) -> str:
    if token.children is not None and token.type in ("inline", "image"):
        return "".join(map(_words, token.children))
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak" or (token.type == "html_inline" and token.content[:3] == "<br"):
        return "\n"
    return token.content if token.type in ("text", "code_inline", "text_special") else ""


def _items(node: SyntaxTreeNode, indent: str = "") -> Iterator[str]:
    number = int(node.attrs.get("start", 1))
    for place, item in enumerate(node.children):
        marker = "-" if node.type == "bullet_list" else f"{number + place}."
        lead = f"{indent}{marker} "
        for child in item.children:
            if child.type in ("bullet_list", "ordered_list"):
                yield from _items(child, f"{indent}  ")
                continue
            for block in _children([child]):
                yield lead + block.text.strip("\n").replace("\n", f"\n{' ' * len(lead)}")
                lead = " " * len(lead)


def _rows(node: SyntaxTreeNode) -> list[list[str]]:
    return [
        [_inline(cell).strip() for cell in row.children]
        for part in node.children
        for row in part.children
    ]
