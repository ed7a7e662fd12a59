"""Kept conversations over an open index: what they quote is looked for in it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from index.errors import DocumentNotFoundError
from index.sources import state
from index.store import Store
from qa.bundle import make
from qa.sessions import SessionFile
from qa.types import Answer, Citation, Document, Hit, Kept


def fingerprint_of(store: Store) -> str:
    """A digest of what an index holds: its model, and every document by its id and SHA-256."""
    with store.snapshot():
        held = store.rows("SELECT id, sha256 FROM documents ORDER BY id")
        return sha256(json.dumps([store.fingerprint, held]).encode()).hexdigest()


class SessionsOver(SessionFile):
    """All kept conversations, as they are seen from one open index."""

    def __init__(self, path: Path, store: Store, *, keeps: bool = True) -> None:
        """Keep what is asked over `store`."""
        super().__init__(path, over=store.directory.absolute(), keeps=keeps)
        self._store = store
        self._known = (0, "")

    def fingerprint(self) -> str:
        """The fingerprint of the index, made once for each of its generations."""
        generation = self._store.generation
        if self._known[0] != generation:
            self._known = generation, fingerprint_of(self._store)
        return self._known[1]

    def checked(self, turns: Sequence[Kept]) -> Sequence[Kept]:
        """The turns with every quote looked for in the present index, and its file on disk."""
        present: dict[str, Document | None] = {}
        return [replace(turn, answer=self._checked(turn.answer, present)) for turn in turns]

    def _checked(self, answer: Answer, present: dict[str, Document | None]) -> Answer:
        citations = tuple(self._citation(citation, present) for citation in answer.citations)
        hits = tuple(self._hit(hit, present) for hit in answer.hits)
        return replace(answer, citations=citations, hits=hits)

    def _citation(self, citation: Citation, present: dict[str, Document | None]) -> Citation:
        quote = citation.quote
        found = self._present(quote.document_id, present)
        stands = found is not None and found.text[quote.start : quote.end] == quote.text
        hit = self._hit(citation.hit, present)
        return replace(citation, hit=hit, state=state(hit.document), stands=stands)

    def _hit(self, hit: Hit, present: dict[str, Document | None]) -> Hit:
        """The hit in the document as it is now, if it is the same; else in what is known of it."""
        found = self._present(hit.document.id, present)
        same = found is not None and found.sha256 == hit.document.sha256
        return replace(hit, document=found) if found is not None and same else hit

    def _present(self, name: str, present: dict[str, Document | None]) -> Document | None:
        if name not in present:
            try:
                present[name] = self._store.document(name)
            except DocumentNotFoundError:
                present[name] = None
        return present[name]

    def bundle(self, title: str, turns: Sequence[Kept]) -> str:
        """The turns as a file that `quoth verify` can check."""
        return make(title, turns)
