"""What became of a passage's sentences: which of them is quoted, or what kept the best from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from index.sentences import sentences as split
from qa.answer import FROM_ONE, LEAST_WORDS, MARGIN, NO_COPIES, Said, choose
from qa.conflicts import Statement
from qa.context import self_contained
from qa.copies import Copies
from qa.evidence import Sentence


@dataclass(frozen=True, slots=True)
class Fate:
    """The sentence that speaks for a passage, and its place, from 1, among `of` that were read.

    `numbers` are the citations that quote it; `reason` says, where there are none, what kept it
    from being quoted.
    """

    sentence: Sentence
    place: int
    of: int
    numbers: tuple[int, ...] = ()
    reason: str = ""


def fate(
    asked: str,
    read: Sequence[Sentence],
    quotes: int,
    terms: Mapping[str, float],
    passage: int,
    span: tuple[int, int],
    copies: Copies = NO_COPIES,
) -> Fate | None:
    """What becomes of a passage's sentences that touch `span`, when all that was read is answered.

    `asked`, `read`, `quotes`, `terms` and `copies` are what `qa.answer.compose` gets. None
    where no sentence of the passage was read.
    """
    own = [sentence for sentence in read if sentence.hit.passage.id == passage]
    touched = [s for s in own if s.start < span[1] and span[0] < s.end] or own
    if not touched:
        return None
    groups, chosen = choose(asked, read, quotes, terms, copies)
    firsts = accumulate((len(said.members) for said in chosen), initial=1)
    cited = [
        (number, member)
        for first, said in zip(firsts, chosen, strict=False)
        for number, member in enumerate(said.members, first)
    ]
    for sentence in touched:
        numbers = tuple(number for number, member in cited if _quotes(member, sentence))
        if numbers:
            return Fate(sentence, _place(read, sentence), len(read), numbers)
    best = touched[0]
    said_in = {id(said): tuple(n for n, m in cited if _in(said, m)) for said in chosen}
    return Fate(best, _place(read, best), len(read), (), _reason(best, groups, chosen, said_in))


def _place(read: Sequence[Sentence], sentence: Sentence) -> int:
    return 1 + next(place for place, other in enumerate(read) if other is sentence)


def _in(said: Said, sentence: Sentence) -> bool:
    return any(member is sentence for member in said.members)


def _quotes(member: Sentence, sentence: Sentence) -> bool:
    """Whether the quote of a sentence that is cited holds another, or a part of it."""
    document = member.hit.document
    start, end = self_contained(document, member.start, member.end)
    return document.id == sentence.hit.document.id and start < sentence.end and sentence.start < end


def _reason(
    sentence: Sentence,
    groups: Sequence[Said],
    chosen: Sequence[Said],
    numbers: Mapping[int, tuple[int, ...]],
) -> str:
    own = next((said for said in groups if _in(said, sentence)), None)
    if own is None:
        return _left_out(sentence, groups, numbers)
    best, last = groups[0].score, min(said.score for said in chosen)
    if own.score < best - MARGIN:
        return (
            f"it is too weak: it scores {own.score:.2f} where the best scores {best:.2f}, and no "
            f"more than {MARGIN:.2f} may lie between"
        )
    others = sum(said.document == own.document for said in chosen)
    if others >= FROM_ONE and own.score > last:
        return (
            f"its document crowds it out: {others} quotes are from there already, and other "
            "documents have something to say"
        )
    return (
        f"there is no room: the {len(chosen)} quotes that are shown went to others, the last of "
        f"which scores {last:.2f} where it scores {own.score:.2f}"
    )


def _left_out(
    sentence: Sentence, groups: Sequence[Said], numbers: Mapping[int, tuple[int, ...]]
) -> str:
    """Why a sentence is none of what is said: a label, said already, or part of something else."""
    if len(sentence.text.split()) < LEAST_WORDS:
        return f"it is a label rather than a statement, of fewer than {LEAST_WORDS} words"
    start, end = self_contained(sentence.hit.document, sentence.start, sentence.end)
    statements = [Statement(sentence.text[first:last]) for first, last in split(sentence.text)]
    same = next((said for said in groups if said.same(statements)), None)
    if same is not None:
        cited = numbers.get(id(same), ())
        where = f"[{cited[0]}]" if cited else "a better one that is not quoted either"
        return f"it says the same as {where}, and neither a document nor a copy is cited again"
    return (
        f"it needs the sentences before it (characters {start} to {end}), which a better sentence "
        "takes along"
    )
