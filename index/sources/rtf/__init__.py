"""RTF texts: paragraphs, headings by style, lists, tables, notes; nothing hidden or deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from index.errors import SourceError
from index.sources.blocks import About, Block, assemble
from index.sources.files import SourceFile, sha256
from index.sources.package import DAMAGED, instead
from index.sources.properties import about, placed
from index.sources.rtf.marked import BOX, CELL, LEAVE, MARKS, NOTE, PARAGRAPH, ROW, SHUT, Marker
from index.sources.tables import bare, headed, lines
from index.types import Document

LARGEST = 256_000_000  # bytes; pictures are most of a large one
_PIECE = re.compile(f"([{PARAGRAPH}{CELL}{ROW}])(?:([0-9a-z]*){SHUT})?")
_ASIDE = re.compile(f"(?:{NOTE}(\\d+){SHUT}|{BOX})([^{NOTE}{BOX}{LEAVE}]*){LEAVE}")
_INFO = re.compile(rb"\{\\(title|author|subject|keywords|operator) ((?:[^{}\\]|\\.)*)\}", re.DOTALL)
_DAY = re.compile(rb"\{\\(revtim|creatim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_SPACES = re.compile(r"[ \t]+")
_LONGEST_HEADING = 400
_NESTED = 8  # notes in boxes, boxes in boxes


def read(source: SourceFile) -> Iterator[Document]:
    """Yield the file as one document.

    Raises:
        SourceError: it is none, was cut short, or has no text.
    """
    if source.size > LARGEST:
        raise SourceError(f"has more than {LARGEST:,} bytes; save it without its pictures")
    yield from text_of(source, source.path)


def text_of(source: SourceFile, path: Path) -> Iterator[Document]:
    """The document of the RTF text at a path, whatever it is called."""
    from striprtf.striprtf import destinations

    data = path.read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise SourceError(instead(data[:4096], path))
    marker = Marker(data, destinations)
    if marker.depth > 1:
        raise SourceError(DAMAGED)
    text = _decoded(marker.marked)
    yield placed(source, sha256(data), assemble(_blocks(text)), _about(data))


def _decoded(data: bytes) -> str:
    """The letters; where a font has an encoding that is not known here, as Windows has them."""
    from striprtf.striprtf import rtf_to_text

    raw = data.decode("latin-1")
    try:
        return str(rtf_to_text(raw, errors="replace"))  # type: ignore[no-untyped-call]
    except LookupError:
        plain = re.sub(r"\\fcharset\d+", "", raw)
        return str(rtf_to_text(plain, errors="replace"))  # type: ignore[no-untyped-call]


def _about(data: bytes) -> About:
    start = data.find(b"{\\info")
    part = data[start : start + 20_000] if start >= 0 else b""
    found = {
        match[1].decode(): _decoded(b"{\\rtf1 " + match[2] + b"}") for match in _INFO.finditer(part)
    }
    days: dict[str, date] = {}
    for match in _DAY.finditer(part):
        try:
            days[match[1].decode()] = date(int(match[2]), int(match[3]), int(match[4]))
        except ValueError:
            continue
    return about(
        found.get("title"),
        found.get("author"),
        (days.get("revtim"), days.get("creatim")),
        found.get("operator"),
        subject=found.get("subject"),
        keywords=found.get("keywords"),
    )


def _blocks(text: str) -> Iterator[Block]:
    """The blocks; items of a list in a row are one, and the rows of a table."""
    items: list[str] = []
    table: list[tuple[str, list[str]]] = []
    cells: list[str] = []
    after: list[str] = []
    held = ""
    place = 0
    text += f"{PARAGRAPH}0000{SHUT}"
    for match in _PIECE.finditer(text):
        piece = text[place : match.start()]
        place = match.end()
        mark, known = match[1], match[2] or "0000"
        piece = _apart(piece, after)
        if mark == CELL:
            cells.append(" ".join(f"{held} {piece}".split()))
            held = ""
        elif mark == ROW:
            if table and len(cells) > len(table[0][1]):
                yield from _ended([], table, [])  # wider than its head: another table
            table.append((known, cells))
            cells, held = [], ""
        elif known[3:4] == "1":
            held = f"{held} {piece}"
        else:
            yield from _paragraph(f"{held}{piece}", known, items, table, after)
            held = ""
    yield from _ended(items, table, after)


def _paragraph(
    piece: str,
    known: str,
    items: list[str],
    table: list[tuple[str, list[str]]],
    after: list[str],
) -> Iterator[Block]:
    made = "\n".join(_SPACES.sub(" ", line).strip() for line in piece.split("\n")).strip()
    if not made:  # an empty line sets two tables apart
        yield from _ended([], table, [])
        return
    if known[2:3] == "1" and known[0] == "0":
        if table:
            yield from _ended(items, table, [])
        lead = "  " * int(known[1])
        marker, _, rest = made.partition(" ")
        sign = "-" if not any(map(str.isalnum, marker)) else marker
        items.append(f"{lead}{sign} {rest.strip()}")
        return
    waiting, after[:] = list(after), []
    yield from _ended(items, table, [])
    level = int(known[0]) if len(made) <= _LONGEST_HEADING else 0
    yield Block(" ".join(made.split()) if level else made, level)
    yield from (Block(text) for text in waiting)


def _ended(
    items: list[str], table: list[tuple[str, list[str]]], after: list[str]
) -> Iterator[Block]:
    """What was gathered: a list or a table, and what belongs to it."""
    if items:
        yield Block("\n".join(items))
    if table:
        yield Block("\n".join(_rows(table)))
    yield from (Block(text) for text in after)
    items.clear()
    table.clear()
    after.clear()


def _apart(piece: str, after: list[str]) -> str:
    """A piece without its notes and boxes, which come after it."""

    def aside(match: re.Match[str]) -> str:
        if text := " ".join(MARKS.sub(" ", match[2]).split()):
            after.append(f"[{match[1]}] {text}" if match[1] else text)
        return ""

    for _ in range(_NESTED):
        piece, found = _ASIDE.subn(aside, piece)
        if not found:
            break
    return MARKS.sub("", piece)


def _rows(table: list[tuple[str, list[str]]]) -> Iterator[str]:
    heads = next((at for at, (known, _) in enumerate(table) if known[0] != "h"), len(table))
    texts: list[list[str]] = []
    for known, cells in table:
        above = texts[-1] if texts else []
        texts.append(
            [
                above[at]
                if not cell and known[at + 1 : at + 2] == "m" and at < len(above)
                else cell
                for at, cell in enumerate(cells)
            ]
        )
    texts = [row for row in texts if any(row)]
    if not texts:
        return
    if heads >= len(texts):
        yield from map(bare, texts)
        return
    wide = max(map(len, texts)) > 2
    heads = heads or int(headed(texts, surely=not wide))
    pairs = not heads and all(len(row) == 2 and row[0] for row in texts)
    named = [[row[0].rstrip(" :"), *row[1:]] for row in texts] if pairs else texts
    yield from lines(named, heads, sides=pairs)
