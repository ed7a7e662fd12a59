"""Where documents come from: files and folders found, then read, one module a format.

A new format is one module with `read(source) -> Iterator[Document | Skipped]`, which may raise
for a file that it cannot read, one line in `READERS` (and one in `EXTRAS` if it imports what a
plain installation lacks), and its test. `index.sources.blocks` puts a document together.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import SourceError
from index.sources.acceptance import LONGEST_LABEL, accepted, shortened
from index.sources.condition import state
from index.sources.content import kind
from index.sources.files import SourceFile, shown
from index.sources.walking import walk
from index.types import Document, Skipped

if TYPE_CHECKING:
    from index.sources.location import locate

__all__ = ["READERS", "SourceFile", "find", "locate", "read", "state"]

# What people write and keep. Left out on purpose: what programs write by the minute (`.log`,
# `.json`), and texts whose marks would stand in every quote (`.tex`, `.org`, source code).
READERS = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "collection",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".zip": "archive",
    ".tar": "archive",
    ".tgz": "archive",
    ".eml": "mail",
    ".csv": "delimited",
    ".ipynb": "notebook",
    ".rst": "rst",
    ".tsv": "delimited",
    ".mbox": "mailbox",
    ".docx": "docx",
    ".docm": "docx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".ppsx": "pptx",
    ".epub": "epub",
    ".rtf": "rtf",
    ".odt": "odf",
    ".ods": "odf",
    ".odp": "odf",
    ".doc": "legacy",
    ".xls": "legacy",
    ".ppt": "legacy",
    ".xlsb": "legacy",
}
OUT_OF_MEMORY = "needs more memory to be read than one file may have; split it"
MOST_SKIPPED = 1_000  # parts of one file that are listed one by one
# What the distribution calls the extra that brings what a module imports; others need none.
EXTRAS: dict[str, str] = {
    "html": "web",
    "mail": "web",
    "mailbox": "web",
    "rst": "rst",
    "pdf": "pdf",
    "docx": "office",
    "xlsx": "office",
    "pptx": "office",
    "epub": "web",
    "rtf": "office",
    "odf": "office",
}


def __getattr__(name: str) -> Any:
    """Load what looks for words in files when it is first asked for: no question needs it."""
    if name == "locate":
        return import_module("index.sources.location").locate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def find(
    paths: Iterable[str | Path], excludes: Sequence[str] = ()
) -> Iterator[SourceFile | Skipped]:
    """Find what can be read in files and folders, each file once, in a fixed order.

    Hidden files and links that leave a folder are passed over; `excludes` are patterns as in
    `.gitignore`. An id is the path below the named folder (the name of a file named itself);
    where another file has it already, parent folders are put before it until it is unique.

    Raises:
        SourceError: a path does not exist.
    """
    named = [Path(path) for path in paths]
    for path in named:
        if not os.path.lexists(path):
            raise SourceError(
                f"There is no file or folder {shown(str(path))}; check its name, "
                "or leave it out to remove its documents from the index."
            )
    yield from walk(named, excludes, frozenset(READERS))


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Read a file's documents; whatever is wrong with it comes back as a reason, never raised.

    It is read in this process, for as long as that takes: `index.sources.worker` reads what may
    be hostile.
    """
    path = source.shown
    try:
        yield from _listed(source, path)
    except OSError as error:
        yield Skipped(path, f"cannot be read: {error.strerror or error}")
    except SourceError as error:
        yield Skipped(path, str(error))
    except ModuleNotFoundError:
        yield Skipped(path, _extra(source))
    except MemoryError:
        yield Skipped(path, OUT_OF_MEMORY)
    except RecursionError:
        yield Skipped(path, "is nested too deeply to be read")
    except Exception as error:  # one bad file never stops a build, whatever a parser makes of it
        kind = f"{type(error).__name__}: {error}"
        reason = f"is damaged, or no {source.path.suffix} file at all ({kind})"
        yield Skipped(path, shown(shortened(reason, LONGEST_LABEL)))


def _listed(source: SourceFile, path: str) -> Iterator[Document | Skipped]:
    """What the format's reader finds, within bounds."""
    module = import_module(f"index.sources.{_reader(source)}")
    left_out, anything = 0, False
    for found in module.read(source):
        anything = True
        if isinstance(found, Document):
            yield _accepted(found, path)
            continue
        left_out += 1
        if left_out <= MOST_SKIPPED:
            yield Skipped(found.path, shown(shortened(found.reason, LONGEST_LABEL)))
    if not anything:
        yield Skipped(path, "holds no document")
    if left_out > MOST_SKIPPED:
        yield Skipped(path, f"holds {left_out - MOST_SKIPPED:,} more parts that are left out")


def _accepted(document: Document, path: str) -> Document | Skipped:
    try:
        return accepted(document)
    except SourceError as error:
        return Skipped(path, str(error))


def _reader(source: SourceFile) -> str:
    """The module for a file, by what is in it where its name misleads."""
    return kind(source, READERS[source.path.suffix.lower()], frozenset(READERS.values()))


def _extra(source: SourceFile) -> str:
    extra = EXTRAS.get(_reader(source), "formats")
    suffix = source.path.suffix.lower()
    return f"needs what reads {suffix} files; get it with: pip install 'quoth[{extra}]'"
