"""Judging one answer by its question's labels: which measures are defined, and their values.

`correct` is the one figure that tells whether a person would be content: a question without an
answer was refused; any other was answered, and its quotes hold a right answer, or, where no
answers are given, touch labelled evidence. Labels on a refusal still measure what was retrieved.
Where all that is known of a question is what does not answer it, citing none of that is correct.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.evaluation.corpus import Corpus, Label, Token
from qa.evaluation.metrics import (
    Qrels,
    average_precision,
    contains,
    exact_match,
    group_labels,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
    token_f1,
    token_overlap,
)
from qa.evaluation.questions import Question
from qa.types import Answer, Hit, Quote

Values = dict[str, float]


def cutoffs(k: int) -> list[int]:
    """Depths at which rankings are measured: 1, 5 and k; precision and nDCG at the deeper two."""
    return sorted({1, min(5, k), k})


def judge(question: Question, answer: Answer | None, corpus: Corpus, k: int) -> Values:
    """Score an answer on every measure that the question's labels define.

    `answer` is None where none came: every measure is 0 then, and its confidence plainly wrong.
    """
    refused = answer is not None and answer.status == "not_found"
    confidence = float(answer.confidence) if answer else float(not question.answerable)
    values: Values = {"brier": (confidence - question.answerable) ** 2}
    hits = answer.hits[:k] if answer else ()
    quotes = [citation.quote for citation in answer.citations] if answer else []
    if answer is not None and (spans := _verified(answer, corpus)):
        values["citations_verify"] = sum(spans) / len(spans)
    if question.not_evidence:
        values["rejected_cited"] = _rejected(question, quotes, corpus)
    if not question.answerable:
        return {"correct": float(refused), **values}
    labels = [corpus.locate(evidence) for evidence in question.evidence]
    quoted = [label for label in labels if corpus.label_tokens(label)]
    if labels:
        values |= _documents(labels, answer.hits if answer else (), quotes, k)
    if quoted:
        values |= _passages(quoted, hits, corpus, k)
        values |= _evidence(quoted, quotes, corpus)
    if question.answers:
        values |= _answers(question, answer, hits, quotes, k)
    if not labels and not question.answers and question.not_evidence:
        return {"correct": float(answer is not None and not values["rejected_cited"]), **values}
    return {"correct": _content(values, refused or answer is None), **values}


def _rejected(question: Question, quotes: Sequence[Quote], corpus: Corpus) -> float:
    """Share of the citations that repeat half or more of words marked wrong, or stand in them."""
    labels = [corpus.locate(evidence) for evidence in question.not_evidence]
    wrong = [corpus.label_tokens(label) for label in labels]
    given = [corpus.tokens(quote.document_id, quote.start, quote.end) for quote in quotes]
    repeated = [any(_touch(words, said) for words in wrong) for said in given]
    return sum(repeated) / len(repeated) if repeated else 0.0


def _touch(first: set[Token], second: set[Token]) -> bool:
    return max(_share(first, second), _share(second, first)) >= 0.5


def _content(values: Values, unanswered: bool) -> float:
    outcomes = ("answer_in_quotes", "quote_found", "citation_recall")
    held = next((values[name] for name in outcomes if name in values), 1.0)
    return float(held > 0 and not unanswered)


def _ranked(ranking: Sequence[str], qrels: Qrels, k: int, prefix: str = "") -> Values:
    values = {f"{prefix}recall@{depth}": recall(ranking, qrels, depth) for depth in cutoffs(k)}
    for depth in cutoffs(k)[-2:]:
        values[f"{prefix}precision@{depth}"] = precision(ranking, qrels, depth)
        values[f"{prefix}nDCG@{depth}"] = ndcg(ranking, qrels, depth)
    values[f"{prefix}MRR@{k}"] = reciprocal_rank(ranking, qrels, k)
    values[f"{prefix}MAP@{k}"] = average_precision(ranking, qrels, k)
    return values


def _documents(
    labels: Sequence[Label], hits: Sequence[Hit], quotes: Sequence[Quote], k: int
) -> Values:
    """Measure ranking and citing by document; a document ranks where its first passage does."""
    qrels: dict[str, int] = {}
    for label in labels:
        qrels[label.document_id] = max(label.evidence.grade, qrels.get(label.document_id, 0))
    ranking = list(dict.fromkeys(hit.document.id for hit in hits))
    cited = list(dict.fromkeys(quote.document_id for quote in quotes))
    return _ranked(ranking, qrels, k) | {
        "citation_precision": precision(cited, qrels, len(cited)) if cited else 0.0,
        "citation_recall": recall(cited, qrels, len(cited)),
    }


def _passages(labels: Sequence[Label], hits: Sequence[Hit], corpus: Corpus, k: int) -> Values:
    """Measure ranking by passage: one holds a label if at least half of its words are in it."""
    wanted = [corpus.label_tokens(label) for label in labels]
    found = [corpus.tokens(hit.document.id, hit.passage.start, hit.passage.end) for hit in hits]
    held = [
        {number for number, words in enumerate(wanted) if _share(tokens, words) >= 0.5}
        for tokens in found
    ]
    ranking, qrels = group_labels(held, [label.evidence.grade for label in labels])
    values = _ranked(ranking, qrels, k, prefix="passage_")
    for depth in cutoffs(k):
        reached: set[int] = set().union(*held[:depth])
        values[f"passage_recall@{depth}"] = len(reached) / len(labels)
    depth = min(5, k)
    covered: set[Token] = set().union(*found[:depth])
    recalled, _, overlap = token_overlap(covered, set().union(*wanted))
    return values | {
        f"passage_token_recall@{depth}": recalled,
        f"passage_token_iou@{depth}": overlap,
    }


def _share(found: set[Token], labelled: set[Token]) -> float:
    return len(found & labelled) / len(labelled) if labelled else 0.0


def _evidence(labels: Sequence[Label], quotes: Sequence[Quote], corpus: Corpus) -> Values:
    """Measure what was quoted: touching a label is sharing half the words of the shorter one."""
    wanted = [corpus.label_tokens(label) for label in labels]
    given = [corpus.tokens(quote.document_id, quote.start, quote.end) for quote in quotes]
    touching = [
        (left, right)
        for left, words in enumerate(wanted)
        for right, said in enumerate(given)
        if _touch(words, said)
    ]
    recalled, exact, overlap = token_overlap(set().union(*given), set().union(*wanted))
    return {
        "quote_found": float(bool(touching)),
        "quote_recall": len({left for left, _ in touching}) / len(wanted),
        "quote_precision": len({right for _, right in touching}) / len(given) if given else 0.0,
        "token_recall": recalled,
        "token_precision": exact,
        "token_iou": overlap,
    }


def _answers(
    question: Question,
    answer: Answer | None,
    hits: Sequence[Hit],
    quotes: Sequence[Quote],
    k: int,
) -> Values:
    short = (answer.short_answer if answer else None) or ""
    values = {
        "exact_match": exact_match(short, question.answers) if short else 0.0,
        "f1": token_f1(short, question.answers) if short else 0.0,
        "answer_in_quotes": contains((quote.text for quote in quotes), question.answers),
    }
    for depth in cutoffs(k)[-2:]:
        passages = (hit.passage.text for hit in hits[:depth])
        values[f"answer_in_passages@{depth}"] = contains(passages, question.answers)
    return values


def _verified(answer: Answer, corpus: Corpus) -> list[bool]:
    """Check every span that is shown against the stored text of its document."""
    spans = [
        (c.quote.document_id, c.quote.start, c.quote.end, c.quote.text) for c in answer.citations
    ]
    shown = (*answer.hits, *(citation.hit for citation in answer.citations))
    spans += [(h.document.id, h.passage.start, h.passage.end, h.passage.text) for h in shown]
    return [
        name in corpus.documents and corpus.documents[name].text[start:end] == text
        for name, start, end, text in spans
    ]
