"""Searching with a reader: what is read, how often, and what that does to the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.build import build
from index.catalogue import METADATA
from index.errors import ModelError
from index.ranking import READER, load_weights
from index.reading import CLEAR, FIRST, READ, Reading, open_reader, softmax
from index.search import Searcher
from index.types import Hit
from qa.explain import explain
from tests.fakes import FakeReader, HashEmbedder

LEDGER = "\n\n".join(
    f"Lot {n} was sold to bidder {n * 7}. It held {what} from {where}, packed in straw by the "
    f"porters of hall {n % 5} on the evening of day {n + 3}, and was weighed twice before the "
    f"clerk of bench {n * 3} entered {what} under folio {n + 200} of the yellow ledger."
    for n, (what, where) in enumerate(
        (what, where)
        for what in ("amber", "velvet", "cinnamon", "pewter", "parchment", "walnut", "copper")
        for where in ("Riga", "Lisbon", "Tunis", "Bergen", "Malmo", "Porto")
        for _ in range(2)
    )
)
QUESTIONS = ("amber from Riga", "Who was bidder 49?", "the", "zzz qqq", "ledger of 1987")


class Fond(FakeReader):
    """Finds one passage right and all others equally wrong."""

    def __init__(self, text: str, holds: float = 0.0) -> None:
        super().__init__()
        self._text, self._holds = text, holds

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        found = super().read(question, passages)
        return [
            replace(
                reading,
                relevance=20.0 * (passage == self._text),
                holds=self._holds if passage == self._text else -4.0,
            )
            for passage, reading in zip(passages, found, strict=True)
        ]


class Reversing:
    """A reranker that turns the order round."""

    name = "reversing"

    def score(self, _question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        return np.arange(len(passages), dtype=np.float32)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("read")
    (folder / "ledger.md").write_text(LEDGER, encoding="utf-8")
    list(build([folder], folder / "index", embedder=HashEmbedder()))
    return folder / "index"


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


@pytest.fixture
def searcher(index: Path, reader: FakeReader) -> Iterator[Searcher]:
    with Searcher.open(index, HashEmbedder(), reader=reader) as searcher:
        yield searcher


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in hits]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_are_read_once_and_of_what_is_relevant_the_others_have_no_share(
    searcher: Searcher, reader: FakeReader, question: str
) -> None:
    hits = searcher.search(question, 1_000)
    read = [passage for _, passage in reader.asked]
    assert {asked for asked, _ in reader.asked} == {question}
    surest = max(reading.chance for reading in FakeReader().read(question, read[:FIRST]))
    assert len(read) == len(set(read)) == (FIRST if surest >= CLEAR else READ)
    ranked = [hit for hit in hits if READER in hit.signals]
    assert len(ranked) == load_weights()[0] > READ
    values = dict(zip(texts(ranked), (hit.signals[READER] for hit in ranked), strict=True))
    relevance = [reading.relevance for reading in FakeReader().read(question, read)]
    shares = softmax(np.array(relevance, np.float32))
    said = (shares * shares.max()).tolist()
    assert [values[text] for text in read] == pytest.approx(said), "undecided, it has less say"
    assert {values[text] for text in values.keys() - set(read)} == {0.0}
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("sure", "place", "count"),
    [(True, FIRST - 1, FIRST), (False, FIRST - 1, READ), (True, FIRST, READ)],
)
def test_the_rest_is_read_unless_one_of_the_first_surely_answers(
    index: Path, sure: bool, place: int, count: int
) -> None:
    with Searcher.open(index, HashEmbedder()) as plain:
        before = texts(plain.search(QUESTIONS[0], READ))
    chance = CLEAR + (0.01 if sure else -0.01)
    reader = Fond(before[place], float(np.log(chance / (1 - chance))))
    with Searcher.open(index, HashEmbedder(), reader=reader) as searcher:
        searcher.search(QUESTIONS[0])
    assert [passage for _, passage in reader.asked] == before[:count]


@pytest.mark.parametrize("question", QUESTIONS)
def test_asking_for_fewer_is_the_beginning_of_asking_for_more(
    searcher: Searcher, question: str
) -> None:
    many = searcher.search(question, 40)
    for k in (0, 1, 3, READ, READ + 1):
        assert searcher.search(question, k) == many[:k]


@pytest.mark.parametrize("place", [1, 4, READ - 1])
@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_what_the_reader_prefers_rises_and_the_rest_stay_in_order(
    index: Path, question: str, place: int
) -> None:
    with Searcher.open(index, HashEmbedder()) as plain:
        before = texts(plain.search(question, 1_000))
    with Searcher.open(index, HashEmbedder(), reader=Fond(before[place])) as searcher:
        after = texts(searcher.search(question, 1_000))
    assert after.index(before[place]) < place
    pool = load_weights()[0]
    kept = [text for text in before[:pool] if text != before[place]]
    assert [text for text in after[:pool] if text != before[place]] == kept


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_explanation_tells_the_readers_share_and_adds_up(
    searcher: Searcher, question: str
) -> None:
    hits = searcher.search(question, load_weights()[0])
    query = searcher.query(question, searcher.encode(question))
    explained = explain(hits, {**searcher.weights_for(query), **METADATA})
    for hit, parts in zip(hits, explained, strict=True):
        assert sum(part.contribution for part in parts.values()) == pytest.approx(
            hit.score, abs=1e-5
        )
        assert parts[READER].value == pytest.approx(hit.signals[READER])
        assert parts[READER].weight > 0
    if len({hit.signals[READER] for hit in hits}) > 1:
        assert max(parts[READER].contribution for parts in explained) > 0


def test_a_passage_is_read_once_a_question_and_again_when_the_index_has_changed(
    tmp_path: Path, reader: FakeReader
) -> None:
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    (folder / "a.md").write_text(LEDGER[:2_000], encoding="utf-8")
    list(build([folder], index, embedder=HashEmbedder()))
    with Searcher.open(index, HashEmbedder(), reader=reader) as searcher:
        first = searcher.search(QUESTIONS[0])
        read = list(reader.asked)
        assert searcher.search(QUESTIONS[0]) == first
        with searcher.reading():
            query = searcher.query(QUESTIONS[0], searcher.encode(QUESTIONS[0]))
            again = searcher.read(query, [hit.passage for hit in first[:3]])
        assert [reading.relevance for reading in again] == [
            reading.relevance for reading in FakeReader().read(QUESTIONS[0], texts(first[:3]))
        ]
        assert reader.asked == read
        searcher.search(QUESTIONS[1])
        assert {question for question, _ in reader.asked[len(read) :]} == {QUESTIONS[1]}
        (folder / "b.md").write_text("Amber from Riga was never sold again.", encoding="utf-8")
        list(build([folder], index, embedder=HashEmbedder()))
        reader.asked.clear()
        hits = searcher.search(QUESTIONS[0])
        assert hits[0].document.id == "b.md"
        assert {question for question, _ in reader.asked} == {QUESTIONS[0]}
        ranked = {hit.passage.text for hit in hits if hit.signals[READER]}
        assert {passage for _, passage in reader.asked} == ranked, "nothing counts from before"
        assert ranked & {passage for _, passage in read}


def test_by_words_alone_nothing_is_read(index: Path, reader: FakeReader) -> None:
    with (
        Searcher.open(index, HashEmbedder(), reader=reader) as searcher,
        Searcher.open(index, HashEmbedder()) as plain,
    ):
        hits = searcher.search("amber", 20, words_only=True)
        assert hits == plain.search("amber", 20, words_only=True)
        with searcher.reading():
            assert searcher.read(searcher.query("amber"), [hit.passage for hit in hits]) == []
    assert reader.asked == []
    assert all(READER not in hit.signals for hit in hits)


def test_where_a_reranker_orders_the_reader_has_no_say(index: Path, reader: FakeReader) -> None:
    with (
        Searcher.open(index, HashEmbedder(), Reversing(), reader) as both,
        Searcher.open(index, HashEmbedder(), Reversing()) as reranked,
    ):
        hits = both.search("amber from Riga", 40)
        assert hits == reranked.search("amber from Riga", 40)
    assert reader.asked == []
    assert all(READER not in hit.signals for hit in hits)


def test_starting_loads_the_reader_beside_the_model_once(index: Path, reader: FakeReader) -> None:
    embedder = HashEmbedder()
    with Searcher.open(index, embedder, reader=reader) as searcher:
        searcher.start("Who?")
        assert reader.asked == [("Who?", "Who?")]
        searcher.start("Who?")
        assert len(reader.asked) == 1
    with Searcher.open(index, HashEmbedder(), reader=open_reader("off")) as searcher:
        searcher.start("Who?")
        assert READER not in searcher.search("Who?")[0].signals


def test_a_reader_that_cannot_be_loaded_is_said_when_starting(index: Path) -> None:
    class Broken(FakeReader):
        def read(self, _question: str, _passages: Sequence[str]) -> list[Reading]:
            raise ModelError("It is broken; use another.")

    with Searcher.open(index, HashEmbedder(), reader=Broken()) as searcher:
        with pytest.raises(ModelError, match=r"^It is broken; use another\.$"):
            searcher.start("Who?")
        assert searcher.search("amber", words_only=True)
