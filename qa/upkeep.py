"""What is done beside building so that an index stays good: calibrated anew, kept up to date.

What measures is imported where there is something to measure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from index.build import build
from index.errors import IndexLockedError
from index.lock import locked
from index.store import Store
from index.types import BuildReport, Limits, Notice, Progress
from qa.marks import MarkedSet

if TYPE_CHECKING:
    from index.embedding import Embedder
    from index.reading import Reader
    from qa.calibration import Sample

META = "calibration"  # the store's name for what is kept of it
QUESTIONS = 60  # each asked with and without its document; some seconds
CHANGED = 0.1  # share of passages that must have come or gone before it is done anew
MARKS = 10  # marked questions that set the curve right, and further ones that do so anew


def told(store: Store) -> dict[str, str]:
    """What a summary of the index says of its calibration, with a reader where there is one."""
    kept = json.loads(store.meta(META) or "{}")
    kept |= kept.get("reader", {})
    if "ece" not in kept:
        return {"calibration": "the default one: too few sentences to draft questions from"}
    said = f"expected error {kept['ece']:.3f} on {kept['questions']} drafted questions"
    if "prior" in kept:
        said += f", set right by {kept['marks']} marked ones"
    return {"calibration": said}


def calibrated(
    events: Iterable[Progress | BuildReport],
    directory: Path,
    embedder: Embedder | None = None,
    reader: Reader | None = None,
) -> Iterator[Progress | BuildReport]:
    """Pass the events of a build on, and calibrate before its report where much has changed.

    With a `reader`, for answers with it and without.
    """
    report: BuildReport | None = None
    for event in events:
        if isinstance(event, BuildReport):
            report = event  # the build is over, and its lock let go, once there are no more events
        else:
            yield event
    if report is None:
        return
    if _outdated(directory, reader):
        if reader is not None:
            yield from reader.prepare()
        from index.search import Searcher
        from qa.calibration import describe, marked, measure

        samples: list[Sample] = []
        with Searcher.open(directory, embedder, reader=reader) as searcher:
            last = int(searcher.store.passage_ids()[-1])
            total = 2 * min(QUESTIONS, report.passages)
            for sample in measure(searcher):
                samples.append(sample)
                yield Progress("calibrate", len(samples), total)
            name = reader.fingerprint if reader else ""
            kept = describe(samples, report.passages, name) | {"last": last}
            kept |= marked(searcher, kept)
        # Who is already changing the index again calibrates afterwards; this build is done.
        with suppress(IndexLockedError), locked(directory), Store(directory, write=True) as store:
            store.set_meta(META, json.dumps(kept))
    yield report


def watched(
    documents: Sequence[str | Path],
    directory: Path,
    embedder: Embedder,
    reader: Reader | None = None,
    *,
    excludes: Sequence[str] = (),
    limits: Limits | None = None,
    stop: Event | None = None,
) -> Iterator[Progress | BuildReport | Notice]:
    """Make the index hold these documents, as a build does, and keep it up to date from then on.

    Without documents, what it was built of is watched. It ends when `stop` is set.

    Raises:
        IndexMissingError: no documents are named, and there is no index.
        SourceError: a document is not there, or nothing in them can be indexed.
    """
    from index.watching import patient, watch

    stop = stop or Event()

    def first() -> Iterator[Progress | BuildReport]:
        events = build(documents, directory, excludes=excludes, embedder=embedder, limits=limits)
        return calibrated(events, directory, embedder, reader)

    def update(absent: Collection[str]) -> Iterator[Progress | BuildReport]:
        events = build((), directory, embedder=embedder, limits=limits, absent=absent)
        return calibrated(events, directory, embedder, reader)

    if documents:
        yield from patient(first, stop)
    yield from watch(directory, update, stop)


def _outdated(directory: Path, reader: Reader | None) -> bool:
    """Whether more passages have come or gone since than leave the curve as it was.

    Ids only ever grow: those beyond the last one of then have come, however many builds ago. A
    reader that it was not made with outdates it as well.
    """
    with Store(directory) as store:
        kept, ids = json.loads(store.meta(META) or "{}"), store.passage_ids()
    if (
        "last" not in kept
        or ("slope" in kept and reader is not None and not _with(kept, reader))
        or abs(len(MarkedSet(directory).verdicts()) - kept.get("marks", 0)) >= MARKS
    ):
        return True
    came = int((ids > kept["last"]).sum())
    gone = int(kept["passages"]) - (len(ids) - came)
    return max(came, gone) > CHANGED * int(kept["passages"])


def _with(kept: Mapping[str, Any], reader: Reader) -> bool:
    """Whether an index was calibrated with this reader."""
    return bool(kept.get("reader", {}).get("fingerprint") == reader.fingerprint)
