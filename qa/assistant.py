"""The assistant: one question, one way, from its words to a cited answer.

What a question does not need is imported where it is needed: a first answer comes the sooner.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self

from index.build import build, remove, status
from index.errors import ModelError
from index.filters import Asked, without_filters
from index.holdings import check, holdings
from index.lexical import analyze_spans
from index.places import complete, examine
from index.reading import open_reader
from index.reranking import open_reranker
from index.search import Searcher
from index.sources import state
from qa.answer import Composition, compose
from qa.config import Settings
from qa.copies import copied
from qa.evidence import PASSAGES
from qa.looking import Looking
from qa.marks import MarkedSet
from qa.question import checked, whole
from qa.types import (
    Answer,
    BuildReport,
    Citation,
    Coverage,
    Document,
    Event,
    Hit,
    Holding,
    IndexStatus,
    Location,
    Marks,
    Notice,
    Partial,
    Place,
    Progress,
    Quote,
    State,
    Verdict,
    Why,
)
from qa.upkeep import calibrated, told, watched

if TYPE_CHECKING:
    from qa.resuming import SessionsOver

NOT_FOUND = "This is not in these documents."


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The passages for a query, best first, and the milliseconds each stage took.

    `nothing` says which filter left no passage to search; `weights` are those of the signals;
    `repeats` are the ranks of hits that only repeat another's passage, with the rank of that one.
    """

    query: str
    hits: tuple[Hit, ...]
    timings: dict[str, float]
    nothing: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    repeats: Mapping[int, int] = field(default_factory=dict)


