"""From a question to ranked passages: words and vectors find candidates, finer signals rank them.

with Searcher.open("index-folder") as searcher:
    for hit in searcher.search("Who leads the trust?", k=5):
        print(hit.score, hit.document.title, hit.passage.text)
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index import lexical, ranking
from index.approximate import library
from index.caches import open_caches
from index.catalogue import METADATA, Catalogue
from index.embedding import Embedder, QueryEncoding
from index.filters import Allowed, Filters, allowed, within
from index.opening import Models
from index.ranking import READER, Query, View
from index.reading import CLEAR, FIRST, READ, Reader, Reading, shares
from index.recent import Recent
from index.reranking import RERANKED, Reranker, rerank
from index.sentences import sentences
from index.states import project, unit, unpack
from index.store import Store
from index.types import Hit, Passage, Progress
from index.vectors import VectorIndex

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

CANDIDATES = 100  # of each of the two searches
VIEWS = 5_000  # that are kept, about 40 KB each
READINGS = 2_000  # the same, about 3 KB each
REACH = 3  # passages either way that may share a section


@dataclass(frozen=True, slots=True)
class Caches:
    """The two derived indexes, both at this generation of the store."""

    generation: int
    vectors: VectorIndex
    words: lexical.LexicalIndex


class Searcher:
    """Searches one index; may be used from several threads. Close it, or use it in `with`."""

    def __init__(self, store: Store, models: Models, reranker: Reranker | None = None) -> None:
        """Search `store` with its `models`.

        With a reader the best candidates are read, which has a say in their order; with a
        `reranker` they are in its order alone. Neither where only words count.
        """
        self.store = store
        self.reranker = reranker
        self.reader = models.reader
        self._models = models
        self._caches: Caches | None = None
        self._views: Recent[int, View] = Recent(VIEWS)
        self._readings: Recent[tuple[str, int], Reading] = Recent(READINGS)
        self._lock = threading.RLock()
        self._pool, self._weights = ranking.load_weights()

    @classmethod
    def open(
        cls,
        directory: str | Path,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
        reader: Reader | None = None,
    ) -> Self:
        """Open the index in a folder; the models are loaded when they are first needed.

        Its model is the one that it was made with, or `embedder`, which must be the same.

        Raises:
            IndexMissingError, IndexDamagedError, IndexVersionError: it cannot be searched.
        """
        store = Store(directory)
        return cls(store, Models(store, embedder, reader), reranker)

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()

    def __enter__(self) -> Self:
        """Return the searcher itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the files."""
        self.close()

    @property
    def embedder(self) -> Embedder:
        """The index's model.

        Raises:
            ModelError: the model is not on this machine, or not the one the index was made with.
        """
        return self._models.embedder

    def encode(self, text: str) -> QueryEncoding:
        """Embed a question with the index's model; those asked last are remembered."""
        return self._models.encode(text)

    @property
    def ready(self) -> bool:
        """Whether the models are loaded: `start` has nothing to do."""
        return self._models.ready

    def prepare(self, text: str) -> Iterator[Progress]:
        """Do what is done once on a machine, and begin to load the models, aside, for `text`.

        Raises:
            ModelError: a model is not on this machine.
        """
        return self._models.prepare(text)

    def start(self, text: str) -> None:
        """Load models and caches side by side, unless they are there.

        Raises:
            ModelError: a model is not on this machine, or not the one the index was made with.
        """
        if not self.ready:
            deque(self.prepare(text), maxlen=0)
            with self.reading():
                library()  # takes a while to import
                self._models.wait()

    @contextmanager
    def reading(self) -> Iterator[Caches]:
        """Hold one generation of store and caches for the questions asked within."""
        with self._lock, self.store.snapshot() as generation:
            if self._caches is None or self._caches.generation != generation:
                vectors, words = open_caches(self.store.directory, self.store)
                self._caches = Caches(generation, vectors, words)
                self._views.clear()
                self._readings.clear()
            yield self._caches

    def allowed(self, filters: Filters, scope: Collection[str] | None = None) -> Allowed:
        """The passages that filters and a scope leave, or what leaves none.

        `scope` are the ids of the documents that count; None for all.
        """
        if filters == Filters() and scope is None:
            return Allowed(None)
        with self.reading() as caches:
            left = Allowed(None)
            if filters != Filters():
                left = allowed(filters, self.store, caches.words)
            return left if scope is None else within(left, self.store.passages_in(scope))

    def idf(self, stem: str) -> float:
        """The weight of a stem in this index; 0 where no passage holds it."""
        with self.reading() as caches:
            frequency = caches.words.document_frequency(stem)
            return ranking.idf(frequency, caches.words.count) if frequency else 0.0

    def query(self, text: str, encoding: QueryEncoding | None = None) -> Query:
        """Prepare a question; without `encoding` only its words count."""
        terms = {stem: idf for idf, stem, _, _ in self._words(text)}
        if encoding is None or not encoding.pieces:
            return Query(text, terms, None if encoding is None else encoding.vector)
        weights = self.weights_of(text, encoding)
        kept = weights > 0
        pieces = unit(project(encoding.states[kept]))
        return Query(text, terms, encoding.vector, pieces, weights[kept])

    def weights_of(self, text: str, encoding: QueryEncoding) -> Floats:
        """The weight of each word-piece of a question, float32, summing to 1: its word's IDF."""
        words = self._words(text)
        weights = np.zeros(len(encoding.pieces), np.float32)
        for row, (start, end) in enumerate(encoding.pieces):
            weights[row] = max((idf for idf, _, s, e in words if start < e and end > s), default=0)
        if not weights.any():
            weights[:] = 1
        shares: Floats = weights / weights.sum()
        return shares

    def _words(self, text: str) -> list[tuple[float, str, int, int]]:
        """The content words of a question: weight (also of those unknown), stem and span."""
        with self.reading() as caches:
            frequency, count = caches.words.document_frequency, caches.words.count
            return [
                (ranking.idf(frequency(stem), count), stem, start, end)
                for stem, start, end in lexical.analyze_spans(text)
            ]

    def search(
        self,
        text: str,
        k: int = 10,
        *,
        encoding: QueryEncoding | None = None,
        allowed: Ids | None = None,
        words_only: bool = False,
    ) -> list[Hit]:
        """The best k passages for a question, best first.

        Args:
            text: the question.
            k: how many.
            encoding: the question's embedding, where it was made before.
            allowed: limits the choice to the passages of these ids, before anything is cut off.
            words_only: match words without the model; fast from the first moment.
        """
        if encoding is None and not words_only:
            encoding = self.encode(text)
        with self.reading():
            return self.rank([(self.query(text, encoding), 1.0)], k, allowed)

    def rank(
        self,
        queries: Sequence[tuple[Query, float]],
        k: int,
        allowed: Ids | None = None,
        without: Container[int] = (),
    ) -> list[Hit]:
        """The best k passages for several weighted forms of one question; the first form leads.

        All forms find candidates; the first ranks them anew. `allowed` limits the search to these
        ids; a few ids are more cheaply left out afterwards, as `without`.
        """
        query = queries[0][0]
        if self.reranker is None or query.vector is None:
            return self._rank(queries, k, allowed, without)
        hits = self._rank(queries, max(k, RERANKED), allowed, without)
        return rerank(self.reranker, query.text, hits)[:k]

    def _rank(
        self,
        queries: Sequence[tuple[Query, float]],
        k: int,
        allowed: Ids | None,
        without: Container[int],
    ) -> list[Hit]:
        with self.reading() as caches:
            signals: dict[int, dict[str, float]] = {}
            for number, (query, weight) in enumerate(queries):
                for id_, found in self._candidates(caches, query, allowed).items():
                    known = signals.setdefault(id_, {"dense": 0.0, "bm25": 0.0, "hybrid": 0.0})
                    known["hybrid"] += weight * found["hybrid"]
                    if number == 0:
                        known |= {"dense": found["dense"], "bm25": found["bm25"]}
            kept = [id_ for id_ in signals if id_ not in without]
            ids = sorted(kept, key=lambda id_: (-signals[id_]["hybrid"], id_))
            ids, rest = ids[: self._pool], ids[self._pool : k]
            if not ids:
                return []
            hybrid = np.array([signals[id_]["hybrid"] for id_ in ids], np.float32)
            finer, scores = self._finer(queries[0][0], ids, hybrid)
            scored = {
                ids[i]: (float(scores[i]), {name: float(finer[name][i]) for name in finer})
                for i in np.argsort(-scores, kind="stable")[:k]
            }
            scored |= {id_: (0.0, {}) for id_ in rest}  # past the pool: as the candidates came
            passages = self.store.passages(scored)
            names = {passage.document_id for passage in passages}
            documents = {name: self.store.document(name) for name in names}
            return [
                Hit(
                    passage,
                    documents[passage.document_id],
                    scored[passage.id][0],
                    {**signals[passage.id], **scored[passage.id][1]},
                )
                for passage in passages
            ]

    def _finer(
        self, query: Query, ids: Sequence[int], hybrid: Floats
    ) -> tuple[ranking.Signals, Floats]:
        """The signals of these candidates, whose own score is `hybrid`, and what they come to."""
        around = self._around(ids)
        signals = ranking.passage_signals(query, [around[i] for i in ids], around)
        signals["hybrid"] = hybrid
        weights = dict(self.weights_for(query))
        reading = weights.pop(READER, None)
        named = Catalogue(self.store.described({around[i].document_id for i in ids}))
        if preferred := named.preferred(query.text):
            met = [preferred.get(around[i].document_id, 0.0) for i in ids]
            signals["metadata"] = np.array(met, np.float32)
            weights |= METADATA
        scores = ranking.combine(signals, weights)
        if reading is not None:
            best = np.argsort(-scores, kind="stable")[:READ]
            readings = self._read_best(query, self.store.passages([ids[i] for i in best]))
            relevance = np.array([reading.relevance for reading in readings], np.float32)
            signals[READER] = np.zeros(len(ids), np.float32)
            signals[READER][best[: len(readings)]] = shares(relevance)
            scores = ranking.combine(signals, {**weights, READER: reading})
        return signals, scores

    def views(self, passages: Sequence[Passage]) -> list[View]:
        """What ranking sees of these passages."""
        with self.reading():
            keys = [passage.id for passage in passages]
            return self._views.of(keys, lambda new: self._look([passages[i] for i in new]))

    def _look(self, passages: Sequence[Passage]) -> Iterator[View]:
        spans = [sentences(p.text) for p in passages]
        texts = [p.text[s:e] for p, found in zip(passages, spans, strict=True) for s, e in found]
        stems = iter(lexical.analyze_each(texts))
        packed = self.store.states([p.id for p in passages])
        for p, found, states in zip(passages, spans, packed, strict=True):
            own = [next(stems) for _ in found]
            yield ranking.view(p.id, p.document_id, p.section, found, own, unpack(states))

    def read(self, query: Query, passages: Sequence[Passage]) -> list[Reading]:
        """What the reader makes of these passages; those read last are remembered.

        Nothing, an empty list, where there is no reader or only words count.
        """
        reader = self.reader
        if reader is None or query.vector is None:
            return []
        with self.reading():
            keys = [(query.text, passage.id) for passage in passages]
            return self._readings.of(
                keys, lambda new: reader.read(query.text, [passages[i].text for i in new])
            )

    def _read_best(self, query: Query, passages: Sequence[Passage]) -> list[Reading]:
        """Read passages, best first, or only the first of them where one surely answers."""
        readings = self.read(query, passages[:FIRST])
        if any(reading.holds is not None and reading.chance >= CLEAR for reading in readings):
            return readings
        return readings + self.read(query, passages[FIRST:])

    def _candidates(
        self, caches: Caches, query: Query, allowed: Ids | None
    ) -> dict[int, dict[str, float]]:
        """Passages near by words or by vector, with both scores and their sum, each in 0..1."""
        found: dict[int, dict[str, float]] = {}
        by_words = caches.words.search(query.text, CANDIDATES, allowed)
        for id_, score in by_words:
            found[id_] = {"dense": 0.0, "bm25": score, "hybrid": score / by_words[0][1]}
        if query.vector is not None:
            scores, ids = caches.vectors.search(query.vector[None], CANDIDATES, allowed)
            for id_, score, part in zip(ids[0], scores[0], ranking.scaled(scores[0]), strict=True):
                known = found.setdefault(int(id_), {"dense": 0.0, "bm25": 0.0, "hybrid": 0.0})
                known["dense"] = float(score)
                known["hybrid"] += float(part)
        return found

    def _around(self, ids: Sequence[int]) -> dict[int, View]:
        """Views of these passages and of those that may share a section with them, by id."""
        passages = self.store.near(ids, REACH)
        return {view.id: view for view in self.views(passages)}

    def weights_for(self, query: Query) -> Mapping[str, float]:
        """The weights of the signals for this question."""
        share = ranking.trust(query)
        weights = {
            name: weight if name == "hybrid" else weight * share
            for name, weight in self._weights.items()
            if query.pieces is not None or name not in ranking.NEEDS_ENCODER
        }
        if self.reader is None or self.reranker is not None or query.vector is None:
            weights.pop(READER, None)
        return weights
