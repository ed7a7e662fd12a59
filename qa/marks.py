"""What readers say of answers, kept as a question set beside the index: ready to run.

Each question, with its conversation, is one line of the native form; passages marked wrong stand
in it as `not_evidence`. Lines and keys that people add by hand are left as they are.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.private import make_folder, opener
from qa.errors import QuestionSetError
from qa.types import Answer, Marks, Quote, Verdict

FOLDER, NAME = "sets", "marked"

Record = dict[str, Any]
Words = tuple[str, str]


def toggled(marks: Marks, verdict: Verdict, quote: Quote | None) -> Marks:
    """Give a verdict; the same one again withdraws it, an opposite one takes its place.

    What is marked right answers the question: that and "absent" exclude each other.
    """
    if quote is None:
        return replace(marks, absent=not marks.absent, right=())
    words, former = (quote.document_id, quote.text), marks.of(quote)
    right, wrong = (tuple(w for w in known if w != words) for known in (marks.right, marks.wrong))
    if verdict == "right" != former:
        return replace(marks, right=(*right, words), wrong=wrong, absent=False)
    if verdict == "wrong" != former:
        return replace(marks, right=right, wrong=(*wrong, words))
    return replace(marks, right=right, wrong=wrong)


class MarkedSet:
    """The file of all marks of an index; threads may share it."""

    def __init__(self, index: Path, present_id: Callable[[str], str] = str) -> None:
        """Keep the marks of the index in this folder; nothing is written before the first.

        `present_id` tells what a document is called by now that was marked by a former id.
        """
        self.path = index / FOLDER / f"{NAME}.jsonl"
        self._present_id = present_id
        self._lock = threading.Lock()

    def marks(self, answer: Answer) -> Marks:
        """Read what was said of the question before.

        Raises:
            QuestionSetError: the file cannot be read.
        """
        found = next(filter(_asks(answer), map(_record, self._lines())), {})
        return self._marks(self._renamed(found, answer))

    def mark(self, answer: Answer, verdict: Verdict, quote: Quote | None) -> Marks:
        """Keep a verdict, or withdraw it, and return what then holds.

        Raises:
            QuestionSetError: the file cannot be read or written.
        """
        asks = _asks(answer)
        with self._lock:
            lines = self._lines()
            records = [_record(line) for line in lines]
            place = next((n for n, record in enumerate(records) if asks(record)), len(lines))
            record = self._renamed(records[place], answer) if place < len(lines) else {}
            marks = toggled(self._marks(record), verdict, quote)
            line = _line(_merged(record, answer, marks))
            self._write([*lines[:place], *line, *lines[place + 1 :]])
        return marks

    def verdicts(self) -> list[tuple[str, list[str], bool]]:
        """The marked questions, with those before them, and whether the documents answer them.

        One of which only wrong passages are marked may have an answer or none, and is left out.

        Raises:
            QuestionSetError: the file cannot be read.
        """
        found = []
        for record in map(_record, self._lines()):
            question, history = record.get("question"), record.get("history") or []
            absent = record.get("answerable") is False
            known = absent or record.get("evidence") or record.get("answers")
            if known and isinstance(question, str) and isinstance(history, list):
                found.append((question, [str(text) for text in history], not absent))
        return found

    def _marks(self, record: Record) -> Marks:
        right, wrong = (_named(record.get(key)) for key in ("evidence", "not_evidence"))
        return Marks(right, wrong, record.get("answerable") is False, str(self.path))

    def _renamed(self, record: Record, answer: Answer) -> Record:
        """The record with its labels' documents called as in the answer, or else as by now."""
        named = {hit.document.id for hit in (*answer.hits, *(c.hit for c in answer.citations))}
        called = {self._present_id(name): name for name in named}

        def renamed(item: Record) -> Record:
            present = self._present_id(str(item.get("document")))
            return {**item, "document": called.get(present, present)}

        labels = {
            key: [renamed(item) if isinstance(item, dict) else item for item in record[key]]
            for key in ("evidence", "not_evidence")
            if isinstance(record.get(key), list)
        }
        return {**record, **labels}

    def _lines(self) -> list[str]:
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise QuestionSetError(
                f"{self.path} cannot be read ({error}); move it away, and mark again."
            ) from None
        # Not splitlines(): it also splits at U+2028, which JSON allows inside texts.
        return [line for line in text.split("\n") if line.strip()]

    def _write(self, lines: Sequence[str]) -> None:
        """Replace the file, whole or not at all; a set of no questions is no file."""
        beside = self.path.with_suffix(".part")
        try:
            if not lines:
                self.path.unlink(missing_ok=True)
                return
            make_folder(self.path.parent)
            with open(beside, "w", encoding="utf-8", opener=opener) as file:
                file.write("".join(f"{line}\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            raise QuestionSetError(
                f"{self.path} cannot be written ({error.strerror}); free its folder and mark again."
            ) from None


def _asks(answer: Answer) -> Callable[[Record], bool]:
    key = answer.question, list(answer.history)
    return lambda record: (record.get("question"), record.get("history") or []) == key


def _record(line: str) -> Record:
    """Read a line; what is no object asks nothing, and stays."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _items(found: object) -> list[Record]:
    items = found if isinstance(found, list) else []
    return [item for item in items if isinstance(item, dict)]


def _words(item: Record) -> Words:
    return str(item.get("document")), str(item.get("quote"))


def _named(found: object) -> tuple[Words, ...]:
    return tuple(_words(item) for item in _items(found) if item.get("quote"))


def _evidence(found: object, words: Sequence[Words]) -> list[Record]:
    """Give words their form; what is known of them stays, and so do documents named as a whole."""
    items = _items(found)
    known = {_words(item): item for item in items}
    named = [known.get(item, {"document": item[0], "quote": item[1]}) for item in words]
    return [*(item for item in items if not item.get("quote")), *named]


def _merged(record: Record, answer: Answer, marks: Marks) -> Record:
    asked = json.dumps([answer.question, *answer.history], ensure_ascii=False)
    name = sha256(asked.encode()).hexdigest()[:12]
    merged = {"id": name, "question": answer.question, "history": list(answer.history), **record}
    merged["evidence"] = _evidence(record.get("evidence"), marks.right)
    merged["not_evidence"] = _evidence(record.get("not_evidence"), marks.wrong)
    merged["answerable"] = not marks.absent
    if marks.absent:
        merged["evidence"] = merged["answers"] = []
    return {key: value for key, value in merged.items() if value != []}


def _line(record: Record) -> list[str]:
    """Write a line; a question that nothing is said of any more has none."""
    said = record.keys() & {"evidence", "not_evidence", "answers"} or not record["answerable"]
    return [json.dumps(record, ensure_ascii=False)] if said else []