class Assistant:
    """Answers questions over one index. Close it, or use it in `with`; threads may share it."""

    def __init__(self, searcher: Searcher, settings: Settings) -> None:
        """Answer from `searcher` as `settings` say."""
        self.searcher = searcher
        self.settings = settings
        self._marked = MarkedSet(searcher.store.directory, searcher.store.present_id)

    @classmethod
    def open(cls, index: str | Path, settings: Settings | None = None) -> Self:
        """Open an index; its model is loaded when a question first needs it.

        Raises:
            index.errors.IndexMissingError: there is none in this folder.
            index.errors.IndexDamagedError: it cannot be read.
        """
        settings = settings or Settings(index=Path(index))
        reranker = open_reranker(settings.reranker, settings.threads)
        reader = open_reader(settings.reader, settings.threads)
        return cls(Searcher.open(index, reranker=reranker, reader=reader), settings)

    @cached_property
    def sessions(self) -> SessionsOver:
        """The conversations that are kept."""
        from qa.resuming import SessionsOver

        return SessionsOver(self.settings.sessions, self.searcher.store, keeps=self.settings.keep)

    def close(self) -> None:
        """Let go of the index, and of the conversations."""
        if "sessions" in vars(self):
            self.sessions.close()
        self.searcher.close()

    def __enter__(self) -> Self:
        """Return the assistant itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the index."""
        self.close()

    def ask(
        self, question: str, history: Sequence[str] = (), scope: Collection[str] | None = None
    ) -> Answer:
        """Answer a question, which may lean on the earlier ones in `history`, oldest first.

        Filters typed into it (`index.filters`) hold for this question alone; `scope` are the ids
        of the documents that count, None for all.

        Raises:
            QuestionError: the question is empty, as long as a document, or has a wrong filter.
            index.errors.ModelError: the index's model is not on this machine.
        """
        question, asked = checked(question)
        self.searcher.start(asked.text)
        return self._answer(question, asked, tuple(map(whole, history)), scope)

    def stream(
        self, question: str, history: Sequence[str] = (), scope: Collection[str] | None = None
    ) -> Iterator[Event]:
        """Answer a question; while the model is still to be loaded, first by words alone.

        Yields:
            A `Partial` where there is time for one, and the `Answer` last.
        """
        question, asked, history = *checked(question), tuple(map(whole, history))
        if not self.searcher.ready:
            yield Progress("words", 0)
            yield Partial("words", self._answer(question, asked, history, scope, words_only=True))
            yield from self.searcher.prepare(asked.text)
            yield Progress("model", 0)
            self.warm()
        yield self._answer(question, asked, history, scope)

    def warm(self) -> None:
        """Load the models now, so that the first question need not wait for them."""
        if not self.searcher.ready:
            self.searcher.start("warm")
            if self.searcher.reranker is not None:
                self.searcher.reranker.score("warm", ["warm"])

    def search(self, query: str, k: int = 10) -> SearchResult:
        """The best k passages, best first."""
        query, asked = checked(query)
        self.searcher.start(asked.text)
        started = perf_counter()
        encoding = self.searcher.encode(asked.text)
        encoded = perf_counter()
        with self.searcher.reading():
            left = self.searcher.allowed(asked.filters)
            asking = self.searcher.query(asked.text, encoding)
            hits = self.searcher.rank([(asking, 1.0)], k, left.ids)
        done = perf_counter()
        timings = {"encode": encoded - started, "retrieve": done - encoded, "total": done - started}
        weights = self.searcher.weights_for(asking)
        repeats = copied(hits)
        return SearchResult(
            query, tuple(hits), _milliseconds(timings), left.nothing, weights, repeats
        )

    def document(self, name: str) -> Document:
        """Find a document by id, path, end of a path, or title."""
        return self.searcher.store.find_document(name)

    def documents(self) -> Sequence[Document]:
        """All documents, by title."""
        return self.searcher.store.documents()

    def former_ids(self) -> Mapping[str, str]:
        """The ids that renamed documents had before, with those that they have now."""
        return self.searcher.store.former_ids()

    def library(self) -> Sequence[Holding]:
        """All documents by title, without their texts, but with how long and how alike they are."""
        return holdings(self.searcher.store.directory)

    def check(self) -> Iterator[Mapping[str, State]]:
        """What has become of the documents' files, by id, some at a time."""
        return check(self.searcher.store.directory)

    def complete(self, typed: str) -> Sequence[str]:
        """What a path that is being typed may become."""
        return complete(typed)

    def examine(self, typed: str) -> Place:
        """What a typed path leads to, or what is wrong with it."""
        return examine(typed, self.searcher.store.sources().keys())

    def remove(self, document_ids: Sequence[str]) -> BuildReport:
        """Take documents out of the index; their files stay as they are."""
        return remove(self.searcher.store.directory, document_ids, self.settings.limits)

    def state(self, document: Document) -> State:
        """Whether the file of a document is still the one that was indexed."""
        return state(document)

    def locate(self, document: Document, start: int, end: int) -> Location:
        """Find the words between two offsets in the file as it is now."""
        from index.sources import locate

        return locate(document, start, end)

    def status(self) -> IndexStatus:
        """Summarise the index and its calibration."""
        summary = status(self.searcher.store.directory)
        return replace(summary, details={**summary.details, **told(self.searcher.store)})

    def update(self, documents: Sequence[str] = ()) -> Iterator[Progress | BuildReport]:
        """Bring the index up to date, with other files and folders where some are named."""
        directory = self.searcher.store.directory
        try:
            embedder = self.searcher.embedder
        except ModelError:  # the model has changed: the build embeds all anew with the new one
            embedder = None
        events = build(
            documents,
            directory,
            excludes=self.searcher.store.excludes,
            threads=self.settings.threads,
            embedder=embedder,
            limits=self.settings.limits,
        )
        yield from calibrated(events, directory, embedder, self.searcher.reader)

    def generation(self) -> int:
        """The number of the index's newest generation, whoever made it."""
        return self.searcher.store.generation

    def watch(self, stop: threading.Event) -> Iterator[Progress | BuildReport | Notice]:
        """Keep the index up to date with its files until `stop` is set, telling what is done."""
        store, embedder = self.searcher.store, self.searcher.embedder
        yield from watched(
            (),
            store.directory,
            embedder,
            self.searcher.reader,
            limits=self.settings.limits,
            stop=stop,
        )

    def suggestions(self) -> Sequence[str]:
        """A few questions that the documents answer by words alone; tried, so it takes a moment."""
        from qa.suggestions import suggestions

        def answers(question: str, document: str) -> bool:
            text, asked = checked(question)
            answer = self._answer(text, asked, (), None, words_only=True)
            return any(cited.hit.document.id == document for cited in answer.citations)

        return suggestions(self.searcher.store, answers)

    def why(self, answer: Answer, document_id: str, start: int, end: int) -> Why:
        """Tell why a stretch of a document is in an answer, or which stage lost it."""
        from qa.why import Workings, why

        _, asked = checked(answer.question)
        ticked = frozenset(map(self.searcher.store.present_id, answer.ticked))
        scope = None if answer.scope is None else ticked
        self.warm()
        with self.searcher.reading():
            left = self.searcher.allowed(asked.filters, scope)
            looking = Looking(self.searcher, left.ids, self.settings.passages)
            found = looking.understood(asked.text, [*map(without_filters, answer.history)])
            seen = Workings(asked.filters, scope, left.ids, found)
            return why(self.searcher, self.settings, answer, seen, (document_id, start, end))

    def marks(self, answer: Answer) -> Marks:
        """What the reader has said of the question before."""
        return self._marked.marks(answer)

    def mark(self, answer: Answer, verdict: Verdict, quote: Quote | None = None) -> Marks:
        """Keep a verdict in the question set "marked"; the same again withdraws it."""
        return self._marked.mark(answer, verdict, quote)

    def _answer(
        self,
        question: str,
        asked: Asked,
        history: tuple[str, ...],
        scope: Collection[str] | None,
        *,
        words_only: bool = False,
    ) -> Answer:
        started = perf_counter()
        with self.searcher.reading() as caches:
            left = self.searcher.allowed(asked.filters, scope)
            looking = Looking(self.searcher, left.ids, self.settings.passages, words_only)
            found = looking.understood(asked.text, [*map(without_filters, history)])
            read = perf_counter()
            answered = bool(found.sentences) and found.confidence >= self.settings.threshold
            composed = compose(
                found.query.text,
                found.sentences if answered else (),
                self.settings.quotes,
                found.query.terms,
                found.copies,
                found.asked,
            )
            each = looking.apart(found, composed.sentences)
            coverage = () if left.nothing else _coverage(asked.text, self.searcher, found.hits)
            done = perf_counter()
            evidence = found.timings["evidence"] + done - read
            return Answer(
                question=question,
                resolved_question=found.resolved,
                status="answered" if answered else "not_found",
                text=composed.text if answered else left.nothing or not_found(scope),
                citations=_checked_on_disk(composed, each),
                hits=found.hits,
                confidence=found.confidence,
                timings=_milliseconds(
                    {**found.timings, "evidence": evidence, "total": done - started}
                ),
                history=history,
                points=tuple(composed.points),
                short_answer=composed.short_answer,
                conflicts=tuple(composed.conflicts),
                coverage=coverage,
                generation=caches.generation,
                passages=caches.words.count,
                model=self.searcher.store.meta("model") or "",
                scope=None if scope is None else len(scope),
                parts=tuple(composed.parts),
                ticked=() if scope is None else tuple(sorted(scope)),
            )


