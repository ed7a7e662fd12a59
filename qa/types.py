"""What flows from a question to its answer, and what the screens may rely on."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from index.instructions import addresses_machines
from index.types import (
    BuildReport,
    Document,
    Generation,
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

__all__ = [
    "Answer",
    "Backend",
    "BuildReport",
    "Citation",
    "Conflict",
    "Coverage",
    "Document",
    "Event",
    "Generation",
    "Heading",
    "Hit",
    "Holding",
    "IndexStatus",
    "Kept",
    "Location",
    "Marks",
    "NearDuplicate",
    "Notice",
    "Part",
    "Partial",
    "Passage",
    "Place",
    "Point",
    "Progress",
    "Quote",
    "Rank",
    "Session",
    "Sessions",
    "Share",
    "Skipped",
    "Stage",
    "State",
    "Status",
    "Step",
    "Turn",
    "Verdict",
    "Why",
]

Status = Literal["answered", "not_found"]
Verdict = Literal["right", "wrong", "absent"]
Stage = Literal["passage", "filters", "search", "candidates", "ranking", "confidence", "quotes"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a document, verbatim: `document.text[start:end] == text`, never altered."""

    document_id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with its number in the answer, the hit it stands in, and its state on disk.

    `state` says whether the source file is still the one that was indexed ("current"), has
    "changed" since, or is "missing". `stands` is False for a quote of a kept conversation whose
    words are no longer in the index where they stood. `confidence` is the probability, 0 to 1,
    that the question is answered by this passage alone (None where it was not looked at).
    `copies` are the documents that say it in the same or nearly the same passage.
    """

    number: int
    hit: Hit
    quote: Quote
    state: State = "current"
    stands: bool = True
    confidence: float | None = None
    copies: tuple[Document, ...] = ()

    @property
    def orders(self) -> bool:
        """Whether the words shown would order a machine about, such as a chatbot."""
        return addresses_machines(self.quote.text) or addresses_machines(self.hit.passage.text)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing the answer says: a quote's words, and every citation that supports them.

    `context` names, outside the quote, who or what a pronoun in it stands for; often empty.
    """

    text: str
    citations: tuple[int, ...]
    context: str = ""

    @property
    def agreement(self) -> str:
        """How many documents say so, copies aside, where they are three or more; or empty."""
        return f"in {len(self.citations)} documents" if len(self.citations) > 2 else ""

    @property
    def line(self) -> str:
        """The point as one line: context in brackets, quote, markers, agreement."""
        context = f"[{self.context}] " if self.context else ""
        markers = " ".join(f"[{number}]" for number in self.citations)
        return f"{context}“{self.text}” {markers}" + (
            f" ({self.agreement})" if self.agreement else ""
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two citations whose sentences match but for a number, date, unit or negation."""

    citations: tuple[int, int]
    about: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A content word of the question, and whether the best passages hold it."""

    term: str
    found: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things asked at once: its words, and the citations that speak of it."""

    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what was understood, and what the documents say.

    `text` is the points with their markers [1] [2], or one sentence for `not_found`;
    `confidence` is the probability, 0 to 1, that the documents hold the answer; `short_answer`
    is a span inside the first quote; `timings` are milliseconds by stage (encode, retrieve,
    evidence, total). For `not_found`, `hits` are the nearest passages and answer nothing.
    `scope` is the number of documents that it was limited to, or None where all of them counted;
    `ticked` are their ids. `parts` are the things asked for, where they are several.
    """

    question: str
    resolved_question: str
    status: Status
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    confidence: float
    timings: Mapping[str, float]
    history: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    short_answer: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    generation: int = 0
    passages: int = 0
    model: str = ""
    scope: int | None = None
    ticked: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Partial:
    """An answer that a later stage may refine: `stage` is "words" while only words were matched."""

    stage: Literal["words"]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Marks:
    """What a reader has said of one question, and `path`, the question set that keeps it.

    `right` and `wrong` are pairs of a document's id and its words; `absent` says that no document
    answers the question.
    """

    right: tuple[tuple[str, str], ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()
    absent: bool = False
    path: str = ""

    def of(self, quote: Quote) -> Verdict | None:
        """What was said of these words, if anything."""
        words = quote.document_id, quote.text
        return "right" if words in self.right else "wrong" if words in self.wrong else None


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on a passage's way into an answer, and what became of it there, in one sentence.

    `passed` is None where it never came so far.
    """

    stage: Stage
    passed: bool | None
    told: str


@dataclass(frozen=True, slots=True)
class Rank:
    """A passage's place, from 1, among `of` by what `name` says; the first `most` go on.

    `rank` is None where it is not among them.
    """

    name: str
    rank: int | None
    of: int
    most: int
    score: float


@dataclass(frozen=True, slots=True)
class Share:
    """One signal of a passage: its raw value, and what that adds to the score, 0..1.

    `label` says in words what it is; `weight` is 0 for what only enters through others; `rank` is
    the place by this signal alone; `rival` is what it adds to the score of the passage compared
    with, if there is one.
    """

    signal: str
    label: str
    value: float
    weight: float
    contribution: float
    rank: int
    rival: float | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why a passage is in an answer, or which stage lost it.

    `document.text[start:end]` was asked about; `passage` is the one there that came the farthest,
    None where there is none. `verdict` is one sentence; `lost` names the stage, None for what is
    quoted, as the citations `numbers`. `shares` take the score apart, the largest first, beside
    those of `rival`; they are empty for what was not ranked. `held`, `titled` and `lacked` are the
    words of the question that stand in the passage, in its title or heading only, and in neither.
    `sentence` is the best there that was read for an answer. `note` says, where it is so, that the
    index is no longer what was asked.
    """

    question: str
    document: Document
    start: int
    end: int
    passage: Passage | None
    verdict: str
    lost: Stage | None
    numbers: tuple[int, ...] = ()
    steps: tuple[Step, ...] = ()
    ranks: tuple[Rank, ...] = ()
    shares: tuple[Share, ...] = ()
    score: float = 0.0
    rival: str = ""
    held: tuple[str, ...] = ()
    titled: tuple[str, ...] = ()
    lacked: tuple[str, ...] = ()
    sentence: str = ""
    note: str = ""


Event = Progress | Partial | Answer


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation that was kept: its name, how many turns, and the index it was held over.

    `begun` and `changed` are ISO times in UTC; `excerpt` is where the words of a search stand,
    each between U+E000 and U+E001.
    """

    id: str
    title: str
    begun: str
    changed: str
    turns: int
    index: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was kept: when it was given (ISO, UTC), and the fingerprint of its index."""

    answer: Answer
    asked: str
    fingerprint: str = ""


class Sessions(Protocol):
    """The conversations that are kept. Calls may block: use a thread.

    Each raises `qa.errors.SessionError` where they cannot be kept or read.
    """

    @property
    def path(self) -> str:
        """The file that holds them."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether answers are kept at all."""
        ...

    def keep(self, session: str, place: int, answer: Answer) -> Kept:
        """Keep the answer to the turn at `place` (from 1) of a conversation, new or known."""
        ...

    def listed(self, words: str = "") -> Sequence[Session]:
        """The conversations that hold these words, or all; the latest first."""
        ...

    def turns(self, session: str) -> Sequence[Kept]:
        """The turns of a conversation, oldest first, as they were kept."""
        ...

    def checked(self, turns: Sequence[Kept]) -> Sequence[Kept]:
        """The turns with every quote looked for in the present index."""
        ...

    def rename(self, session: str, title: str) -> None:
        """Give a conversation another name; an empty one is its first question again."""
        ...

    def delete(self, session: str) -> None:
        """Delete a conversation."""
        ...

    def restore(self) -> str:
        """Bring back what was deleted last, as long as the program runs; its id, or nothing."""
        ...

    def questions(self, most: int = 200) -> Sequence[str]:
        """What was asked last, oldest first, each question once."""
        ...

    def bundle(self, title: str, turns: Sequence[Kept]) -> str:
        """The turns as a file that `quoth verify` can check."""
        ...


class Backend(Protocol):
    """What the screens and the command line need of an assistant. Calls may block: use a thread."""

    def stream(
        self, question: str, history: Sequence[str] = (), scope: Collection[str] | None = None
    ) -> Iterator[Event]:
        """Yield progress and partial answers, and the final `Answer` last.

        Only the documents of the ids in `scope` are searched; None for all.
        """
        ...

    def document(self, name: str) -> Document:
        """Find a document by id, path, path suffix or title.

        Raises:
            index.errors.DocumentNotFoundError: nothing is called that.
        """
        ...

    def documents(self) -> Sequence[Document]:
        """All documents, ordered by title."""
        ...

    def library(self) -> Sequence[Holding]:
        """All documents by title, without their texts, but with how long and how alike they are."""
        ...

    def check(self) -> Iterator[Mapping[str, State]]:
        """What has become of the documents' files, by id, some at a time."""
        ...

    def complete(self, typed: str) -> Sequence[str]:
        """What a path that is being typed may become; folders end in a slash."""
        ...

    def examine(self, typed: str) -> Place:
        """What a typed path leads to, or what is wrong with it."""
        ...

    def state(self, document: Document) -> State:
        """Whether the file of a document is still the one that was indexed."""
        ...

    def locate(self, document: Document, start: int, end: int) -> Location:
        """Find the words of a document between two offsets in its file as it is now."""
        ...

    def status(self) -> IndexStatus:
        """Summarise the index."""
        ...

    def update(self, documents: Sequence[str] = ()) -> Iterator[Progress | BuildReport]:
        """Bring the index up to date, with the given files and folders or those it was built of.

        Closing the iterator cancels; the last committed generation stays.
        """
        ...

    def generation(self) -> int:
        """The number of the index's newest generation; told at once."""
        ...

    def watch(self, stop: threading.Event) -> Iterator[Progress | BuildReport | Notice]:
        """Keep the index up to date with its files until `stop` is set, telling what is done."""
        ...

    def remove(self, document_ids: Sequence[str]) -> BuildReport:
        """Take documents out of the index; their files stay as they are.

        Raises:
            index.errors.IndexingError: no document would be left, or the index is being changed.
        """
        ...

    @property
    def sessions(self) -> Sessions:
        """The conversations that are kept, over this index and others."""
        ...

    def suggestions(self) -> Sequence[str]:
        """A few questions that the documents can answer, for an empty conversation."""
        ...

    def why(self, answer: Answer, document_id: str, start: int, end: int) -> Why:
        """Tell why a stretch of a document is in an answer, or which stage lost it.

        Raises:
            index.errors.DocumentNotFoundError: there is no such document any more.
            qa.errors.QuestionError: it has no such stretch.
        """
        ...

    def marks(self, answer: Answer) -> Marks:
        """What the reader has said of the question before."""
        ...

    def mark(self, answer: Answer, verdict: Verdict, quote: Quote | None = None) -> Marks:
        """Keep a verdict on words, or of "absent" on the question; the same again withdraws it.

        Raises:
            qa.errors.QuothError: it cannot be kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, once there is one."""

    question: str
    answer: Answer | None = field(default=None)
