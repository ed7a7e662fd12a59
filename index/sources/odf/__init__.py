"""OpenDocument texts, spreadsheets and presentations, as LibreOffice writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from index.digests import sha256_of
from index.errors import SourceError
from index.metadata import describe
from index.sources.blocks import About, Block, assemble
from index.sources.files import SourceFile
from index.sources.odf import sheets, slides
from index.sources.odf.flow import Flow
from index.sources.odf.styles import DC, META, OFFICE, Styles
from index.sources.package import DAMAGED, PROTECTED, Package, without_entities
from index.sources.package import parse as parsed
from index.sources.properties import about, merged, placed
from index.types import Document

if TYPE_CHECKING:
    from lxml.etree import _Element


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document.

    Raises:
        SourceError: it is none, is damaged or protected, or has no text.
    """
    digest = sha256_of(source.path)
    with Package(source.path) as package:
        package.expect("odt", "ods", "odp")
        manifest = "META-INF/manifest.xml"
        if package.has(manifest) and b"encryption-data" in package.read(manifest):
            raise SourceError(PROTECTED)
        content = parsed(without_entities(package.read("content.xml")))
        others = [
            parsed(without_entities(package.read(name))) if package.has(name) else None
            for name in ("styles.xml", "meta.xml")
        ]
    styles, meta = Styles(others[0], content), others[1]
    body = content.find(f"{OFFICE}body")
    main = body[0] if body is not None and len(body) else None
    if main is None:
        raise SourceError(DAMAGED)
    told = _about(meta)
    left_out = ""
    if main.tag == f"{OFFICE}spreadsheet":
        blocks, left_out = sheets.blocks(main, styles)
        told = replace(told, title=told.title or describe("", source.path.name).title)
    elif main.tag == f"{OFFICE}presentation":
        blocks = list(slides.blocks(main, styles))
    else:
        blocks = _text(main, styles, meta)
    yield placed(source, digest, assemble(blocks), merged(told, {"left out": left_out}))


def _text(main: _Element, styles: Styles, meta: _Element | None) -> list[Block]:
    """The blocks of a text; with pages where it went over as many as its program counted."""
    flow = Flow(styles)
    blocks = list(flow.blocks(main))
    counted = next(meta.iter(f"{META}document-statistic"), None) if meta is not None else None
    pages = counted.get(f"{META}page-count") if counted is not None else None
    if flow.pages > 1 and pages == str(flow.pages):
        return blocks
    return [replace(block, page="", turns=()) for block in blocks]


def _about(meta: _Element | None) -> About:
    def said(*names: str) -> list[str]:
        found = (each for name in names for each in (meta.iter(name) if meta is not None else ()))
        return [text for each in found if (text := "".join(map(str, each.itertext())).strip())]

    return about(
        next(iter(said(f"{DC}title")), ""),
        said(f"{META}initial-creator", f"{DC}creator")[:1],
        said(f"{DC}date", f"{META}creation-date"),
        subject=next(iter(said(f"{DC}subject")), ""),
        keywords=", ".join(said(f"{META}keyword")),
    )
