"""Follow-up questions: which words of the earlier questions a short one leans on.

No language model rewrites the question. A question that points back ("And in Canada?", "Why did
he say so?") takes along the weightiest words of those before it, and so does one whose vector is
like theirs: it goes on with the same subject. A new topic is left as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.lexical import analyze, analyze_spans

Floats = NDArray[np.float32]

CARRIED = 2  # terms taken along; three or more cost recall on every set of conversations
OWN = 2  # content words before a pronoun; where there are more, it stands for one of them
LATEST = 3  # earlier questions that tell whether one goes on with their subject
ALIKE = (
    0.15  # cosine with one of them from which it does; questions of other talks: .11 at the median
)
FEW = 1  # a question of at most so many content words, and no name, leans on those before it

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|others?|another|"
    r"former|latter|else|same)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )\bthere\b"
    r"|\b(?:is|was|does|did|do|about|of|in|at|for|like|after|before|than) that\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what about|how about|what else|who else|since when)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;:)] )[\"'“‘(]?[A-Z]\w+")


def leans_on_history(question: str) -> bool:
    """Whether a question, taken alone, leaves open what it is about.

    It does if it goes on from what was said ("And ..."), points back with a pronoun that has
    nothing before it in the question to stand for, or has next to no content words and no name.
    """
    if _OPENS.search(question):
        return True
    name = _NAME.search(question)
    words = analyze_spans(question)
    if points := _POINTS_BACK.search(question):
        before = sum(end <= points.start() for _, _, end in words)
        return before <= OWN and (name is None or points.start() < name.start())
    return name is None and len({stem for stem, _, _ in words}) <= FEW


@cache
def _saying() -> frozenset[str]:
    """Stems of words that are about talking, not about what is talked of."""
    return frozenset(analyze("say says said tell mean happen make give mention describe explain"))


def goes_on(question: str, history: Sequence[str], encode: Callable[[str], Floats]) -> bool:
    """Whether a question is about what the latest of those before it were about.

    `encode` gives a text's vector, float32 (dim,), unit norm.
    """
    latest = [text for text in history[-LATEST:] if text.strip()]
    asked = encode(question) if latest else None
    return asked is not None and any(float(asked @ encode(text)) > ALIKE for text in latest)


def carried_terms(
    question: str,
    history: Sequence[str],
    idf: Callable[[str], float],
    most: int = CARRIED,
    *,
    instead: bool = True,
) -> list[str]:
    """The words of earlier questions of highest count x IDF that the question does not hold.

    `idf` gives 0 for a stem that no passage holds: such words find nothing and are not carried.
    Of words that weigh the same, the latest come first. A question that brings a name of its own
    ("And in Canada?") puts it in the place of those before, which are not carried, if `instead`.
    """
    own = {stem for stem, _, _ in analyze_spans(question)}
    named = instead and _NAME.search(question) is not None
    counts: Counter[str] = Counter()
    surface: dict[str, str] = {}
    latest: dict[str, int] = {}
    for turn, text in enumerate(history):
        for place, (stem, start, end) in enumerate(analyze_spans(text)):
            if stem not in own | _saying() and not (named and text[start].isupper()):
                counts[stem] += 1
                surface[stem] = text[start:end]
                latest[stem] = turn * 1000 - place
    weighed = sorted(counts, key=lambda s: (-counts[s] * idf(s), -latest[s]))
    return [surface[stem] for stem in weighed if idf(stem) > 0][:most]


def bracketed(question: str, terms: Sequence[str]) -> str:
    """The question as it is understood: with what it carries over in brackets, or unchanged."""
    return f"{question} ({', '.join(terms)})" if terms else question


def resolve(question: str, history: Sequence[str], idf: Callable[[str], float]) -> str:
    """The question with what it takes along if it leans on those before it, else unchanged."""
    leans = history and leans_on_history(question)
    return bracketed(question, carried_terms(question, history, idf) if leans else ())
