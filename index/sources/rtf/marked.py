"""RTF with its structure made letters: what is not seen goes, what arranges the text is marked.

`striprtf` decodes the letters of an RTF text, in all its encodings, but drops what arranges them.
So the tokens are gone through first: hidden, deleted and ignorable groups are left out, and ends
of paragraphs, cells and rows, notes and boxes leave private letters, which come out unchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

# Each mark that ends a thing is followed by what is known of it, up to SHUT.
PARAGRAPH, CELL, ROW, NOTE, BOX, LEAVE, SHUT = (chr(0xE0E0 + at) for at in range(7))
MARKS = re.compile(f"[{PARAGRAPH}-{SHUT}]")

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-fA-F]{2}|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_HEADING = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik) ?(\d)", re.IGNORECASE
)
_STYLE = re.compile(rb"\{[^{}]*?\\s(\d+)\b([^{}]*)\}")
_OUTLINE = re.compile(rb"\\outlinelevel(\d)\b")
_WORD = re.compile(rb"\\[a-zA-Z*]+-?\d* ?")
_SEEN = frozenset({b"footnote", b"shptxt", b"listtext", b"pntext", b"fldrslt", b"shpinst", b"shp"})
_BLANKS = {b"tab": b" ", b"nestcell": b" ; ", b"nestrow": b" ; "}
_LETTERS = frozenset(
    b"u emdash endash bullet emspace enspace qmspace lquote rquote ldblquote rdblquote".split()
)


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds within a group: `out` leaves its text out, `mark` is what it ends with."""

    out: bool = False
    unseen: bool = False
    mark: str = ""
    item: bool = False  # whether it is what stands before an item of a list


@dataclass(slots=True)
class _Paragraph:
    level: int = 0
    list_level: int = 0
    numbered: bool = False
    in_table: bool = False


@dataclass(slots=True)
class _Row:
    head: bool = False
    merged: list[bool] = field(default_factory=list)
    next_merged: bool = False


