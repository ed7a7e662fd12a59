"""Answers as JSON and back: what is kept of a conversation, typed and with a version.

Written by the types themselves: a field that `qa.types` gains is kept from then on, and one that
an older record lacks has its default. A document is named once, without its text, which only the
index holds. What cannot be read back is an error, never half an answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from qa.errors import SessionError
from qa.types import Answer, Document

VERSION = 1
LEFT_OUT = ("text", "headings")  # of a document: they may be megabytes, and the index has them

Json = dict[str, Any]


def dump(answer: Answer) -> str:
    """Write an answer as one line of JSON."""
    documents: dict[str, Json] = {}
    written = _write(answer, documents)
    _keep_pages(answer, documents)
    record = {"version": VERSION, "documents": documents, "answer": written}
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _keep_pages(answer: Answer, documents: dict[str, Json]) -> None:
    """Of the pages keep those that something quoted or found stands on: a book has hundreds."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for hit in (*answer.hits, *(citation.hit for citation in answer.citations)):
        spans.setdefault(hit.document.id, []).append((hit.passage.start, hit.passage.end))
    for citation in answer.citations:
        quote = citation.quote
        spans.setdefault(quote.document_id, []).append((quote.start, quote.end))
    for name, record in documents.items():
        pages = record["pages"]
        ends = [*(page["start"] for page in pages[1:]), math.inf]
        record["pages"] = [
            page
            for page, end in zip(pages, ends, strict=False)
            if any(first < end and page["start"] < last for first, last in spans.get(name, ()))
        ]


def load(text: str) -> Answer:
    """Read an answer back, equal to what was written but for its documents' texts and those of
    their pages that nothing in it stands on.

    Raises:
        SessionError: this is no answer, or one that a newer version wrote.
    """
    try:
        record = json.loads(text)
        if not isinstance(record, dict) or not isinstance(record.get("version"), int):
            raise TypeError("no version")  # noqa: TRY301 - told with all else that is wrong
        if record["version"] > VERSION:
            raise SessionError(
                "This was kept by a newer version of Quoth; update Quoth to read it."
            )
        documents = {
            name: _document(found) for name, found in _checked(dict, record["documents"]).items()
        }
        answer = _read(Answer, record["answer"], documents)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SessionError(
            f"An answer that was kept cannot be read ({type(error).__name__}: {error}); delete "
            "its conversation and ask again."
        ) from None
    assert isinstance(answer, Answer)  # noqa: S101 - what _read is asked for
    return answer


def _write(value: Any, documents: dict[str, Json]) -> Any:
    if isinstance(value, Document):
        if value.id not in documents:
            documents[value.id] = dict(_items(value, documents, LEFT_OUT))
        return value.id
    if is_dataclass(value):
        return dict(_items(value, documents))
    if isinstance(value, Mapping):
        return {str(key): _write(item, documents) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_write(item, documents) for item in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()  # halves of characters are not UTF-8
    if value is None or isinstance(value, bool | int):
        return value
    return float(value)  # of whatever kind of float: NumPy's are not JSON


def _items(
    value: Any, documents: dict[str, Json], left_out: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        if field.name not in left_out:
            yield field.name, _write(getattr(value, field.name), documents)


@cache
def _fields(kind: type) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field, hints[field.name]) for field in fields(kind))


def _document(found: object) -> Document:
    document = _object(Document, {**_checked(dict, found), "text": "", "headings": []}, {})
    assert isinstance(document, Document)  # noqa: S101 - what _object is asked for
    return document


def _object(kind: Any, found: object, documents: Mapping[str, Document]) -> Any:
    record = _checked(dict, found)
    values = {}
    for field, hint in _fields(kind):
        if field.name in record:
            values[field.name] = _read(hint, record[field.name], documents)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise KeyError(field.name)
    return kind(**values)


def _read(hint: Any, value: Any, documents: Mapping[str, Document]) -> Any:
    if hint is Document:
        return documents[_checked(str, value)]
    if is_dataclass(hint):
        return _object(hint, value, documents)
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value is None and NoneType in parts:
            return None
        (kind,) = (part for part in parts if part is not NoneType)
        return _read(kind, value, documents)
    if origin is Literal:
        return _one_of(parts, value)
    if origin is tuple:
        return _tuple(parts, _checked(list, value), documents)
    if origin is not None and issubclass(origin, Mapping):
        found = _checked(dict, value)
        return {key: _read(parts[1], item, documents) for key, item in found.items()}
    return _number(hint, value) if hint in (int, float) else _checked(hint, value)


def _tuple(
    parts: tuple[Any, ...], found: list[Any], documents: Mapping[str, Document]
) -> tuple[Any, ...]:
    kinds = (parts[0],) * len(found) if parts[-1:] == (...,) else parts
    return tuple(_read(k, v, documents) for k, v in zip(kinds, found, strict=True))


def _one_of(known: tuple[Any, ...], value: object) -> object:
    if value not in known:
        raise ValueError(f"{value!r} is none of {known}")
    return value


def _number(kind: type, value: object) -> float:
    accepted = (int, float) if kind is float else (int,)
    if isinstance(value, bool) or not isinstance(value, accepted) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value if kind is int else float(value)


def _checked(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    return value
