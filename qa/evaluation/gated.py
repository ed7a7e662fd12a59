"""A rebuild that must first prove itself: beside the index, measured against it, then swapped in.

The index's lock is held from beginning to end, as in every rebuild, so that no other generation
can come in between; questions are answered from the present one all the while.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from index.beside import beside, publish
from index.build import existing, rebuild, writing
from index.embedding import Embedder, open_embedder
from index.reading import Reader, open_reader
from index.reranking import open_reranker
from index.search import Searcher
from index.types import BuildReport, Progress
from qa.assistant import Assistant
from qa.config import Settings
from qa.evaluation.compare import Comparison, compare
from qa.evaluation.history import Gate, gate
from qa.evaluation.questions import QuestionSet
from qa.evaluation.run import Json, RunResult, deep_enough, run
from qa.upkeep import calibrated

T = TypeVar("T")

DEPTH = 10  # documents ranked for each question


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rebuild did, how it compares, and each gate that it fails: swapped in if none."""

    report: BuildReport
    comparison: Comparison
    failures: tuple[str, ...]

    def to_dict(self) -> Json:
        """Make the JSON object of a rebuild that was checked."""
        return {
            "passed": not self.failures,
            "failures": list(self.failures),
            "report": asdict(self.report),
            "comparison": self.comparison.to_dict(),
        }


def rebuild_checked(
    settings: Settings,
    sets: Sequence[QuestionSet],
    gates: Sequence[Gate] = (),
    embedder: Embedder | None = None,
) -> Iterator[Progress | Outcome]:
    """Rebuild the index beside itself, run the sets on both, and swap where every gate is passed.

    Without gates, `correct` must not have fallen. An interrupted rebuild is gone on with by the
    next, which finds what was embedded; a failed one leaves nothing behind.

    Yields:
        Progress, and the Outcome last.

    Raises:
        QuestionSetError: the index has none of a set's documents, or a gate names no measure.
        IndexLockedError: another process is changing the index.
        ModelError: a model, the present one or the new, is not on this machine.
    """
    existing(settings.index)
    with writing(settings.index) as store:
        embedder = embedder or open_embedder(settings.model, settings.threads)
        reader = open_reader(settings.reader, settings.threads)
        yield from embedder.prepare()
        yield from reader.prepare() if reader else ()
        shared = embedder if embedder.fingerprint == store.fingerprint else None
        first = yield from _asked(settings, sets, "present", shared, reader)
        gate(first, gates)  # a measure that there is not is an error before the long work
        folder = beside(store)
        events = rebuild(folder, embedder=embedder, limits=settings.limits)
        report = yield from _last(calibrated(events, folder, embedder, reader))
        beside_it = replace(settings, index=folder)
        second = yield from _asked(beside_it, sets, "rebuilt", embedder, reader)
        failures = gate(second, gates or [Gate("correct", first.totals["correct"].value)])
        if failures:
            shutil.rmtree(folder)
        else:
            yield Progress("swap", 0)
            publish(folder, store)
    yield Outcome(report, compare(first, second), tuple(failures))


def _asked(
    settings: Settings,
    sets: Sequence[QuestionSet],
    name: str,
    embedder: Embedder | None,
    reader: Reader | None,
) -> Generator[Progress, None, RunResult]:
    reranker = open_reranker(settings.reranker, settings.threads)
    searcher = Searcher.open(settings.index, embedder, reranker, reader)
    with Assistant(searcher, deep_enough(settings, DEPTH)) as assistant:
        result = yield from _last(run(assistant, sets, DEPTH, former=assistant.former_ids()))
    return replace(result, name=name)


def _last(events: Iterable[Progress | T]) -> Generator[Progress, None, T]:
    """Pass progress on, and return what comes beside it."""
    results = []
    for event in events:
        if isinstance(event, Progress):
            yield event
        else:
            results.append(event)
    return results[-1]
