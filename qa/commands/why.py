"""`quoth search QUERY --why DOCUMENT`: why words are in the answer to it, or what lost them."""

from __future__ import annotations

import re
from dataclasses import asdict

from index.errors import DocumentNotFoundError
from qa.assistant import Assistant
from qa.commands.terminal import width, write, write_json
from qa.errors import QuestionError
from qa.render import Json, block, document_to_dict, passage_to_dict, render_table
from qa.types import Document, Why

_STRETCH = re.compile(r"(?P<name>.+):(?P<start>\d+)-(?P<end>\d+)", re.DOTALL)
_OUTCOMES = {True: "passed", False: "lost here", None: "not reached"}
_BAR = 20


def tell(assistant: Assistant, query: str, named: str, *, json: bool) -> None:
    """Ask, and say of a stretch of a document why it is in the answer, or which stage lost it.

    Raises:
        DocumentNotFoundError: no document is called so.
        QuestionError: it has no such stretch, or the question cannot be asked.
    """
    document, start, end = _found(assistant, named)
    why = assistant.why(assistant.ask(query), document.id, start, end)
    write_json(why_to_dict(why)) if json else write(render_why(why, width()))


def _found(assistant: Assistant, named: str) -> tuple[Document, int, int]:
    """The document and the stretch of it: all of it, where none is given."""
    if match := _STRETCH.fullmatch(named):
        try:
            document = assistant.document(match["name"])
        except DocumentNotFoundError:
            document = assistant.document(named)  # a title may end like a stretch
        else:
            return document, int(match["start"]), int(match["end"])
    else:
        document = assistant.document(named)
    if not document.text:
        raise QuestionError(f"{document.id} has no text, so that no passage is made of it.")
    return document, 0, len(document.text)


def why_to_dict(why: Why) -> Json:
    """Make the object of `search --why --json`."""
    return {
        "question": why.question,
        "document": document_to_dict(why.document),
        "start": why.start,
        "end": why.end,
        "passage": None if why.passage is None else passage_to_dict(why.passage, why.document),
        "verdict": why.verdict,
        "lost": why.lost,
        "citations": list(why.numbers),
        "stages": [asdict(step) for step in why.steps],
        "ranks": [{**asdict(rank), "score": round(rank.score, 6)} for rank in why.ranks],
        "score": round(why.score, 6),
        "signals": {
            share.signal: {
                "value": round(share.value, 6),
                "weight": round(share.weight, 6),
                "contribution": round(share.contribution, 6),
                "rank": share.rank,
                "compared": None if share.rival is None else round(share.rival, 6),
            }
            for share in why.shares
        },
        "compared_with": why.rival or None,
        "words": {
            "held": list(why.held),
            "in_title": list(why.titled),
            "lacked": list(why.lacked),
        },
        "sentence": why.sentence or None,
        "note": why.note or None,
    }


def render_why(why: Why, width: int = 0) -> str:
    """Tell it: the verdict, the stages, the places, and the signals with what each adds."""
    blocks = [block(why.verdict, width)]
    if why.note:
        blocks.append(block(why.note, width))
    if (passage := why.passage) is not None:
        place = f"{why.document.path}, characters {passage.start} to {passage.end}"
        blocks.append("\n".join((block(place, width), block(passage.text, width, "   "))))
    rows = [
        block(f"{step.told or _OUTCOMES[None]}", width, "            ", f"{step.stage:<12}")
        for step in why.steps
    ]
    blocks.append("\n".join(rows))
    for label, words in (
        ("Words of the question in it", why.held),
        ("In its title or heading only", why.titled),
        ("Not in it", why.lacked),
    ):
        if words:
            blocks.append(block(f"{label}: {', '.join(words)}.", width))
    if why.shares:
        blocks.append(_signals(why))
    return "\n\n".join(blocks)


def _signals(why: Why) -> str:
    """A table, with a bar for what each signal adds; the longest is the most that any adds."""
    header = ["signal", "value", "weight", "adds", "rank by it", why.rival, ""]
    most = max(max(share.contribution, share.rival or 0.0) for share in why.shares) or 1.0
    rows = [
        [
            share.signal,
            share.value,
            share.weight,
            share.contribution,
            share.rank,
            "" if share.rival is None else share.rival,
            "#" * round(_BAR * share.contribution / most),
        ]
        for share in why.shares
    ]
    return render_table(header, rows)
