"""How many passages are worth reading: `python -m benchmarks.reading DATA [SET...]`.

DATA and the indexes are those of `benchmarks.quality`, which must have been run before; measures
and questions are those of `benchmarks.learn`. The best `MOST` passages of each question are read
once; then ways of stopping, and weights of what was read, are compared over the same readings.
Prints for each how many passages are read on average, and what the measures come to.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from platformdirs import user_cache_path

from benchmarks.learn import MEASURES, NAMES, Ranking, questions_of, score, searched
from index.ranking import READER, load_weights, trust
from index.reader import CompiledReader
from index.reading import CLEAR, FIRST, READ, Floats, shares
from index.search import Searcher

MOST = 12
WEIGHTS = load_weights()[1]


class Way(NamedTuple):
    """Passages are read so many at a time until one surely answers; their share weighs so much."""

    steps: tuple[int, ...] = (FIRST, READ - FIRST)
    clear: float = CLEAR
    weight: float = WEIGHTS[READER]


WAYS = (
    *(Way(steps, 1.0) for steps in ((), (6,), (8,), (12,))),
    *(Way(steps, 0.9) for steps in ((6, 6), (4, 4), (3, 5), (2, 6))),
    *(Way(steps, 0.8) for steps in ((6, 6), (4, 4), (3, 5), (2, 6), (3, 9), (3, 3), (1, 3, 4))),
    *(Way((3, 5), 0.7), Way((6, 6), 0.9, 3.9)),
    *(Way(weight=weight) for weight in (1.5, 2.1, 2.7, 3.0, 3.9, 4.8)),
)


@dataclass(frozen=True)
class Read:
    """A question's candidates without a reader, and what it makes of the first of them."""

    ranking: Ranking
    trust: float
    logits: Floats
    chances: Floats

    def count(self, steps: tuple[int, ...], clear: float) -> int:
        """How many are read in these steps."""
        read = 0
        for step in steps:
            read = min(read + step, len(self.logits))
            if self.chances[:read].max(initial=0) >= clear:
                break
        return read

    def ranked(self, count: int) -> Ranking:
        """The candidates with what the reader says of so many of them."""
        said = np.zeros(len(self.ranking.documents), np.float32)
        said[:count] = self.trust * shares(self.logits[:count])
        return replace(self.ranking, signals=np.column_stack([self.ranking.signals, said]))


def read_best(folder: str, data: Path, indexes: Path) -> dict[str, list[Read]]:
    """Read the best passages for each question that a set's measures ask, once."""
    reader, known = CompiledReader(0, "auto"), dict[str, Read]()
    read: dict[str, list[Read]] = {name: [] for name in MEASURES if MEASURES[name][0] == folder}
    with Searcher.open(indexes / folder) as searcher:
        for name, rows in read.items():
            for question in questions_of(name, data):
                if question.id not in known:
                    query, hits, ranking = searched(searcher, question)
                    told = reader.read(query.text, [hit.passage.text for hit in hits[:MOST]])
                    logits = np.array([each.relevance for each in told], np.float32)
                    chances = np.array([each.chance for each in told], np.float32)
                    known[question.id] = Read(ranking, trust(query), logits, chances)
                rows.append(known[question.id])
            print(f"{name}: {len(rows)} questions", flush=True)
    return read


def compared(sets: dict[str, list[Read]], way: Way) -> tuple[float, list[float]]:
    """How many passages are read on average over the measures, and what each comes to."""
    weights = np.array([*(WEIGHTS.get(name, 0.0) for name in NAMES), way.weight])
    read, reached = [], []
    for name, rows in sets.items():
        counts = [one.count(way.steps, way.clear) for one in rows]
        rankings = [one.ranked(n) for one, n in zip(rows, counts, strict=True)]
        read.append(np.mean(counts))
        reached.append(score(*MEASURES[name][1:], rankings, weights))
    return float(np.mean(read)), reached


def main() -> None:
    """Read, then compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*", default=sorted({each[0] for each in MEASURES.values()}))
    parser.add_argument("--indexes", type=Path, default=user_cache_path("quoth") / "benchmarks")
    given = parser.parse_args()
    sets: dict[str, list[Read]] = {}
    for folder in given.sets:
        sets |= read_best(folder, given.data, given.indexes)
    print(
        f"{'steps, and the weight':<28}{'read':>6}{'mean':>8}",
        *(f"{name:>18}" for name in sets),
        sep="",
    )
    for way in WAYS:
        read, reached = compared(sets, way)
        figures = "".join(f"{value:18.4f}" for value in reached)
        title = f"{'+'.join(map(str, way.steps)) or 'none'}, clear from {way.clear}, {way.weight}"
        print(f"{title:<28}{read:6.1f}{np.mean(reached):8.4f}{figures}", flush=True)


if __name__ == "__main__":
    main()
