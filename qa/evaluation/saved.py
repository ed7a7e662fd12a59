"""Runs as files: saved beside the index, as answer objects, as a TREC run, and read again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.private import make_folder, opener
from qa.errors import QuestionSetError
from qa.evaluation.questions import parse_question, to_record
from qa.evaluation.run import Json, Record, RunResult, Totals, make_result

_FORMAT = 1
_NAME = re.compile(r"[\w.+-]*\w[\w.+-]*")
_FACTS = ("set_name", "set_sha256", "k", "created", "version", "index", "settings")
_KEPT = ("status", "confidence", "answer", "short_answer")


def to_dict(result: RunResult) -> Json:
    """Make the JSON object of a run: facts, totals, groups, reliability, and each question."""
    return {
        "format": _FORMAT,
        "name": result.name,
        **{fact: getattr(result, fact) for fact in _FACTS},
        "missing": list(result.missing),
        "totals": _totals(result.totals),
        "groups": {name: _totals(found) for name, found in result.groups.items()},
        "reliability": [asdict(item) for item in result.bins],
        "questions": [_record_to_dict(record) for record in result.records],
    }


def _totals(totals: Totals) -> Json:
    return {name: asdict(value) for name, value in totals.items()}


def _record_to_dict(record: Record) -> Json:
    answer = record.answer
    return {
        **to_record(record.question),
        "result": answer and {key: answer[key] for key in _KEPT},
        "error": record.error,
        "values": record.values,
    }


def save(result: RunResult, index: Path, name: str) -> Path:
    """Write a run to `INDEX/runs/NAME.json`, whole or not at all; a run of that name is replaced.

    Raises:
        QuestionSetError: the name cannot be a file's, or the file cannot be written.
    """
    path = _path(index, name)
    text = json.dumps({**to_dict(result), "name": name}, ensure_ascii=False)
    try:
        make_folder(path.parent)
        beside = path.with_suffix(".part")
        with open(beside, "w", encoding="utf-8", opener=opener) as file:
            file.write(text)
        beside.replace(path)
    except OSError as error:
        raise QuestionSetError(f"{path} cannot be written ({error.strerror}).") from None
    return path


def _path(index: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise QuestionSetError(
            f"A run cannot be called {name!r}; use letters, digits, dots, dashes and underscores."
        )
    return index / "runs" / f"{name}.json"


def load_run(index: Path, name: str) -> RunResult:
    """Read a saved run; its answers keep status, confidence, text and short answer.

    Raises:
        QuestionSetError: there is no such run, or its file is damaged.
    """
    path = _path(index, name)
    try:
        return _read(path)
    except FileNotFoundError:
        known = ", ".join(sorted(item.stem for item in path.parent.glob("*.json")))
        raise QuestionSetError(
            f"There is no saved run {name}; "
            + (
                f"there are: {known}."
                if known
                else "make one with `quoth eval run SET --save NAME`."
            )
        ) from None


def _read(path: Path) -> RunResult:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != _FORMAT:
            raise QuestionSetError(f"{path} was saved by another version; run the set again.")
        return make_result(
            [_read_record(item) for item in data["questions"]],
            name=path.stem,
            missing=tuple(data["missing"]),
            **{fact: data[fact] for fact in _FACTS},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise QuestionSetError(f"{path} is not a saved run; run the set again.") from None


def _read_record(item: Mapping[str, Any]) -> Record:
    values = {str(name): float(value) for name, value in item["values"].items()}
    if not all(map(math.isfinite, values.values())):
        raise ValueError("not finite")
    result = item["result"]
    answer = None if result is None else {key: result[key] for key in _KEPT}
    return Record(parse_question(json.dumps(item)), answer, values, str(item["error"]))


def list_runs(index: Path, set_name: str | None = None) -> list[RunResult]:
    """Read all saved runs (of one set), oldest first."""
    runs = [_read(path) for path in sorted((index / "runs").glob("*.json"))]
    chosen = [item for item in runs if set_name in (None, item.set_name)]
    return sorted(chosen, key=lambda item: item.created)


def write_answers(result: RunResult, path: Path) -> None:
    """Write one answer object a line, with the question's id; an `error` where none came."""
    lines = [
        json.dumps(
            {
                "id": record.question.id,
                **(record.answer or {"question": record.question.question, "error": record.error}),
            },
            ensure_ascii=False,
        )
        for record in result.records
    ]
    _write(path, lines)


def write_trec(result: RunResult, path: Path) -> None:
    """Write the documents found as a TREC run: `query Q0 document rank score tag`.

    A document ranks where its first passage does. White space in an id becomes `_`: it would
    end the field. Ties keep their order by rank, as trec_eval sorts by score alone.
    """
    tag = _field(f"quoth-{result.name or result.set_name}")
    lines = []
    for record in result.records:
        scores: dict[str, float] = {}
        for hit in record.answer["hits"] if record.answer else ():
            name = str(hit["document"]["id"])
            if name not in scores:
                below = math.nextafter(min(scores.values(), default=math.inf), -math.inf)
                scores[name] = min(float(hit["score"]), below)
        query = _field(record.question.id)
        for rank, (name, score) in enumerate(scores.items(), start=1):
            lines.append(f"{query} Q0 {_field(name)} {rank} {score!r} {tag}")
    _write(path, lines)


def _field(text: str) -> str:
    return "_".join(text.split())


def _write(path: Path, lines: list[str]) -> None:
    try:
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise QuestionSetError(f"{path} cannot be written ({error.strerror}).") from None
