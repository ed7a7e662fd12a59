"""Near-duplicates by MinHash (Broder 1997), without comparing every document with every other.

A document is the set of its runs of words ("shingles"). Two documents' signatures agree in a place
with a probability that is the Jaccard similarity of their sets; only those that agree in a whole
band of places are compared at all (locality-sensitive hashing; Leskovec, Rajaraman & Ullman,
"Mining of Massive Datasets", 3.4).
"""

from __future__ import annotations

import re
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

Signature = NDArray[np.uint32]

SHINGLE = 4  # words: runs of this length are shared by chance only where texts are formulaic
BANDS, ROWS = 25, 5  # of what is 70% alike 99% are found, of what is 30% alike 6% are compared
PLACES = BANDS * ROWS
ALIKE = 0.7  # Jaccard similarity: up to about one word in twenty differs
FIELD = 32  # of what shares a band, each is compared with so many that follow it
_BLOCK = 1_024  # shingles hashed at once: a megabyte, which stays near the processor
_SLICE = 50_000  # characters split into words at once: longer calls hold up all other threads
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s")
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@cache
def _functions() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Factors (odd) and summands, uint64 (PLACES, 1), the same on every machine."""
    chance = np.random.RandomState(4)  # the legacy generator's stream never changes
    drawn = chance.randint(0, 2**32, (4, PLACES, 1), dtype=np.uint64)
    factors, summands = (drawn[::2] << np.uint64(32)) | drawn[1::2]
    return factors | np.uint64(1), summands


def _words(text: str) -> NDArray[np.uint64]:
    """The hashes of the words of a text, in order."""
    parts = [np.empty(0, np.uint64)]
    start = 0
    while start < len(text):
        space = _SPACE.search(text, start + _SLICE)
        end = space.start() if space else len(text)
        words = _WORD.findall(text[start:end].casefold())
        hashes = (zlib.crc32(word.encode()) for word in words)
        parts.append(np.fromiter(hashes, np.uint64, len(words)))
        start = end
    return np.concatenate(parts)


def _shingles(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes, each once, of all runs of `SHINGLE` words, or of the one run of fewer."""
    length = min(SHINGLE, len(words))
    runs = np.zeros(len(words) - length + 1, np.uint64)
    for place in range(length):
        runs = runs * _SPREAD + words[place : place + len(runs)]
        runs ^= runs >> np.uint64(29)
    return np.unique(runs * _SPREAD)


def signature(text: str) -> tuple[int, Signature]:
    """The number of words of a text, and its signature, uint32 (PLACES,): minima of its hashes."""
    words = _words(text)
    lowest = np.full(PLACES, np.iinfo(np.uint32).max, np.uint32)
    if len(words):
        factors, summands = _functions()
        shingles = _shingles(words)
        for first in range(0, len(shingles), _BLOCK):
            hashed = (factors * shingles[first : first + _BLOCK] + summands) >> np.uint64(32)
            np.minimum(lowest, hashed.min(axis=1).astype(np.uint32), out=lowest)
    return len(words), lowest


def alike(signatures: Signature, least: float = ALIKE) -> list[tuple[int, int, float]]:
    """The pairs of rows of uint32 (n, PLACES) that are about as similar, with the similarity 0..1.

    Of very many that are all alike, each is paired with some of the others only.
    """
    pairs = _candidates(signatures)
    found = []
    for first in range(0, len(pairs), 10_000):
        part = pairs[first : first + 10_000]
        shares = (signatures[part[:, 0]] == signatures[part[:, 1]]).mean(axis=1)
        kept = shares >= least
        rows = zip(part[kept].tolist(), shares[kept].tolist(), strict=True)
        found += [(one, other, share) for (one, other), share in rows]
    return found


def _candidates(signatures: Signature) -> NDArray[np.int64]:
    """The pairs, int64 (m, 2), each once and the lower row first, that agree in a whole band."""
    count = len(signatures)
    found = [np.empty(0, np.int64)]
    for band in range(BANDS):
        keys = np.zeros(count, np.uint64)
        for column in range(band * ROWS, (band + 1) * ROWS):
            keys = (keys ^ signatures[:, column]) * _SPREAD
            keys ^= keys >> np.uint64(31)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        for step in range(1, min(FIELD + 1, count)):
            same = keys[step:] == keys[:-step]
            if not same.any():
                break
            found.append(order[:-step][same] * count + order[step:][same])
    both = np.unique(np.concatenate(found))
    return np.stack([both // max(1, count), both % max(1, count)], axis=1)
