"""`quoth search` and `quoth show`: passages found, and the stored text they stand in."""

from __future__ import annotations

import sys
from argparse import Namespace

from qa.assistant import Assistant
from qa.commands.terminal import note, width, write, write_json
from qa.config import Settings
from qa.errors import QuestionError
from qa.render import render_hits, search_to_dict


def search(arguments: Namespace, settings: Settings) -> int:
    """List the passages nearest to the query."""
    with Assistant.open(settings.index, settings) as assistant:
        found = assistant.search(arguments.query, k=arguments.k)
    if arguments.json:
        write_json(search_to_dict(found.query, found.hits, found.timings))
    elif found.hits:
        write(render_hits(found.hits, width()))
    elif not settings.quiet:
        note("no passage holds any of these words; try others.")
    return 0


def show(arguments: Namespace, settings: Settings) -> int:
    """Print the stored text, or the span, and nothing else."""
    with Assistant.open(settings.index, settings) as assistant:
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
