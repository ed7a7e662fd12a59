"""Follow-up questions: which words of the earlier questions a short one leans on.

No language model rewrites the question. A question that points back ("And in Canada?", "Why did
he say so?") takes along the weightiest words of those before it; one that stands on its own is
left as it is, so that a new topic is not dragged back to the old one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from index.lexical import analyze_spans

CARRIED = 2  # terms taken along; three or more cost recall on every set of conversations
FEW = 2  # a question of at most so many content words leans on those before it

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|"
    r"one|ones|same|another|others?|former|latter|such|else|so|instead|too)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\W*(?:and|but|or|so|then|also|what about|how about|what else|who else|why|since when)\b",
    re.IGNORECASE,
)


def leans_on_history(question: str) -> bool:
    """Whether a question, taken alone, leaves open what it is about."""
    stems = {stem for stem, _, _ in analyze_spans(question)}
    return bool(len(stems) <= FEW or _OPENS.search(question) or _POINTS_BACK.search(question))


def carried_terms(
    question: str, history: Sequence[str], idf: Callable[[str], float], most: int = CARRIED
) -> list[str]:
    """The words of earlier questions of highest count x IDF that the question does not hold.

    `idf` gives 0 for a stem that no passage holds: such words find nothing and are not carried.
    Of words that weigh the same, the latest come first.
    """
    own = {stem for stem, _, _ in analyze_spans(question)}
    counts: Counter[str] = Counter()
    surface: dict[str, str] = {}
    latest: dict[str, int] = {}
    for turn, text in enumerate(history):
        for place, (stem, start, end) in enumerate(analyze_spans(text)):
            if stem not in own:
                counts[stem] += 1
                surface[stem] = text[start:end]
                latest[stem] = turn * 1000 - place
    weighed = sorted(counts, key=lambda s: (-counts[s] * idf(s), -latest[s]))
    return [surface[stem] for stem in weighed if idf(stem) > 0][:most]


def resolve(question: str, history: Sequence[str], idf: Callable[[str], float]) -> str:
    """The question as it is understood: with what it carries over in brackets, or unchanged."""
    if not history or not leans_on_history(question):
        return question
    terms = carried_terms(question, history, idf)
    return f"{question} ({', '.join(terms)})" if terms else question
