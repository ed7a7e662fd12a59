"""What is typed as a question: made one line, and looked at before anything is loaded for it."""

from __future__ import annotations

import re

from index.errors import IndexingError
from index.filters import Asked, parse
from qa.errors import QuestionError

LONGEST = 2_000  # words of a question; what is longer is a document
LETTERS = 20_000  # and characters, should they be no words


def checked(question: str) -> tuple[str, Asked]:
    """The question on one line, and what it asks beside its filters.

    Raises:
        QuestionError: it is empty, as long as a document, or has a wrong filter.
    """
    question = " ".join(whole(question).split())
    if (words := len(question.split())) > LONGEST:
        raise QuestionError(
            f"The question has {words:,} words; ask in {LONGEST:,} or fewer, or add the text to "
            "the documents."
        )
    if len(question) > LETTERS:
        raise QuestionError(
            f"The question has {len(question):,} characters; ask in {LETTERS:,} or fewer."
        )
    try:
        asked = parse(question)
    except IndexingError as error:
        raise QuestionError(str(error)) from None
    if not re.search(r"\w", asked.text):
        beside = " but for its filters" if re.search(r"\w", question) else ""
        raise QuestionError(f"The question is empty{beside}; type what you want to know.")
    return question, asked


def whole(text: str) -> str:
    """The text with ? for halves of characters, which no tokenizer takes: terminals make them."""
    return text.encode(errors="replace").decode()
