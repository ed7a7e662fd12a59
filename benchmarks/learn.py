"""Learn the weights of ranking: `python -m benchmarks.learn DATA [SET...]`.

DATA and the indexes are those of `benchmarks.quality`, which must have been run before. Weights
are found without a reader, by coordinate ascent from those in use, on the mean over the sets of
each set's own measure: once with all sets, for use, and once without each set, to tell what is
learned of the others alone. The reader's own is chosen by `benchmarks.reading`, and stays.
Writes `index/ranking.json` with the data's hashes and the scores reached without a reader.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

import index
from index.ranking import READER, Query, load_weights, proportion, trust
from index.search import Searcher
from index.types import Hit
from qa.conversation import resolve
from qa.evaluation.formats import load
from qa.evaluation.questions import Question

# name -> (folder, kind, depth). Documents are ranked by their best passage; "answer" is whether
# the first passages hold the answer's words, whichever document they are of.
MEASURES = {
    "science": ("science", "ndcg", 10),
    "news": ("news", "mrr", 10),
    "news, answers": ("news", "answer", 1),
    "reading": ("reading", "recall", 1),
    "reading, answers": ("reading", "answer", 1),
    "several-hops": ("several-hops", "ndcg", 10),
    "conversations": ("conversations", "ndcg", 5),
}
POOL = 25  # 50 bring at most .003 more and take twice the time
MOST = 700  # questions of a set, drawn evenly
GAIN = 1e-3  # on the mean that changing a weight must bring: the draw of questions makes less
NAMES = ("hybrid", "interaction", "sentence", "sentence_section", "words_section")
Weights = dict[str, float]


@dataclass(frozen=True)
class Ranking:
    """A question's candidates: signals in 0..1 (n, len(NAMES)), their documents, and the right.

    `answering` tells which of them hold the answer's words.
    """

    signals: np.ndarray
    documents: list[str]
    relevant: frozenset[str]
    answering: list[bool]


def questions_of(name: str, data: Path) -> list[Question]:
    """The labelled questions of one measure, at most `MOST`, drawn evenly."""
    folder, kind, _ = MEASURES[name]
    asked = load(data / folder / "questions.jsonl").questions
    questions = [q for q in asked if (q.answers if kind == "answer" else q.evidence)]
    return questions[:: max(1, math.ceil(len(questions) / MOST))]


def searched(searcher: Searcher, question: Question) -> tuple[Query, list[Hit], Ranking]:
    """Search for one question: how it was understood, the candidates, and what they are worth."""
    text = resolve(question.question, question.history, searcher.idf)
    forms = [(searcher.query(text, searcher.encode(text)), 1.0)]
    if text != question.question:
        encoding = searcher.encode(question.question)
        forms.append((searcher.query(question.question, encoding), 1.0))
    query = forms[0][0]
    hits = searcher.rank(forms, POOL)
    columns = [proportion(n, np.array([h.signals[n] for h in hits], np.float32)) for n in NAMES]
    columns[1:] = [column * trust(query) for column in columns[1:]]
    relevant = frozenset(evidence.document for evidence in question.evidence)
    answers = [answer.lower() for answer in question.answers]
    answering = [any(a in h.passage.text.lower() for a in answers) for h in hits]
    documents = [h.document.id for h in hits]
    return query, hits, Ranking(np.stack(columns, 1), documents, relevant, answering)


def candidates(name: str, data: Path, indexes: Path) -> list[Ranking]:
    """Search one set's index for its labelled questions and keep the signals."""
    with Searcher.open(indexes / MEASURES[name][0]) as searcher:
        rankings = [searched(searcher, question)[2] for question in questions_of(name, data)]
    print(f"{name}: {len(rankings)} questions", flush=True)
    return rankings


def score(kind: str, depth: int, rankings: Sequence[Ranking], weights: np.ndarray) -> float:
    """The mean measure of a set under these weights."""
    total = 0.0
    for ranking in rankings:
        order = np.argsort(-(ranking.signals @ weights), kind="stable")
        if kind == "answer":
            total += any(ranking.answering[i] for i in order[:depth])
            continue
        documents = list(dict.fromkeys(ranking.documents[i] for i in order))[:depth]
        places = [i for i, name in enumerate(documents) if name in ranking.relevant]
        if kind == "mrr":
            total += 1 / (places[0] + 1) if places else 0
        elif kind == "recall":
            total += len(places) / len(ranking.relevant)
        else:
            ideal = sum(1 / math.log2(i + 2) for i in range(min(depth, len(ranking.relevant))))
            total += sum(1 / math.log2(i + 2) for i in places) / ideal
    return total / len(rankings)


def mean(sets: dict[str, list[Ranking]], weights: np.ndarray) -> float:
    """What the sets reach on average under these weights."""
    return float(np.mean([score(*MEASURES[n][1:], rows, weights) for n, rows in sets.items()]))


def climb(sets: dict[str, list[Ranking]], weights: np.ndarray) -> np.ndarray:
    """Coordinate ascent with shrinking steps; hybrid stays 1, and none becomes negative."""
    best = mean(sets, weights)
    for step in (0.3, 0.15):
        improved = True
        while improved:
            improved = False
            for place in range(1, len(NAMES)):
                for change in (step, -step):
                    tried = weights.copy()
                    tried[place] = max(0.0, tried[place] + change)
                    if (reached := mean(sets, tried)) > best + GAIN:
                        best, weights, improved = reached, tried, True
    return weights


def main() -> None:
    """Learn, tell and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=list(MEASURES))
    parser.add_argument("--indexes", type=Path, default=user_cache_path("quoth") / "benchmarks")
    given = parser.parse_args()
    sets = {name: candidates(name, given.data, given.indexes) for name in given.sets}
    in_use = load_weights()[1]
    before = np.array([in_use.get(name, 0.0) for name in NAMES])
    alone = np.zeros(len(NAMES))
    alone[0] = 1
    learned = climb(sets, before)
    scores = {}
    for name, rows in sets.items():
        others = {o: found for o, found in sets.items() if MEASURES[o][0] != MEASURES[name][0]}
        left_out = climb(others, before) if others else learned
        folder, kind, depth = MEASURES[name]
        scores[name] = {
            "measure": f"{kind}@{depth}",
            "questions": len(rows),
            "hybrid alone": round(score(kind, depth, rows, alone), 4),
            "before": round(score(kind, depth, rows, before), 4),
            "left out": round(score(kind, depth, rows, left_out), 4),
            "these weights": round(score(kind, depth, rows, learned), 4),
            "sha256": hashlib.sha256(
                (given.data / folder / "questions.jsonl").read_bytes()
            ).hexdigest(),
        }
        print(name, scores[name], dict(zip(NAMES, left_out.round(2).tolist(), strict=True)))
    content = {
        "pool": POOL,
        "weights": {n: round(float(w), 2) for n, w in zip(NAMES, learned, strict=True) if w}
        | {READER: in_use[READER]},
        "learned on": scores,
    }
    path = Path(index.__path__[0]) / "ranking.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(content["weights"]))


if __name__ == "__main__":
    main()
