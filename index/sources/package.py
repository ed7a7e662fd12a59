"""Files that are zips of XML parts: opened within bounds, or told what they are instead.

DOCX, PPTX, XLSX, OpenDocument and EPUB are all made so. No entity of a part is replaced, nothing
that a part names is fetched, and no part is unpacked that is larger than its kind ever is.
"""

from __future__ import annotations

import mmap
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from index.errors import SourceError

if TYPE_CHECKING:
    from lxml.etree import _Element

PARTS = 20_000
PART = 96_000_000  # bytes of a part read at once; a book of 2,000 pages takes a third
STREAM = 1_000_000_000  # bytes of a part read row by row
RATIO = 300  # times that a part may grow: tables of equal rows do by 100, bombs by 1,000
RATIO_FREE = 16_000_000  # bytes that may grow as they like
PARSED = 256_000_000  # bytes of all parts that are read at once, together

# What zipfile raises for an archive that is not whole; the last for a compression nobody knows.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)
DAMAGED = "is damaged or was cut short; get a whole copy of it"
PROTECTED = "is protected by a password; save a copy without one"
_KINDS = (
    (b"wordprocessingml", "docx"),
    (b"presentationml", "pptx"),
    (b"spreadsheetml", "xlsx"),
    (b"ms-excel.sheet.binary", "xlsb"),
    (b"opendocument.text", "odt"),
    (b"opendocument.spreadsheet", "ods"),
    (b"opendocument.presentation", "odp"),
    (b"epub+zip", "epub"),
)
_NAMES = {
    "docx": "a Word document; name it .docx",
    "pptx": "a presentation; name it .pptx",
    "xlsx": "a workbook; name it .xlsx",
    "xlsb": "a binary workbook; save it as .xlsx",
    "odt": "an OpenDocument text; name it .odt",
    "ods": "an OpenDocument spreadsheet; name it .ods",
    "odp": "an OpenDocument presentation; name it .odp",
    "epub": "an e-book; name it .epub",
}
_OLD = (
    ("EncryptedPackage", PROTECTED),
    ("WordDocument", "is of the kind that Word wrote before 2007; save it as .docx"),
    ("PowerPoint Document", "is of the kind that PowerPoint wrote before 2007; save it as .pptx"),
    ("Workbook", "is of the kind that Excel wrote before 2007; save it as .xlsx"),
    ("Book", "is of the kind that Excel wrote before 2007; save it as .xlsx"),
)
_SIGNS = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


