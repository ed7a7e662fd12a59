"""A conversation as Markdown: what was asked, what the documents say, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from qa.types import Answer
from qa.ui import wording

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", wording.flow(text))


def save(stem: str, suffix: str, text: str) -> Path:
    """Write a new file in the current folder, under a name that is still free.

    Raises:
        OSError: it cannot be written.
    """
    names = (f"{stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in count(1))
    path = next(path for path in map(Path, names) if not path.exists())
    path.write_text(text, encoding="utf-8")
    return path.resolve()


def markdown(answers: Iterable[Answer]) -> str:
    """Write answers with their references; documents' text stays text, whatever it looks like."""
    return "\n\n".join(_turn(answer) for answer in answers) + "\n"


def _turn(answer: Answer) -> str:
    blocks = [f"## {_literal(answer.question)}"]
    if wording.flow(answer.resolved_question) != wording.flow(answer.question):
        blocks.append(f"Understood as: {_literal(answer.resolved_question)}")
    if answer.status == "not_found":
        blocks.append("Not in these documents." if answer.hits else _literal(answer.text))
    for point in answer.points if answer.status == "answered" else ():
        markers = "".join(f" [{number}]" for number in point.citations)
        blocks.append(f"> “{_literal(point.text)}”{markers}")
    blocks.append(f"Confidence: {wording.confidence(answer.confidence)}")
    references = []
    for citation in answer.citations:
        document = citation.hit.document
        about = ", ".join(part for part in (wording.byline(document), document.path) if part)
        references.append(
            f"{citation.number}. {_literal(wording.title(document))} ({_literal(about)})"
        )
    if references:
        blocks.append("\n".join(references))
    return "\n\n".join(blocks)
