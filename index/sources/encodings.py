"""Bytes as text, whatever encoding they are in: marked, declared, or guessed."""

from __future__ import annotations

import codecs
import re

from index.sources.files import decode, encoding_of

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
        if (codec := known(name)) and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                continue
    return decode(data)


def known(name: str) -> str:
    """The codec that a declared encoding means, or nothing where there is none for text."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    if not getattr(codec, "_is_text_encoding", True) or codec.name.startswith("utf-16"):
        return ""  # a declaration that could be read is not in two bytes a letter
    return _MEANT.get(codec.name, codec.name)


__all__ = ["decode_page", "encoding_of", "known"]
