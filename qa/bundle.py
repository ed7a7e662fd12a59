"""A conversation as a file that anyone can check: questions, answers, and every quote with proof.

One JSON object. Each quote comes with its offsets, its SHA-256 and that of the document's source;
each answer with the fingerprint and generation of its index; and `sha256` is the digest of all the
rest, written as JSON with sorted keys and no spaces, in UTF-8. The digests show that a file came
through whole; whoever forges one can make them anew. What cannot be forged is the document:
`qa.verify` looks for the quotes there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from qa import __version__
from qa.errors import BundleError
from qa.types import Citation, Kept

FORMAT, VERSION = "quoth-bundle", 1
LARGEST = 64_000_000  # bytes; a conversation of two thousand turns has about five million

Json = dict[str, Any]


def make(title: str, turns: Sequence[Kept]) -> str:
    """Write a conversation as a bundle."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"quoth {__version__}",
        "title": title,
        "turns": [_turn(kept) for kept in turns],
    }
    content = json.loads(json.dumps(content).encode(errors="replace"))
    return json.dumps({**content, "sha256": digest_of(content)}, ensure_ascii=False, indent=1)


def digest_of(content: Json) -> str:
    """The digest over all of a bundle but the digest itself."""
    held = {key: value for key, value in content.items() if key != "sha256"}
    text = json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return digest(text)


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return sha256(text.encode(errors="replace")).hexdigest()


def _turn(kept: Kept) -> Json:
    answer = kept.answer
    return {
        "asked": kept.asked,
        "question": answer.question,
        "history": list(answer.history),
        "resolved_question": answer.resolved_question,
        "status": answer.status,
        "confidence": round(float(answer.confidence), 4),
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "points": [
            {"text": point.text, "context": point.context, "citations": list(point.citations)}
            for point in answer.points
        ],
        "citations": [_citation(citation) for citation in answer.citations],
        "index": {
            "fingerprint": kept.fingerprint,
            "generation": answer.generation,
            "passages": answer.passages,
            "model": answer.model,
        },
    }


def _citation(citation: Citation) -> Json:
    document, quote = citation.hit.document, citation.quote
    page = document.pages_at(quote.start, quote.end)
    return {
        "number": citation.number,
        "document": {
            "id": document.id,
            "path": document.path,
            "title": document.title,
            "authors": list(document.authors),
            "published": document.published,
            "publisher": document.publisher,
            "sha256": document.sha256,
        },
        "start": quote.start,
        "end": quote.end,
        "quote": quote.text,
        "quote_sha256": digest(quote.text),
        **({"page": page} if page else {}),
    }


# Reading what may come from anywhere


def load(path: Path) -> Json:
    """Read a bundle, whose parts are then of the kinds they should be; what they say is unproven.

    Raises:
        BundleError: the file cannot be read, or is no bundle.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); name a file that Quoth exported as bundle."
        ) from None
    if len(data) > LARGEST:
        raise BundleError(f"{path} is larger than {LARGEST // 1_000_000} MB, which no bundle is.")
    try:
        content = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(content, ensure_ascii=False).encode()  # halves of characters
    except (ValueError, RecursionError) as error:
        raise _none(path, f"it is not whole JSON in UTF-8: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _none(path, f'it does not say "format": "{FORMAT}"')
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BundleError(f"{path} was made by a newer version of Quoth; update Quoth to check it.")
    if lacking := next(_lacking(content), ""):
        raise _none(path, lacking)
    return content


def _none(path: Path, reason: str) -> BundleError:
    return BundleError(
        f"{path} is no bundle that could be checked ({reason}); get it anew from where it came."
    )


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """An object whose names are given once each: of two, readers might take either."""
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


_Kinds = dict[str, tuple[type, ...]]
_TEXT: tuple[type, ...] = (str,)
_COUNT: tuple[type, ...] = (int,)
_LIST: tuple[type, ...] = (list,)
_TURN: _Kinds = {
    "question": _TEXT,
    "answer": _TEXT,
    "status": _TEXT,
    "points": _LIST,
    "citations": _LIST,
}
_TURN |= {"short_answer": (str, type(None)), "index": (dict,)}
_CITED: _Kinds = {"number": _COUNT, "document": (dict,), "start": _COUNT, "end": _COUNT}
_CITED |= {"quote": _TEXT, "quote_sha256": _TEXT}
_DOCUMENT: _Kinds = {"id": _TEXT, "path": _TEXT, "title": _TEXT, "sha256": _TEXT}
_POINT: _Kinds = {"text": _TEXT, "context": _TEXT, "citations": _LIST}


def _lacking(content: Json) -> Iterator[str]:
    """What a bundle should have and has not, or has of another kind."""
    yield from _wrong("the bundle", content, {"version": _COUNT, "turns": _LIST, "sha256": _TEXT})
    for place, turn in enumerate(content["turns"], 1):
        name = f"question {place}"
        yield from _wrong(name, turn, _TURN)
        for point in turn["points"]:
            yield from _wrong(f"a point of {name}", point, _POINT)
            if not all(type(number) is int for number in point["citations"]):
                yield f"{name} cites by something else than numbers"
        for cited in turn["citations"]:
            yield from _wrong(f"a citation of {name}", cited, _CITED)
            yield from _wrong(f"a document of {name}", cited["document"], _DOCUMENT)


def _wrong(name: str, found: object, kinds: _Kinds) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"{name} is no object"
        return
    for key, kind in kinds.items():
        if not isinstance(found.get(key), kind) or isinstance(found.get(key), bool):
            yield f'{name} has no "{key}" of its kind'


# What a bundle says of itself


def contradictions(turn: Json) -> list[str]:
    """What an answer says that its own quotes do not bear out."""
    cited = {citation["number"]: citation for citation in turn["citations"]}
    numbers = set(cited)
    found = []
    if sorted(numbers) != list(range(1, len(turn["citations"]) + 1)):
        found.append("its citations are not numbered from 1")
    if (turn["status"] == "answered") != bool(cited):
        found.append(f'it is called "{turn["status"]}" with {len(cited)} citations')
    said = turn["answer"]
    for point in turn["points"]:
        first = cited.get(point["citations"][0]) if point["citations"] else None
        if first is None or not numbers.issuperset(point["citations"]):
            found.append("it cites what is not there")
        elif point["text"] != first["quote"] or point["text"] not in said:
            found.append("it says something else than its quotes")
        for words in (f"[{point['context']}]", point["text"]):  # with brackets of their own
            said = said.replace(words, "", 1)
    if cited and _markers(said) != numbers:
        found.append("its markers are not those of its citations")
    short = turn["short_answer"]
    if short and not any(short in citation["quote"] for citation in turn["citations"]):
        found.append("its short answer stands in no quote")
    return found


def _markers(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"\[(\d{1,6})\]", text)}


def altered(citation: Json) -> str:
    """How a quote contradicts its own offsets and digest; nothing where it does not."""
    if citation["end"] - citation["start"] != len(citation["quote"]) or citation["start"] < 0:
        return "the quote is not as long as its offsets say"
    if citation["quote_sha256"] != digest(citation["quote"]):
        return "the quote is not the one that its digest was made of"
    return ""
