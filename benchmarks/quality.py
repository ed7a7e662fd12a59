"""Quality on folders of evaluation data: `python -m benchmarks.quality DATA [SET...]`.

DATA holds a folder a set, each with `corpus.jsonl` and `questions.jsonl`. Indexes are kept in
the user's cache folder and brought up to date first. Questions are asked with a threshold of 0,
so that evidence is measured even where an answer would be refused; refusing is measured at the
threshold of the settings. Prints each figure with its 95% bootstrap interval and appends it to
`benchmarks/results/quality.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from index.build import build
from index.reading import DEFAULT_READER, open_reader
from index.types import Progress
from qa.assistant import Assistant
from qa.calibration import Sample, calibration_error, refit
from qa.confidence import Calibration
from qa.config import Settings
from qa.evaluation.formats import load
from qa.evaluation.run import Record, RunResult, run
from qa.upkeep import calibrated

K = 10
MARKED = 50  # questions that a reader may well have marked
RESULTS = Path(__file__).parent / "results" / "quality.jsonl"
THRESHOLD = Settings(index=Path()).threshold

Chosen = Callable[[Record], bool]
Figure = tuple[str, str, Chosen]  # name, measure, questions it is taken over


def _any(_record: Record) -> bool:
    return True


def _labelled(record: Record) -> bool:
    return "gold" in record.question.tags


RANKING: tuple[Figure, ...] = (
    ("R@1", "recall@1", _any),
    ("R@5", "recall@5", _any),
    ("MRR", "MRR@10", _any),
    ("nDCG@10", "nDCG@10", _any),
)
EVIDENCE: tuple[Figure, ...] = (
    ("answer in the first passage", "first_passage", _any),
    ("answer in top 5", "answer_in_passages@5", _any),
    ("first quote holds the answer", "first_quote", _any),
    ("a quote holds the answer", "answer_in_quotes", _any),
    ("short answer exact", "exact_match", _any),
    ("short answer F1", "f1", _any),
)
FIGURES: dict[str, tuple[Figure, ...]] = {
    "science": RANKING,
    "news": (
        *((name, measure, _labelled) for name, measure, _ in RANKING[1:3]),
        *EVIDENCE,
    ),
    "conversations": (("R@5", "recall@5", _any), ("nDCG@5", "nDCG@5", _any)),
    "reading": (*RANKING, *EVIDENCE),
    "several-hops": RANKING[1:],
    "spans": (
        ("passage R@5", "passage_recall@5", _any),
        ("quote found", "quote_found", _any),
        ("token recall of quotes", "token_recall", _any),
        ("token precision of quotes", "token_precision", _any),
        ("token IoU of quotes", "token_iou", _any),
    ),
}


def interval(values: np.ndarray, draws: int = 2000) -> tuple[float, float]:
    """The 95% percentile bootstrap interval of a mean (Efron & Tibshirani 1993)."""
    chance = np.random.default_rng(0)
    means = values[chance.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def measure(folder: Path, indexes: Path, reader: str) -> RunResult:
    """Bring the index of one set up to date and ask all its questions, with a reader or none."""
    index = indexes / folder.name
    events = build([folder / "corpus.jsonl"], index)
    for event in calibrated(events, index, reader=open_reader(reader)):
        if isinstance(event, Progress) and event.stage == "embed" and event.done % 2048 < 64:
            print(f"\r{folder.name}: {event.done}/{event.total} passages", end="", file=sys.stderr)
    settings = Settings(index=index, threshold=0, passages=5 * K, reader=reader)
    with Assistant.open(index, settings) as assistant:
        assistant.warm()
        for event in run(assistant, [load(folder / "questions.jsonl")], K):
            if isinstance(event, RunResult):
                return event
    raise RuntimeError(f"{folder} was not measured")


def holds(texts: Sequence[str], answers: Sequence[str]) -> float:
    """1 if an answer stands, letter for letter but for their case, in one of the texts."""
    return float(any(a.lower() in text.lower() for text in texts for a in answers))


def rows(name: str, result: RunResult) -> Iterator[tuple[str, np.ndarray]]:
    """Name every figure of a set, with its value for each question."""
    for record in result.records:
        if record.answer and "answer_in_quotes" in record.values:
            quotes = [cited["quote"]["text"] for cited in record.answer["citations"][:1]]
            passages = [hit["passage"]["text"] for hit in record.answer["hits"][:1]]
            record.values["first_quote"] = holds(quotes, record.question.answers)
            record.values["first_passage"] = holds(passages, record.question.answers)
    for title, key, chosen in FIGURES.get(name, RANKING):
        found = [r.values[key] for r in result.records if key in r.values and chosen(r)]
        if found:
            yield title, np.array(found)


def refusing(result: RunResult) -> dict[str, float]:
    """Measure refusing at the default threshold: AUC, precision, recall, calibration error."""
    refused = np.array([record.confidence < THRESHOLD for record in result.records])
    absent = np.array([not record.question.answerable for record in result.records])
    if not absent.any() or absent.all():
        return {}
    return {
        "AUC": result.totals["auc"].value if "auc" in result.totals else float("nan"),
        "precision": float((refused & absent).sum() / max(1, refused.sum())),
        "recall": float((refused & absent).sum() / absent.sum()),
        "calibration error": result.totals["ece"].value,
        "calibration error by chance": chance_error(result),
        f"calibration error, {MARKED} marked": marked_error(result),
    }


def chance_error(result: RunResult, draws: int = 200) -> float:
    """The calibration error to expect were every confidence true: so many questions scatter."""
    sure = np.array([record.confidence for record in result.records])
    chance = np.random.default_rng(0)
    happened = chance.random((draws, len(sure))) < sure
    return float(
        np.mean([calibration_error(list(zip(sure, row, strict=True))) for row in happened])
    )


def marked_error(result: RunResult, draws: int = 20) -> float:
    """The calibration error once `MARKED` of the questions are marked, on the others."""
    sure = np.clip([record.confidence for record in result.records], 1e-6, 1 - 1e-6)
    samples = [
        Sample(float(odds), record.question.answerable)
        for odds, record in zip(np.log(sure / (1 - sure)), result.records, strict=True)
    ]
    chance, found = np.random.default_rng(0), []
    for _ in range(draws):
        order = chance.permutation(len(samples))
        marked, others = order[:MARKED], order[MARKED:]
        curve = refit(Calibration(0.0, 1.0, 0.0), [samples[i] for i in marked])
        told = [(curve.probability(samples[i].score), samples[i].answerable) for i in others]
        found.append(calibration_error(told))
    return float(np.mean(found))


def report(name: str, result: RunResult) -> dict[str, object]:
    """Print one set's figures and return them for the history."""
    kept: dict[str, object] = {"set": name, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    print(f"\n{name} ({len(result.records)} questions, {result.index['passages']} passages)")
    for title, values in rows(name, result):
        low, high = interval(values)
        print(f"  {title:<32}{values.mean():.3f}  [{low:.3f}, {high:.3f}]  n={len(values)}")
        kept[title] = round(float(values.mean()), 4)
    for title, value in refusing(result).items():
        print(f"  refusal {title:<32}{value:.3f}")
        kept[f"refusal {title}"] = round(value, 4)
    for stage in ("encode", "retrieve", "evidence"):
        taken = [r.answer["timings_ms"][stage] for r in result.records if r.answer]
        print(f"  {stage + ' ms p50':<32}{np.median(taken):.1f}")
        kept[f"{stage} ms"] = round(float(np.median(taken)), 2)
    return kept


def main() -> None:
    """Measure the sets named, or all there are, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--indexes", type=Path, default=user_cache_path("quoth") / "benchmarks")
    parser.add_argument("--reader", default=DEFAULT_READER)
    parser.add_argument("--note", default="", help="what this run tries, kept in the history")
    given = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    for name in given.sets or list(FIGURES):
        kept = report(name, measure(given.data / name, given.indexes, given.reader))
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**kept, "reader": given.reader, "note": given.note}) + "\n")


if __name__ == "__main__":
    main()
