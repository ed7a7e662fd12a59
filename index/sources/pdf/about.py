"""What a PDF says of itself: title, authors and date, unless a program left something there."""

from __future__ import annotations

import mmap
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from index.sources.blocks import About
from index.sources.files import names, one_line

_LARGEST = 200_000  # bytes of XMP that are read
_DC = "{http://purl.org/dc/elements/1.1/}"
_LI = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_NO_TITLE = re.compile(
    r"untitled.*|(?:microsoft )?(?:word|powerpoint|excel)(?: presentation)?(?: - .*)?|document ?\d*"
    r"|slide \d+|presentation ?\d*|book ?\d+|\(?anonymous\)?|about:blank|print|scan.*|[\d\W_]+"
    r"|(?:https?|file)://.*|.*\.(?:docx?|odt|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|html?|rtf|txt|pages|md)"
    r"|(?:new|no|blank) (?:document|title)|title|full page photo|layout ?\d*|.*[\\/].*\.\w{2,4}",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"\(?(?:administrator|admin|root|user|unknown|unspecified|anonymous|owner|author|default|guest"
    r"|(?:windows|office|hp|dell|compaq|microsoft|preinstalled|lenovo) ?(?:user|office|owner)?"
    r"|test|n/?a|none|me|pc|home)\)?\d*|[\d\W_]+",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:D:)?(\d{4})-?(\d{2})?-?(\d{2})?")


def about(path: Path, information: Mapping[str, str]) -> About:
    """The title, the authors and the date of a file, by its XMP or its document information."""
    title, authors = _of_xmp(path)
    title = next((t for t in (title, one_line(information.get("Title", ""))) if _is_title(t)), "")
    if not authors:
        authors = names(information.get("Author", ""))
    return About(
        title=title,
        authors=tuple(name for name in authors if not _NO_AUTHOR.fullmatch(name)),
        published=_day(information.get("CreationDate", "")),
    )


def _is_title(title: str) -> bool:
    return 3 < len(title) < 300 and not _NO_TITLE.fullmatch(title)


def _day(date: str) -> str:
    """The day of "D:20240503101500+02'00'" as ISO."""
    match = _DATE.match(date.strip())
    return "-".join(part for part in match.groups() if part) if match else ""


def _of_xmp(path: Path) -> tuple[str, tuple[str, ...]]:
    """Title and creators of the last XMP packet that lies open in the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data.rfind(b"<x:xmpmeta")
        end = data.find(b"</x:xmpmeta>", start, start + _LARGEST) if start >= 0 else -1
        packet = data[start : end + len(b"</x:xmpmeta>")] if end >= 0 else b""
    if not packet or b"<!" in packet:  # entities are not for metadata
        return "", ()
    try:
        root = ET.fromstring(packet.decode("utf-8", "replace"))  # noqa: S314 - no entities in it
    except ET.ParseError:
        return "", ()
    titles = [one_line(item.text or "") for item in root.iterfind(f".//{_DC}title//{_LI}")]
    creators = [one_line(item.text or "") for item in root.iterfind(f".//{_DC}creator//{_LI}")]
    return next(filter(None, titles), ""), tuple(n for one in creators for n in names(one))
