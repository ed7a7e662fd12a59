"""How facts are put into words on the screen. Pure functions; nothing here is markup."""

from __future__ import annotations

from datetime import date
from itertools import chain

from qa.types import (
    BuildReport,
    Citation,
    Document,
    IndexStatus,
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
    "words": "matching words",
    "model": "loading the model, to read for the meaning",
}


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


def title(document: Document) -> str:
    """Name a document: its title, or else its path or id."""
    return flow(document.title or document.path or document.id)


def byline(document: Document, *more: str) -> str:
    """Say where a document comes from: publisher (or authors), date, and what else is known."""
    source = document.publisher or ", ".join(document.authors)
    parts = [source, day(document.published) if document.published else "", *more]
    return " · ".join(flow(part) for part in parts if part)


def reference(citation: Citation) -> str:
    """Write a quote with where it stands, for pasting elsewhere."""
    document = citation.hit.document
    where = ", ".join(part for part in (title(document), byline(document)) if part)
    return f"“{flow(citation.quote.text)}” ({where}; {plain(document.path)})"


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


def report(build: BuildReport) -> str:
    """Sum up a build in one line."""
    changes = [
        f"{number:,} {name}"
        for number, name in (
            (build.added, "added"),
            (build.changed, "changed"),
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