def not_found(scope: Collection[str] | None) -> str:
    """Say that there is no answer, and where it was looked for."""
    if scope is None:
        return NOT_FOUND
    documents = "the one document" if len(scope) == 1 else f"the {len(scope):,} documents"
    return f"This is not in {documents} that you ticked; the others were not searched."


def _checked_on_disk(composed: Composition, confidences: Sequence[float]) -> tuple[Citation, ...]:
    """The citations, each with its confidence and what has become of its source file."""
    states = {c.hit.document.id: c.hit.document for c in composed.citations}
    found = {name: state(document) for name, document in states.items()}
    return tuple(
        replace(c, state=found[c.hit.document.id], confidence=confidence)
        for c, confidence in zip(composed.citations, confidences, strict=True)
    )


def _coverage(question: str, searcher: Searcher, hits: Sequence[Hit]) -> tuple[Coverage, ...]:
    """Which words of the question stand in the best passages."""
    held = frozenset[str]().union(
        *(view.all_stems for view in searcher.views([hit.passage for hit in hits[:PASSAGES]]))
    )
    words = {stem: question[start:end] for stem, start, end in analyze_spans(question)}
    return tuple(Coverage(word, stem in held) for stem, word in words.items())


def _milliseconds(seconds: dict[str, float]) -> dict[str, float]:
    return {stage: 1000 * value for stage, value in seconds.items()}