class Marker:
    """Goes through the tokens once; `marked` is what is to be decoded."""

    def __init__(self, data: bytes, ignorable: frozenset[str]) -> None:
        """Go through a text; `ignorable` are the names of groups that are not its text."""
        self._out: list[bytes] = []
        self._groups = [_Group()]
        self._ignorable = frozenset(name.encode() for name in ignorable) - _SEEN
        self._levels = _levels(data)
        self._paragraph, self._row = _Paragraph(), _Row()
        self._note = 0
        self._inside = 0  # how many notes and boxes are open
        self.depth = 0
        self._go(data)
        self.marked = b"".join(self._out)

    def _go(self, data: bytes) -> None:
        place, end = 0, len(data)
        while place < end and (match := _TOKEN.match(data, place)):
            place = match.end()
            word, number, sign, brace, text = match.groups()
            if word == b"bin" and number:
                place += max(0, int(number))
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                if self._close():
                    return
            elif word:
                # The space goes with the word: without it a letter after a line's end would.
                self._word(word, int(number) if number else None, match[0].rstrip(b" ") + b" ")
            elif sign == b"*":
                self._set(out=True)
            elif sign in (b"\n", b"\r"):
                self._word(b"par", None, b"\\par ")
            elif text or match[0][:1] == b"\\":
                self._say(match[0] if text is None else _escaped(text))

    def _open(self) -> None:
        self.depth += 1
        self._groups.append(replace(self._groups[-1], mark=""))
        self._out.append(b"{")

    def _close(self) -> bool:
        """End a group; True where the whole text ends."""
        self.depth -= 1
        if len(self._groups) > 1 and (mark := self._groups.pop().mark):
            self._inside -= 1
            self._mark(mark)
        self._out.append(b"}")
        return self.depth <= 0

    def _set(self, **changes: bool | str) -> None:
        self._groups[-1] = replace(self._groups[-1], **changes)  # type: ignore[arg-type]  # by name

    def _say(self, raw: bytes) -> None:
        group = self._groups[-1]
        if not group.out and not group.unseen:
            self._out.append(raw)

    def _mark(self, mark: str, known: str = "") -> None:
        letters = (mark, *known, SHUT) if known or mark in (PARAGRAPH, ROW, NOTE) else (mark,)
        # A group of its own, in which no letter follows that would stand for the mark elsewhere.
        coded = b"".join(b"\\u%d " % ord(letter) for letter in letters)
        self._out.append(b"{\\uc0" + coded + b"}")

    def _word(self, word: bytes, number: int | None, raw: bytes) -> None:
        group = self._groups[-1]
        if word == b"fonttbl":
            self._out.append(raw)
        elif word in (b"footnote", b"shptxt"):
            self._begin(word)
        elif word in self._ignorable:
            self._set(out=True)
        elif word in (b"v", b"deleted"):
            self._set(unseen=number != 0)
        elif word == b"plain":
            self._set(unseen=False)
            self._say(raw)
        elif not self._arrange(word, number) and not group.out:
            self._spoken(word, raw)

    def _spoken(self, word: bytes, raw: bytes) -> None:
        """A word that stands for a letter, or sets how letters are read."""
        if word in (b"page", b"sect", b"column", b"line", b"softline"):
            self._say(b"\\line ")
        elif word in _BLANKS:
            self._say(_BLANKS[word])
        elif word in _LETTERS:
            self._say(raw)
        elif word not in _SEEN and word != b"chftn":
            self._out.append(raw)

    def _begin(self, word: bytes) -> None:
        """A note or a text box: it is seen, though what it stands in is ignorable."""
        if word == b"footnote":
            around = self._groups[-2] if len(self._groups) > 1 else self._groups[-1]
            if around.out or around.unseen:
                self._set(out=True)
                return
            self._note += 1
            self._out.append(b"[%d]" % self._note)
            self._mark(NOTE, str(self._note))
        else:
            self._mark(BOX)
        self._inside += not self._groups[-1].mark
        self._set(out=False, unseen=False, mark=LEAVE)

    def _arrange(self, word: bytes, number: int | None) -> bool:
        """Take in a word of paragraphs and tables; False for any other."""
        return self._of_paragraph(word, number) or self._of_table(word)

    def _of_paragraph(self, word: bytes, number: int | None) -> bool:
        paragraph, group = self._paragraph, self._groups[-1]
        if word == b"par":
            if group.unseen or self._inside:
                self._say(b" ")
            elif not group.out:
                self._mark(PARAGRAPH, self._known())
        elif word == b"pard":
            self._paragraph = paragraph if group.item else _Paragraph()
        elif word == b"s" and number is not None:
            paragraph.level = self._levels.get(number, 0)
        elif word == b"outlinelevel" and number is not None:
            paragraph.level = min(number + 1, 6) if number < 9 else paragraph.level
        elif word == b"ilvl" and number is not None:
            paragraph.list_level = min(number, 8)
        elif word in (b"listtext", b"pntext"):
            paragraph.numbered = True
            self._set(item=True)
        else:
            return False
        return True

    def _of_table(self, word: bytes) -> bool:
        row = self._row
        if word == b"intbl":
            self._paragraph.in_table = True
        elif word == b"trowd":
            self._row = _Row()
        elif word == b"trhdr":
            row.head = True
        elif word == b"clvmrg":
            row.next_merged = True
        elif word == b"cellx":
            row.merged.append(row.next_merged)
            row.next_merged = False
        elif word == b"cell":
            self._mark(CELL)
        elif word == b"row":
            merged = "".join("m" if each else "c" for each in row.merged)
            self._mark(ROW, f"{'h' if row.head else 'b'}{merged}")
        else:
            return False
        return True

    def _known(self) -> str:
        about = self._paragraph
        known = f"{about.level}{about.list_level}{int(about.numbered)}{int(about.in_table)}"
        about.numbered = False
        return known


def _escaped(text: bytes) -> bytes:
    """Letters that RTF has as bytes of its encoding, as it should write them."""
    if text.isascii():
        return text
    return re.sub(rb"[\x80-\xff]", lambda match: b"\\'%02x" % match[0][0], text)


def _levels(data: bytes) -> dict[int, int]:
    """The levels of headings by the numbers of their styles."""
    start = data.find(b"{\\stylesheet")
    if start < 0:
        return {}
    levels: dict[int, int] = {}
    for match in _STYLE.finditer(data, start, start + 200_000):
        outline = _OUTLINE.search(match[2])
        said = _WORD.sub(b"", match[2]).decode("cp1252", "replace").strip(" ;\r\n")
        if heading := _HEADING.fullmatch(said):
            levels.setdefault(int(match[1]), min(max(1, int(heading[1])), 6))
        elif said.casefold() == "title":
            levels.setdefault(int(match[1]), 1)
        elif outline and int(outline[1]) < 9:
            levels.setdefault(int(match[1]), min(int(outline[1]) + 1, 6))
    return levels
