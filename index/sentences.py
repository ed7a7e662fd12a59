"""Where sentences begin and end, on top of `sentencex` (rules of Wikimedia's sentence splitter)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONG = 60  # words from which a quotation is split inside
_WINDOW = 10_000  # characters: what a sentence can hold at most
_ITEM = re.compile(r"[ \t]*(?:(?:[-*+•‣▪]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+\S|\|)")
# A row of a table, each cell under the head of its column, or a bar between cells without heads.
_HEAD = r"(?:[^\sa-z:;][^:;\n]{0,79}|[a-z][^\s:;]{0,40}(?: [^\s:;]{1,20})?)"
_ROW = re.compile(rf"{_HEAD}: [^\n]{{0,400}}?; {_HEAD}: \S|[^|\n]{{1,400}} \| (?:[^|\n]|$)")
_LONGEST_ROW = 600  # characters; in longer ones cells hold prose, of which a sentence is enough
_ENDS = re.compile(r"[.!?…。！？][\"'’”»)\]]*(?:\[\d+\])?\s*$")
_INSIDE = re.compile(r"[.!?…。！？]")
_MARKS = str.maketrans('“”„«»"', "      ")
_CLOSED = re.compile(r"[.!?…][\"'’”»)\]]*\s+$")
_NUMBER = re.compile(r"\s*\(?\d{1,3}[.)]\s*")
_OPENING = re.compile(r"[.!?…]\s+([\"“„«]\s*)$")
_FALLBACK = re.compile(r"[^.!?]+[.!?]*\s*|[.!?]+\s*")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]` as spans: in order, apart, stripped, none empty.

    Every character but white space is in exactly one span. An empty line always ends a sentence;
    a list item, a row of a table and a short line that is not continued are sentences of their own.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    for first, last in _lines(text, start, end):
        for place in range(first, last, _WINDOW):
            spans += _segment(text, place, min(place + _WINDOW, last))
    return spans


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches that no sentence crosses: lines, joined where a sentence runs on."""
    place, previous = start, ""
    position = start
    while position < end:
        stop = text.find("\n", position, end) + 1 or end
        line = text[position : min(stop, position + 200)]
        tail = text[max(position, stop - 200) : stop]
        if previous and not _runs_on(previous, line, position - place):
            yield place, position
            place = position
        previous, position = tail, stop
    if place < end:
        yield place, end


def _runs_on(line: str, following: str, length: int) -> bool:
    """Whether a sentence goes on over a line's end: verse and text that somebody else wrapped."""
    if not line.strip() or not following.strip() or _ITEM.match(following) or _ENDS.search(line):
        return False
    if _ROW.match(following) or _ROW.match(line):
        return False
    return following.lstrip()[0].islower() or line.rstrip()[-1] in ",-–—" or length >= 50


def _segment(text: str, start: int, end: int) -> list[tuple[int, int]]:
    stretch = text[start:end]
    if not _INSIDE.search(stretch.rstrip()[:-1]):
        return _stripped(start, [stretch])
    if len(stretch) <= _LONGEST_ROW and _ROW.match(stretch):
        return _stripped(start, [stretch])
    spans: list[tuple[int, int]] = []
    for first, last in _stripped(start, _split(stretch)):
        sentence = text[first:last]
        long = sentence.count(" ") >= _LONG
        spans += _stripped(first, _split_quotation(sentence) if long else [sentence])
    return spans


def _split(stretch: str) -> list[str]:
    """Pieces that make up the stretch, one sentence each."""
    from sentencex import segment  # 20 ms at import

    pieces: list[str] = segment("en", stretch)
    return _repair(pieces if "".join(pieces) == stretch else _FALLBACK.findall(stretch))


def _repair(pieces: list[str]) -> list[str]:
    """A list's number goes with its item, and an opening quotation mark with what it opens."""
    repaired: list[str] = []
    carried = ""
    for piece in pieces:
        whole = carried + piece
        opening = _OPENING.search(whole)
        keep = 0 if _NUMBER.fullmatch(whole) else opening.start(1) if opening else len(whole)
        if keep:
            repaired.append(whole[:keep])
        carried = whole[keep:]
    return [*repaired, carried] if carried else repaired


def _split_quotation(sentence: str) -> list[str]:
    """Split inside quotation marks; a closing mark stays with the sentence that it closes."""
    pieces: list[str] = []
    place = position = 0
    for blank in _split(sentence.translate(_MARKS)):
        position += len(blank)
        piece = sentence[place:position]
        opening = len(piece) - len(piece.rstrip('“„«"')) if piece[-1:] in '“„«"' else 0
        cut = position - opening
        if _CLOSED.search(sentence[place:cut]) or position == len(sentence):
            pieces.append(sentence[place : cut if position < len(sentence) else position])
            place = cut if position < len(sentence) else position
    return pieces


def _stripped(start: int, pieces: list[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for piece in pieces:
        if stripped := piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            spans.append((first, first + len(stripped)))
        start += len(piece)
    return spans
