"""Approximate search among many vectors: inverted lists of 8-bit codes, tuned when they are made.

The lists (FAISS `IVF,SQ8`) stay on disk and are mapped into memory, so that opening them costs
nothing and a question reads only the lists that it probes. They are never changed: what is added
later stands beside them until they are made anew, and what is removed is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamagedError

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
Fetch = Callable[[Ids], Floats]

CHUNK = 5_000  # vectors fetched at once
POINTS = 64  # vectors that each list is learned from
TRIALS = 256  # questions that recall is measured with
NEAREST, RECALL = 100, 0.99  # as many candidates are ranked anew, and the last may come first
NOISE = 1.0  # length of the noise added to a passage's unit vector to make a question of it
FEW = 0.02  # share of the vectors below which a filter makes it cheaper to look at every list


def library() -> Any:
    """FAISS, untyped: its own stubs lack half of what is used here. Imported when first needed."""
    import faiss

    return faiss


@dataclass(frozen=True, slots=True)
class Tuning:
    """How many lists are probed of how many, and the recall@10 against exact search, 0..1."""

    lists: int
    probes: int
    recall: float


class InvertedLists:
    """What FAISS holds of vectors that are no longer changed, under the ids of their passages."""

    def __init__(self, index: Any, tuning: Tuning) -> None:
        """Search `index`, a `faiss.IndexIVF`, as tuned."""
        self._index = index
        self.tuning = tuning

    @property
    def count(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    @classmethod
    def build(cls, ids: Ids, fetch: Fetch, dimension: int) -> InvertedLists:
        """Learn lists from a sample, fill them, and probe as many as recall takes.

        Vectors are fetched `CHUNK` at a time, in an order of their own; memory holds the codes
        (`dimension` bytes a vector) and the sample.
        """
        faiss = library()
        chance = np.random.default_rng(len(ids))
        lists = lists_for(len(ids))
        quantizer = faiss.IndexFlatIP(dimension)
        index: Any = faiss.IndexIVFScalarQuantizer(
            quantizer, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, POINTS
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        sample = np.sort(chance.choice(ids, min(len(ids), POINTS * lists), replace=False))
        index.train(np.concatenate(list(_chunks(sample, fetch))))
        asked = np.sort(chance.choice(ids, min(len(ids), TRIALS), replace=False))
        trial = _Trial(_disturbed(np.concatenate(list(_chunks(asked, fetch))), chance))
        first = 0
        for vectors in _chunks(ids, fetch):
            part = ids[first : first + len(vectors)]
            index.add_with_ids(vectors, part)
            trial.see(part, vectors)
            first += len(part)
        return cls(index, trial.tune(index))

    @classmethod
    def load(cls, path: Path, tuning: Tuning, dimension: int) -> InvertedLists:
        """Map what was saved.

        Raises:
            IndexDamagedError: the file is missing, or not what was saved.
        """
        faiss = library()
        flags = 0 if os.name == "nt" else faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
        try:
            index = faiss.read_index(str(path), flags)
        except (OSError, RuntimeError) as error:
            raise IndexDamagedError(f"{path} cannot be read; it is made anew.") from error
        if index.d != dimension or index.nlist != tuning.lists:
            raise IndexDamagedError(f"{path} is not what was saved; it is made anew.")
        return cls(index, tuning)

    def save(self, path: Path) -> None:
        """Write to `path`, which exists and is empty."""
        faiss = library()
        faiss.write_index(self._index, str(path))

    def search(
        self, queries: Floats, k: int, removed: Ids, allowed: Ids | None = None
    ) -> tuple[Floats, Ids]:
        """About the k nearest of each query, best first, and -1 with -inf where there are fewer.

        `removed` are passed over; `allowed`, of which none is removed, are all that count. Where a
        filter leaves few, more lists are probed, and every one where it leaves very few.
        """
        faiss = library()
        probes = self.tuning.probes
        kept: Any = None
        if allowed is not None:
            kept = faiss.IDSelectorBatch(allowed)
            share = len(allowed) / max(1, self.count)
            probes = self.tuning.lists if share < FEW else round(probes / share)
        elif len(removed):
            batch = faiss.IDSelectorBatch(removed)
            kept = faiss.IDSelectorNot(batch)
        faiss.omp_set_num_threads(1)
        for looked in dict.fromkeys((min(probes, self.tuning.lists), self.tuning.lists)):
            parameters = faiss.SearchParametersIVF(nprobe=looked, **({"sel": kept} if kept else {}))
            scores, ids = self._index.search(np.ascontiguousarray(queries), k, params=parameters)
            if (ids >= 0).all():
                break  # else the lists that were probed hold too few
        scores[ids < 0] = -np.inf
        return scores, ids


def lists_for(count: int) -> int:
    """How many lists: about twice the square root, so that lists and probes cost alike."""
    return max(1, min(4096, int(2 * count**0.5)))


def _chunks(ids: Ids, fetch: Fetch) -> Iterator[Floats]:
    for first in range(0, len(ids), CHUNK):
        yield np.ascontiguousarray(fetch(ids[first : first + CHUNK]))


def _disturbed(vectors: Floats, chance: np.random.Generator) -> Floats:
    """Vectors as far from every passage as questions are: noise is at right angles to all."""
    noise = chance.standard_normal(vectors.shape).astype(np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    mixed: Floats = vectors + noise
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    return mixed


class _Trial:
    """Exact search beside the filling, to measure recall by."""

    def __init__(self, queries: Floats) -> None:
        self._queries = queries
        self._scores = np.full((len(queries), NEAREST), -np.inf, np.float32)
        self._ids = np.full((len(queries), NEAREST), -1, np.int64)

    def see(self, ids: Ids, vectors: Floats) -> None:
        """Take in some vectors."""
        scores = np.concatenate([self._scores, self._queries @ vectors.T], axis=1)
        known = np.concatenate([self._ids, np.tile(ids, (len(self._ids), 1))], axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :NEAREST]
        self._scores = np.take_along_axis(scores, best, axis=1)
        self._ids = np.take_along_axis(known, best, axis=1)

    def tune(self, index: Any) -> Tuning:
        """The fewest probes, by steps of a quarter, whose recall is enough."""
        faiss = library()
        probes = 4
        while True:
            probes = min(probes, index.nlist)
            parameters = faiss.SearchParametersIVF(nprobe=probes)
            _, found = index.search(self._queries, NEAREST, params=parameters)
            if self._recall(found, NEAREST) >= RECALL or probes == index.nlist:
                return Tuning(index.nlist, probes, round(self._recall(found, 10), 4))
            probes += max(1, probes // 4)

    def _recall(self, found: Ids, k: int) -> float:
        """The share of the k nearest by exact search that are among the first k found."""
        exact = self._ids[:, :k]
        held = [len(np.intersect1d(a, b[b >= 0])) for a, b in zip(found[:, :k], exact, strict=True)]
        return float(np.sum(held) / max(1, np.sum(exact >= 0)))
