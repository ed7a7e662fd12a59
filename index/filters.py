"""Filters typed into a question: what is meant (`parse`), which passages are left (`allowed`).

    who leads the trust source:bmj after:2016-01 -survey "chief executive"

Only what a user types is ever read so; the text of documents is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.catalogue import bare_name, fold
from index.errors import IndexingError
from index.lexical import LexicalIndex, analyze
from index.store import Store
from index.types import Document

Ids = NDArray[np.int64]
Test = Callable[[Document], bool]

_QUOTED = r"[\"“”](?P<{}>[^\"“”]+)[\"“”]"
_PHRASE = re.compile(rf"(?<!\w){_QUOTED.format('phrase')}(?!\w)")
_TOKEN = re.compile(
    rf"(?<!\S)-?(?P<kind>source|author|title|after|before):"
    rf"(?:{_QUOTED.format('quoted')}|(?P<bare>[^\s\"“”]+))"
    rf"|(?<!\S)-(?:{_QUOTED.format('left_out')}|(?P<word>[^\W\d_][\w'’-]*))"
    rf"|{_PHRASE.pattern}",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\w")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What passages must meet. Values of one kind are alternatives; different kinds all count.

    `sources`, `authors` and `titles` match anywhere in a name, without regard to case or accents;
    `after` and `before` are ISO dates, possibly only a year or a month, inclusive; `phrases` must
    all stand in the passage, and nothing of `without`, words compared by their stems.
    """

    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    after: str | None = None
    before: str | None = None
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was meant: what is left to be asked, and the filters typed beside it.

    Required phrases stay in `text`, for they are part of what is asked.
    """

    text: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class Allowed:
    """Passages that filters leave: ids int64 (n,) ascending, or None where there is no filter.

    `nothing` says in one sentence which filter left none; otherwise it is empty.
    """

    ids: Ids | None
    nothing: str = ""


def without_filters(text: str) -> str:
    """What is asked, once filters are taken out."""
    return " ".join(_TOKEN.sub(lambda m: m[0] if _asked(m) else " ", text).split())


def parse(text: str) -> Asked:
    """Tell filters from what is asked.

    Quotation marks within a question that goes on after them to its question mark only quote:
    such a passage seldom holds the answer itself.

    Raises:
        IndexingError: a date is none, or a filter cannot be used so.
    """
    values: dict[str, list[str]] = {kind: [] for kind in ("source", "author", "title")}
    dates: dict[str, list[str]] = {"after": [], "before": []}
    without = []
    for match in _TOKEN.finditer(text):
        if _asked(match):
            continue
        value = match["quoted"] or (match["bare"] or "").rstrip(".,;!?)")
        kind = (match["kind"] or "").lower()
        if not kind:
            without.append(match["left_out"] or match["word"])
        elif match[0].startswith("-"):
            raise IndexingError(
                f"{match[0]} cannot be left out; only words and phrases can, such as -survey."
            )
        elif kind in dates:
            dates[kind].append(_date(kind, value))
        else:
            values[kind].append(value)
    rest = without_filters(text)
    filters = Filters(
        sources=tuple(values["source"]),
        authors=tuple(values["author"]),
        titles=tuple(values["title"]),
        after=max(dates["after"], default=None),
        before=min(dates["before"], key=lambda day: day.ljust(10, "~"), default=None),
        phrases=tuple(m["phrase"] for m in _PHRASE.finditer(rest) if _required(m)),
        without=tuple(without),
    )
    return Asked(rest, filters)


def _asked(match: re.Match[str]) -> bool:
    """Whether this is part of what is asked: a phrase, or signs without a word."""
    value = match["quoted"] or match["bare"] or match["left_out"] or match["word"]
    return value is None or not re.search(r"\w", value)


def _required(phrase: re.Match[str]) -> bool:
    if not _LETTER.search(phrase["phrase"]):
        return False
    text, (start, end) = phrase.string, phrase.span()
    within = _LETTER.search(text, 0, start) and _LETTER.search(text, end)
    return not (within and text[end:].rstrip("\"”’') ")[-1:] == "?")


def _date(kind: str, value: str) -> str:
    """The ISO date typed.

    Raises:
        IndexingError: it is none.
    """
    if not _is_date(value):
        raise IndexingError(
            f"{kind}:{value} names no date; write a year, a month or a day, such as "
            f"{kind}:2016, {kind}:2016-11 or {kind}:2016-11-30."
        )
    return value


def _is_date(value: str) -> bool:
    if (match := _DATE.fullmatch(value)) is None:
        return False
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return False
    return True


def allowed(filters: Filters, store: Store, words: LexicalIndex) -> Allowed:
    """The passages that filters leave; read within one `store.snapshot`.

    `words` is of the store's generation.
    """
    used: list[str] = []
    tests = [*_tests(filters)]
    documents = kept = store.documents(texts=False) if tests else []
    for label, meets in tests:
        left = [document for document in kept if meets(document)]
        if not left:
            return _nothing(label, used if any(map(meets, documents)) else [])
        kept, used = left, [*used, label]
    ids = store.passages_in([document.id for document in kept]) if used else None
    for phrase in filters.phrases:
        held = _holding(phrase, store, words)
        left_ids = held if ids is None else np.intersect1d(ids, held)
        if not len(left_ids):
            return _nothing(f"“{phrase}”", used if len(held) else [])
        ids, used = left_ids, [*used, f"“{phrase}”"]
    for phrase in filters.without:
        ids = np.setdiff1d(store.passage_ids() if ids is None else ids, words.holding(phrase))
        if not len(ids):
            return _nothing(f"-{_label(phrase)}", used)
        used.append(f"-{_label(phrase)}")
    return Allowed(ids)


def unmet(
    filters: Filters, document: Document, passage: int, store: Store, words: LexicalIndex
) -> str:
    """The first filter, as it was typed, that a document's passage does not meet; or nothing.

    Read within one `store.snapshot`; `words` is of the store's generation.
    """
    for label, meets in _tests(filters):
        if not meets(document):
            return label
    for phrase in filters.phrases:
        if passage not in _holding(phrase, store, words):
            return f"“{phrase}”"
    for phrase in filters.without:
        if passage in words.holding(phrase):
            return f"-{_label(phrase)}"
    return ""


def within(left: Allowed, scope: Ids) -> Allowed:
    """Of the passages that filters leave, those of the documents that count."""
    if left.nothing:
        return left
    if not len(scope):
        return Allowed(scope, "None of the documents that count is in the index; tick others.")
    ids = scope if left.ids is None else np.intersect1d(left.ids, scope)
    if len(ids):
        return Allowed(ids)
    return Allowed(
        ids,
        "No passage of the documents that count meets the filters; change these, or tick others.",
    )


def _nothing(label: str, used: Sequence[str]) -> Allowed:
    beside = f" together with {', '.join(used)}" if used else ""
    return Allowed(
        np.empty(0, np.int64), f"No passage meets {label}{beside}; change this filter or leave it."
    )


def _label(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _tests(filters: Filters) -> Iterator[tuple[str, Test]]:
    """Each filter of documents, as it was typed, and what it asks of one."""
    for kind, wanted, texts in (
        ("source", filters.sources, _sources),
        ("author", filters.authors, lambda document: document.authors),
        ("title", filters.titles, lambda document: (document.title,)),
    ):
        if wanted:
            label = " or ".join(f"{kind}:{_label(value)}" for value in wanted)
            yield label, _named([bare_name(fold(value)) for value in wanted], texts)
    if (after := filters.after) is not None:
        yield f"after:{after}", lambda document: _not_before(document.published, after)
    if (before := filters.before) is not None:
        yield f"before:{before}", lambda document: _not_after(document.published, before)


def _named(wanted: Sequence[str], texts: Callable[[Document], Sequence[str]]) -> Test:
    def meets(document: Document) -> bool:
        folded = fold("\n".join(texts(document)))
        return any(value in folded for value in wanted)

    return meets


def _sources(document: Document) -> Sequence[str]:
    """What a document's source may be called: of its path only the name, not where it all lies."""
    name = document.path.replace("\\", "/").rpartition("/")[2]
    known = (document.metadata.get(key, "") for key in ("source", "url"))
    return (document.publisher or "", document.id, name, *known)


def _not_before(published: str | None, after: str) -> bool:
    """Compared as far as the document's date is known; what is undated meets nothing."""
    return bool(published) and (published or "") >= after[: len(published or "")]


def _not_after(published: str | None, before: str) -> bool:
    return bool(published) and (published or "")[: len(before)] <= before


def _holding(phrase: str, store: Store, words: LexicalIndex) -> Ids:
    """Passages that hold the phrase, or else those under a title or heading that does."""
    held = words.holding(phrase)
    if len(held):
        return held
    stems = f" {' '.join(analyze(phrase, stops=False))} "
    titled = [
        passage.id
        for passage in store.passages(words.titled(phrase))
        for title in (store.document(passage.document_id).title, passage.heading)
        if stems in f" {' '.join(analyze(title, stops=False))} "
    ]
    return np.unique(np.array(titled, np.int64))
