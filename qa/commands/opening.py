"""An assistant that can answer at once: its models are prepared first.

What answers is imported while they load.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from index.embedding import open_embedder
from index.reading import OFF, open_reader
from index.reranking import open_reranker
from index.search import Searcher
from index.store import Store
from qa.commands.terminal import note
from qa.config import Settings
from qa.question import checked

if TYPE_CHECKING:
    from qa.assistant import Assistant


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

    Where the first `question` is known, the models begin to load at once.

    Raises:
        QuestionError: it cannot be asked.
    """
    with Store(settings.index) as store:
        text = checked(question)[1].text if question else ""
        embedder = open_embedder(store.meta("model") or "", settings.threads)
        reader = open_reader(settings.reader, settings.threads)
        for preparing in (embedder.prepare(), reader.prepare() if reader else iter(())):
            if (begun := next(preparing, None)) and not settings.quiet:
                note(f"Preparing the {begun.stage} for this machine, once; about a minute.")
            deque(preparing, maxlen=0)
        reranker = open_reranker(settings.reranker, settings.threads)
        searcher = Searcher(store, embedder, reranker, reader)
        if text:
            searcher.load(text)
        from qa.assistant import Assistant

        yield Assistant(searcher, settings)
