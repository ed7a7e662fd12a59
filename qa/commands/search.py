"""`quoth search` and `quoth show`: passages found, and the stored text they stand in."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import astuple

from index.catalogue import METADATA
from index.ranking import load_weights
from qa.commands.opening import opened, without_models
from qa.commands.terminal import note, width, write, write_json
from qa.commands.why import tell
from qa.config import Settings
from qa.errors import QuestionError
from qa.explain import Part, explain
from qa.render import render_hits, render_table, search_to_dict


def search(arguments: Namespace, settings: Settings) -> int:
    """List the passages nearest to the query, or tell what becomes of one."""
    if arguments.why is not None:
        with opened(settings) as assistant:
            tell(assistant, arguments.query, arguments.why, json=arguments.json)
        return 0
    pool, _ = load_weights()
    wanted = max(arguments.k, pool) if arguments.explain else arguments.k
    with opened(settings, arguments.query) as assistant:
        found = assistant.search(arguments.query, k=wanted)
    explained = (
        explain(found.hits, {**found.weights, **METADATA})[: arguments.k]
        if arguments.explain
        else []
    )
    hits = found.hits[: arguments.k]
    if arguments.json:
        write_json(search_to_dict(found.query, hits, found.timings, explained, found.repeats))
    elif hits:
        tables = [_table(parts) for parts in explained]
        write(render_hits(hits, width(), tables, found.repeats))
    elif not settings.quiet:
        note(found.nothing or "No passage fits; try other words.")
    return 0


def _table(parts: dict[str, Part]) -> str:
    header = ("signal", "value", "weight", "contribution", "rank by it alone")
    return render_table(header, [(name, *astuple(part)) for name, part in parts.items()])


def show(arguments: Namespace, settings: Settings) -> int:
    """Print the stored text, or the span, and nothing else."""
    with without_models(settings) as assistant:
        text = assistant.document(arguments.document).text
    start = 0 if arguments.start is None else arguments.start
    end = len(text) if arguments.end is None else arguments.end
    if not 0 <= start <= end <= len(text):
        raise QuestionError(
            f"Characters {start} to {end} are no span of {arguments.document}; "
            f"choose 0 <= start <= end <= {len(text)}."
        )
    sys.stdout.write(text[start:end])
    if sys.stdout.isatty():
        write("")
    return 0
