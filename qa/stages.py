"""Each stage on a passage's way into an answer, told in a sentence: pure functions of facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.filters import Filters
from index.trace import Standing, Trace
from index.types import Document
from qa.fate import Fate
from qa.types import Share, Stage, Step

LOST: dict[Stage, str] = {
    "passage": "Never searched",
    "filters": "Lost at the filters",
    "search": "Lost at the search",
    "candidates": "Lost among the candidates",
    "ranking": "Lost at the ranking",
    "confidence": "Lost with the whole answer",
    "quotes": "Lost among the sentences",
}


NO_PASSAGE = "Headings, blank lines and bylines are in no passage, and there is nothing else here."

Judged = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a passage's way: as far as it came, and a little beyond.

    `here` counts the passages that were asked about, of which that traced came the farthest.
    `removed` is the filter that left it out, "" where its document was not ticked, None where it
    was searched. `shares` are its signals beside those of `rival`, the largest first. `original`
    is the title of the document whose passage it only repeats, None where it repeats none.
    """

    document: Document
    here: int
    filters: Filters
    scope: int | None
    removed: str | None
    trace: Trace
    shares: Sequence[Share]
    rival: str
    confidence: float
    threshold: float
    fate: Fate | None
    original: str | None = None


def ordinal(number: int) -> str:
    """Write a place: "1st", "22nd", "1,013th"."""
    teen = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def steps(facts: Facts | None) -> tuple[Step, ...]:
    """Every stage, and what became of the passage there; after the one that lost it, nothing.

    Without facts: of what is in no passage.
    """
    judges: dict[Stage, Callable[[Facts], Judged]] = {
        "passage": _made,
        "filters": _filtered,
        "search": _found,
        "candidates": _near,
        "ranking": _ranked,
        "confidence": _trusted,
        "quotes": _quoted,
    }
    if facts is None:
        rest = (Step(stage, None, "") for stage in judges if stage != "passage")
        return (Step("passage", False, NO_PASSAGE), *rest)
    found: list[Step] = []
    for stage, judge in judges.items():
        if found and not found[-1].passed:
            found.append(Step(stage, None, ""))
            continue
        passed, told = judge(facts)
        found.append(Step(stage, passed, f"{told[0].upper()}{told[1:]}."))
    return tuple(found)


def verdict(facts: Facts | None, steps: Sequence[Step]) -> str:
    """What put the passage into the answer, or the stage that lost it, in one sentence."""
    for step in steps:
        if step.passed is False:
            return f"{LOST[step.stage]}: {step.told[0].lower()}{step.told[1:]}"
    if facts is None or facts.fate is None:
        return ""
    fate = facts.fate
    place = f"it came {_among(facts.trace.ranked)}{_most(facts.shares)}"
    sentence = f"its best sentence {ordinal(fate.place)} of {fate.of:,}"
    return f"In the answer, as {_cited(fate)}: {place}, and {sentence}."


def _cited(fate: Fate) -> str:
    return " ".join(f"[{number}]" for number in fate.numbers)


def _among(standing: Standing) -> str:
    return f"{ordinal(standing.rank)} of {standing.of:,}" if standing.rank else "nowhere"


def _most(shares: Sequence[Share]) -> str:
    """Which signal spoke for it the most."""
    counted = [share for share in shares if share.contribution > 0]
    return f", most of all by {counted[0].label}" if counted else ""


def _made(facts: Facts) -> Judged:
    words = f"{len(facts.trace.passage.text.split()):,} words"
    if facts.here > 1:
        return True, f"of the {facts.here:,} passages here, this one of {words} came the farthest"
    return True, f"it is, or is part of, a passage of {words}"


def _filtered(facts: Facts) -> Judged:
    if facts.removed is None:
        unlimited = facts.filters == Filters() and facts.scope is None
        return True, "there is no filter" if unlimited else "it meets every filter"
    if not facts.removed:
        ticked = "the one document" if facts.scope == 1 else f"the {facts.scope or 0:,} documents"
        return False, f"its document is not among {ticked} that you ticked"
    about = ""
    if facts.removed.startswith(("after:", "before:")):
        published = facts.document.published
        about = (
            f": its document is dated {published}" if published else ": its document is not dated"
        )
    return False, f"{facts.removed} leaves it out{about}"


def _found(facts: Facts) -> Judged:
    trace = facts.trace
    bare = trace.words.rank is None
    told = "it holds none of the question's words"
    if not bare:
        told = f"by words it came {_among(trace.words)}"
    if trace.vector is not None:
        told += f" and by vector {'it came ' if bare else ''}{_among(trace.vector)}"
    most = f"the first {trace.words.most:,}"
    each = f"{most} of each" if trace.vector is not None else most
    if trace.both.rank is not None:
        return True, f"{told}, and {each} go on"
    return False, f"{told}, and only {each} go on" if trace.vector or not bare else told


def _near(facts: Facts) -> Judged:
    trace = facts.trace
    told, most = f"by both together it came {_among(trace.both)}", trace.both.most
    if trace.ranked.rank is not None:
        return True, f"{told}, and the first {most:,} are ranked anew"
    return False, f"{told}, and only the first {most:,} are ranked anew"


def _ranked(facts: Facts) -> Judged:
    trace = facts.trace
    told, most = f"it came {_among(trace.ranked)}", trace.ranked.most
    if facts.original is not None:
        return False, f"{told}, but only repeats a passage of “{facts.original}” that came before"
    if trace.ranked.through:
        return True, f"{told}{_most(facts.shares)}, and the first {most} are read"
    return False, f"{told}, and only the first {most} are read{_behind(facts)}"


def _behind(facts: Facts) -> str:
    """On which signal it fell behind the last that was read."""
    behind = [share for share in facts.shares if share.rival is not None]
    worst = max(behind, key=lambda share: (share.rival or 0) - share.contribution, default=None)
    if worst is None or worst.rival is None or worst.rival <= worst.contribution:
        return ""
    return (
        f"; it fell behind {facts.rival} most by {worst.label}, {worst.contribution:.2f} against "
        f"{worst.rival:.2f}"
    )


def _trusted(facts: Facts) -> Judged:
    confidence = f"the confidence that the documents hold the answer is {facts.confidence:.2f}"
    fate = facts.fate
    if fate is not None and facts.confidence >= facts.threshold:
        return True, f"{confidence}, and from {facts.threshold:.2f} on there is one"
    if fate is None:
        return False, f"{confidence}, and no sentence of this was read"
    told = f"{confidence}, and below {facts.threshold:.2f} nothing is quoted"
    if fate.numbers:
        return False, f"{told}; its best sentence would have been {_cited(fate)}"
    return False, f"{told}; its best sentence would not have been either, for {fate.reason}"


def _quoted(facts: Facts) -> Judged:
    fate = facts.fate
    if fate is None:
        return False, "none of its sentences was read"
    place = f"its best sentence came {ordinal(fate.place)} of {fate.of:,} that were read"
    if fate.numbers:
        return True, f"{place}, and is quoted as {_cited(fate)}"
    return False, f"{place}, but {fate.reason}"
