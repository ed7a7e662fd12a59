"""Follow-up questions: which words of the earlier questions a short one leans on.

No language model rewrites the question. A question that points back ("And in Canada?", "Why did
he say so?") takes along the weightiest words of those before it; one that stands on its own is
left as it is, so that a new topic is not dragged back to the old one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from index.lexical import analyze, analyze_spans

CARRIED = 2  # terms taken along; three or more cost recall on every set of conversations
OWN = 2  # content words before a pronoun; where there are more, it stands for one of them
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


def carried_terms(
    question: str, history: Sequence[str], idf: Callable[[str], float], most: int = CARRIED
) -> list[str]:
    """The words of earlier questions of highest count x IDF that the question does not hold.

    `idf` gives 0 for a stem that no passage holds: such words find nothing and are not carried.
    Of words that weigh the same, the latest come first. A question that brings a name of its own
    ("And in Canada?") puts it in the place of those before, which are not carried.
    """
    own = {stem for stem, _, _ in analyze_spans(question)}
    named = _NAME.search(question) is not None
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


def resolve(question: str, history: Sequence[str], idf: Callable[[str], float]) -> str:
    """The question as it is understood: with what it carries over in brackets, or unchanged."""
    if not history or not leans_on_history(question):
        return question
    terms = carried_terms(question, history, idf)
    return f"{question} ({', '.join(terms)})" if terms else question
