"""`quoth index watch`: keep the index up to date with its files, until it is interrupted."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from time import monotonic

from index.embedding import open_embedder
from index.reading import open_reader
from index.store import Store
from qa.commands.terminal import note, track, write_json
from qa.config import Settings
from qa.reports import render_changes, skipped_line
from qa.types import BuildReport, Notice, Progress
from qa.upkeep import watched


@dataclass(frozen=True, slots=True)
class Generation:
    """What a build did, and how many seconds it took."""

    report: BuildReport
    seconds: float


def watch(arguments: Namespace, settings: Settings) -> int:
    """Tell of each generation, and of all that is waited for; it ends by an interrupt alone."""
    if arguments.documents:
        model = settings.model
    else:
        with Store(settings.index) as store:
            model = store.meta("model") or settings.model
    events = watched(
        arguments.documents,
        settings.index,
        open_embedder(model, settings.threads),
        open_reader(settings.reader, settings.threads),
        excludes=arguments.exclude,
        limits=settings.limits,
    )
    told: Iterator[Notice | Generation] = track(_timed(events), settings)
    known: BuildReport | None = None
    for event in told:
        if isinstance(event, Notice):
            _tell_notice(event, arguments, settings)
        else:
            _tell_generation(event, known, arguments, settings)
            known = event.report
    return 0


def _timed(
    events: Iterator[Progress | BuildReport | Notice],
) -> Iterator[Progress | Notice | Generation]:
    """Reports with the seconds that their builds took; all else as it comes."""
    started = monotonic()
    for event in events:
        if isinstance(event, BuildReport):
            yield Generation(event, monotonic() - started)
            continue
        if isinstance(event, Progress) and (event.stage, event.done) == ("scan", 0):
            started = monotonic()
        yield event


def _tell_notice(notice: Notice, arguments: Namespace, settings: Settings) -> None:
    if arguments.json:
        write_json({"event": notice.kind, "sentence": notice.sentence}, indent=None)
    elif not settings.quiet or notice.kind == "failed":
        note(notice.sentence)


def _tell_generation(
    made: Generation, former: BuildReport | None, arguments: Namespace, settings: Settings
) -> None:
    """Tell what is new since the former one: what was left out, and what changed."""
    report, known = made.report, former.skipped if former else ()
    if arguments.json:
        told = {"event": "generation", "seconds": round(made.seconds, 3), **asdict(report)}
        write_json(told, indent=None)
        return
    for item in report.skipped:
        if item not in known:
            note(f"skipped {skipped_line(item.path, item.reason)}")
    changes = render_changes(report)
    if (changes or former is None) and not settings.quiet:
        changes = changes or "nothing had changed"
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        note(f"{now} generation {report.generation}: {changes}; {made.seconds:.1f} s")
