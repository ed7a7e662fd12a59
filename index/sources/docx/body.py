"""The body of a Word document as blocks: paragraphs, headings, lists, tables, notes, boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from index.sources.blocks import Block
from index.sources.counting import counted
from index.sources.docx.numbering import Numbering
from index.sources.docx.styles import LONGEST_HEADING, Styles, value
from index.sources.docx.tables import Cell, Row, rows_of, table_lines
from index.sources.docx.text import Paragraph, Reader, marks_removed, tidied
from index.sources.ooxml import W, drawings
from index.types import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_BOX = f"{W}txbxContent"
_DEEPEST = 24  # tables in tables, boxes in boxes


class Body:
    """Reads a document from its first paragraph to its last; `pages` is how many it went over."""

    def __init__(
        self,
        part: Any,
        styles: Styles,
        numbering: Numbering,
        notes: dict[str, dict[str, _Element]],
        counts: dict[str, str],
    ) -> None:
        """Read of `part`; `notes` are by kind and id, `counts` how each kind is numbered."""
        self._part = part
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._counts = counts
        self._seen = {"footnote": 0, "endnote": 0}
        self._text = Reader(styles, self._refer)
        self._ending: list[tuple[str, _Element]] = []
        self._depth = 0

    @property
    def pages(self) -> int:
        """How many pages were begun so far."""
        return self._text.page

    def blocks(self, body: _Element) -> Iterator[Block]:
        """All blocks; endnotes come last."""
        yield from self._flow(body)
        for mark, note in self._ending:
            yield from self._note(mark, note)

    def _refer(self, kind: str, name: str, custom: bool) -> tuple[str, _Element | None]:
        note = self._notes[kind].get(name)
        if note is None or custom:
            return "", note
        self._seen[kind] += 1
        return f"[{counted(self._seen[kind], self._counts[kind])}]", note

    def _flow(self, parent: _Element) -> Iterator[Block]:
        """The blocks in an element; items of a list in a row are one block."""
        items: list[str] = []
        after: list[Block] = []
        page = ""
        begun: Paragraph | None = None  # what the next paragraph goes on from
        for element in _children(parent):
            if element.tag == f"{W}tbl":
                yield from _list(items, page, after)
                yield from self._table(element)
                continue
            if self._styles.lists_contents(element):
                self._text.read(element)
                continue
            begins = self._label()
            made = self._text.read(element)
            made = _joined(begun, made) if begun else made
            if marks_removed(element, self._styles):
                begun = made
                continue
            begun = None
            yield from self._placed(element, made, begins, items, after)
            if items and len(items) == 1:
                page = begins
            if not items:
                yield from _list(items, page, after)
        if begun is not None and begun.text.strip():
            yield from _list(items, page, after)
            yield self._block(begun, 0, self._label())
        yield from _list(items, page, after)

    def _placed(
        self,
        element: _Element,
        made: Paragraph,
        begins: str,
        items: list[str],
        after: list[Block],
    ) -> Iterator[Block]:
        """A paragraph in its place: with the items of a list, or as a block of its own."""
        seen = bool(made.text.strip())
        level = self._styles.level(element) if seen and len(made.text) <= LONGEST_HEADING else 0
        # Only what is seen counts: an empty item has a number in Word, though.
        marker = self._numbering.marker(element) if seen or _numbered(element) else None
        item = seen and marker is not None and not level and bool(marker[0])
        if seen and not (item and marker and _goes_on(items, marker)):
            yield from _list(items, begins, after)
        if item and marker:
            lead = f"{'  ' * marker[1]}{marker[0]} "
            text = tidied(made.text.strip()).replace("\n", "\n" + " " * len(lead))
            items.append(lead + text)
        elif seen:
            if level and marker and marker[0] not in ("", "-"):
                made = _joined(Paragraph(f"{marker[0]} "), made)
            yield self._block(made, level, begins)
        after += self._beside(made)

    def _block(self, made: Paragraph, level: int, begins: str) -> Block:
        text = made.text
        first = next((number for at, number in made.turns if not text[:at].strip()), 0)
        later = [turn for turn in made.turns if text[: turn[0]].strip()]
        if level:
            return Block(" ".join(text.split()), level, f"page {first}" if first else begins)
        turns = tuple(
            Page(len(tidied(text[:at]).lstrip(" ")), f"page {number}") for at, number in later
        )
        return Block(
            tidied(text).lstrip(" ").rstrip(), 0, f"page {first}" if first else begins, turns
        )

    def _label(self) -> str:
        return f"page {self._text.page}"

    def _beside(self, made: Paragraph) -> list[Block]:
        """What belongs to a paragraph though it stands elsewhere: notes, text boxes, charts."""
        found: list[Block] = []
        for box in made.boxes:
            if self._depth < _DEEPEST:
                self._depth += 1
                for inner in _outermost(box, _BOX):
                    found += self._flow(inner)
                self._depth -= 1
            found += [Block(text, 0, self._label()) for text in drawings(box, self._part)]
        for mark, note in made.notes:
            if note.tag == f"{W}footnote":
                found += self._note(mark, note)
            else:
                self._ending.append((mark, note))
        return found

    def _note(self, mark: str, note: _Element) -> Iterator[Block]:
        reader = Reader(self._styles, lambda *_: ("", None))
        texts = [tidied(reader.read(each).text).strip() for each in note.iter(f"{W}p")]
        if text := "\n".join(filter(None, texts)):
            yield Block(f"{mark} {text}".strip(), 0, self._label())

    def _table(self, table: _Element) -> Iterator[Block]:
        rows = rows_of(table)
        if self._depth >= _DEEPEST or _laid_out(table, rows, self._styles):
            self._depth += 1
            for row in rows:
                for cell in row.cells:
                    if self._depth <= _DEEPEST and cell.element.tag == f"{W}tc":
                        yield from self._flow(cell.element)
            self._depth -= 1
            return
        self._depth += 1
        below: dict[int, list[Block]] = {}
        starts: list[int] = []
        for place, row in enumerate(rows):
            below[place] = self._row(row)
            starts.append(self._text.page)
        self._depth -= 1
        yield from _lines(table_lines(rows), starts, below)

    def _row(self, row: Row) -> list[Block]:
        """Read the cells of a row; returns what does not fit its line: notes, tables within."""
        before, furthest = self._text.page, self._text.page
        below: list[Block] = []
        for cell in row.cells:
            self._text.page = before
            if cell.element.tag == f"{W}tc":
                below += self._cell(cell)
            furthest = max(furthest, self._text.page)
        self._text.page = furthest
        return below

    def _cell(self, cell: Cell) -> list[Block]:
        texts: list[str] = []
        bold: list[bool] = []
        below: list[Block] = []
        for element in _children(cell.element):
            if element.tag == f"{W}tbl":
                below += self._table(element)
                continue
            made = self._text.read(element)
            if text := " ".join(made.text.split()):
                marker = self._numbering.marker(element)
                sign = marker[0] if marker and marker[0] != "-" else ""
                texts.append(f"{sign} {text}".strip())
                bold.append(made.bold)
            below += self._beside(made)
        cell.text, cell.bold = " ".join(texts), bool(bold) and all(bold)
        return below


def _lines(
    made: Iterable[tuple[int, str]], starts: list[int], below: dict[int, list[Block]]
) -> Iterator[Block]:
    """The rows of a table as one block, cut where something stands below a row."""
    texts: list[str] = []
    turns: list[Page] = []
    done = 0
    for place, line in made:
        label = f"page {starts[place]}"
        if not turns or turns[-1].label != label:
            turns.append(Page(sum(len(text) + 1 for text in texts), label))
        texts.append(line)
        under = [block for at in range(done, place + 1) for block in below.get(at, ())]
        done = place + 1
        if under:
            yield Block("\n".join(texts), 0, turns[0].label, tuple(turns[1:]))
            yield from under
            texts, turns = [], []
    if texts:
        yield Block("\n".join(texts), 0, turns[0].label, tuple(turns[1:]))


def _list(items: list[str], page: str, after: list[Block]) -> Iterator[Block]:
    if items:
        yield Block("\n".join(items), 0, page)
    yield from after
    items.clear()
    after.clear()


def _goes_on(items: list[str], marker: tuple[str, int]) -> bool:
    """Whether an item belongs to the list so far: bullets and numbers make two."""
    return not items or marker[1] > 0 or items[0].startswith("- ") == (marker[0] == "-")


def _joined(begun: Paragraph, made: Paragraph) -> Paragraph:
    """Two paragraphs as one; the second goes on in the line of the first."""
    turns = [*begun.turns, *((at + len(begun.text), number) for at, number in made.turns)]
    return Paragraph(
        begun.text + made.text, turns, begun.notes + made.notes, begun.boxes + made.boxes
    )


def _children(parent: _Element) -> Iterator[_Element]:
    """Paragraphs and tables in an element, in controls and changes too; no tables of contents."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}del", f"{W}moveFrom") or not isinstance(child.tag, str):
            continue
        elif child.tag in {
            f"{W}{each}" for each in ("sdt", "sdtContent", "ins", "moveTo", "customXml")
        }:
            gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
            if value(gallery) != "Table of Contents":
                yield from _children(child)


def _outermost(element: _Element, tag: str) -> Iterator[_Element]:
    for child in element:
        if child.tag == tag:
            yield child
        else:
            yield from _outermost(child, tag)


def _numbered(element: _Element) -> bool:
    return element.find(f"{W}pPr/{W}numPr") is not None


def _laid_out(table: _Element, rows: list[Row], styles: Styles) -> bool:
    """Whether a table only arranges what stands in it: one column, or headings or long texts."""
    if all(len(row.cells) < 2 for row in rows):
        return True
    for row in rows:
        for cell in row.cells:
            own = [each for each in cell.element if each.tag == f"{W}p"]
            if len(own) > 8 or any(styles.level(each) for each in own if len(each) > 1):
                return True
    within = next((each for each in table.iter(f"{W}tbl") if each is not table), None)
    return within is not None and 2 * _letters(within) > _letters(table)


def _letters(element: _Element) -> int:
    return sum(len(text.text or "") for text in element.iter(f"{W}t"))
