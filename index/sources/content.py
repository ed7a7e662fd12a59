"""What a file is by its first bytes, where its name says something else."""

from __future__ import annotations

import re
import zipfile

from index.errors import SourceError
from index.sources.files import SourceFile
from index.sources.package import BROKEN

LOOKED_AT = 4_096  # bytes
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"<[a-zA-Z!/?]")
_TEXTS = frozenset({"plain", "markdown", "rst", "delimited"})
_PACKED = frozenset({"archive", "docx", "pptx", "xlsx", "epub", "odf"})
# What stands in a packed file tells its format.
_MEMBERS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
    "META-INF/container.xml": "epub",
    "content.xml": "odf",
}
_OLD = (
    "is a Word, Excel or PowerPoint file of the old kind, or locked by a password; save it as "
    ".docx, .xlsx or .pptx"
)


def kind(source: SourceFile, named: str, known: frozenset[str]) -> str:
    """The reader that a file is for; `named` is the one by its name, and usually right.

    A reader is only chosen if it is `known`.

    Raises:
        SourceError: it is of a kind that none can read.
    """
    with source.path.open("rb") as file:
        head = file.read(LOOKED_AT)
    found = _by_content(source, head, named)
    return found if found in known else named


def misnamed(source: SourceFile) -> bool:
    """Whether what is called a text begins as something else does that needs a parser."""
    try:
        with source.path.open("rb") as file:
            head = file.read(LOOKED_AT)
    except OSError:  # reading it will say so
        return False
    return _is_page(head) or head.startswith((b"%PDF-", b"PK\3\4", b"{\\rtf", b"\xd0\xcf\x11\xe0"))


def _by_content(source: SourceFile, head: bytes, named: str) -> str:
    if named != "pdf" and head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if named not in ("collection", "mail", "mailbox", "notebook") and _is_page(head):
        return "html"
    if head.startswith(b"PK\3\4"):
        return _packed(source) or (named if named in _PACKED else "archive")
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(b"\xd0\xcf\x11\xe0") and named in _TEXTS | {"html", "pdf", "archive"}:
        raise SourceError(_OLD)
    if named == "html" and head and not _TAG.search(head) and not head.startswith(b"\xff\xfe"):
        return "plain"
    return named


def _is_page(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return bool(_PAGE.match(head.removeprefix(b"\xef\xbb\xbf")))


def _packed(source: SourceFile) -> str:
    """The format of an office document or a book; nothing for any other archive."""
    try:
        with zipfile.ZipFile(source.path) as archive:
            names = set(archive.NameToInfo)
    except (OSError, *BROKEN):  # its reader will say what is wrong
        return ""
    return next((reader for name, reader in _MEMBERS.items() if name in names), "")
