"""How facts are put into words on the screen. Pure functions; nothing here is markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain

from qa.types import (
    BuildReport,
    Citation,
    Coverage,
    Document,
    IndexStatus,
    Location,
    Marks,
    Progress,
    Quote,
    State,
    Verdict,
)

# Terminal escapes (C0, DEL, C1) and marks that reorder text. Each becomes one visible character,
# so that offsets into the text stay true.
_CONTROL = (range(0x20), range(0x7F, 0xA0))
_BIDI = ((0x061C, 0x200E, 0x200F), range(0x202A, 0x202F), range(0x2066, 0x206A))
_UNSAFE = dict.fromkeys(chain(*_CONTROL, *_BIDI), "\N{REPLACEMENT CHARACTER}")
_UNSAFE |= {ord("\t"): " ", ord("\n"): "\n"}

STATES: dict[State, str] = {
    "current": "current",
    "changed": "file changed since it was indexed",
    "missing": "file missing now",
}

# A sign and a colour beside the words: neither is needed to tell states apart.
SIGNS: dict[State, tuple[str, str]] = {
    "current": ("✓", "$success"),
    "changed": ("!", "$warning"),
    "missing": ("✗", "$error"),
}

# Metadata that leads the program to the words, and tells people nothing.
ORDERS = "reads like an order to a machine, here only quoted"
_INNER = {"raw_path", "line_offset", "body_start", "apart", "file", "part"}

VERDICTS: dict[Verdict, str] = {
    "right": "right",
    "wrong": "wrong",
    "absent": "not in the documents",
}

STAGES = {
    "scan": "looking for documents",
    "read": "reading",
    "embed": "embedding passages",
    "write": "writing",
    "calibrate": "calibrating on",
    "words": "matching words",
    "model": "loading the model, to read for the meaning",
    "reader": "preparing the reader",
}


# The same as the steps of a build, a word each.
STEPS = {
    "scan": "look",
    "read": "read",
    "embed": "embed",
    "write": "write",
    "calibrate": "calibrate",
    "model": "model",
}
ALSO = 5  # copies that are named
RATES = {"read": "file", "embed": "passage", "calibrate": "question"}


def plain(text: str) -> str:
    """Make every control character harmless and visible; the length stays the same."""
    return text.translate(_UNSAFE)


def flow(text: str) -> str:
    """Run text on as one line: what wraps on the screen has no line breaks of its own."""
    return " ".join(plain(text).split())


def shorten(text: str, length: int) -> str:
    """The beginning of a text, on one line; an ellipsis says that there is more."""
    line = flow(text)
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def counted(number: int, noun: str) -> str:
    """Say how many: "1 document", "2,000 documents"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def confidence(probability: float) -> str:
    """Put a probability (0 to 1) into words, with the number."""
    word = "high" if probability >= 0.8 else "fair" if probability >= 0.5 else "low"
    return f"{word}, {probability:.2f}"


def day(published: str) -> str:
    """Write an ISO date, possibly only a year or a year and month, as people do."""
    try:
        if len(published) == len("2024-05"):
            return f"{date.fromisoformat(published + '-01'):%b %Y}"
        moment = date.fromisoformat(published[:10])
    except ValueError:
        return flow(published)
    return f"{moment.day} {moment:%b %Y}"


def moment(when: str) -> str:
    """Write an ISO time as people here do: "3 May 2026, 14:05"."""
    try:
        here = datetime.fromisoformat(when).astimezone()
    except (ValueError, OverflowError):
        return flow(when)
    return f"{here.day} {here:%b %Y, %H:%M}"


def lately(when: str, today: datetime) -> str:
    """Write an ISO time as seen from today: "today 14:05", "yesterday 9:30", or with its date."""
    try:
        here = datetime.fromisoformat(when).astimezone(today.tzinfo)
    except (ValueError, OverflowError):
        return flow(when)
    days = (today.date() - here.date()).days
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} {here:%H:%M}"
    return f"{here.day} {here:%b %Y}"


def also(citation: Citation) -> str:
    """Name the documents that repeat what is quoted; nothing where none does."""
    titles = [title(document) for document in citation.copies[:ALSO]]
    more = len(citation.copies) - len(titles)
    named = ", ".join([*titles, f"{more:,} more"] if more else titles)
    return f"also in {named}" if named else ""


def condition(citation: Citation) -> str:
    """Say of a quote what is not as it should be; nothing where all is."""
    if not citation.stands:
        return "no longer in the index where it stood"
    said = [] if citation.state == "current" else [STATES[citation.state]]
    return "; ".join([*said, ORDERS] if citation.orders else said)


def title(document: Document) -> str:
    """Name a document: its title, or else its path or id."""
    return flow(document.title or document.path or document.id)


