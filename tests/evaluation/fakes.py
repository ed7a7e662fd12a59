"""A small library and an assistant over it that answers by shared words; it never guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import Document, Hit, Passage, Progress
from qa.errors import QuestionError
from qa.types import Answer, Citation, Event, Partial, Quote

HARBOUR = (
    "The lighthouse at Corran was lit in 1874. Its keeper, Ada Moss, wrote “every ship counts” "
    "in the log. The lamp burned whale oil until 1902."
)
MILL = "The mill at Tarn ground oats for three villages. Jonas Reed bought the mill in 1911."
ORCHARD = "An orchard of 240 pear trees stands behind the church. Nobody prunes it any more."


def document(name: str, text: str, title: str = "", path: str = "") -> Document:
    return Document(
        id=name,
        path=path or f"library/{name}.md",
        title=title or name.title(),
        authors=(),
        published=None,
        publisher=None,
        text=text,
        sha256="0" * 64,
    )


LIBRARY = (
    document("harbour", HARBOUR),
    document("mill", MILL),
    document("orchard", ORCHARD),
)


def passages(doc: Document) -> list[Passage]:
    """One passage a sentence."""
    return [
        Passage(
            id=number,
            document_id=doc.id,
            ordinal=number,
            section=0,
            start=match.start(),
            end=match.end(),
            heading="",
            text=match.group(),
        )
        for number, match in enumerate(re.finditer(r"[^\s.][^.]*\.", doc.text))
    ]


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


@dataclass
class WordAssistant:
    """Implements what a run needs: quotes the best sentence if it shares `least` words."""

    library: Sequence[Document] = LIBRARY
    least: int = 2

    def documents(self) -> Sequence[Document]:
        return self.library

    def stream(self, question: str, history: Sequence[str] = ()) -> Iterator[Event]:
        if not question.strip("? "):
            raise QuestionError("The question is empty; ask something.")
        yield Progress("search", 0)
        answer = self.answer(question, history)
        yield Partial("words", answer)
        yield answer

    def answer(self, question: str, history: Sequence[str] = ()) -> Answer:
        asked = words(" ".join((*history, question)))
        scored = [
            Hit(passage, doc, float(len(asked & words(passage.text))), {"words": 1.0})
            for doc in self.library
            for passage in passages(doc)
        ]
        hits = sorted(scored, key=lambda hit: -hit.score)
        best = hits[0]
        found = best.score >= self.least
        quote = Quote(best.document.id, best.passage.start, best.passage.end, best.passage.text)
        years = re.findall(r"\d{4}", best.passage.text)
        return Answer(
            question=question,
            resolved_question=" ".join((*history, question)),
            status="answered" if found else "not_found",
            text=f"{best.passage.text} [1]" if found else "Not in these documents.",
            citations=(Citation(1, best, quote),) if found else (),
            hits=tuple(hits),
            confidence=min(best.score / 4, 1.0),
            timings={"total": 10.0 * len(asked)},
            history=tuple(history),
            short_answer=years[0] if found and years else None,
            generation=7,
            passages=len(scored),
            model="words",
        )
