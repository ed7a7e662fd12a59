"""What the labels of a question set name: documents, and spans of their text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from types import MappingProxyType

from index.clean import strip_invisible
from index.types import Document
from qa.evaluation.questions import Evidence, Question, QuestionSet

# Where words are written without spaces, every character counts as one.
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")

Token = tuple[str, int]


class Words:
    """The words of a text, to find quotes in it whatever stands between words.

    White space, the form of quotation marks and the clean-up of a document may differ from the
    quote as it was labelled; the words and their order may not.
    """

    def __init__(self, text: str) -> None:
        """Note the words and their offsets, in the text and in the words joined by spaces."""
        found = list(_WORD.finditer(text))
        self._spans = [word.span() for word in found]
        self._joined = f" {' '.join(word.group() for word in found)} "
        lengths = (end - start + 1 for start, end in self._spans)
        self._starts = list(accumulate(lengths, initial=1))

    def find(self, quote: str) -> tuple[int, int] | None:
        """Locate a quote from its first word to its last; whole words are preferred to parts."""
        words = " ".join(_WORD.findall(strip_invisible(quote)))
        place = self._joined.find(f" {words} ") + 1 or self._joined.find(words)
        if not words or place < 0:
            return None
        first = bisect_right(self._starts, place) - 1
        last = bisect_right(self._starts, place + len(words) - 1) - 1
        return self._spans[first][0], self._spans[last][1]


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

    def __init__(
        self, documents: Iterable[Document], former: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Index the documents by id, path, path suffix, title, and the ids they had formerly."""
        self.documents = {document.id: document for document in documents}
        self._former = former
        self._words: dict[str, Words] = {}
        self._by_path: dict[str, list[Document]] = {}
        self._by_title: dict[str, list[Document]] = {}
        for document in self.documents.values():
            parts = document.path.replace("\\", "/").split("/")
            for first in range(len(parts)):
                self._by_path.setdefault("/".join(parts[first:]), []).append(document)
            self._by_title.setdefault(document.title, []).append(document)

    def candidates(self, name: str) -> list[Document]:
        """All documents of this id; else of this path or its end; else of this title.

        Else the one that had this id before it was renamed.
        """
        if name in self.documents:
            return [self.documents[name]]
        suffix = name.replace("\\", "/").removeprefix("./")
        former = self.documents.get(self._former.get(name, ""))
        found = self._by_path.get(suffix) or self._by_title.get(name)
        return found or ([former] if former else [])

    def locate(self, evidence: Evidence) -> Label:
        """Find the evidence; among documents of one name, the first that holds the quote.

        A document that is not there keeps the name it was given: no hit can ever match it.
        """
        candidates = self.candidates(evidence.document)
        for document in candidates if evidence.quote else ():
            if document.id not in self._words:
                self._words[document.id] = Words(document.text)
            if span := self._words[document.id].find(evidence.quote or ""):
                return Label(evidence, document.id, span)
        return Label(evidence, candidates[0].id if candidates else evidence.document, None)

    def tokens(self, document_id: str, start: int, end: int) -> set[Token]:
        """Words of a span, each named by its document and offset, so that spans can be compared."""
        document = self.documents.get(document_id)
        if document is None:
            return set()
        return {(document_id, word.start()) for word in _WORD.finditer(document.text, start, end)}

    def label_tokens(self, label: Label) -> set[Token]:
        """Words of a labelled quote; where it stands nowhere, words that nothing can match."""
        if label.span is not None:
            return self.tokens(label.document_id, *label.span)
        words = _WORD.findall(label.evidence.quote or "")
        return {(label.evidence.quote or "", -1 - number) for number in range(len(words))}


def check(
    questions: QuestionSet,
    documents: Iterable[Document],
    former: Mapping[str, str] = MappingProxyType({}),
) -> list[Problem]:
    """List what is wrong with the labels of a set, in the order of its lines."""
    corpus = Corpus(documents, former)
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
    if question.answerable and not (question.evidence or question.answers or question.not_evidence):
        yield "it has neither evidence nor answers, so nothing can be measured"
    for evidence in (*question.evidence, *question.not_evidence):
        found = corpus.candidates(evidence.document)
        if not found:
            yield f"no document is called {evidence.document}"
        elif evidence.quote is None and len(found) > 1:
            yield f"{len(found)} documents are called {evidence.document}; name one by its id"
        elif evidence.quote is not None and corpus.locate(evidence).span is None:
            yield f"{evidence.document} does not say: {evidence.quote}"
