"""Plain text files: cleaned, and described by what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

from index.clean import clean, links
from index.errors import SourceError
from index.metadata import describe, headings
from index.sources.encodings import decode
from index.sources.files import SourceFile, contents, provenance, sha256
from index.types import Document


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document."""
    data = contents(source.path)
    raw = decode(data)
    if not (text := clean(raw)):
        raise SourceError("has no text")
    path, metadata = provenance(source)
    found = describe(text, source.path.name, links(raw))
    yield Document(
        id=source.id,
        path=path,
        title=found.title,
        authors=found.authors,
        published=found.published,
        publisher=found.publisher,
        text=text,
        sha256=sha256(data),
        metadata={**found.metadata, **metadata},
        headings=headings(text, found),
    )
