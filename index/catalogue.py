"""What is known of some documents, and which of them a question speaks of: "in 2009", "the BMJ".

A preference, never a restriction: the year of a question often stands in the text instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.types import Document

# The weight of the signal "metadata", beside those of `ranking.json`.
METADATA: Mapping[str, float] = {"metadata": 0.25}

LONGEST_NAME = 6  # words
SHORTEST_SURNAME = 4  # letters

_WORD = re.compile(r"[\w&]+(?:[-’'][\w&]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_CUE = re.compile(
    r"\b(?:according to|by|in|from|per|does|did|do|has|have)\s+(?:the\s+)?(?:(?:dr|mr|mrs|ms|prof)"
    r"\.?\s+)?$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\s+(?:wr[io]tes?|writing|sa(?:id|ys?)|argue[sd]?|report(?:s|ed)?|describe[sd]?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:in|of|from|during)\s+(?:the\s+)?(?:[a-z]+\s+){0,2}?((?:1[5-9]|20)\d\d)\b", re.IGNORECASE
)


def fold(text: str) -> str:
    """Lower case, without accents."""
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
    return text.casefold()


def bare_name(folded: str) -> str:
    """A name without its article: "the bmj" is "bmj"."""
    return folded.removeprefix("the ").strip()


@dataclass(slots=True)
class _Name:
    """The documents that bear a name; `plain` names count wherever they stand."""

    documents: set[str]
    plain: bool = False


class Catalogue:
    """A few documents, without their texts, by what is known of them."""

    def __init__(self, documents: Sequence[Document]) -> None:
        """Note who wrote and published what, and when."""
        self._names: dict[str, _Name] = {}
        self._years: defaultdict[str, set[str]] = defaultdict(set)
        surnames: defaultdict[str, set[str]] = defaultdict(set)
        for document in documents:
            if document.published:
                self._years[document.published[:4]].add(document.id)
            if document.publisher:
                self._add(_key(document.publisher), document.id)
            for author in document.authors:
                key = _key(author)
                self._add(key, document.id, plain=" " in key)
                surnames[key.rpartition(" ")[2]].add(key)
        for surname, names in surnames.items():
            if len(names) == 1 and len(surname) >= SHORTEST_SURNAME:
                for document_id in tuple(self._names[next(iter(names))].documents):
                    self._add(surname, document_id)

    def preferred(self, question: str) -> dict[str, float]:
        """By id, the documents that a question speaks of: the share, 0..1, of its mentions met."""
        met = list(self._mentions(question))
        counts = Counter(document_id for documents in met for document_id in documents)
        return {document_id: count / len(met) for document_id, count in counts.items()}

    def _add(self, key: str, document_id: str, *, plain: bool = False) -> None:
        if key:
            name = self._names.setdefault(key, _Name(set()))
            name.documents.add(document_id)
            name.plain |= plain

    def _mentions(self, question: str) -> Iterator[set[str]]:
        """The documents of every year, author and publisher that a question mentions."""
        for year in _YEAR.findall(question):
            if year in self._years:
                yield self._years[year]
        words = list(_WORD.finditer(question))
        first = 0
        while first < len(words):
            for size in range(min(LONGEST_NAME, len(words) - first), 0, -1):
                name = self._names.get(_key(" ".join(w[0] for w in words[first : first + size])))
                start, end = words[first].start(), words[first + size - 1].end()
                if name and _is_meant(question, start, end, plain=name.plain):
                    yield name.documents
                    first += size - 1
                    break
            first += 1


def _key(name: str) -> str:
    return bare_name(_POSSESSIVE.sub("", " ".join(_WORD.findall(fold(name)))))


def _is_meant(question: str, start: int, end: int, *, plain: bool) -> bool:
    """Whether these words are a name here, and not, as in "found in nature", just words."""
    if question[start].islower() and question != question.lower():
        return False
    return (
        plain
        or question[start:end].endswith(("'s", "’s"))
        or _CUE.search(question[max(0, start - 40) : start]) is not None
        or _SAYS.match(question, end) is not None
    )
