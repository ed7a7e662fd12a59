"""reStructuredText, as a person reads the rendered page; what only Sphinx knows keeps its words."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from index.clean import strip_invisible
from index.sources.blocks import About, Block, assemble, document
from index.sources.encodings import decode
from index.sources.files import SourceFile, contents, extras, names, one_line, sha256
from index.sources.tables import grid, headed, lines
from index.types import Document

if TYPE_CHECKING:
    from docutils import nodes

DEPTH = 8  # directives in directives that docutils does not know
_SETTINGS = {
    "_disable_config": True,
    "doctitle_xform": True,
    "file_insertion_enabled": False,
    "halt_level": 6,
    "input_encoding": "unicode",
    "line_length_limit": 1_000_000,
    "raw_enabled": False,
    "report_level": 5,
    "syntax_highlight": "none",
    "traceback": True,  # else docutils ends the process where its parser fails
}
_DIRECTIVE = re.compile(r"\.\. +(?:\|[^|\n]*\| +)?(?P<name>[\w:+.-]+?) ?::(?: +|$)(?P<rest>.*)")
_OPTION = re.compile(r"\s*:[\w -]+:(?:\s|$)")
_ROLE = re.compile(r":[\w:+.-]+:`(?P<text>[^`]*)`|`(?P<other>[^`]*)`:[\w:+.-]+:")
_TARGET = re.compile(r"\s*<[^<>]*>$")
# Directives of which nothing is seen on the page, or only what stands in other files.
_SILENT = re.compile(
    "autoclass|autofunction|automethod|automodule|autosummary|currentmodule|default-domain"
    "|highlight|include|index|literalinclude|meta|module|raw|tabularcolumns|toctree"
)
_LABELS = {"author", "authors", "date", "title", "organization", "publisher"}


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document."""
    data = contents(source.path)
    tree = _parsed(strip_invisible(decode(data)))
    facts = dict(_facts(tree))
    about = About(
        title=one_line(tree.get("title", "")),
        authors=names([name for key in ("author", "authors") for name in _split(facts, key)]),
        published=facts.get("date", ""),
        publisher=facts.get("organization", facts.get("publisher", "")),
        metadata=extras(facts, _LABELS),
    )
    yield document(source, sha256(data), assemble(_Reader().children(tree)), about)


def _parsed(text: str) -> nodes.document:
    from docutils.core import publish_doctree

    settings = _SETTINGS | {"warning_stream": io.StringIO()}
    return publish_doctree(text, settings_overrides=settings)


def _facts(tree: nodes.document) -> Iterator[tuple[str, str]]:
    """What stands in the list of fields at the top."""
    from docutils import nodes

    for info in tree.findall(nodes.docinfo):
        for field in info:
            if isinstance(field, nodes.field):
                yield field[0].astext().lower(), one_line(field[1].astext())
            elif isinstance(field, nodes.authors):
                yield "authors", ";".join(one_line(author.astext()) for author in field)
            else:
                yield _tag(field), one_line(field.astext())


def _split(facts: dict[str, str], key: str) -> list[str]:
    return [name.strip() for name in facts.get(key, "").split(";") if name.strip()]


