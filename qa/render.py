"""Answers and hits as JSON values and as plain, linear text. Pure: nothing is printed.

A width of 0 means no wrapping: quotes then stand exactly as they do in their document.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from index.clean import strip_invisible
from index.instructions import addresses_machines

if TYPE_CHECKING:
    from qa.explain import Part
    from qa.types import Answer, Citation, Document, Hit, Holding, Passage

Json = dict[str, Any]

_ORDERS = "It reads like an order to a machine, such as a chatbot; here it is only quoted."

_STATES = {
    "changed": "The file has changed since it was indexed; the quote is from the indexed text. "
    "`quoth index build` reads it anew.",
    "missing": "The file is no longer there; the quote is from the indexed text.",
}


def document_to_dict(document: Document) -> Json:
    """Name a document, without its text."""
    return {
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "authors": list(document.authors),
        "published": document.published,
        "publisher": document.publisher,
        "sha256": document.sha256,
    }


def holding_to_dict(holding: Holding) -> Json:
    """Describe a document of an index, without its text, and name those nearly the same."""
    return {
        **document_to_dict(holding.document),
        "metadata": dict(holding.document.metadata),
        "passages": holding.passages,
        "words": holding.words,
        "near_duplicates": [
            {"id": other.document_id, "similarity": round(other.similarity, 2)}
            for other in holding.near
        ],
    }


def passage_to_dict(passage: Passage, document: Document) -> Json:
    """Describe a passage of a document, with the pages it stands on if there are any."""
    return {
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "heading": passage.heading,
        **_pages(document, passage.start, passage.end),
    }


def _pages(document: Document, start: int, end: int) -> Json:
    page = document.pages_at(start, end)
    return {"page": page} if page else {}


def hit_to_dict(hit: Hit, rank: int) -> Json:
    """Describe a hit; ranks count from 1, scores keep six decimals."""
    return {
        "rank": rank,
        "score": round(float(hit.score), 6),
        "signals": {name: round(float(value), 6) for name, value in hit.signals.items()},
        "document": document_to_dict(hit.document),
        "passage": passage_to_dict(hit.passage, hit.document),
    }


def _hits_to_dicts(hits: Iterable[Hit]) -> list[Json]:
    return [hit_to_dict(hit, rank) for rank, hit in enumerate(hits, start=1)]


def _timings(timings: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(float(value), 3) for stage, value in timings.items()}


def _citation_to_dict(citation: Citation) -> Json:
    quote, document = citation.quote, citation.hit.document
    return {
        "number": citation.number,
        "document": document_to_dict(document),
        "passage": passage_to_dict(citation.hit.passage, document),
        "quote": {
            "start": quote.start,
            "end": quote.end,
            "text": quote.text,
            **_pages(document, quote.start, quote.end),
        },
        "state": citation.state,
        **({"copies": [*map(document_to_dict, citation.copies)]} if citation.copies else {}),
    }


def answer_to_dict(answer: Answer) -> Json:
    """Make the answer object of `ask --json`."""
    return {
        "question": answer.question,
        "history": list(answer.history),
        "resolved_question": answer.resolved_question,
        "status": answer.status,
        "confidence": round(float(answer.confidence), 4),
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "citations": [_citation_to_dict(citation) for citation in answer.citations],
        "conflicts": [
            {"citations": list(conflict.citations), "about": conflict.about}
            for conflict in answer.conflicts
        ],
        "hits": _hits_to_dicts(answer.hits),
        "timings_ms": _timings(answer.timings),
        "index": {
            "generation": answer.generation,
            "passages": answer.passages,
            "model": answer.model,
        },
    }


def search_to_dict(
    query: str,
    hits: Sequence[Hit],
    timings: Mapping[str, float],
    explained: Sequence[Mapping[str, Part]] = (),
    repeats: Mapping[int, int] = MappingProxyType({}),
) -> Json:
    """Make the search object of `search --json`; with explanations, one for every hit.

    A hit that only repeats the passage of another names that one's rank.
    """
    found = _hits_to_dicts(hits)
    for hit in found:
        if hit["rank"] in repeats:
            hit["repeats"] = repeats[hit["rank"]]
    for hit, parts in zip(found, explained, strict=False):
        hit["explain"] = {
            name: {key: round(value, 6) for key, value in asdict(part).items()}
            for name, part in parts.items()
        }
    return {"query": query, "hits": found, "timings_ms": _timings(timings)}


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def block(text: str, width: int, indent: str = "", first: str | None = None) -> str:
    """Indent text, wrapped to the width; without one its own line ends stay."""
    head = indent if first is None else first
    text = strip_invisible(text)
    if width:
        return textwrap.fill(
            " ".join(text.split()), max(width, 20), initial_indent=head, subsequent_indent=indent
        )
    return head + text


def _origin(document: Document) -> str:
    facts = [document.people, document.published, document.publisher]
    known = "; ".join(fact for fact in facts if fact)
    return f"{document.title} ({known})" if known else document.title


def _place(document: Document, start: int, end: int) -> str:
    page = document.pages_at(start, end)
    return f"{document.path}, {f'{page}, ' if page else ''}characters {start} to {end}"


def _points(answer: Answer, width: int) -> list[str]:
    if not answer.points:
        return [block(answer.text, width)]
    return [block(point.line, width) for point in answer.points]


def _source(citation: Citation, width: int) -> str:
    document, quote = citation.hit.document, citation.quote
    lines = [
        block(_origin(document), width, "    ", f"[{citation.number}] "),
        block(_place(document, quote.start, quote.end), width, "    "),
    ]
    if citation.copies:
        lines.append(block(f"Also in {_also(citation)}.", width, "    "))
    if citation.state in _STATES:
        lines.append(block(_STATES[citation.state], width, "    "))
    if citation.orders:
        lines.append(block(_ORDERS, width, "    "))
    return "\n".join(lines)


def _also(citation: Citation) -> str:
    """The documents that repeat what is quoted, by title and path."""
    return ", ".join(f"{document.title} ({document.path})" for document in citation.copies)


def _answered(answer: Answer, width: int, color: bool) -> list[str]:
    blocks = []
    if answer.short_answer:
        blocks.append(_bold(block(f"Short answer: {answer.short_answer}", width), color))
    blocks += _points(answer, width)
    if lacking := [f"“{part.text}”" for part in answer.parts if not part.citations]:
        blocks.append(block(f"No quote speaks of {' or '.join(lacking)}.", width))
    for conflict in answer.conflicts:
        first, second = conflict.citations
        blocks.append(block(f"Note: [{first}] and [{second}] differ ({conflict.about}).", width))
    sources = "\n".join(_source(citation, width) for citation in answer.citations)
    blocks.append(f"{_bold('Sources', color)}\n{sources}")
    chance = f"Confidence: {answer.confidence:.0%} that the documents hold the answer."
    return [*blocks, block(chance, width)]


def _refused(answer: Answer, width: int, color: bool) -> list[str]:
    chance = f"Confidence: {answer.confidence:.0%} that the documents hold the answer."
    blocks = [_bold(block(answer.text, width), color), block(chance, width)]
    for found, label in ((True, "Found in the documents"), (False, "Not found beside them")):
        terms = [item.term for item in answer.coverage if item.found is found]
        if terms:
            blocks.append(block(f"{label}: {', '.join(terms)}.", width))
    if answer.hits:
        title = block("Nearest passages (none answers with enough confidence)", width)
        blocks.append(f"{_bold(title, color)}\n{render_hits(answer.hits[:3], width)}")
    return blocks


def render_answer(answer: Answer, width: int = 0, color: bool = False) -> str:
    """Tell the answer: what was understood, the quotes with their markers, and their sources."""
    blocks = []
    if answer.resolved_question != answer.question:
        blocks.append(block(f"Understood as: {answer.resolved_question}", width))
    tell = _answered if answer.status == "answered" else _refused
    return "\n\n".join([*blocks, *tell(answer, width, color)])


def render_hits(
    hits: Sequence[Hit],
    width: int = 0,
    tables: Sequence[str] = (),
    repeats: Mapping[int, int] = MappingProxyType({}),
) -> str:
    """List hits by rank: score, document, place, the whole passage, and a table where given.

    Of one that only repeats another the rank of that is told.
    """
    blocks = []
    for rank, hit in enumerate(hits, start=1):
        passage = hit.passage
        place = _place(hit.document, passage.start, passage.end)
        lines = [block(f"{hit.document.title} ({hit.score:.3f})", width, "   ", f"{rank}. ")]
        if passage.heading:
            lines.append(block(passage.heading, width, "   "))
        if rank in repeats:
            lines.append(f"   Repeats what {repeats[rank]}. says.")
        lines += [block(place, width, "   "), block(passage.text, width, "   ")]
        if addresses_machines(passage.text):
            lines.append(block(_ORDERS, width, "   "))
        lines += [textwrap.indent(table, "   ") for table in tables[rank - 1 : rank]]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def render_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Align columns: numbers to the right, words to the left."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    right = [
        bool(rows) and all(isinstance(row[column], int | float) for row in rows)
        for column in range(len(header))
    ]
    return "\n".join(
        "  ".join(
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in cells
    )


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else strip_invisible(str(value))
