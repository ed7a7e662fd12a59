"""How one passage fared in a search: what it met, where it stood, and how far it came.

Nothing here takes part in searching. What was ranked is asked of the searcher itself, so that a
trace cannot tell another story than the search; only the places beyond its cuts are looked up.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import ranking, search
from index.filters import Filters, unmet
from index.lexical import analyze, analyze_spans
from index.ranking import Query
from index.search import Caches, Searcher
from index.types import Document, Hit, Passage

Ids = NDArray[np.int64]
Forms = Sequence[tuple[Query, float]]
_Places = Mapping[int, tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A place, from 1, among `of` passages, by `score`; the first `most` of them go on.

    `rank` is None for what is not among them at all.
    """

    rank: int | None
    of: int
    most: int
    score: float = 0.0

    @property
    def through(self) -> bool:
        """Whether it is among those that go on."""
        return self.rank is not None and self.rank <= self.most


@dataclass(frozen=True, slots=True)
class Held:
    """The words of a question, as it has them, that a passage holds, its title does, or neither."""

    passage: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    neither: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """How far a passage came in a search.

    `words` and `vector` are its places by each of the two searches among all passages that the
    filters leave; `vector` is None where only words count. `both` is its place among the
    candidates, those that go on from either, and `ranked` that in the end.
    """

    passage: Passage
    held: Held
    words: Standing
    vector: Standing | None
    both: Standing
    ranked: Standing


class Tracer:
    """Traces passages through the search for one question; use it within `searcher.reading`."""

    def __init__(
        self,
        searcher: Searcher,
        forms: Forms,
        allowed: Ids | None,
        read: int,
        without: Container[int] = (),
    ) -> None:
        """Search anew, without cuts.

        Args:
            searcher: what searched.
            forms: the weighted forms of the question, as `Searcher.rank` has them.
            allowed: the ids of the passages that filters leave, or None for all.
            read: how many of the ranked passages go on.
            without: the ids of passages that are passed over in ranking, as `Searcher.rank` has it.
        """
        self._searcher, self._query, self._read = searcher, forms[0][0], read
        most = 2 * search.CANDIDATES * len(forms)
        self.hits: Sequence[Hit] = searcher.rank(forms, most, allowed, without)
        self.pool = min(ranking.load_weights()[0], len(self.hits))
        self._places = {hit.passage.id: place for place, hit in enumerate(self.hits, 1)}
        with searcher.reading() as caches:
            self._words = _best(_by_words(caches, query, allowed) for query, _ in forms)
            self._vector = _best(_by_vector(caches, query, allowed) for query, _ in forms)
        both = sorted(self.hits, key=lambda hit: (-hit.signals["hybrid"], hit.passage.id))
        self._both = {
            hit.passage.id: (place, hit.signals["hybrid"]) for place, hit in enumerate(both, 1)
        }

    def farthest(self, passages: Sequence[Passage]) -> Passage:
        """Of some passages, of which there must be one, that which came the farthest."""

        def standing(passage: Passage) -> tuple[float, float]:
            places = [found[passage.id][0] for found in self._searches if passage.id in found]
            ranked = self._places.get(passage.id)
            return (np.inf if ranked is None else ranked), min(places, default=np.inf)

        return min(passages, key=standing)

    @property
    def _searches(self) -> tuple[_Places, _Places]:
        return self._words, self._vector

    def trace(self, passage: Passage, document: Document) -> Trace:
        """Tell how far a passage came, which filters must have left in."""
        found, id_ = len(self.hits), passage.id
        ranked = self._places.get(id_)
        in_pool = ranked is not None and ranked <= self.pool
        return Trace(
            passage,
            self._held(passage, document),
            _standing(self._words, id_, search.CANDIDATES),
            _standing(self._vector, id_, search.CANDIDATES) if self._vector else None,
            _standing(self._both, id_, self.pool),
            Standing(
                ranked if in_pool else None,
                self.pool,
                self._read,
                self.hits[ranked - 1].score if ranked and in_pool else 0.0,
            )
            if found
            else Standing(None, 0, self._read),
        )

    def hit(self, passage: Passage) -> Hit | None:
        """The passage as it was found, if it was."""
        place = self._places.get(passage.id)
        return None if place is None else self.hits[place - 1]

    def _held(self, passage: Passage, document: Document) -> Held:
        (view,) = self._searcher.views([passage])
        titled = set(analyze(f"{document.title}\n{passage.heading}"))
        text = self._query.text
        words = {stem: text[start:end] for stem, start, end in analyze_spans(text)}
        weighed = sorted(words, key=lambda stem: -self._query.terms.get(stem, 0))
        held = [stem for stem in weighed if stem in view.all_stems]
        title = [stem for stem in weighed if stem in titled and stem not in held]
        rest = [stem for stem in weighed if stem not in held and stem not in title]
        return Held(*(tuple(words[stem] for stem in part) for part in (held, title, rest)))


def removed_by(
    searcher: Searcher,
    filters: Filters,
    scope: Collection[str] | None,
    passage: Passage,
    document: Document,
) -> str | None:
    """The filter, as typed, that leaves a passage out; "" where its document does not count.

    None where it is searched.
    """
    with searcher.reading() as caches:
        if label := unmet(filters, document, passage.id, searcher.store, caches.words):
            return label
    return "" if scope is not None and document.id not in scope else None


def _by_words(caches: Caches, query: Query, allowed: Ids | None) -> list[tuple[int, float]]:
    return caches.words.search(query.text, max(1, caches.words.count), allowed)


def _by_vector(caches: Caches, query: Query, allowed: Ids | None) -> list[tuple[int, float]]:
    if query.vector is None:
        return []
    scores, ids = caches.vectors.search(query.vector[None], max(1, caches.words.count), allowed)
    return list(zip(ids[0].tolist(), scores[0].tolist(), strict=True))


def _best(searches: Iterable[Sequence[tuple[int, float]]]) -> _Places:
    """By id, the best place, from 1, in any of several searches, with its score there."""
    best: dict[int, tuple[int, float]] = {}
    for found in searches:
        for place, (id_, score) in enumerate(found, 1):
            if id_ not in best or place < best[id_][0]:
                best[id_] = (place, score)
    return best


def _standing(places: _Places, id_: int, most: int) -> Standing:
    rank, score = places.get(id_, (None, 0.0))
    return Standing(rank, len(places), most, score)
