"""An assistant that can answer at once: its models are prepared first.

What searches and answers is imported while they load.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from index.embedding import open_embedder
from index.opening import Models
from index.reading import OFF, open_reader
from index.store import Store
from qa.commands.terminal import note
from qa.config import Settings
from qa.question import checked

if TYPE_CHECKING:
    from qa.assistant import Assistant

FIRST = "first"  # what the models are loaded for, where no question is known yet


def without_models(settings: Settings) -> Assistant:
    """An assistant for what is done without a model, so that none is looked for.

    Raises:
        index.errors.IndexMissingError: there is no index.
        index.errors.IndexDamagedError: it cannot be read.
    """
    from qa.assistant import Assistant

    return Assistant.open(settings.index, replace(settings, reader=OFF))


@contextmanager
def opened(settings: Settings, question: str = "") -> Iterator[Assistant]:
    """Open the index for questions, and say so where a model takes long, which it does once.

    Where the first `question` is known, the models are loaded for it.

    Raises:
        QuestionError: it cannot be asked.
    """
    with Store(settings.index) as store:
        text = checked(question)[1].text if question else FIRST
        embedder = open_embedder(store.meta("model") or "", settings.threads)
        models = Models(store, embedder, open_reader(settings.reader, settings.threads))
        for stage, _ in groupby(models.prepare(text), key=attrgetter("stage")):
            if not settings.quiet:
                note(f"Preparing the {stage} for this machine, once; about a minute.")
        from index.reranking import open_reranker
        from index.search import Searcher
        from qa.assistant import Assistant

        reranker = open_reranker(settings.reranker, settings.threads)
        yield Assistant(Searcher(store, models, reranker), settings)
