"""Questions that a passage does not answer although they look as if it did.

They differ from one that it answers in one place. People who wrote such questions by hand turned a
word into its opposite in one of five, and exchanged a name, number or date in as many (Rajpurkar,
Jia and Liang, "Know What You Don't Know", ACL 2018, table 3). Both are done here by rule; where
people wrote one for the very text, theirs is taken.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from training.examples import Example

OPPOSED = 0.3  # share of questions made with an opposite word, where one can be
NEGATED = 0.3  # share of those, among questions whose only such word is an auxiliary

_OPPOSITES = (
    "first last, before after, most least, more less, more fewer, largest smallest, "
    "biggest smallest, highest lowest, higher lower, longest shortest, oldest youngest, "
    "earliest latest, best worst, north south, northern southern, east west, eastern western, "
    "increase decrease, increased decreased, win lose, won lost, begin end, began ended, "
    "start stop, started stopped, open close, join leave, support oppose, supported opposed, "
    "accept reject, accepted rejected, buy sell, bought sold, born buried, common rare, "
    "early late, good bad, high low, large small, inside outside, major minor, male female, "
    "possible impossible, public private, above below, with without, is isn't, was wasn't, "
    "did didn't, does doesn't, are aren't, were weren't, can can't"
)
_PAIRS = [tuple(pair.split()) for pair in _OPPOSITES.split(", ")]
OPPOSITES = {
    own: other
    for first, second in _PAIRS
    for own, other in ((first, second), (second, first))
    if "'" not in own
}

_DETAIL = re.compile(r"(?<=\s)(?:[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*|\d[\d,.]*\d|\d)(?=[\s?.,;:]|$)")


def spoil(
    found: Sequence[Example],
    by_hand: Mapping[tuple[str, str], Sequence[str]],
    chance: random.Random,
) -> None:
    """Give questions an impossible one: by hand for their text, or else made, where one can be.

    `by_hand` has impossible questions by the source and the text that they are asked of.
    """
    for example in found:
        ready = by_hand.get((example.source, example.whole), [])
        turned = oppose(example.question, chance) if chance.random() < OPPOSED else ""
        example.impossible = chance.choice(ready) if ready else turned or exchange(example, chance)


def oppose(question: str, chance: random.Random) -> str:
    """The question with one word turned into its opposite; "" if it has none.

    The first word stays: a yes/no question that is negated has an answer still.
    """
    words = [m for m in re.finditer(r"(?<=\w )[a-z]+", question) if m[0] in OPPOSITES]
    telling = [m for m in words if "'" not in OPPOSITES[m[0]]]
    # Nearly every question holds an auxiliary: it is negated seldom, lest a "not" tell too much.
    if not telling and chance.random() < NEGATED:
        telling = words
    if not telling:
        return ""
    old = chance.choice(telling)
    return question[: old.start()] + OPPOSITES[old[0]] + question[old.end() :]


def exchange(example: Example, chance: random.Random) -> str:
    """The question with one name or number replaced by another of its passage; "" if none is."""
    own = [m for m in _DETAIL.finditer(example.question) if m[0] in example.passage]
    if not own:
        return ""
    old = chance.choice(own)
    numeric = old[0][0].isdigit()
    others = [
        m[0]
        for m in _DETAIL.finditer(example.passage)
        if m[0][0].isdigit() == numeric
        and (numeric or re.search(r"[\w,;] $", example.passage[: m.start()]))
        and m[0] not in example.question
        and m[0] not in example.answers
        and m[0].split()[0].lower() != "the"
    ]
    if not others:
        return ""
    return (
        f"{example.question[: old.start()]}{chance.choice(others)}{example.question[old.end() :]}"
    )
