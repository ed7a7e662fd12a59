"""What stands behind an answer."""

from __future__ import annotations

from qa.types import Answer, Citation, Quote
from qa.ui.messages import Source

NEAREST = 5  # passages that are shown where none answers


def sources(turn: int, answer: Answer) -> list[Source]:
    """What stands behind an answer: its citations, or the nearest passages that answer nothing."""
    if answer.status == "answered":
        return [Source(turn, citation) for citation in answer.citations]
    found = []
    for number, hit in enumerate(answer.hits[:NEAREST], start=1):
        passage = hit.passage
        quote = Quote(passage.document_id, passage.start, passage.end, passage.text)
        found.append(Source(turn, Citation(number, hit, quote), nearest=True))
    return found
