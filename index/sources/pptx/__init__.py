"""Presentations: slide after slide, each with its title, what stands on it, and its notes.

Hidden slides are read too, as whoever opens the file sees them among the others; the label says
that they are hidden, as it says of notes that they are notes. Dates, numbers and feet of slides,
comments, and what only masters and layouts show are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.digests import sha256_of
from index.sources.blocks import About, Block, assemble
from index.sources.files import SourceFile
from index.sources.ooxml import opened, settle
from index.sources.package import Package
from index.sources.pptx.paragraphs import paragraphs
from index.sources.pptx.shapes import blocks_of, title_of
from index.sources.properties import of_core, placed
from index.types import Document


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document.

    Raises:
        SourceError: it is none, is damaged or protected, or has no text.
    """
    import pptx

    digest = sha256_of(source.path)
    with Package(source.path) as package:
        package.expect("pptx")
        blocks, told = opened(package, lambda file: _all(pptx.Presentation(file)))
    yield placed(source, digest, assemble(blocks), told)


def _all(presentation: Any) -> tuple[list[Block], About]:
    blocks: list[Block] = []
    for number, slide in enumerate(presentation.slides, start=1):
        blocks += _slide(slide, number, first=not blocks)
    return blocks, of_core(presentation.core_properties)


def _slide(slide: Any, number: int, *, first: bool) -> list[Block]:
    """A slide's blocks; one without a title is called by its number, to be told from the last."""
    settle(slide.element)
    hidden = slide.element.get("show") in ("0", "false")
    label = f"slide {number}, hidden" if hidden else f"slide {number}"
    title = title_of(slide) or f"Slide {number}"
    body = [Block(text, 0, label) for text in blocks_of(slide)]
    made = [Block(title, 1 if first else 2, label), *body] if body or title_of(slide) else []
    if notes := _notes(slide):
        made.append(Block(f"{title} (speaker notes)", 3, f"{label}, notes"))
        made += [Block(text, 0, f"{label}, notes") for text in notes]
    return made


def _notes(slide: Any) -> list[str]:
    if not slide.has_notes_slide:
        return []
    settle(slide.notes_slide.element)
    frame = slide.notes_slide.notes_text_frame
    return list(paragraphs(frame, bulleted=False)) if frame is not None else []
