"""Passages that repeat what a better one says already: read, quoted and counted once.

Copies of a document, and passages that were taken over from one into another, are no further
evidence. But where a copy gives another number or date, or denies what the original says, it is
no copy: that versions differ is what a reader must see.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from index.duplicates import SHINGLE
from index.sentences import sentences as split
from index.types import Document, Hit
from qa.conflicts import Statement, agree, difference
from qa.evidence import Sentence

REPEATED = 0.85  # share of the runs of words of a passage from which it is a repetition
TELLING = 20  # words: what is shorter has to be the same to the word,
SAID = 8  # and what is shorter than this may well be said twice by chance
AROUND = 2_000  # characters beside a passage in which its quote, too, is looked for

_WORD = re.compile(r"\w+")

_NUMBERS = re.compile(
    r".*\d.*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|"
    r"hundred|thousand|million|billion|dozen|half|third|quarter"
)
_DENIALS = re.compile(r"not|no|never|nor|none|nobody|nothing|neither|without|cannot|t")

Run = tuple[str, ...]


def words(text: str) -> Run:
    """The words of a text, whatever stands between them."""
    return tuple(_WORD.findall(text.casefold()))


def _runs(text: str) -> set[Run]:
    """All runs of a few words; where there are few words, the one of all."""
    found = words(text)
    if len(found) < TELLING:
        return {found}
    return set(zip(*(found[place:] for place in range(SHINGLE)), strict=False))


class Copies:
    """Hits that say something new, best first, and by the passage of each those that repeat it."""

    def __init__(
        self,
        hits: Sequence[Hit] = (),
        most: int | None = None,
        alike: Collection[frozenset[str]] = (),
    ) -> None:
        """Sort out hits, best first, until there are `most`, or all.

        `alike` are pairs of documents that are nearly the same.
        """
        self.hits: list[Hit] = []
        self.of: dict[int, list[Hit]] = defaultdict(list)
        self.originals: dict[int, Hit] = {}  # of each hit that repeats one, by its passage
        self._alike = alike
        known: list[tuple[Hit, set[Run]]] = []
        for hit in hits:
            runs = _runs(hit.passage.text)
            original = _original(hit, runs, known)
            if original is not None:
                self.of[original.passage.id].append(hit)
                self.originals[hit.passage.id] = original
            elif len(self.hits) != most:
                self.hits.append(hit)
                known.append((hit, runs))

    def repeated(self, one: Sentence, other: Sentence) -> bool:
        """Whether two sentences of different documents that say the same say it but once."""
        if frozenset((one.hit.document.id, other.hit.document.id)) in self._alike:
            return True
        said = words(one.text)
        return len(said) >= SAID and said == words(other.text)

    def also(self, sentence: Sentence) -> Iterator[Document]:
        """The other documents that hold a sentence, in passages which repeat its own."""
        for hit in self.of.get(sentence.hit.passage.id, ()):
            if _holds(hit, sentence.text):
                yield hit.document


def _original(hit: Hit, runs: set[Run], known: Sequence[tuple[Hit, set[Run]]]) -> Hit | None:
    """The hit, in another document, that says the most of what this one does, if they do."""
    shared = [
        (other, both)
        for other, others in known
        if other.document.id != hit.document.id and (both := runs & others)
    ]
    if _share(runs, shared) < REPEATED:
        return None
    same = [(other, both) for other, both in shared if not _differ(hit, other)]
    return max(same, key=lambda pair: len(pair[1]))[0] if _share(runs, same) >= REPEATED else None


def _share(runs: set[Run], shared: Sequence[tuple[Hit, set[Run]]]) -> float:
    return len(set().union(*(both for _, both in shared))) / len(runs)


def copied(hits: Sequence[Hit]) -> dict[int, int]:
    """The ranks, from 1, of hits that repeat a better one, with the rank of that one."""
    originals = Copies(hits).originals
    ranks = {hit.passage.id: rank for rank, hit in enumerate(hits, 1)}
    return {ranks[id_]: ranks[original.passage.id] for id_, original in originals.items()}


def _differ(hit: Hit, other: Hit) -> bool:
    """Whether a sentence has a name, number or denial that the other passage lacks, or lacks one
    in what else is the same."""
    ours, theirs = _sentences(hit.passage.text), _sentences(other.passage.text)
    own = [text for said, text in ours.items() if said not in theirs]
    known = {word for said in theirs for word in said}
    if any(word not in known for text in own for word in _telling(text)):
        return True
    rest = [text for told, text in theirs.items() if told not in ours]
    return any(difference(_statement(one), _statement(two)) for one in own for two in rest)


def _telling(text: str) -> Iterator[str]:
    """The words of a sentence that another version would change: numbers, names, denials."""
    for place, match in enumerate(_WORD.finditer(text)):
        word = match[0].casefold()
        named = place > 0 and match[0][0].isupper()
        if named or _NUMBERS.fullmatch(word) or _DENIALS.fullmatch(word):
            yield word


@lru_cache(maxsize=256)
def _sentences(text: str) -> dict[Run, str]:
    """The sentences of a text by their words."""
    found = (text[start:end] for start, end in split(text))
    return {words(sentence): sentence for sentence in found}


_statement = lru_cache(maxsize=512)(Statement)


def _holds(hit: Hit, said: str) -> bool:
    """Whether a passage, or what stands around it, says this, in the same words or nearly so."""
    first = max(0, hit.passage.start - AROUND)
    around = f" {' '.join(words(hit.document.text[first : hit.passage.end + AROUND]))} "
    others = _sentences(hit.passage.text).values()
    return all(
        f" {' '.join(told)} " in around
        or any(agree(_statement(text), _statement(other)) for other in others)
        for told, text in _sentences(said).items()
    )
