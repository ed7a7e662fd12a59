"""Question sets: what is asked, what would answer it, and where that stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from qa.errors import QuestionSetError

_MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: a document (by id, path, path suffix or title) and its words there.

    `grade` is the relevance of TREC qrels: 1 or more, higher is more relevant.
    """

    document: str
    quote: str | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its labels; any one of `answers` is right. `line` is where it was read.

    `not_evidence` are words that a reader has found not to answer it.
    """

    id: str
    question: str
    history: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()
    line: int = 0
    not_evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions under a name; `sha256` is the digest of their contents, not of the file's form."""

    name: str
    questions: tuple[Question, ...]
    sha256: str


def question_set(name: str, questions: Sequence[Question]) -> QuestionSet:
    """Name questions as a set, with the digest of what they ask and label."""
    digest = sha256()
    for item in questions:
        digest.update(json.dumps(asdict(replace(item, line=0)), sort_keys=True).encode())
    return QuestionSet(name, tuple(questions), digest.hexdigest())


def combine(sets: Sequence[QuestionSet]) -> QuestionSet:
    """Join several sets into one: ids become `set/id`, and the set's name becomes a tag."""
    if len(sets) == 1:
        return sets[0]
    names = [item.name for item in sets]
    if len(set(names)) < len(names):
        raise QuestionSetError(
            f"Two of the sets are called the same ({', '.join(names)}); run one."
        )
    questions = [
        replace(question, id=f"{item.name}/{question.id}", tags=(*question.tags, item.name))
        for item in sets
        for question in item.questions
    ]
    return question_set("+".join(names), questions)


def _text(record: Mapping[str, object], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip():
        raise QuestionSetError(f"`{key}` is not a text")
    return value


def _texts(record: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise QuestionSetError(f"`{key}` is not a list of texts")
    return tuple(value)


def _evidence(record: Mapping[str, object], key: str) -> tuple[Evidence, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise QuestionSetError(f"`{key}` is not a list of objects")
    found = []
    for item in value:
        quote = None if item.get("quote") is None else _text(item, "quote")
        grade = item.get("grade", 1)
        if not isinstance(grade, int) or grade < 1:
            raise QuestionSetError("`grade` is not a whole number from 1")
        found.append(Evidence(_text(item, "document"), quote, int(grade)))
    return tuple(found)


def parse_question(text: str, line: int = 0) -> Question:
    """Read one line of a native question set. A missing `id` becomes the line's number.

    Raises:
        QuestionSetError: with the reason alone, for the caller to say where.
    """
    try:
        record = json.loads(text)
        text.encode()
        json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise QuestionSetError("not JSON in UTF-8") from None
    if not isinstance(record, dict):
        raise QuestionSetError("not a JSON object")
    name = record.get("id", str(line))
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        raise QuestionSetError("`id` is not a text")
    answerable = record.get("answerable", True)
    if not isinstance(answerable, bool):
        raise QuestionSetError("`answerable` is neither true nor false")
    return Question(
        id=str(name),
        question=_text(record, "question"),
        history=_texts(record, "history"),
        answers=_texts(record, "answers"),
        evidence=_evidence(record, "evidence"),
        answerable=answerable,
        tags=_texts(record, "tags"),
        line=line,
        not_evidence=_evidence(record, "not_evidence"),
    )


def read_native(path: Path) -> list[Question]:
    """Read the `.jsonl` form; blank lines do not count.

    Raises:
        QuestionSetError: names the lines that cannot be read, each with its reason.
    """
    questions, reasons = [], []
    # Not splitlines(): it also splits at U+2028 and the like, which JSON allows inside texts.
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip():
            try:
                questions.append(parse_question(line, number))
            except QuestionSetError as error:
                reasons.append(f"line {number}: {error}")
    if reasons:
        more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
        raise QuestionSetError(
            f"{path} has lines that are no questions ({'; '.join(reasons[:_MOST_REASONS])}{more}); "
            "correct them and run again."
        )
    return questions


def to_record(question: Question) -> dict[str, object]:
    """Give a question its native form, without what is empty: one line of a `.jsonl` set."""
    record: dict[str, object] = {"id": question.id, "question": question.question}
    if question.history:
        record["history"] = list(question.history)
    if question.answers:
        record["answers"] = list(question.answers)
    for name in ("evidence", "not_evidence"):
        if labels := getattr(question, name):
            record[name] = [
                {key: value for key, value in asdict(item).items() if value not in (None, 1)}
                for item in labels
            ]
    record["answerable"] = question.answerable
    if question.tags:
        record["tags"] = list(question.tags)
    return record


def write_native(questions: Iterable[Question], path: Path) -> None:
    """Write questions as a native `.jsonl` set."""
    lines = (json.dumps(to_record(item), ensure_ascii=False) for item in questions)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
