"""Building, and what an index holds, as plain, linear text. Pure: nothing is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.clean import strip_invisible
from qa.render import render_table

if TYPE_CHECKING:
    from qa.types import BuildReport, Generation, Holding, IndexStatus, Progress

NAMED = 3  # documents of each kind of change that are named in one line


def holding_line(holding: Holding) -> str:
    """Name a document of an index, and the one that is the most nearly the same."""
    line = skipped_line(holding.document.path, holding.document.title)
    if not holding.near:
        return line
    more = f" and {len(holding.near) - 1} more" if len(holding.near) > 1 else ""
    return f"{line} (nearly the same as {strip_invisible(holding.near[0].document_id)}{more})"


def render_progress(progress: Progress, seconds: float, width: int) -> str:
    """Tell in one line how far the work is, with the time left where it can be told."""
    if not progress.total:
        line = f"{progress.stage} {progress.done or ''} {progress.detail}"
    else:
        share = min(1.0, progress.done / progress.total)
        bar = "#" * round(20 * share)
        rate = f", {_rate(progress.done / seconds)}" if progress.done and seconds >= 1 else ""
        left = f", {_duration(seconds / share - seconds)} left" if 0.02 < share < 1 else ""
        line = f"{progress.stage} [{bar:.<20}] {progress.done}/{progress.total}{rate}{left}"
    return " ".join(strip_invisible(line).split())[: max(width - 1, 10)]


def _rate(each_second: float) -> str:
    return f"{each_second:,.0f}/s" if each_second >= 10 else f"{each_second:.1f}/s"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def render_changes(report: BuildReport) -> str:
    """Tell what a build did to which documents: "2 added (a.md, b.md), 1 removed (c.md)"."""
    return ", ".join(
        f"{count} {kind} ({_named(report, kind, count)})"
        for kind, count in _counts(report).items()
        if count
    )


def _counts(report: BuildReport) -> dict[str, int]:
    """How many documents were changed in which way."""
    return {
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "removed": report.removed,
    }


def _named(report: BuildReport, kind: str, count: int) -> str:
    """The first of the documents of a kind of change, and how many more there are."""
    found = [change for change in report.changes if change.kind == kind][:NAMED]
    names = [
        c.document_id if c.former in ("", c.document_id) else f"{c.former} → {c.document_id}"
        for c in found
    ]
    more = [f"{count - len(found)} more"] if count > len(found) else []
    return strip_invisible(", ".join((*names, *more))).replace("\n", " ")


def render_report(report: BuildReport) -> str:
    """Summarise a build in one line."""
    counts = _counts(report) | {"unchanged": report.unchanged, "skipped": len(report.skipped)}
    changes = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return (
        f"{report.documents} documents, {report.passages} passages, {report.embedded} embedded"
        f" ({changes or 'nothing to do'}); generation {report.generation}."
    )


def render_status(status: IndexStatus) -> str:
    """Summarise an index, one fact a line."""
    facts = {
        "Index": status.path,
        "Documents": status.documents,
        "Passages": status.passages,
        "Generation": status.generation,
        "Model": status.model,
        "Built": status.built,
        "Size": f"{status.bytes / 1e6:.1f} MB",
        "Sources": ", ".join(status.sources),
        **dict(status.details),
    }
    alike = int(str(facts.pop("near_duplicates", 0)))
    lines = [f"{name}: {strip_invisible(str(value))}" for name, value in facts.items()]
    if alike:
        lines.append(f"Near-duplicates: {alike} documents; `quoth index list` names them")
    lines += [f"Skipped: {skipped_line(item.path, item.reason)}" for item in status.skipped]
    return "\n".join(lines)


def render_log(generations: Sequence[Generation]) -> str:
    """List generations in a table, the newest first."""
    header = "generation,made (UTC),by,added,changed,removed,documents,passages,MB,kept MB,undo"
    rows = [
        (
            g.number,
            g.made.removesuffix("+00:00").replace("T", " "),
            g.kind,
            *("?" if count is None else str(count) for count in (g.added, g.changed, g.removed)),
            g.documents,
            g.passages,
            f"{g.bytes / 1e6:.1f}",
            f"{g.held / 1e6:.1f}",
            {None: "(present)", True: f"quoth index undo {g.number}", False: "not kept"}[g.open],
        )
        for g in generations
    ]
    return render_table(header.split(","), rows)


def skipped_line(path: str, reason: str) -> str:
    """Name a file that was left out, and why."""
    return strip_invisible(f"{path}: {reason}").replace("\n", " ")
