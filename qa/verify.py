"""Whether the citations of a bundle hold: by itself, in an index, or in the documents' files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.errors import DocumentNotFoundError
from index.sources import find
from index.sources.worker import Worker
from index.store import Store
from qa.bundle import Json, altered, contradictions, digest_of
from qa.resuming import fingerprint_of
from qa.types import Document, Skipped

Outcome = Literal["holds", "changed", "missing", "tampered"]
Lookup = Callable[[Json], Document | None]


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one citation: question and number, the document, where, and why so."""

    question: int
    number: int
    outcome: Outcome
    document: str
    start: int
    end: int
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All that was found; `against` says what the quotes were looked for in."""

    against: str
    problems: tuple[str, ...]
    checks: tuple[Check, ...]
    same_index: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether all holds."""
        return not self.problems and all(check.outcome == "holds" for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"ok": self.ok, **asdict(self)}


def alone(bundle: Json) -> Verified:
    """Check a bundle by itself: its digests, its offsets, its markers."""
    return _verified(bundle, "its own digests alone", None)


def in_index(bundle: Json, store: Store) -> Verified:
    """Look for every quote in an index."""

    def lookup(document: Json) -> Document | None:
        found = store.rows("SELECT id FROM documents WHERE sha256 = ?", document["sha256"])
        ids = [row[0] for row in found]
        try:
            return store.document(ids[0] if ids and document["id"] not in ids else document["id"])
        except DocumentNotFoundError:
            return None

    with store.snapshot():
        here = fingerprint_of(store)
        made = {turn["index"].get("fingerprint") for turn in bundle["turns"]}
        return _verified(bundle, f"the index in {store.directory}", lookup, made == {here})


def in_files(bundle: Json, paths: Sequence[str]) -> Verified:
    """Look for every quote in files and folders, which are read as they would be for an index.

    Raises:
        index.errors.SourceError: a path does not exist.
    """
    documents = [c["document"] for turn in bundle["turns"] for c in turn["citations"]]
    digests = {document["sha256"] for document in documents}
    ids = {document["id"] for document in documents}
    by_digest: dict[str, Document] = {}
    by_id: dict[str, Document] = {}
    for document in _read(paths):
        if document.sha256 in digests:
            by_digest.setdefault(document.sha256, document)
        if document.id in ids:
            by_id.setdefault(document.id, document)

    def lookup(document: Json) -> Document | None:
        return by_digest.get(document["sha256"]) or by_id.get(document["id"])

    return _verified(bundle, f"the documents in {', '.join(paths)}", lookup)


def _read(paths: Sequence[str]) -> Iterable[Document]:
    with Worker() as worker:
        for source in find(paths):
            found = () if isinstance(source, Skipped) else worker.read(source)
            yield from (document for document in found if isinstance(document, Document))


def _verified(
    bundle: Json, against: str, lookup: Lookup | None, same: bool | None = None
) -> Verified:
    problems = []
    if bundle["sha256"] != digest_of(bundle):
        problems.append("Something in the bundle was altered after it was made.")
    checks = []
    for place, turn in enumerate(bundle["turns"], 1):
        problems += [f"Question {place}: {problem}." for problem in contradictions(turn)]
        checks += [_check(place, citation, lookup) for citation in turn["citations"]]
    return Verified(against, tuple(problems), tuple(checks), same)


def _check(question: int, citation: Json, lookup: Lookup | None) -> Check:
    outcome, detail = _judged(citation, lookup)
    document = citation["document"]
    name = document["title"] or document["path"] or document["id"]
    start, end = citation["start"], citation["end"]
    return Check(question, citation["number"], outcome, name, start, end, detail)


def _judged(citation: Json, lookup: Lookup | None) -> tuple[Outcome, str]:
    if why := altered(citation):
        return "tampered", why
    if lookup is None:
        return "holds", "agrees with its digest; looked for in no document"
    document = lookup(citation["document"])
    if document is None:
        return "missing", "the document is not there"
    stands = document.text[citation["start"] : citation["end"]] == citation["quote"]
    if document.sha256 == citation["document"]["sha256"]:
        if stands:
            return "holds", "stands there, in the same document"
        return "tampered", "the document is the same, but these words do not stand there"
    kept = "the words still stand there" if stands else "the words no longer stand there"
    return "changed", f"the document has changed; {kept}"
