"""Word documents: what a person sees with all changes accepted, in the order of reading.

Heads and feet of pages, comments, deleted and hidden text and tables of contents are left out.
Pages are told only where Word recorded where each begins, and as many as it counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from index.digests import sha256_of
from index.sources.blocks import About, Block, assemble
from index.sources.docx.body import Body
from index.sources.docx.numbering import Numbering
from index.sources.docx.styles import Styles, value
from index.sources.files import SourceFile
from index.sources.ooxml import W, opened, settle
from index.sources.package import Package, parse
from index.sources.properties import of_core, placed
from index.types import Document

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGES = re.compile(rb"<Pages>\s*(\d{1,6})\s*</Pages>")
_USUAL = {"footnote": "decimal", "endnote": "lowerRoman"}


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document.

    Raises:
        SourceError: it is none, is damaged or protected, or has no text.
    """
    import docx

    digest = sha256_of(source.path)
    with Package(source.path) as package:
        package.expect("docx")
        counted = package.read("docProps/app.xml") if package.has("docProps/app.xml") else b""
        blocks, pages, told = opened(package, lambda file: _all(docx.Document(file)))
    match = _PAGES.search(counted)
    if pages < 2 or match is None or int(match[1]) != pages:
        blocks = [replace(block, page="", turns=()) for block in blocks]
    yield placed(source, digest, assemble(blocks), told)


def _all(word: Any) -> tuple[list[Block], int, About]:
    """The blocks, over how many pages they went (0 if they are not to be told), and properties."""
    part, body = word.part, word.element.body
    settle(body)
    styles = Styles(_related(part, "styles"))
    notes: dict[str, dict[str, _Element]] = {}
    for kind in _USUAL:
        root = _related(part, f"{kind}s")
        found = root.findall(f"{W}{kind}") if root is not None else []
        for note in found:
            settle(note)
        notes[kind] = {
            note.get(f"{W}id") or "": note
            for note in found
            if note.get(f"{W}type") in (None, "normal")
        }
    numbering = Numbering(_related(part, "numbering"), styles)
    reader = Body(part, styles, numbering, notes, _counts(part))
    blocks = list(reader.blocks(body))
    return blocks, 0 if _renumbered(body) else reader.pages, of_core(word.core_properties)


def _related(part: Any, kind: str) -> _Element | None:
    """The root of another part of the document, where it has one of this kind."""
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            return parse(relation.target_part.blob)
    return None


def _counts(part: Any) -> dict[str, str]:
    """How each kind of note is numbered."""
    settings = _related(part, "settings")
    told = {
        kind: value(settings.find(f"{W}{kind}Pr/{W}numFmt")) if settings is not None else ""
        for kind in _USUAL
    }
    return {kind: told[kind] or usual for kind, usual in _USUAL.items()}


def _renumbered(root: _Element) -> bool:
    """Whether pages have other numbers than their places; these cannot be told from the file."""
    return any(
        each.get(f"{W}start") not in (None, "1") or each.get(f"{W}fmt") not in (None, "decimal")
        for each in root.iter(f"{W}pgNumType")
    )
