"""What stands behind an answer, and how each passage agrees with the others or differs."""

from __future__ import annotations

from collections.abc import Iterator

from qa.types import Answer, Citation, Quote
from qa.ui.messages import Source

NEAREST = 5  # passages that are shown where none answers


def sources(turn: int, answer: Answer) -> list[Source]:
    """The citations of an answer by number, or the nearest passages, which answer nothing."""
    if answer.status == "answered":
        ordered = sorted(answer.citations, key=lambda citation: citation.number)
        return [
            Source(
                turn,
                citation,
                same=tuple(_same(answer, citation.number)),
                differs=tuple(_differs(answer, citation.number)),
            )
            for citation in ordered
        ]
    found: list[Source] = []
    told: set[str] = set()  # copies of a document have the same passages, which are told once
    for hit in answer.hits:
        passage = hit.passage
        words = " ".join(passage.text.casefold().split())
        if words in told or len(found) == NEAREST:
            continue
        told.add(words)
        number = len(found) + 1
        quote = Quote(passage.document_id, passage.start, passage.end, passage.text)
        found.append(Source(turn, Citation(number, hit, quote), nearest=True))
    return found


def _same(answer: Answer, number: int) -> list[int]:
    """The other citations of the same points."""
    points = [point.citations for point in answer.points if number in point.citations]
    return sorted({other for numbers in points for other in numbers} - {number})


def _differs(answer: Answer, number: int) -> Iterator[tuple[int, str]]:
    """The citations that say otherwise, and what they disagree in."""
    for conflict in answer.conflicts:
        first, second = conflict.citations
        if number in (first, second):
            yield second if number == first else first, conflict.about
