"""What the labels of a question set name: documents, and spans of their text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from index.clean import strip_invisible
from index.types import Document
from qa.evaluation.questions import Evidence, Question, QuestionSet

# One character for one, so that offsets into the folded text are offsets into the text.
_FOLDED = str.maketrans("‘’‚‛′“”„‟″«»‐‑‒–—−", '\'\'\'\'\'"""""""------')

Token = tuple[str, int]


def fold(text: str) -> str:
    """Replace typographic quotes and dashes by their plain forms, one character for one."""
    return text.translate(_FOLDED)


@dataclass(frozen=True, slots=True)
class Label:
    """Evidence located: the document's id, and where its quote stands there (None: nowhere)."""

    evidence: Evidence
    document_id: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one question of a set, and on which line of it."""

    line: int
    question_id: str
    reason: str


class Corpus:
    """The documents that a set is run on, found as labels name them."""

    def __init__(self, documents: Iterable[Document]) -> None:
        """Index the documents by id, path, path suffix and title."""
        self.documents = {document.id: document for document in documents}
        self._by_path: dict[str, list[Document]] = {}
        self._by_title: dict[str, list[Document]] = {}
        for document in self.documents.values():
            parts = document.path.replace("\\", "/").split("/")
            for first in range(len(parts)):
                self._by_path.setdefault("/".join(parts[first:]), []).append(document)
            self._by_title.setdefault(document.title, []).append(document)

    def candidates(self, name: str) -> list[Document]:
        """All documents of this id; else of this path or path suffix; else of this title."""
        if name in self.documents:
            return [self.documents[name]]
        suffix = name.replace("\\", "/").removeprefix("./")
        return self._by_path.get(suffix) or self._by_title.get(name) or []

    def locate(self, evidence: Evidence) -> Label:
        """Find the evidence; among documents of one name, the first that holds the quote.

        A document that is not there keeps the name it was given: no hit can ever match it.
        """
        candidates = self.candidates(evidence.document)
        for document in candidates if evidence.quote else ():
            if span := find_quote(document.text, evidence.quote or ""):
                return Label(evidence, document.id, span)
        return Label(evidence, candidates[0].id if candidates else evidence.document, None)

    def tokens(self, document_id: str, start: int, end: int) -> set[Token]:
        """Words of a span, each named by its document and offset, so that spans can be compared."""
        document = self.documents.get(document_id)
        if document is None:
            return set()
        words = re.compile(r"\w+").finditer(document.text, start, end)
        return {(document_id, word.start()) for word in words}

    def label_tokens(self, label: Label) -> set[Token]:
        """Words of a labelled quote; where it stands nowhere, words that nothing can match."""
        if label.span is not None:
            return self.tokens(label.document_id, *label.span)
        words = re.findall(r"\w+", label.evidence.quote or "")
        return {(label.evidence.quote or "", -1 - number) for number in range(len(words))}


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Find a quote in a text, whatever its white space and the form of its quotation marks."""
    words = fold(strip_invisible(quote)).split()
    found = re.search(r"\s+".join(map(re.escape, words)), fold(text)) if words else None
    return found.span() if found else None


def check(questions: QuestionSet, documents: Iterable[Document]) -> list[Problem]:
    """List what is wrong with the labels of a set, in the order of its lines."""
    corpus = Corpus(documents)
    seen: Counter[str] = Counter()
    problems = []
    for question in questions.questions:
        seen[question.id] += 1
        reasons = list(_reasons(question, corpus))
        if seen[question.id] == 2:
            reasons.insert(0, f"the id {question.id} is used more than once")
        problems += [Problem(question.line, question.id, reason) for reason in reasons]
    return problems


def _reasons(question: Question, corpus: Corpus) -> Iterable[str]:
    if not question.answerable and (question.evidence or question.answers):
        yield "it is marked as unanswerable but carries evidence or answers"
    if question.answerable and not (question.evidence or question.answers):
        yield "it has neither evidence nor answers, so nothing can be measured"
    for evidence in question.evidence:
        found = corpus.candidates(evidence.document)
        if not found:
            yield f"no document is called {evidence.document}"
        elif evidence.quote is None and len(found) > 1:
            yield f"{len(found)} documents are called {evidence.document}; name one by its id"
        elif evidence.quote is not None and corpus.locate(evidence).span is None:
            yield f"{evidence.document} does not say: {evidence.quote}"
