"""Drafting questions from documents, for a person to correct and keep.

A sentence that holds a name, number or date becomes a question for it: by a template where its
form allows one, else with the answer left out. A control asks the same of a name from another
document, about which no document says it: it has no answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.sentences import sentences
from index.types import Document
from qa.evaluation.metrics import normalise
from qa.evaluation.questions import Evidence, Question

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = (
    rf"(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} (?:\d{{4}}|\d{{1,2}}(?:, \d{{4}})?)|[12]\d{{3}})"
)
_WORD = r"[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:[’'-][^\W\d_]+)*"
_FUNCTION = (
    "The|An?|In|On|At|As|By|For|From|With|Under|Among|After|Before|Since|During|When|While|If|But|"
    "And|Or|It|He|She|They|We|Some|Many|Most|Next|Last|One|Two|Three|Part|Its|His|Her|Their"
)
_NAME = rf"(?!(?:{_FUNCTION})\b){_WORD}(?: {_WORD}){{1,3}}"
_NUMBER = r"(?:[£$€]\s?)?\d+(?:,\d{3})*(?:\.\d+)?(?:%| (?:per cent|percent|million|billion))?"

_KINDS = {
    "date": re.compile(rf"\b{_DATE}\b"),
    "name": re.compile(rf"\b{_NAME}\b"),
    "number": re.compile(rf"(?<![\w.,]){_NUMBER}(?![\w%]|[.,]\d)"),
}
_PROPER = re.compile(rf"\b{_WORD}(?: {_WORD})*\b")
_WHEN = re.compile(
    rf"(?P<who>[^,;:]{{3,80}}?) (?P<be>was|were) (?P<what>[^,;:]+?) (?:in|on) ({_DATE})\."
)
_VERB = (
    "is|was|has|had|became|began|gave|held|led|made|said|spoke|took|told|won|wrote|"
    "[a-z]{2,}(?:ed|s)"
)
_WHO = re.compile(rf"({_NAME}) (?P<what>(?:{_VERB}) [^,;:]+)\.")
_PRONOUN = re.compile(
    r"(?:he|she|it|they|we|i|you|this|that|these|those|there|his|her|its|their|but|and|so|or)\b",
    re.IGNORECASE,
)
_GAP = "____"
_SHORTEST, _LONGEST = 6, 35
_NAMED = 50


@dataclass(frozen=True, slots=True)
class _Draft:
    document: Document
    sentence: str
    question: str
    answer: str
    kind: str


def propose(documents: Sequence[Document], count: int = 40, seed: int = 0) -> list[Question]:
    """Draft up to `count` questions, a quarter of them controls, spread over the documents.

    All are tagged "drafted"; the same documents and seed give the same questions.
    """
    chance = random.Random(seed)  # noqa: S311 - chooses sentences, keeps no secrets
    drafts = list(_take_turns(documents, count, chance))
    few = chance.sample(documents, min(len(documents), _NAMED))
    names = sorted({found.group() for item in few for found in _KINDS["name"].finditer(item.text)})
    controls = [
        control
        for draft in chance.sample(drafts, len(drafts))
        if (control := _control(draft, chance.sample(names, len(names)), documents))
    ][: count // 4]
    chosen = [_asked(draft) for draft in drafts[: count - len(controls)]] + controls
    return [replace(item, id=f"draft-{place:03}") for place, item in enumerate(chosen, start=1)]


def _take_turns(
    documents: Sequence[Document], count: int, chance: random.Random
) -> Iterator[_Draft]:
    """Draw one sentence from each document in turn until there are enough, or none is left."""
    waiting = [_drafts(document, chance) for document in chance.sample(documents, len(documents))]
    taken = 0
    while waiting and taken < count:
        left = []
        for drafts in waiting:
            if taken < count and (draft := next(drafts, None)):
                taken += 1
                left.append(drafts)
                yield draft
        waiting = left


def _drafts(document: Document, chance: random.Random) -> Iterator[_Draft]:
    spans = sentences(document.text)
    chance.shuffle(spans)
    for start, end in spans:
        sentence = document.text[start:end]
        fits = _SHORTEST <= len(sentence.split()) <= _LONGEST and sentence.endswith(".")
        if fits and "\n" not in sentence and not _PRONOUN.match(sentence):
            draft = _by_template(document, sentence) or _by_gap(document, sentence, chance)
            if draft and normalise(draft.answer) not in normalise(draft.question):
                yield draft


def _by_template(document: Document, sentence: str) -> _Draft | None:
    if found := _WHEN.fullmatch(sentence):
        who = found["who"]
        if not _PROPER.match(who) or re.match(rf"(?:{_FUNCTION})\b", who):
            who = who[0].lower() + who[1:]
        question = f"When {found['be']} {who} {found['what']}?"
        return _Draft(document, sentence, question, found[4], "date")
    if found := _WHO.fullmatch(sentence):
        return _Draft(document, sentence, f"Who {found['what']}?", found[1], "name")
    return None


def _by_gap(document: Document, sentence: str, chance: random.Random) -> _Draft | None:
    kinds = list(_KINDS)
    chance.shuffle(kinds)
    for kind in kinds:
        if found := list(_KINDS[kind].finditer(sentence)):
            gap = chance.choice(found)
            masked = sentence[: gap.start()] + _GAP + sentence[gap.end() :]
            question = f"Which {kind} is missing here: {masked}"
            return _Draft(document, sentence, question, gap.group(), kind)
    return None


def _asked(draft: _Draft) -> Question:
    return Question(
        id="",
        question=draft.question,
        answers=(draft.answer,),
        evidence=(Evidence(draft.document.id, draft.sentence),),
        tags=("drafted", draft.kind),
    )


def _control(
    draft: _Draft, strangers: Sequence[str], documents: Sequence[Document]
) -> Question | None:
    """Replace a name in the question by one that stands only where its other words do not."""
    name = _KINDS["name"].search(draft.question)
    if name is None:
        return None
    rest = draft.question.replace(name.group(), " ")
    for stranger in strangers:
        if stranger not in draft.document.text and not _said(stranger, rest, documents):
            question = draft.question.replace(name.group(), stranger)
            return Question(id="", question=question, answerable=False, tags=("drafted", "control"))
    return None


def _said(name: str, rest: str, documents: Sequence[Document]) -> bool:
    """Whether a document that has the name also has half of the other long words asked about."""
    words = {word for word in normalise(rest).split() if len(word) > 4}
    return any(
        name in document.text
        and 2 * len(words & set(normalise(document.text).split())) >= len(words)
        for document in documents
    )
