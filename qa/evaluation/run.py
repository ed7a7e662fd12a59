"""Running a question set: every question asked, judged, and added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from types import MappingProxyType
from typing import Any, Protocol

from index.types import Document, Progress
from qa.config import Settings
from qa.errors import QuestionError, QuestionSetError
from qa.evaluation.calibration import (
    Bin,
    calibration_error,
    percentile,
    refusals,
    reliability,
)
from qa.evaluation.corpus import Corpus
from qa.evaluation.judge import Values, judge
from qa.evaluation.questions import Question, QuestionSet, combine
from qa.render import answer_to_dict
from qa.types import Answer, Event

Json = dict[str, Any]

LATENCY = "latency_ms"


class Answerer(Protocol):
    """What a run needs of an assistant; every `qa.types.Backend` is one."""

    def stream(self, question: str, history: Sequence[str] = ()) -> Iterator[Event]:
        """Yield progress and partial answers, and the final `Answer` last."""
        ...

    def documents(self) -> Sequence[Document]:
        """All documents."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """A question, the answer object it got (None, and why, where none came), and its measures."""

    question: Question
    answer: Json | None
    values: Values
    error: str = ""

    @property
    def refused(self) -> bool:
        """Whether the answer was "not found"; where none came, the wrong decision."""
        if self.answer is None:
            return self.question.answerable
        return bool(self.answer["status"] == "not_found")

    @property
    def confidence(self) -> float:
        """Said probability that there is an answer; where none came, the wrong one."""
        if self.answer is None:
            return float(not self.question.answerable)
        return float(self.answer["confidence"])


@dataclass(frozen=True, slots=True)
class Total:
    """A measure over a run: its value, and how many questions it is defined on."""

    value: float
    n: int


Totals = dict[str, Total]


@dataclass(frozen=True, slots=True)
class RunResult:
    """A set asked and judged. `missing` names documents of its labels that the index lacks."""

    set_name: str
    set_sha256: str
    k: int
    created: str
    version: str
    index: Json
    settings: Json
    records: tuple[Record, ...]
    totals: Totals
    groups: Mapping[str, Totals]
    bins: tuple[Bin, ...]
    missing: tuple[str, ...] = ()
    name: str = ""


def run(
    backend: Answerer,
    sets: Sequence[QuestionSet],
    k: int = 10,
    settings: Mapping[str, Any] | None = None,
    version: str = "",
    former: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Progress | RunResult]:
    """Ask every question of the sets and yield the judged result last.

    `settings` and the program's `version` are recorded, so that runs can be told apart; `former`
    are the ids that documents had before they were renamed, with those of now.

    Raises:
        QuestionSetError: the index has none of the documents that a set names.
    """
    corpus = Corpus(backend.documents(), former)
    missing = [name for item in sets for name in _missing(item, corpus)]
    questions = combine(sets)
    records = []
    index: Json = {}
    for done, question in enumerate(questions.questions):
        yield Progress("questions", done, len(questions.questions), question.question)
        record = _ask(backend, question, corpus, k)
        records.append(record)
        index = record.answer["index"] if record.answer else index
    yield Progress("questions", len(records), len(records))
    yield make_result(
        records,
        set_name=questions.name,
        set_sha256=questions.sha256,
        k=k,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=version,
        index=index,
        settings=dict(settings or {}),
        missing=tuple(dict.fromkeys(missing)),
    )


def deep_enough(settings: Settings, k: int) -> Settings:
    """Rank more passages than k: several may share one of the k documents."""
    return replace(settings, passages=max(settings.passages, 5 * k))


def make_result(records: Sequence[Record], **facts: Any) -> RunResult:
    """Add records up: totals, groups and the reliability curve."""
    return RunResult(
        records=tuple(records),
        totals=total(records),
        groups={name: total(members) for name, members in _groups(records).items()},
        bins=tuple(
            reliability(
                [record.question.answerable for record in records],
                [record.confidence for record in records],
            )
        ),
        **facts,
    )


def _missing(questions: QuestionSet, corpus: Corpus) -> list[str]:
    names = [item.document for question in questions.questions for item in question.evidence]
    missing = [name for name in dict.fromkeys(names) if not corpus.candidates(name)]
    if names and len(missing) == len(set(names)):
        raise QuestionSetError(
            f"The index has none of the {len(missing)} documents that {questions.name} asks about "
            f"(such as {missing[0]}); add them with `quoth index build`, or name their index with "
            "--index."
        )
    return missing


def _ask(backend: Answerer, question: Question, corpus: Corpus, k: int) -> Record:
    answer: Answer | None = None
    error = "no answer came"
    start = perf_counter()
    try:
        for event in backend.stream(question.question, question.history):
            answer = event if isinstance(event, Answer) else answer
    except QuestionError as refused:
        answer, error = None, str(refused)
    elapsed = (perf_counter() - start) * 1000
    values = judge(question, answer, corpus, k)
    if answer is None:
        return Record(question, None, values, error)
    values[LATENCY] = float(answer.timings.get("total", elapsed))
    return Record(question, answer_to_dict(answer), values)


def total(records: Sequence[Record]) -> Totals:
    """Average every measure over the questions it is defined on, and measure refusing."""
    columns: dict[str, list[float]] = {}
    for record in records:
        for name, value in record.values.items():
            columns.setdefault(name, []).append(value)
    latencies = columns.pop(LATENCY, [])
    totals = {name: Total(sum(found) / len(found), len(found)) for name, found in columns.items()}
    for name, value in _refusing(records).items():
        totals[name] = Total(value, len(records))
    for name, share in (("latency_p50", 0.5), ("latency_p95", 0.95)):
        if latencies:
            totals[name] = Total(percentile(latencies, share), len(latencies))
    return totals


def _refusing(records: Sequence[Record]) -> dict[str, float]:
    """Measure refusing where there is something to refuse and something to answer."""
    import numpy as np

    answerable = [record.question.answerable for record in records]
    confidence = [record.confidence for record in records]
    if not records:
        return {}
    values = {"ece": calibration_error(reliability(answerable, confidence))}
    if len(set(answerable)) == 2:
        measured = refusals(
            np.ones((1, len(records))),
            np.array(answerable, dtype=float),
            np.array([record.refused for record in records], dtype=float),
            np.array(confidence),
        )
        values |= {name: float(value[0]) for name, value in measured.items()}
    return values


def _groups(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Group by answerable, by turn and by tag; a group of all is none."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        question = record.question
        names = [
            "answerable" if question.answerable else "unanswerable",
            "follow-up" if question.history else "first turn",
            *(f"tag {tag}" for tag in dict.fromkeys(question.tags)),
        ]
        for name in names:
            groups.setdefault(name, []).append(record)
    return {name: found for name, found in groups.items() if len(found) < len(records)}
