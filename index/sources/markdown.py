"""Markdown: front matter, headings, and the words as a reader of the rendered page sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from index.clean import strip_invisible
from index.errors import SourceError
from index.metadata import describe, iso_date
from index.sources.files import SourceFile, decode, extras, names, one_line, provenance, sha256
from index.types import Document, Heading

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

_FRONT = re.compile(r"---[ \t]*\n(?P<yaml>.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|<[^<>]*>", re.DOTALL)
_TAKEN = {"title", "authors", "author", "publisher", "published", "date"}

Block = tuple[str, int]  # its text, and its level if it is a heading, else 0


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document."""
    data = source.path.read_bytes()
    raw = strip_invisible(decode(data))
    front, body = _front_matter(raw)
    text, headings = _assemble(_blocks(body))
    if not text:
        raise SourceError("has no text")
    path, metadata = provenance(source)
    found = describe(text, source.path.name)
    heading = next((text[h.start : h.end] for h in headings if h.level == 1 or h.start == 0), "")
    day = one_line(front.get("published") or front.get("date") or "")
    yield Document(
        id=source.id,
        path=path,
        title=one_line(front.get("title") or "") or heading or found.title,
        authors=names(front.get("authors") or front.get("author")) or found.authors,
        published=iso_date(day) or day or found.published,
        publisher=one_line(front.get("publisher") or "") or found.publisher,
        text=text,
        sha256=sha256(data),
        metadata={**extras(front, _TAKEN), **found.metadata, **metadata},
        headings=headings,
    )


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


def _assemble(blocks: Iterator[Block]) -> tuple[str, tuple[Heading, ...]]:
    parts: list[str] = []
    headings: list[Heading] = []
    start = 0
    for raw, level in blocks:
        block = strip_invisible(raw).strip("\n").rstrip()
        if not block.strip():
            continue
        if level:
            headings.append(Heading(start, start + len(block), level))
        parts.append(block)
        start += len(block) + 2
    return "\n\n".join(parts), tuple(headings)


def _blocks(body: str) -> Iterator[Block]:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark").enable("table")
    yield from _children(SyntaxTreeNode(parser.parse(body)).children)


def _children(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        if node.type == "heading":
            yield " ".join(_inline(node).split()), int(node.tag[1])
        elif node.type in ("bullet_list", "ordered_list"):
            yield "\n".join(_items(node)), 0
        elif node.type == "table":
            yield "\n".join(_rows(node)), 0
        elif node.type in ("fence", "code_block"):
            yield node.content, 0
        elif node.type == "html_block":
            yield _TAG.sub("", node.content), 0
        elif node.type == "blockquote":
            yield from ((text, 0) for text, _ in _children(node.children))
        elif node.type == "paragraph":
            yield _inline(node), 0


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
            for text, _ in _children([child]):
                yield lead + text.strip("\n").replace("\n", f"\n{' ' * len(lead)}")
                lead = " " * len(lead)


def _rows(node: SyntaxTreeNode) -> Iterator[str]:
    """Each row with its column heads, so that it can be read, and quoted, alone."""
    rows = [
        [_inline(cell).strip() for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    head, body = rows[0], rows[1:]
    if not body:
        yield " | ".join(head)
    for row in body:
        cells = zip(head, row, strict=False)
        yield "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)
