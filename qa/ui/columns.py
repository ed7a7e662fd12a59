"""What the library tells of each document, column by column, and how it is sorted by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qa.types import Holding, State
from qa.ui import wording

States = Mapping[str, State]
SHORT: dict[State, str] = {"missing": "missing", "changed": "changed", "current": "current"}


@dataclass(frozen=True, slots=True)
class Row:
    """A document as it is listed; `alike` names the most similar one, `words` are all searched."""

    holding: Holding
    title: str
    source: str
    date: str
    alike: str
    haystack: str

    @property
    def id(self) -> str:
        """The document's."""
        return self.holding.document.id


def row(holding: Holding, titles: Mapping[str, str]) -> Row:
    """Put a document into words; `titles` are those of all documents, by id."""
    document = holding.document
    title = wording.title(document)
    source = wording.flow(document.publisher or document.people)
    alike = titles.get(holding.near[0].document_id, "") if holding.near else ""
    parts = (title, document.path, document.publisher or "", *document.authors)
    haystack = " ".join((*parts, document.published or "", "nearly the same" if alike else ""))
    date = wording.day(document.published) if document.published else ""
    return Row(holding, title, source, date, alike, haystack.casefold())


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width (0: what is left), and how it sorts, first direction first.

    `key` gives what a row is sorted by, or None where that is not known: those come last.
    """

    name: str
    head: str
    width: int
    directions: tuple[str, str]
    descends: bool
    key: Callable[[Row, States], str | int | None]
    number: bool = False


COLUMNS = (
    Column("title", "Title", 0, ("A to Z", "Z to A"), False, lambda row, _: row.title.casefold()),
    Column(
        "source",
        "Source",
        16,
        ("A to Z", "Z to A"),
        False,
        lambda row, _: row.source.casefold() or None,
    ),
    Column(
        "date",
        "Date",
        12,
        ("newest first", "oldest first"),
        True,
        lambda row, _: row.holding.document.published or None,
    ),
    Column(
        "passages",
        "Passages",
        10,
        ("most first", "fewest first"),
        True,
        lambda row, _: row.holding.passages,
        number=True,
    ),
    Column(
        "words",
        "Words",
        9,
        ("longest first", "shortest first"),
        True,
        lambda row, _: row.holding.words,
        number=True,
    ),
    Column(
        "state",
        "State",
        10,
        ("missing first", "current first"),
        False,
        lambda row, states: list(SHORT).index(states[row.id]) if row.id in states else None,
    ),
)


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and whether in the second of its directions."""

    column: int = 0
    turned: bool = False

    @property
    def words(self) -> str:
        """Say it: "by date, newest first"."""
        column = COLUMNS[self.column]
        return f"by {column.head.lower()}, {column.directions[self.turned]}"

    @property
    def sign(self) -> str:
        """Show it: an arrow up where what is least comes first."""
        return "▼" if COLUMNS[self.column].descends != self.turned else "▲"

    def next(self, by: int) -> Order:
        """The one after this (or before): each column in both directions, then the next."""
        place = (2 * self.column + self.turned + by) % (2 * len(COLUMNS))
        return Order(place // 2, bool(place % 2))

    def chosen(self, column: int) -> Order:
        """By this column; in its other direction where it is sorted by it already."""
        return Order(column, not self.turned if column == self.column else False)

    def sort(self, rows: Sequence[Row], states: States) -> list[Row]:
        """Sort rows; what is alike stays in the order it was in, what is not known comes last."""
        column = COLUMNS[self.column]
        keyed = [(column.key(row, states), row) for row in rows]
        known = [(key, row) for key, row in keyed if key is not None]
        known.sort(key=lambda pair: pair[0], reverse=column.descends != self.turned)
        return [row for _, row in known] + [row for key, row in keyed if key is None]


def shown(width: int, sorted_by: int) -> list[tuple[int, int]]:
    """The columns, with their widths, for which there is room in so many cells."""
    if width < 60:
        beside = sorted_by or 4
        names = [COLUMNS[0].name, COLUMNS[beside].name]
    elif width < 100:
        names = [column.name for column in COLUMNS if column.name != "passages"]
    else:
        names = [column.name for column in COLUMNS]
    widths = {column.name: column.width for column in COLUMNS if column.name in names}
    if width >= 110:
        widths |= {"source": 20, "state": 24} if width < 140 else {"source": 24, "state": 40}
    widths["title"] = width - sum(widths.values())
    return [(place, widths[c.name]) for place, c in enumerate(COLUMNS) if c.name in names]


def text(column: int, row: Row, states: States, width: int) -> str:
    """What stands in a column."""
    match COLUMNS[column].name:
        case "title":
            return row.title
        case "source":
            return row.source
        case "date":
            return row.date
        case "passages":
            return f"{row.holding.passages:,}"
        case "words":
            return f"{row.holding.words:,}"
        case _:
            state = SHORT[states[row.id]] if row.id in states else "…"
            if not row.alike:
                return state
            return f"{state} ≈ {row.alike}" if width > 20 else f"{state} ≈"


def about(row: Row, states: States, titles: Mapping[str, str]) -> str:
    """All that is known of a document, in words."""
    state = states.get(row.id)
    facts = [wording.STATES[state] if state else "looking whether the file has changed…"]
    if row.holding.near:
        named = [
            f"“{titles.get(near.document_id, near.document_id)}” ({near.similarity:.0%} alike)"
            for near in row.holding.near[:2]
        ]
        more = len(row.holding.near) - len(named)
        others = f" and {more:,} more" if more else ""
        facts.append(f"nearly the same as {', '.join(named)}{others}")
    facts.append(wording.counted(row.holding.passages, "passage"))
    facts.append(wording.counted(row.holding.words, "word"))
    return " · ".join(facts)
