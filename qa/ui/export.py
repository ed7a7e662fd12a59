"""A conversation as Markdown: what was asked, what the documents say, and where."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

from qa.types import Answer, Kept
from qa.ui import wording

LONGEST_NAME = 40  # characters of a title that a file's name takes

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", wording.flow(text))


def stem(title: str) -> str:
    """A file's name for a conversation: plain letters and digits of its title, and nothing else."""
    words: list[str] = re.findall(r"[a-z0-9]+", title.lower())
    name = "-".join(words)[:LONGEST_NAME].rstrip("-")
    return f"quoth-{name or 'conversation'}"


def save(stem: str, suffix: str, text: str) -> Path:
    """Write a new file in the current folder, for its owner alone, under a name that is free.

    Raises:
        OSError: it cannot be written.
    """
    for n in count(1):
        path = Path(f"{stem}{f'-{n}' if n > 1 else ''}{suffix}")
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        try:
            with os.fdopen(
                descriptor, "w", encoding="utf-8", errors="replace", newline="\n"
            ) as file:
                file.write(text)
        except OSError:  # the disk is full: half a file would look like a whole one
            path.unlink()
            raise
        return path.resolve()
    raise AssertionError("count ends")


def markdown(title: str, turns: Sequence[Kept]) -> str:
    """Write a conversation; documents' text stays text, whatever it looks like."""
    when = f"\n\n{_literal(wording.moment(turns[0].asked))}" if turns else ""
    return f"# {_literal(title)}{when}\n\n{answers(kept.answer for kept in turns)}"


def answers(found: Iterable[Answer]) -> str:
    """Write answers with their references."""
    return "\n\n".join(_turn(answer) for answer in found) + "\n"


def _turn(answer: Answer) -> str:
    blocks = [f"## {_literal(answer.question)}"]
    if wording.flow(answer.resolved_question) != wording.flow(answer.question):
        blocks.append(f"Understood as: {_literal(answer.resolved_question)}")
    if answer.status == "not_found":
        blocks.append("Not in these documents." if answer.hits else _literal(answer.text))
    if answer.status == "answered" and answer.short_answer:
        blocks.append(f"**{_literal(answer.short_answer)}**")
    for point in answer.points if answer.status == "answered" else ():
        context = f" ({_literal(point.context)})" if point.context else ""
        markers = "".join(f" [{number}]" for number in point.citations)
        blocks.append(f"> “{_literal(point.text)}”{context}{markers}")
    for conflict in answer.conflicts:
        first, second = conflict.citations
        blocks.append(f"[{first}] and [{second}] differ: {_literal(conflict.about)}")
    blocks.append(f"Confidence: {wording.confidence(answer.confidence)}")
    references = []
    for citation in answer.citations:
        document, quote = citation.hit.document, citation.quote
        place = f"characters {quote.start:,} to {quote.end:,}"
        about = (
            wording.byline(document),
            document.path,
            wording.page(citation),
            place,
            wording.also(citation),
            wording.condition(citation),
        )
        known = ", ".join(part for part in about if part)
        references.append(
            f"{citation.number}. {_literal(wording.title(document))} ({_literal(known)})"
        )
    if references:
        blocks.append("\n".join(references))
    return "\n\n".join(blocks)
