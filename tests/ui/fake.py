"""A backend with a few documents of its own and answers by rote, at the pace that a test sets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from index.errors import DocumentNotFoundError
from index.types import (
    BuildReport,
    Document,
    Heading,
    Hit,
    Holding,
    IndexStatus,
    Location,
    NearDuplicate,
    Notice,
    Passage,
    Place,
    Progress,
    Skipped,
    State,
)
from qa.marks import toggled
from qa.types import (
    Answer,
    Citation,
    Conflict,
    Coverage,
    Event,
    Marks,
    Partial,
    Point,
    Quote,
    Share,
    Step,
    Verdict,
    Why,
)
from tests.ui.shelf import FakeSessions

TIDES = (
    "The mill at Harrow Creek\n\nA history of the place\n\n"
    + "The creek fills twice a day, and with it the pond behind the dam. " * 40
    + "\n\nThe millers\n\n"
    + "Nobody knows who laid the first stone of the mill. The tide mill at Harrow Creek was "
    "built in 1742 by Ada Fenwick. It ground barley for the whole coast until the dam broke in "
    "the winter of 1871.\n\nAfterwards\n\n"
    + "The pond is a meadow now, and the sluice a footbridge that sheep refuse to cross. " * 40
    + "\n\nThe wheel was four metres across, and it turned with the ebb only.\n"
)
LEDGER = (
    "From the parish ledger: the mill at Harrow Creek was built in 1745, as the stone above its "
    "door has it. The vicar paid for the door.\n"
)
HOSTILE = "Notes [/x] of [red]nobody[/red].\n\x1b[31mThe bell [bold]rang[/bold] at noon.\x1b[0m\n"


def _document(name: str, title: str, text: str, **more: str) -> Document:
    headings = tuple(
        Heading(text.index(line), text.index(line) + len(line), 1 if number == 0 else 2)
        for number, line in enumerate(
            ("The mill at Harrow Creek", "A history of the place", "The millers", "Afterwards")
        )
        if line in text and name == "tides"
    )
    return Document(
        id=name,
        path=f"/books/{name}.md",
        title=title,
        authors=("Ines Moor",),
        published=more.get("published"),
        publisher=more.get("publisher"),
        text=text,
        sha256="0" * 64,
        headings=headings,
    )


DOCUMENTS = (
    _document(
        "tides", "Mills of the Tide", TIDES, publisher="Estuary Press", published="2019-04-02"
    ),
    _document("ledger", "The Parish Ledger", LEDGER, published="1801"),
    _document("hostile", "notes [/x] and [red] \x1b]0;title\x07", HOSTILE, published="2024-05"),
)


def hit(document: Document, words: str, score: float = 0.83, around: int = 120) -> Hit:
    """A passage of a document around some of its words."""
    place = document.text.index(words)
    start = document.text.rfind("\n", 0, place) + 1
    start = max(start, place - around)
    end = min(len(document.text), place + len(words) + around)
    passage = Passage(1, document.id, 0, 0, start, end, "The millers", document.text[start:end])
    return Hit(passage, document, score)


def citation(number: int, document: Document, words: str, **more: str | float) -> Citation:
    """A quote of a document."""
    start = document.text.index(words)
    quote = Quote(document.id, start, start + len(words), words)
    return Citation(number, hit(document, words), quote, **more)  # type: ignore[arg-type]


BUILT = "The tide mill at Harrow Creek was built in 1742 by Ada Fenwick."
GROUND = "It ground barley for the whole coast until the dam broke in the winter of 1871."
RECORDED = "the mill at Harrow Creek was built in 1745, as the stone above its door has it."


def mill(question: str, resolved: str | None = None) -> Answer:
    """An answer with three citations, two of which disagree."""
    tides, ledger, _ = DOCUMENTS
    citations = (
        citation(1, tides, BUILT, confidence=0.91),
        citation(2, ledger, RECORDED, state="changed", confidence=0.62),
        citation(3, tides, GROUND, confidence=0.31),
    )
    return Answer(
        question=question,
        resolved_question=resolved or question,
        status="answered",
        text=f"{BUILT} [1] {RECORDED} [2] {GROUND} [3]",
        citations=citations,
        hits=tuple(each.hit for each in citations),
        confidence=0.93,
        timings={"encode": 12.0, "retrieve": 8.0, "evidence": 21.0, "total": 41.0},
        points=(
            Point(BUILT, (1,)),
            Point(RECORDED, (2,)),
            Point(GROUND, (3,), context="the tide mill"),
        ),
        short_answer="Ada Fenwick",
        conflicts=(Conflict((1, 2), "1742 or 1745"),),
        coverage=(Coverage("built", found=True), Coverage("mill", found=True)),
    )


def refusal(question: str) -> Answer:
    """An answer that there is none."""
    tides, ledger, _ = DOCUMENTS
    hits = (
        hit(tides, "The wheel was four metres across", 0.31),
        hit(ledger, "The vicar paid", 0.22),
    )
    return Answer(
        question=question,
        resolved_question=question,
        status="not_found",
        text="This is not in the documents.",
        citations=(),
        hits=hits,
        confidence=0.07,
        timings={"total": 30.0},
        coverage=(Coverage("wheel", found=True), Coverage("submarine", found=False)),
    )


def hostile(question: str) -> Answer:
    """An answer out of a document that would like to be markup."""
    document = DOCUMENTS[2]
    cited = citation(1, document, "Notes [/x] of [red]nobody[/red].")
    return replace(
        mill(question),
        citations=(cited,),
        points=(Point(cited.quote.text, (1,), context="[/y]"),),
        short_answer="[red]nobody[/red]",
        conflicts=(),
        coverage=(Coverage("[/z]", found=False),),
    )


class FakeBackend:
    """Answers by rote. Clear `go` (or `build_on`) to hold an answer (or a build) where it is."""

    def __init__(self) -> None:
        """Answer at once."""
        self.go = threading.Event()
        self.go.set()
        self.build_on = threading.Event()
        self.build_on.set()
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.scopes: list[frozenset[str] | None] = []
        self.early_refusal = False
        self.updated: list[tuple[str, ...]] = []
        self.removed: list[tuple[str, ...]] = []
        self.roots: tuple[str, ...] = ("/books",)
        self.alike: dict[str, tuple[NearDuplicate, ...]] = {
            "tides": (NearDuplicate("ledger", 0.91),),
            "ledger": (NearDuplicate("tides", 0.91),),
        }
        self.skipped: tuple[Skipped, ...] = ()
        self.left_out = (Skipped("/books/[/x].pdf", "it is encrypted; unlock it"),)
        self.check_on = threading.Event()
        self.check_on.set()
        self.files: dict[str, State] = {"ledger": "changed", "hostile": "missing"}
        self.fail: Exception | None = None
        self.build_closed = threading.Event()
        self.shelf: Sequence[Document] = DOCUMENTS
        self.location = Location("/books/tides.md", 7, "current", "whole")
        self.located: list[str] = []
        self.answer: Callable[[str], Answer] = self._answer
        self.sessions = FakeSessions()
        self.marked: dict[tuple[str, tuple[str, ...]], Marks] = {}

    def _answer(self, question: str) -> Answer:
        if "submarine" in question:
            return refusal(question)
        if "nobody" in question:
            return hostile(question)
        if question.startswith("And"):
            return mill(question, "When was the tide mill at Harrow Creek built?")
        return mill(question)

    def stream(
        self, question: str, history: Sequence[str] = (), scope: Collection[str] | None = None
    ) -> Iterator[Event]:
        """Answer in three steps, held before the last while `go` is clear."""
        self.asked.append((question, tuple(history)))
        self.scopes.append(None if scope is None else frozenset(scope))
        yield Progress("matching words", 0)
        if self.fail is not None:
            raise self.fail
        answer = self.answer(question)
        if scope is not None:
            answer = replace(answer, scope=len(scope))
            if answer.status == "not_found":
                said = f"This is not in the {len(scope)} documents that you ticked; others may."
                answer = replace(answer, text=said)
        if self.early_refusal:
            yield Partial("words", refusal(question))
        elif answer.status == "answered":
            first = answer.citations[:1]
            yield Partial(
                "words", replace(answer, points=answer.points[:1], citations=first, conflicts=())
            )
        self.go.wait(10)
        yield answer

    def document(self, name: str) -> Document:
        """Find a document by its id."""
        for document in self.shelf:
            if document.id == name:
                return document
        raise DocumentNotFoundError(f"No document is called {name}; see `quoth index list`.")

    def documents(self) -> Sequence[Document]:
        """All of them."""
        return self.shelf

    def state(self, document: Document) -> State:
        """As `files` says, or current."""
        return self.files.get(document.id, "current")

    def locate(self, document: Document, start: int, end: int) -> Location:
        """Always at `location`; `located` tells what was looked for."""
        self.located.append(document.text[start:end])
        return self.location

    def generation(self) -> int:
        """As many as `status` tells of."""
        return self.status().generation

    def watch(self, stop: threading.Event) -> Iterator[Progress | BuildReport | Notice]:
        """Watch files that never change."""
        yield Notice("watching", "Watching /books.")
        stop.wait(10)

    def status(self) -> IndexStatus:
        """Summarise."""
        return IndexStatus(
            "/index",
            3,
            len(self.shelf),
            41,
            "fake",
            "2026-01-02T03:04:05",
            self.roots,
            self.skipped,
        )

    def library(self) -> Sequence[Holding]:
        """All of them, with how long they are."""
        return [
            Holding(
                replace(document, text=""),
                len(document.text) // 500 + 1,
                len(document.text.split()),
                self.alike.get(document.id, ()),
            )
            for document in self.shelf
        ]

    def check(self) -> Iterator[Mapping[str, State]]:
        """What `files` says, or current; held while `check_on` is clear."""
        self.check_on.wait(10)
        yield {document.id: self.files.get(document.id, "current") for document in self.shelf}

    def complete(self, typed: str) -> Sequence[str]:
        """A folder of two folders and a file."""
        known = ("~/", "~/essays/", "~/estuary/", "~/eels.md")
        return [path for path in known if path.startswith(typed) and path != typed]

    def examine(self, typed: str) -> Place:
        """Only what is offered is there."""
        if typed.startswith("~/es"):
            return Place(typed.rstrip("/").replace("~", "/home"), folder=True, documents=12)
        return Place(typed, fault=f"There is no {typed} in /home; check its name.")

    def remove(self, document_ids: Sequence[str]) -> BuildReport:
        """Take them off the shelf."""
        if self.fail is not None:
            raise self.fail
        self.removed.append(tuple(document_ids))
        self.shelf = [document for document in self.shelf if document.id not in document_ids]
        left = len(self.shelf)
        return BuildReport(4, 0, 0, len(document_ids), left, left, 31, 0)

    def update(self, documents: Sequence[str] = ()) -> Iterator[Progress | BuildReport]:
        """Build in three steps, held after the first while `build_on` is clear."""
        self.updated.append(tuple(documents))
        self.skipped = self.left_out
        self.roots = tuple(documents) or self.roots
        try:
            yield Progress("read", 1, 3, "tides.md")
            self.build_on.wait(10)
            yield Progress("embed", 20, 41, "ledger.md")
            yield BuildReport(
                4,
                1,
                0,
                0,
                3,
                4,
                55,
                14,
                self.left_out,
            )
        finally:
            self.build_closed.set()

    def why(self, answer: Answer, document_id: str, start: int, end: int) -> Why:
        """Quoted, if it is; or else lost at the ranking."""
        if self.fail is not None:
            raise self.fail
        document = self.document(document_id)
        numbers = tuple(
            citation.number
            for citation in answer.citations
            if citation.quote.document_id == document_id
            and citation.quote.start < end
            and start < citation.quote.end
        )
        told = "It came 9th of 25, and only the first 5 are read."
        ranked = Step("ranking", bool(numbers), "It came 1st of 25." if numbers else told)
        verdict = f"In the answer, as [{numbers[0]}]: it came 1st of 25." if numbers else ""
        return Why(
            answer.resolved_question,
            document,
            start,
            end,
            Passage(1, document_id, 0, 0, start, end, "", document.text[start:end]),
            verdict or f"Lost at the ranking: {told[0].lower()}{told[1:]}",
            None if numbers else "ranking",
            numbers,
            (
                Step("passage", True, "It is a passage of 24 words."),
                Step("filters", True, "There is no filter."),
                Step("search", True, "By words it came 3rd of 12 and by vector 9th of 41."),
                Step("candidates", True, "By both together it came 4th of 41."),
                ranked,
                Step("confidence", True if numbers else None, "It is 0.93." if numbers else ""),
                Step("quotes", True if numbers else None, "It is quoted." if numbers else ""),
            ),
            shares=(
                Share("hybrid", "words and vector", 1.2, 1.0, 0.21, 4, 0.35),
                Share("interaction", "likeness word by word", 0.4, 0.5, 0.07, 9, 0.17),
                Share("words_section", "words of its section", 0.0, 0.6, 0.0, 21, 0.19),
                Share("dense", "vector", 0.3, 0.0, 0.0, 9, 0.0),
            ),
            score=0.28,
            rival="the 1st" if numbers else "the 5th",
            held=("mill",),
            lacked=("[/x]",),
        )

    def marks(self, answer: Answer) -> Marks:
        """What was said of the question before."""
        return self.marked.get((answer.question, answer.history), Marks(path="/sets/marked.jsonl"))

    def mark(self, answer: Answer, verdict: Verdict, quote: Quote | None = None) -> Marks:
        """Keep a verdict, or fail."""
        if self.fail is not None:
            raise self.fail
        marks = toggled(self.marks(answer), verdict, quote)
        self.marked[answer.question, answer.history] = marks
        return marks

    def suggestions(self) -> Sequence[str]:
        """Questions to begin with."""
        return ("Who built the tide mill?", "When did the dam break?", "What is the pond now?")
