"""Bytes as text, whatever encoding they are in: marked, declared, or guessed."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from index.errors import SourceError

LONGEST_LINE = 10_000_000  # characters: some 22,000 passages, minutes of embedding
_SLICE = 1_000_000  # bytes decoded at once, so that threads that draw the screen get their turn
_SAMPLE = 65_536
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARKS = tuple(mark for mark, _ in _BOMS)
MIXED = "utf-8 and others"  # lines in UTF-8 among lines that are not
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b\b"))
_UNPRINTED = re.compile(
    "[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff]"
)
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ODD = re.compile(rb"[\x80-\xff]")
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*(?P<meta>[\w.:-]{2,40})"""
    rb"""|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["'](?P<xml>[\w.:-]{2,40})""",
    re.IGNORECASE,
)
# What pages say, and what browsers take it for.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}


def decode(data: bytes) -> str:
    """Decode text by its byte order mark, as UTF-8, or else by a guess from a sample.

    Raises:
        SourceError: the bytes are no text, or no text that could be quoted from.
    """
    if is_binary(data):
        raise SourceError("is binary, not text")
    text = text_of(data)
    if len(text) > LONGEST_LINE and (longest := _longest_line(text)) > LONGEST_LINE:
        raise SourceError(
            f"has a line of {longest:,} characters, which is data rather than text; break it into "
            f"lines of at most {LONGEST_LINE:,}"
        )
    return text


def _longest_line(text: str) -> int:
    """The length of the longest line, without copying the lines."""
    longest = start = 0
    while (end := text.find("\n", start)) >= 0:
        longest, start = max(longest, end - start), end + 1
    return max(longest, len(text) - start)


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text in any encoding."""
    if data.startswith(MARKS):
        return False
    if b"\0" in data:
        return not _wide(data)
    sample = data[:_SAMPLE]
    return len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) / 10


def text_of(data: bytes) -> str:
    """Bytes as text; what cannot be decoded is replaced."""
    encoding = encoding_of(data)
    if encoding == MIXED:
        return "".join(_mixed(data))
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    parts = [decoder.decode(data[at : at + _SLICE]) for at in range(0, len(data), _SLICE)]
    return "".join([*parts, decoder.decode(b"", final=True)])


def encoding_of(data: bytes) -> str:
    """The encoding of text: by its byte order mark, UTF-8, or else a guess; or `MIXED`."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data[:_SAMPLE] and (wide := _wide(data)):
        return wide
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _SLICE):
            decoder.decode(data[start : start + _SLICE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _guess(data)
    return "iso2022_jp" if b"\x1b$B" in data and b"\x1b(" in data else "utf-8"


def encoding_in(path: Path) -> str:
    """The encoding of a file of any size, as far as it is one for all of it."""
    with path.open("rb") as file:
        head = file.read(_SLICE)
        if head.startswith(MARKS) or b"\0" in head:
            return encoding_of(head)
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = head
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_SLICE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            found = encoding_of(chunk if head.isascii() else head)
            return "utf-8" if found == MIXED else found
    return "utf-8"


def _guess(data: bytes) -> str:
    from index.sources.guessing import guess

    head = data[: 4 * _SLICE]
    multiple = len(_UTF8.findall(head))
    left = len(_ODD.findall(_UTF8.sub(b"", head)))
    return MIXED if multiple > left or (multiple >= 3 and 2 * multiple > left) else guess(head)


def _mixed(data: bytes) -> Iterator[str]:
    """Line by line what is UTF-8, and what is not by one guess for all such lines."""
    from index.sources.guessing import guess

    lines = data.splitlines(keepends=True)
    broken = [line for line in lines if not _is_utf8(line)]
    # Within a line as well, what is not UTF-8 is a letter of the other encoding.
    other = guess(b"\n".join(_UTF8.sub(b"", line) for line in broken[:10_000]))
    for line in lines:
        if _is_utf8(line):
            yield line.decode()
            continue
        at = 0
        for match in _UTF8.finditer(line):
            yield line[at : match.start()].decode(other, "replace")
            yield match[0].decode("utf-8", "replace")
            at = match.end()
        yield line[at:].decode(other, "replace")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide(data: bytes) -> str:
    """The encoding of two or four bytes a letter that a text without a mark is in, or nothing."""
    sample = data[: _SAMPLE - _SAMPLE % 4]
    for encoding in _WIDE:
        width = 4 if "32" in encoding else 2
        try:
            text = sample[: len(sample) - len(sample) % width].decode(encoding)
        except UnicodeDecodeError:
            continue
        if text and not _UNPRINTED.search(text) and _of_few_scripts(text):
            return encoding
    return ""


def _of_few_scripts(text: str) -> bool:
    """Whether letters come from a few blocks of Unicode, and spaces or lines part them."""
    blocks = Counter(ord(c) >> 8 if c < "\u3000" else 0x30 for c in text)
    common = sum(count for _, count in blocks.most_common(3))
    parted = sum(c in " \n\t\u3001\u3002\uff0c" for c in text)
    return common >= 0.95 * len(text) and parted * 100 >= len(text)


def decode_page(data: bytes, declared: str = "") -> str:
    """Decode a page by its byte order mark, by what is `declared` of it or in it, or by a guess.

    A page that is not in the encoding that it declares is taken as any other text.

    Raises:
        SourceError: the bytes are no text.
    """
    head = data[:4096]
    match = _DECLARED.search(head)
    inside = (match["meta"] or match["xml"] or b"").decode() if match else ""
    for name in (declared, inside):
        if (codec := known(name)) and not head.startswith(MARKS):
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                continue
    return decode(data)


def known(name: str) -> str:
    """The codec that a declared encoding means, or nothing where there is none for text."""
    try:
        codec = codecs.lookup(name)
        b"".decode(name)
    except (LookupError, ValueError):
        return ""
    if codec.name.startswith(("utf-16", "utf-32")):
        return ""  # a declaration that could be read is not in several bytes a letter
    return _MEANT.get(codec.name, codec.name)
