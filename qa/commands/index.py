"""`quoth index`: build the index and look after it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from index.build import build as build_index
from index.build import rebuild as rebuild_index
from index.build import remove as remove_documents
from index.reading import open_reader
from qa.commands.terminal import note, track, write, write_json
from qa.config import Settings
from qa.render import holding_to_dict
from qa.reports import holding_line, render_log, render_report, render_status, skipped_line
from qa.types import BuildReport, Progress
from qa.upkeep import calibrated

FAILED, USAGE, SKIPPED = 1, 2, 4


def build(arguments: Namespace, settings: Settings) -> int:
    """Build or update the index; 4 where some files could not be read."""
    report = update(arguments.documents, arguments.exclude, settings)
    return _report(report, arguments, settings)


def update(documents: list[str], excludes: list[str], settings: Settings) -> BuildReport:
    """Bring the index up to date with these documents, and name those left out."""
    events = build_index(
        [Path(name) for name in documents],
        settings.index,
        settings.model,
        excludes=excludes,
        threads=settings.threads,
        limits=settings.limits,
    )
    return _finish(events, settings)


def _calibrated(
    events: Iterable[Progress | BuildReport], settings: Settings
) -> Iterator[Progress | BuildReport]:
    reader = open_reader(settings.reader, settings.threads)
    return calibrated(events, settings.index, reader=reader)


def _finish(events: Iterable[Progress | BuildReport], settings: Settings) -> BuildReport:
    *_, report = track(_calibrated(events, settings), settings)
    _name_skipped(report)
    return report


def _name_skipped(report: BuildReport) -> None:
    for item in report.skipped:
        note(f"skipped {skipped_line(item.path, item.reason)}")


def _report(report: BuildReport, arguments: Namespace, settings: Settings) -> int:
    if arguments.json:
        write_json(asdict(report))
    elif not settings.quiet:
        write(render_report(report))
    return SKIPPED if report.skipped else 0


def rebuild(arguments: Namespace, settings: Settings) -> int:
    """Read and cut everything anew; the index stays as it is until that stands, and is kept."""
    if arguments.check:
        return _checked(arguments, settings)
    if arguments.fail_under:
        note("--fail-under needs a question set; name it with --check SET.")
        return USAGE
    events = rebuild_index(
        settings.index, settings.model, threads=settings.threads, limits=settings.limits
    )
    return _report(_finish(events, settings), arguments, settings)


def repair(arguments: Namespace, settings: Settings) -> int:
    """Find what is wrong and put it right; 4 where some files could not be read."""
    from index.repair import repair as put_right

    model = settings.model if hasattr(arguments, "model") else None
    events = put_right(settings.index, model, threads=settings.threads)
    reports = list(track(_calibrated(events, settings), settings))
    if reports:
        _name_skipped(reports[-1])
        return _report(reports[-1], arguments, settings)
    if arguments.json:
        write_json(None)
    elif not settings.quiet:
        write("The index is sound.")
    return 0


def _checked(arguments: Namespace, settings: Settings) -> int:
    """Rebuild beside the index, and swap only what passes; 1 where it does not."""
    from qa.evaluation.formats import load
    from qa.evaluation.gated import rebuild_checked
    from qa.evaluation.history import parse_gate, render_comparison

    gates = [parse_gate(text) for text in arguments.fail_under]
    sets = [load(name, settings.index) for name in arguments.check]
    (outcome,) = track(rebuild_checked(settings, sets, gates), settings)
    _name_skipped(outcome.report)
    if arguments.json:
        write_json(outcome.to_dict())
    else:
        write(render_comparison(outcome.comparison))
    if outcome.failures:
        note(f"The rebuilt index was not swapped in: {' '.join(outcome.failures)}")
        return FAILED
    if not arguments.json and not settings.quiet:
        write(f"\n{render_report(outcome.report)}")
    return SKIPPED if outcome.report.skipped else 0


def undo(arguments: Namespace, settings: Settings) -> int:
    """Go back to before the last generation, or to the one named; once more returns."""
    from index.history import undo as go_back

    summary = go_back(settings.index, arguments.generation, settings.limits)
    if arguments.json:
        write_json(asdict(summary))
    elif not settings.quiet:
        write(
            f"Back to what was built on {summary.built}: {summary.documents} documents, "
            f"{summary.passages} passages; counted as generation {summary.generation}. "
            "`quoth index undo` again returns."
        )
    return 0


def log(arguments: Namespace, settings: Settings) -> int:
    """List the generations, the newest first, and which of them can be gone back to."""
    from index.history import log as generations

    found = generations(settings.index)
    if arguments.json:
        write_json([asdict(generation) for generation in found])
    else:
        write(render_log(found))
    return 0


def remove(arguments: Namespace, settings: Settings) -> int:
    """Take documents out of the index; their files stay as they are."""
    report = remove_documents(settings.index, arguments.documents, settings.limits)
    _report(report, arguments, settings)
    return 0


def status(arguments: Namespace, settings: Settings) -> int:
    """Summarise the index."""
    from qa.commands.opening import without_models

    with without_models(settings) as assistant:
        summary = assistant.status()
        alike = sum(bool(holding.near) for holding in assistant.library())
        summary = replace(summary, details={**summary.details, "near_duplicates": str(alike)})
    if arguments.json:
        write_json(asdict(summary))
    else:
        write(render_status(summary))
    return 0


def verify(arguments: Namespace, settings: Settings) -> int:
    """Check the store and what is derived from it; 1 where something is wrong."""
    from index.verify import verify as find_problems

    problems = find_problems(settings.index)
    if arguments.json:
        write_json({"ok": not problems, "problems": problems})
    else:
        write("\n".join(problems) or "The index is sound.")
    return 1 if problems else 0


def documents(arguments: Namespace, settings: Settings) -> int:
    """List the documents by title, with those that are nearly the same."""
    from qa.commands.opening import without_models

    with without_models(settings) as assistant:
        found = assistant.library()
    if arguments.json:
        write_json([holding_to_dict(holding) for holding in found])
    else:
        for holding in found:
            write(holding_line(holding))
    return 0
