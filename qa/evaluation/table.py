"""A run as plain text: what was measured, on how many questions, in groups, and what went wrong."""

from __future__ import annotations

from index.clean import strip_invisible
from qa.evaluation.run import RunResult, Totals
from qa.render import render_table as align

SECTIONS = {
    "Overall": ("correct",),
    "Documents found": ("recall@", "precision@", "nDCG@", "MRR@", "MAP@"),
    "Passages found": ("passage_", "answer_in_passages"),
    "Quotes": ("quote_", "token_", "answer_in_quotes"),
    "Short answers": ("exact_match", "f1"),
    "Citations": ("citation", "rejected_cited"),
    "Refusals": ("refusal_", "balanced_accuracy", "auc"),
    "Calibration (lower is better)": ("brier", "ece"),
    "Milliseconds": ("latency_",),
}
_HEADLINES = ("correct", "nDCG@", "MRR@", "quote_found", "answer_in_quotes", "f1")


def sections(totals: Totals) -> dict[str, list[str]]:
    """Put the names of measures in the order in which people read them, by section."""
    found = {
        title: [name for prefix in prefixes for name in totals if name.startswith(prefix)]
        for title, prefixes in SECTIONS.items()
    }
    return {title: names for title, names in found.items() if names}


def render_table(result: RunResult) -> str:
    """Tell a run as aligned text."""
    facts = f"{result.set_name}: {len(result.records)} questions, k = {result.k}"
    blocks = [f"{facts}, {result.index.get('model', 'no model')}"]
    for title, measures in sections(result.totals).items():
        rows = [
            (f"  {name}", result.totals[name].value, result.totals[name].n) for name in measures
        ]
        blocks.append(align((title, "value", "questions"), rows))
    if result.groups:
        blocks.append(_groups(result))
    failed = [record for record in result.records if record.answer is None]
    blocks += [f"No answer to {item.question.id}: {item.error}" for item in failed]
    if result.missing:
        names = ", ".join(result.missing[:3])
        blocks.append(
            f"The labels name documents that the index lacks, {len(result.missing)} in all ({names}"
            f"{', …' if len(result.missing) > 3 else ''}); these count as not found."
        )
    return strip_invisible("\n\n".join(blocks))


def headlines(totals: Totals, k: int) -> list[str]:
    """Choose the few measures that groups are told by."""
    names = (f"{name}{k}" if name.endswith("@") else name for name in _HEADLINES)
    return [name for name in names if name in totals]


def _groups(result: RunResult) -> str:
    columns = headlines(result.totals, result.k)
    rows = [
        (
            f"  {name}",
            max((value.n for value in totals.values()), default=0),
            *(f"{totals[column].value:.3f}" if column in totals else "-" for column in columns),
        )
        for name, totals in result.groups.items()
    ]
    return align(("Groups", "questions", *columns), rows)
