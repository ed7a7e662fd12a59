"""Why a passage is in an answer, or which stage lost it: one question, one passage, every stage.

It is told of what `qa.looking` found, so that it is what happens, whatever signals rank by then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from index.catalogue import METADATA
from index.filters import Filters
from index.search import Searcher
from index.trace import Ids, Trace, Tracer, removed_by
from index.types import Passage
from qa.config import Settings
from qa.errors import QuestionError
from qa.evidence import PASSAGES
from qa.explain import explain
from qa.fate import Fate, fate
from qa.looking import Found
from qa.stages import Facts, ordinal, steps, verdict
from qa.types import Answer, Rank, Share, Why

Span = tuple[str, int, int]

CHANGED = "The index has changed since this was answered; this is how it would fare now."
LABELS = {
    "hybrid": "words and vector",
    "bm25": "words",
    "dense": "vector",
    "interaction": "likeness word by word",
    "sentence": "vector of a sentence",
    "sentence_section": "vector of its section",
    "words_section": "words of its section",
    "coverage": "words held nearby",
    "metadata": "year or name asked for",
    "reader": "the reader",
    "reranker": "the reranker's reading",
}


@dataclass(frozen=True, slots=True)
class Workings:
    """What an answer is made of: what was found among the passages `allowed`, None for all."""

    filters: Filters
    scope: Collection[str] | None
    allowed: Ids | None
    found: Found


def why(searcher: Searcher, settings: Settings, answer: Answer, seen: Workings, place: Span) -> Why:
    """Tell why a stretch of a document is quoted, or what lost it.

    Call it within the `searcher.reading` in which the question was answered. `place` is the
    document's id and the first character and that after the last.

    Raises:
        DocumentNotFoundError: there is no such document.
        QuestionError: it has no such characters.
    """
    document_id, start, end = place
    document = searcher.store.document(document_id)
    if not 0 <= start < end <= len(document.text):
        raise QuestionError(
            f"Characters {start} to {end} are no stretch of {document_id}; choose "
            f"0 <= start < end <= {len(document.text)}."
        )
    changed = answer.generation not in (0, searcher.store.generation)
    told = Why(
        seen.found.query.text, document, start, end, None, "", None, note=CHANGED if changed else ""
    )
    here = [
        passage
        for passage in searcher.store.passages_of(document.id)
        if passage.start < end and start < passage.end
    ]
    if not here:
        stages = steps(None)
        return replace(told, verdict=verdict(None, stages), lost="passage", steps=stages)
    read = min(PASSAGES, settings.passages)
    copies = seen.found.copies.originals
    others = copies.keys() - {passage.id for passage in here}
    tracer = Tracer(searcher, seen.found.forms, seen.allowed, read, others)
    passage, own = _chosen(here, (start, end), seen, settings.quotes, tracer)
    trace = tracer.trace(passage, document)
    shares, rival = _shares(tracer, trace, searcher.weights_for(seen.found.forms[0][0]), read)
    facts = Facts(
        document,
        len(here),
        seen.filters,
        None if seen.scope is None else len(seen.scope),
        removed_by(searcher, seen.filters, seen.scope, passage, document),
        trace,
        shares,
        rival,
        seen.found.confidence,
        settings.threshold,
        own,
        copies[passage.id].document.title if passage.id in copies else None,
    )
    stages = steps(facts)
    lost = next((step.stage for step in stages if step.passed is False), None)
    return replace(
        told,
        passage=passage,
        verdict=verdict(facts, stages),
        lost=lost,
        numbers=own.numbers if own and lost is None else (),
        steps=stages,
        ranks=_ranks(trace) if facts.removed is None else (),
        shares=shares,
        score=trace.ranked.score,
        rival=rival,
        held=trace.held.passage,
        titled=trace.held.title,
        lacked=trace.held.neither,
        sentence=own.sentence.text if own else "",
    )


def _chosen(
    here: Sequence[Passage], span: tuple[int, int], seen: Workings, quotes: int, tracer: Tracer
) -> tuple[Passage, Fate | None]:
    """Of the passages asked about that which is quoted, or else came the farthest; and its fate."""
    read = {sentence.hit.passage.id for sentence in seen.found.sentences}
    fates = {}
    for passage in here:
        if passage.id in read:
            fates[passage.id] = fate(
                seen.found.asked,
                seen.found.sentences,
                quotes,
                seen.found.query.terms,
                passage.id,
                span,
                seen.found.copies,
            )
    quoted = [p for p in here if (found := fates.get(p.id)) is not None and found.numbers]
    chosen = tracer.farthest(quoted or here)
    return chosen, fates.get(chosen.id)


def _shares(
    tracer: Tracer, trace: Trace, weights: Mapping[str, float], read: int
) -> tuple[tuple[Share, ...], str]:
    """The signals of a passage, and beside them those of another that it is compared with.

    That is the last that was read where this was not, and otherwise the best, or second best.
    """
    place = trace.ranked.rank
    if place is None:
        return (), ""
    explained = explain(tracer.hits, {**weights, **METADATA})
    other = read if place > read else 2 if place == 1 else 1
    rival = explained[other - 1] if other <= tracer.pool else {}
    shares = [
        Share(
            name,
            LABELS.get(name, name.replace("_", " ")),
            part.value,
            float(part.weight),
            part.contribution,
            part.rank,
            rival[name].contribution if name in rival else None,
        )
        for name, part in explained[place - 1].items()
    ]
    shares.sort(key=lambda share: (not share.weight, -share.contribution))
    return tuple(shares), f"the {ordinal(other)}" if rival else ""


def _ranks(trace: Trace) -> tuple[Rank, ...]:
    """Where a passage stood, stage by stage."""
    found = {
        "by words": trace.words,
        "by vector": trace.vector,
        "by both": trace.both,
        "in the end": trace.ranked,
    }
    return tuple(
        Rank(name, standing.rank, standing.of, standing.most, float(standing.score))
        for name, standing in found.items()
        if standing is not None
    )
