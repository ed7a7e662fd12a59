"""Measures of one question's result: pure functions, each 0 to 1, higher is better.

Rankings are the ids found, best first, without repetition; qrels map each relevant id to its
grade (1 or more). What is missing from a ranking counts as not found. Callers leave a measure
out where nothing is labelled, so qrels and labels are never empty here.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import log2

Qrels = Mapping[str, int]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
# The typographic forms go as the plain ones do.
_PUNCTUATION = str.maketrans("", "", f"{string.punctuation}‘’‚‛′“”„‟″«»‐‑‒–—−…")


def recall(ranking: Sequence[str], qrels: Qrels, k: int) -> float:
    """Share of the relevant that stand in the first k (Manning et al. 2008, section 8.4)."""
    return sum(name in qrels for name in ranking[:k]) / len(qrels)


def precision(ranking: Sequence[str], qrels: Qrels, k: int) -> float:
    """Share of the first k that is relevant; a shorter ranking is filled with failures (ibid.)."""
    return sum(name in qrels for name in ranking[:k]) / k


def reciprocal_rank(ranking: Sequence[str], qrels: Qrels, k: int) -> float:
    """One over the rank of the first relevant one, if it is among the first k (Voorhees 1999)."""
    ranks = (rank for rank, name in enumerate(ranking[:k], start=1) if name in qrels)
    return 1 / next(ranks, float("inf"))


def average_precision(ranking: Sequence[str], qrels: Qrels, k: int) -> float:
    """Mean over the relevant of the precision at their ranks, 0 beyond k (trec_eval map_cut)."""
    found, total = 0, 0.0
    for rank, name in enumerate(ranking[:k], start=1):
        if name in qrels:
            found += 1
            total += found / rank
    return total / len(qrels)


def ndcg(ranking: Sequence[str], qrels: Qrels, k: int) -> float:
    """Gain discounted by log2(rank + 1), over the best possible (Järvelin & Kekäläinen 2002).

    The gain is the grade itself, as in trec_eval.
    """
    ideal = sorted(qrels.values(), reverse=True)[:k]
    gains = [qrels.get(name, 0) for name in ranking[:k]]
    return _dcg(gains) / _dcg(ideal)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def group_labels(
    held: Sequence[AbstractSet[int]], grades: Sequence[int]
) -> tuple[list[str], Qrels]:
    """Turn the labels that each passage holds, by rank, into a ranking and its qrels.

    A passage is relevant for the labels that none before it held; those it holds together are one
    item, as one passage is enough for them, graded as the highest.
    """
    seen: set[int] = set()
    ranking: list[str] = []
    qrels: dict[str, int] = {}
    for rank, labels in enumerate(held):
        ranking.append(f"passage {rank}")
        if new := labels - seen:
            qrels[ranking[-1]] = max(grades[label] for label in new)
            seen |= new
    for label in set(range(len(grades))) - seen:
        qrels[f"label {label}"] = grades[label]
    return ranking, qrels


def token_overlap(
    found: AbstractSet[object], labelled: AbstractSet[object]
) -> tuple[float, float, float]:
    """Recall, precision and intersection over union of the words quoted and the words labelled.

    As in Smith & Troynikov 2024 (Chroma, "Evaluating Chunking Strategies"), over words.
    """
    if not found:
        return 0.0, 0.0, 0.0
    common = len(found & labelled)
    return common / len(labelled), common / len(found), common / len(found | labelled)


def normalise(text: str) -> str:
    """Lower case, no punctuation, articles or extra spaces (SQuAD, Rajpurkar et al. 2016)."""
    plain = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def exact_match(answer: str, answers: Iterable[str]) -> float:
    """1 if the answer is one of the right ones, once normalised (ibid.)."""
    return float(normalise(answer) in {normalise(right) for right in answers})


def token_f1(answer: str, answers: Iterable[str]) -> float:
    """F1 of the words shared with the right answer nearest to it, once normalised (ibid.)."""
    return max(_f1(normalise(answer).split(), normalise(right).split()) for right in answers)


def _f1(given: Sequence[str], right: Sequence[str]) -> float:
    if not given or not right:
        return float(given == right)
    common = (Counter(given) & Counter(right)).total()
    return 2 * common / (len(given) + len(right))


def contains(texts: Iterable[str], answers: Iterable[str]) -> float:
    """1 if a right answer stands, word for word once normalised, in one of the texts."""
    padded = [f" {normalise(text)} " for text in texts]
    wanted = [normalise(answer) for answer in answers]
    return float(any(answer and f" {answer} " in text for answer in wanted for text in padded))