class Package:
    """An open package. `kind` is its usual suffix without the dot, or empty where unknown."""

    def __init__(self, path: Path) -> None:
        """Open the package at a path.

        Raises:
            SourceError: it is none, is damaged, or is protected.
            OSError: the file cannot be read.
        """
        with path.open("rb") as file:
            head = file.read(4096)
        if head[:4] not in (b"PK\3\4", b"PK\5\6"):
            raise SourceError(instead(head, path))
        try:
            self.archive = zipfile.ZipFile(path)
        except BROKEN:
            raise SourceError(DAMAGED) from None
        members = self.archive.infolist()
        if len(members) > PARTS:
            raise SourceError(f"has more than {PARTS:,} parts, as no document has")
        self.infos = {info.filename: info for info in members if not info.is_dir()}
        self._parsed = 0
        self.kind = self._kind()

    def __enter__(self) -> Self:
        """Use it, and close it then."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.archive.close()

    def expect(self, *kinds: str) -> None:
        """Refuse any other kind of package.

        Raises:
            SourceError: it is of another kind; the message names it.
        """
        if self.kind not in kinds:
            raise SourceError(self.other())

    def other(self) -> str:
        """What a package is that is not the kind that was expected, and the way out."""
        what = _NAMES.get(self.kind)
        if what is None:
            return "is an archive, not a document; if it came from one, unpack it"
        return f"is really {what}"

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self.infos

    def read(self, name: str) -> bytes:
        """Read a part whole.

        Raises:
            SourceError: it is missing, damaged, or larger than any is.
        """
        self._parsed += self.size(name, PART)
        if self._parsed > PARSED:
            raise SourceError(f"unpacks to more than {PARSED:,} bytes; split it into parts")
        try:
            return self.archive.read(self.infos[name])
        except BROKEN:
            raise SourceError(DAMAGED) from None

    def stream(self, name: str) -> IO[bytes]:
        """Open a part to be read bit by bit.

        Raises:
            SourceError: it is missing, damaged, or larger than any is.
        """
        self.size(name, STREAM)
        try:
            return self.archive.open(self.infos[name])
        except BROKEN:
            raise SourceError(DAMAGED) from None

    def size(self, name: str, most: int) -> int:
        """The size of a part in bytes.

        Raises:
            SourceError: it is missing, encrypted, or larger than `most` or than it may grow.
        """
        info = self.infos.get(name)
        if info is None:
            raise SourceError(DAMAGED)
        if info.flag_bits & 1:
            raise SourceError(PROTECTED)
        grown = info.file_size > RATIO_FREE and info.file_size > RATIO * info.compress_size
        if info.file_size > most or grown:
            raise SourceError(
                f"has a part that unpacks to {info.file_size:,} bytes, more than is read"
            )
        return info.file_size

    def xml(self, name: str) -> _Element:
        """Parse a part.

        Raises:
            SourceError: it is missing, too large, or no XML.
        """
        return parse(self.read(name))

    def _kind(self) -> str:
        if self.has("mimetype"):
            told = self.read("mimetype")[:200]
        elif self.has("[Content_Types].xml"):
            told = self.read("[Content_Types].xml")
        elif self.has("META-INF/container.xml"):
            return "epub"
        else:
            return ""
        # The main part decides: a document may have workbooks in it.
        main = re.search(rb'ContentType="([^"]*(?:\.main\+xml|sheet\.binary[^"]*\.main))"', told)
        names = main[1] if main else told
        if main and b"ms-" in names:  # with macros
            names = names.replace(b"ms-word", b"wordprocessingml").replace(
                b"ms-powerpoint", b"presentationml"
            )
            if b"binary" not in names:
                names = names.replace(b"ms-excel", b"spreadsheetml")
        return next((kind for sign, kind in _KINDS if sign in names), "")


def parse(data: bytes) -> _Element:
    """Parse XML without replacing entities or fetching anything.

    Raises:
        SourceError: it is none.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise SourceError(DAMAGED) from None


def without_entities(data: bytes) -> bytes:
    """The part as it is, if it declares no entities: office programs never do.

    Raises:
        SourceError: it does.
    """
    if _ENTITIES.search(data) or b"<\0!\0E\0N\0T\0" in data or b"\0<\0!\0E\0N\0T" in data:
        raise SourceError("declares entities, as no document does; save it anew where it is from")
    return data


def joined(base: str, target: str) -> str:
    """The name of the part that a part in the folder `base` calls `target`."""
    parts: list[str] = []
    for step in PurePosixPath("/", base, target).parts[1:]:
        if step == "..":
            del parts[-1:]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def instead(head: bytes, path: Path) -> str:
    """One sentence that says what a file is that is no package."""
    if not head.strip(b"\0 \t\r\n"):
        return "is empty" if not path.stat().st_size else DAMAGED
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return old(path)
    for sign, what in _SIGNS:
        if head.startswith(sign):
            return f"is really {what}"
    text = b"\0" not in head
    return "is really plain text; name it .txt to have it read" if text else DAMAGED


def old(path: Path) -> str:
    """What a file is that holds streams as programs before 2007 wrote them, and the way out."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for name, sentence in _OLD:
            if data.find(f"{name}\0".encode("utf-16-le")) >= 0:
                return sentence
    return "is of a kind that programs wrote before 2007; save it in a newer one"