class _Reader:
    """Goes through a tree; sections deepen its headings."""

    def __init__(self, level: int = 1, depth: int = 0) -> None:
        """Begin with headings of this level, so many unknown directives deep."""
        self._level = level
        self._depth = depth

    def children(self, node: nodes.Element) -> Iterator[Block]:
        """The blocks of what stands in a node."""
        for child in node.children:
            if hasattr(child, "tagname") and child.tagname != "#text":
                yield from self.block(child)  # type: ignore[arg-type]

    def block(self, node: nodes.Element) -> Iterator[Block]:
        """The blocks of a node."""
        made = getattr(self, f"_{node.tagname}", None)
        if made:
            yield from made(node)
        elif node.tagname in _SHOWN:
            yield Block(_inline(node))
        elif node.tagname in _ADMONITIONS:
            yield from self._admonition(node, node.tagname.capitalize())
        elif node.tagname not in _UNSEEN:
            yield from self.children(node)

    def _section(self, node: nodes.Element) -> Iterator[Block]:
        self._level += 1
        yield from self.children(node)
        self._level -= 1

    def _title(self, node: nodes.Element) -> Iterator[Block]:
        above = node.parent.tagname if node.parent is not None else ""
        if above == "document":
            yield Block(_inline(node), 1)
        elif above == "section":
            yield Block(_inline(node), min(6, max(1, self._level - 1 + _titled(node))))
        else:
            yield Block(_inline(node))

    def _subtitle(self, node: nodes.Element) -> Iterator[Block]:
        yield Block(_inline(node), 2)

    def _literal_block(self, node: nodes.Element) -> Iterator[Block]:
        yield Block(node.astext())

    _doctest_block = _math_block = _literal_block

    def _line_block(self, node: nodes.Element) -> Iterator[Block]:
        yield Block("\n".join(self._verse(node)))

    def _verse(self, node: nodes.Element, indent: str = "") -> Iterator[str]:
        for child in node.children:
            if child.tagname == "line_block":  # type: ignore[attr-defined]
                yield from self._verse(child, f"{indent}  ")  # type: ignore[arg-type]
            else:
                yield indent + _inline(child)

    def _bullet_list(self, node: nodes.Element) -> Iterator[Block]:
        yield Block("\n".join(self._items(node)))

    _enumerated_list = _bullet_list

    def _items(self, node: nodes.Element) -> Iterator[str]:
        number = int(node.get("start", 1))
        for place, item in enumerate(node.children):
            marker = "-" if node.tagname == "bullet_list" else f"{number + place}."
            yield f"{marker} {self._inside(item)}"  # type: ignore[arg-type]

    def _inside(self, node: nodes.Element) -> str:
        """What stands in an item, as lines under its first."""
        return "\n".join(block.text for block in self.children(node)).replace("\n", "\n  ")

    def _definition_list_item(self, node: nodes.Element) -> Iterator[Block]:
        terms = [_inline(part) for part in node.children if _tag(part) in ("term", "classifier")]
        *_, meaning = node.children
        blocks = list(self.children(meaning))  # type: ignore[arg-type]
        yield from _led(f"{', '.join(terms)}: ", blocks)

    def _field(self, node: nodes.Element) -> Iterator[Block]:
        yield from _led(f"{_inline(node[0])}: ", list(self.children(node[1])))  # type: ignore[arg-type]

    def _option_list_item(self, node: nodes.Element) -> Iterator[Block]:
        yield from _led(f"{_inline(node[0])}: ", list(self.children(node[1])))  # type: ignore[arg-type]

    def _footnote(self, node: nodes.Element) -> Iterator[Block]:
        label = next((part.astext() for part in node.children if _tag(part) == "label"), "")
        rest = [part for part in node.children if _tag(part) != "label"]
        blocks = [block for part in rest for block in self.block(part)]  # type: ignore[arg-type]
        yield from _led(f"[{label}] ", blocks)

    _citation = _footnote

    def _admonition(self, node: nodes.Element, name: str = "") -> Iterator[Block]:
        blocks = list(self.children(node))
        yield from _led(f"{name}: ", blocks) if name else blocks

    def _table(self, node: nodes.Element) -> Iterator[Block]:
        from docutils import nodes

        for title in node.findall(nodes.title):
            yield Block(_inline(title))
        rows = list(node.findall(nodes.row))
        heads = sum(_tag(row.parent) == "thead" for row in rows)
        table = [
            [
                (
                    " ".join(" ".join(b.text for b in self.children(entry)).split()),  # type: ignore[arg-type]
                    int(entry.get("morecols", 0)) + 1,  # type: ignore[attr-defined]
                    int(entry.get("morerows", 0)) + 1,  # type: ignore[attr-defined]
                )
                for entry in row.children
            ]
            for row in rows
        ]
        texts = grid(table, heads)
        if texts:
            yield Block("\n".join(lines(texts, heads or headed(texts, surely=True))))

    def _topic(self, node: nodes.Element) -> Iterator[Block]:
        if "contents" not in node.get("classes", ()):
            yield from self.children(node)

    def _attribution(self, node: nodes.Element) -> Iterator[Block]:
        yield Block(f"— {_inline(node)}")

    def _system_message(self, node: nodes.Element) -> Iterator[Block]:
        """What is not understood: its words, those of a directive read as without it."""
        from docutils import nodes

        for literal in node.findall(nodes.literal_block):
            first, _, rest = literal.astext().partition("\n")
            match = _DIRECTIVE.match(first)
            if match and _SILENT.fullmatch(match["name"]):
                continue
            if not match or self._depth >= DEPTH:
                yield Block(literal.astext())
                continue
            told, words = _without_options(textwrap.dedent(rest).split("\n"), match["rest"])
            yield Block(_unmarked(told))
            if words.strip():
                yield from _Reader(self._level, self._depth + 1).children(_parsed(words))


def _without_options(body: Sequence[str], told: str) -> tuple[str, str]:
    """The words after a directive's name, and those below it, without its options."""
    at = 0
    while at < len(body) and body[at].strip() and not _OPTION.match(body[at]) and told:
        told = f"{told} {body[at].strip()}"
        at += 1
    while at < len(body) and _OPTION.match(body[at]):
        at += 1
    return told, "\n".join(body[at:])


def _led(lead: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """Blocks of which the first one begins with what leads to it."""
    first = blocks[0].text if blocks else ""
    yield Block((lead + first).strip(": "), blocks[0].level if blocks else 0)
    yield from blocks[1:]


def _titled(node: nodes.Node) -> int:
    """1 where the document has a title of its own, which its sections lie under."""
    tree = node.document
    return int(tree is not None and bool(tree.children) and _tag(tree.children[0]) == "title")


def _tag(node: object) -> str:
    return str(getattr(node, "tagname", ""))


def _inline(node: nodes.Node) -> str:
    return " ".join(_words(node).split())


def _words(node: nodes.Node) -> str:
    tag = _tag(node)
    if tag == "#text":
        return node.astext()
    if tag == "problematic":
        return _unmarked(node.astext())
    if tag in ("footnote_reference", "citation_reference"):
        return f"[{node.astext()}]"
    if tag in _UNSEEN:
        return ""
    return "".join(map(_words, node.children))


def _unmarked(text: str) -> str:
    """Words without the roles that mark them: what stands before a target, or the target."""

    def words(match: re.Match[str]) -> str:
        said = str(match["text"] if match["text"] is not None else match["other"])
        return _TARGET.sub("", said).lstrip("~!") if _TARGET.sub("", said) else said.strip("<>")

    return _ROLE.sub(words, text).replace("``", "")


_SHOWN = frozenset({"paragraph", "caption", "rubric", "term", "line"})
_ADMONITIONS = frozenset(
    ("attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning")
)
_UNSEEN = frozenset(
    (
        "comment",
        "decoration",
        "docinfo",
        "image",
        "meta",
        "pending",
        "raw",
        "substitution_definition",
        "system_message",
        "target",
        "transition",
    )
)
