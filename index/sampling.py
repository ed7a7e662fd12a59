"""A few documents out of many, without reading the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from index.store import Store


@dataclass(frozen=True, slots=True)
class Sample:
    """How a document begins, and what its headings say."""

    id: str
    title: str
    text: str
    headings: tuple[str, ...]


def sample(store: Store, many: int, characters: int) -> list[Sample]:
    """The beginnings of up to `many` documents: the same ones until the index changes.

    It takes as many look-ups as documents are wanted, however many there are.
    """
    with store.snapshot() as generation:
        ends = store.rows("SELECT min(n), max(n) FROM documents")[0]
        if ends[0] is None:
            return []
        first, last = ends
        chance = Random(generation)  # noqa: S311 - only variety
        numbers = range(first, last + 1)
        found: dict[str, Sample] = {}
        for number in chance.sample(numbers, min(many, len(numbers))):
            rows = store.rows(
                "SELECT id, title, substr(text, 1, ?), headings FROM documents"
                " WHERE n >= ? ORDER BY n LIMIT 1",
                characters,
                number,
            )
            for name, title, text, spans in rows:
                headings = tuple(
                    text[start:end] for start, end, _ in json.loads(spans) if end <= len(text)
                )
                found.setdefault(name, Sample(name, title, text, headings))
        return list(found.values())
