"""Files that Word, Excel and PowerPoint wrote before 2007: named, with the way out.

Many files of these names are of a newer kind, or RTF or HTML; those are read as what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import SourceError
from index.sources.files import SourceFile
from index.sources.package import Package
from index.types import Document


def read(source: SourceFile) -> Iterator[Document]:
    """Yield nothing: whatever could be read has another reader.

    Raises:
        SourceError: always; it says what the file is.
    """
    with Package(source.path) as package:
        raise SourceError(package.other())