def byline(document: Document, *more: str) -> str:
    """Say where a document comes from: publisher (or authors), date, and what else is known."""
    source = document.publisher or document.people
    parts = [source, day(document.published) if document.published else "", *more]
    return " · ".join(flow(part) for part in parts if part)


def page(citation: Citation) -> str:
    """Say on which page or pages a quote stands, if the document has any: "page 3"."""
    quote = citation.quote
    return flow(citation.hit.document.pages_at(quote.start, quote.end))


def reference(citation: Citation) -> str:
    """Write a quote with where it stands, for pasting elsewhere."""
    document = citation.hit.document
    parts = (title(document), byline(document), page(citation))
    where = ", ".join(part for part in parts if part)
    return f"“{flow(citation.quote.text)}” ({where}; {plain(document.path)})"


def facts(document: Document) -> list[tuple[str, str]]:
    """All that is known of a document beside its text, by name; what is not known is left out."""
    known = [
        ("title", document.title),
        ("authors", document.people),
        ("publisher", document.publisher or ""),
        ("published", day(document.published) if document.published else ""),
        ("path", document.path),
        ("sha256", document.sha256),
        ("id", document.id),
        ("headings", f"{len(document.headings):,}" if document.headings else ""),
        *((name, value) for name, value in document.metadata.items() if name not in _INNER),
    ]
    return [(flow(name), flow(value)) for name, value in known if value]


def found(place: int, count: int, *, complete: bool, capped: bool) -> str:
    """Say which of the places found one is at: "3 of 40", and whether there may be more."""
    if not count:
        return "nowhere" if complete else "looking…"
    more = "+" if capped else "" if complete else "…"
    return f"{place + 1:,} of {count:,}{more}"


def located(location: Location, what: str, update: str) -> str:
    """Say where something stands in its file by now.

    `what` is "the quote", say; `update` is the key that brings the index up to date.
    """
    path = flow(location.path)
    if location.state == "missing":
        return (
            f"{path} is missing now: moved, renamed or deleted since it was indexed. "
            f"{update} brings the index up to date."
        )
    place = f"line {location.line:,}" if location.line else flow(location.page)
    at = f" {'at' if location.line else 'on'} {place}" if place else ""
    if location.state == "current":
        return f"{what[0].upper()}{what[1:]}: {place or flow(location.path)}."
    held = {
        "whole": f"{what} stands{at or ' in it'} now",
        "part": f"only part of {what} is still in it{f',{at}' if at else ''}",
        "nothing": f"{what} is no longer in it"
        + (f"; {place} is near where it stood" if place else ""),
    }
    return f"The file has changed since it was indexed: {held[location.held]}."


def marked(verdict: Verdict, quote: Quote | None, marks: Marks) -> str:
    """Tell of a verdict that was given just now, or withdrawn."""
    if not (marks.absent if quote is None else marks.of(quote) == verdict):
        return f"No longer marked: {VERDICTS[verdict]}."
    return f"Marked: {VERDICTS[verdict]}. Kept in {plain(marks.path)}; the same key withdraws it."


def progress(event: Progress) -> str:
    """Say how far work has come: "embedding 120 of 400"."""
    stage = STAGES.get(event.stage) or flow(event.stage)
    if event.total:
        return f"{stage} {event.done:,} of {event.total:,}"
    return f"{stage} {event.done:,}" if event.done else stage


def duration(seconds: float) -> str:
    """Say a time roughly: "40 s", "3 min", "2 h 10 min"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def rate(stage: str, number: float) -> str:
    """Say how much of a stage is done in a second, or in a minute where that is more telling."""
    noun = RATES.get(stage, "step")
    if number >= 1:
        return f"{counted(round(number), noun)} a second"
    return f"{counted(max(1, round(60 * number)), noun)} a minute"


def report(build: BuildReport) -> str:
    """Sum up a build in one line."""
    changes = [
        f"{number:,} {name}"
        for number, name in (
            (build.added, "added"),
            (build.changed, "changed"),
            (build.renamed, "renamed"),
            (build.removed, "removed"),
        )
        if number
    ]
    held = f"{counted(build.documents, 'document')}, {counted(build.passages, 'passage')}"
    parts = [
        f"Index up to date: {held}",
        ", ".join(changes) or "nothing had changed",
    ]
    if build.skipped:
        parts.append(f"{counted(len(build.skipped), 'file')} left out")
    return " · ".join(parts)


def holdings(status: IndexStatus) -> str:
    """Say what an index holds."""
    return f"{counted(status.documents, 'document')} · {counted(status.passages, 'passage')}"


def coverage(terms: Sequence[Coverage]) -> list[str]:
    """Say which words of a question the best passages hold, and which none of them does."""
    held = [flow(item.term) for item in terms if item.found]
    missing = [flow(item.term) for item in terms if not item.found]
    lines = [f"✓ the best passages hold: {', '.join(held)}"] if held else []
    return [*lines, f"✗ none of them holds: {', '.join(missing)}"] if missing else lines
