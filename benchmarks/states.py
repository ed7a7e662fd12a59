"""What packing word-piece states costs: `python -m benchmarks.states DATA [SET...]`.

Ranks the candidates of each question by late interaction alone, once with the model's own states
(384 float32 a word-piece) and once with the packed ones (64 int8, a length and a place), over the
indexes of `benchmarks.quality`. Prints both rankings and the bytes a passage takes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from index.embedding import SentenceEmbedder
from index.search import Searcher
from index.states import unit
from qa.evaluation.formats import load
from qa.evaluation.metrics import ndcg, recall, reciprocal_rank

MOST = 300  # questions
CANDIDATES = 25  # those that are ranked anew


def measure(name: str, data: Path, indexes: Path) -> None:
    """Print the two rankings of one set."""
    questions = [q for q in load(data / name / "questions.jsonl").questions if q.evidence][:MOST]
    raw: dict[int, np.ndarray] = {}
    rows: dict[str, list[tuple[float, float, float]]] = {"float32 x 384": [], "packed": []}
    with Searcher.open(indexes / name) as searcher, searcher.reading():
        embedder = searcher.embedder
        if not isinstance(embedder, SentenceEmbedder):
            raise SystemExit("Only the packaged model gives its states; use an index made with it.")
        for question in questions:
            encoding = searcher.encode(question.question)
            query = searcher.query(question.question, encoding)
            hits = searcher.rank([(query, 1.0)], CANDIDATES)
            missing = [hit.passage for hit in hits if hit.passage.id not in raw]
            texts = [passage.text for passage in missing]
            forward = embedder._forward("", texts) if texts else iter(())
            for passage, (_, states, _) in zip(missing, forward, strict=True):
                raw[passage.id] = unit(states)
            weights = searcher.weights_of(question.question, encoding)
            pieces = unit(encoding.states)
            whole = [weights @ (pieces @ raw[h.passage.id].T).max(axis=1) for h in hits]
            packed = [hit.signals["interaction"] for hit in hits]
            qrels = {evidence.document: 1 for evidence in question.evidence}
            for kind, scores in (("float32 x 384", whole), ("packed", packed)):
                order = np.argsort(-np.array(scores), kind="stable")
                ranking = list(dict.fromkeys(hits[i].document.id for i in order))
                rows[kind].append(
                    (
                        recall(ranking, qrels, 1),
                        reciprocal_rank(ranking, qrels, 10),
                        ndcg(ranking, qrels, 10),
                    )
                )
        sizes = [len(states) for states in searcher.store.states(list(raw))]
        pieces_each = np.mean([len(states) for states in raw.values()])
    print(
        f"\n{name}: {len(questions)} questions, {np.mean(sizes):.0f} bytes a passage packed "
        f"({pieces_each * 384 * 4:.0f} unpacked)"
    )
    for kind, values in rows.items():
        first, mrr, gain = np.mean(values, axis=0)
        print(f"  {kind:<14} R@1 {first:.3f}  MRR {mrr:.3f}  nDCG@10 {gain:.3f}")


def main() -> None:
    """Measure the sets named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=["reading", "several-hops"])
    parser.add_argument("--indexes", type=Path, default=user_cache_path("quoth") / "benchmarks")
    given = parser.parse_args()
    for name in given.sets:
        measure(name, given.data, given.indexes)


if __name__ == "__main__":
    main()
