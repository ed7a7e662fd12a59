"""Which sentences are read, and that each is a span of its passage, once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from index.build import build
from index.reading import Reading
from index.search import Searcher
from index.sentences import sentences
from index.types import Hit
from qa.evidence import Sentence, find_sentences
from tests.fakes import FakeReader, HashEmbedder

TEXTS = {
    "ferry.md": (
        "The ferry crosses at noon. Its rope is tarred each spring. Old Berit holds the tiller.\n\n"
        "The toll is four coins. Carts pay double. A child pays nothing at all."
    ),
    "kiln.md": (
        "The kiln at Osby fires tiles. It was built in 1806. Nobody remembers the mason. "
        "The clay comes from the river bank. Twelve men dig it in autumn."
    ),
    "word.md": "Salt",
    "sheds.md": "The shed on the hill keeps 30 sheep. The old shed on the shore keeps 12 goats.",
    "twins.md": "# Gates\n\nThe gate is blue.\n\nThe gate is blue.\n\nThe gate is blue.",
}
QUESTIONS = ("Who holds the tiller?", "How many coins is the toll?", "kiln", "zzz", "the of and")


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("evidence")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("index")
    list(build([folder], index, embedder=HashEmbedder()))
    with Searcher.open(index, HashEmbedder()) as searcher:
        yield searcher


def read(
    searcher: Searcher, question: str, words_only: bool = False
) -> tuple[list[Hit], list[Sentence]]:
    query = searcher.query(question, None if words_only else searcher.encode(question))
    hits = searcher.rank([(query, 1.0)], 5)
    return hits, find_sentences(query, hits, searcher.views([hit.passage for hit in hits]))


@pytest.mark.parametrize("words_only", [False, True])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_sentence_of_the_passages_is_read_once_best_first(
    searcher: Searcher, question: str, words_only: bool
) -> None:
    hits, found = read(searcher, question, words_only)
    scores = [sentence.score for sentence in found]
    assert scores == sorted(scores, reverse=True)
    spans = [
        (hit.document.id, hit.passage.start + start, hit.passage.start + end)
        for hit in hits
        for start, end in sentences(hit.passage.text)
    ]
    for name, start, end in spans:
        inside = [
            sentence
            for sentence in found
            if sentence.hit.document.id == name and sentence.start <= start and end <= sentence.end
        ]
        assert len(inside) == 1
    assert len(found) <= len(spans)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_is_a_span_of_its_passage(searcher: Searcher, question: str) -> None:
    for sentence in read(searcher, question)[1]:
        document, passage = sentence.hit.document, sentence.hit.passage
        assert (
            document.text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        )
        assert passage.start <= sentence.start < sentence.end <= passage.end
        assert 0 <= sentence.coverage <= 1 + 1e-6
        assert min(sentence.cosine, sentence.interaction) >= -1.01
        assert max(sentence.cosine, sentence.interaction) <= 1.01
        assert "\n\n" not in sentence.text, "what is quoted together ends with its paragraph"


@pytest.mark.parametrize("words_only", [False, True])
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who holds the tiller?", "Old Berit holds the tiller."),
        ("When is the rope tarred?", "Its rope is tarred each spring."),
        ("How many men dig clay in autumn?", "Twelve men dig it in autumn."),
        ("What do carts pay?", "Carts pay double."),
    ],
)
def test_the_sentence_that_answers_is_first(
    searcher: Searcher, question: str, said: str, words_only: bool
) -> None:
    assert said in read(searcher, question, words_only)[1][0].text


def test_what_two_sentences_say_together_is_joined_with_the_words_of_both(
    searcher: Searcher,
) -> None:
    _, found = read(searcher, "When was the kiln at Osby built?")
    best = found[0]
    assert best.text == "The kiln at Osby fires tiles. It was built in 1806."
    assert {"kiln", "osbi", "1806"} <= best.stems
    assert best.coverage > 0


def test_where_no_passage_was_found_no_sentence_is(searcher: Searcher) -> None:
    assert find_sentences(searcher.query("kiln"), [], []) == []


# --- with a reader -----------------------------------------------------------------------------


def pointing(passage: str, *places: tuple[int, int, float], holds: float | None = 2.0) -> Reading:
    """A reading with these spans of a passage, each so probably the answer."""
    chances = np.array([chance for *_, chance in places], np.float32)
    spans = np.array([place[:2] for place in places], np.int32).reshape(-1, 2)
    assert all(passage[start:end].strip() for start, end in spans)
    return Reading(0.0, holds, spans, chances, chances)


def read_with(
    searcher: Searcher, question: str, document: str, *places: tuple[str, int, float]
) -> list[Sentence]:
    """The sentences of a document whose reading points at these words, the nth time they stand."""
    query = searcher.query(question, searcher.encode(question))
    hits = [hit for hit in searcher.rank([(query, 1.0)], 20) if hit.document.id == document]
    assert len(hits) == 1
    text, spans = hits[0].passage.text, []
    for words, nth, chance in places:
        start = -1
        for _ in range(nth + 1):
            start = text.index(words, start + 1)
        spans.append((start, start + len(words), chance))
    spans.sort()
    views = searcher.views([hit.passage for hit in hits])
    return find_sentences(query, hits, views, [pointing(text, *spans)])


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_of_sentences_that_are_equal_the_one_that_is_pointed_at_is_first(
    searcher: Searcher, nth: int
) -> None:
    found = read_with(searcher, "Which colour is the gate?", "twins.md", ("blue", nth, 1.0))
    assert len(found) == 3
    document = found[0].hit.document
    place = found[0].hit.passage.start
    for _ in range(nth):
        place = document.text.index("The gate", place + 1)
    assert found[0].start == place
    assert found[0].answer is not None
    assert document.text[slice(*found[0].answer)] == "blue"
    assert found[0].start <= found[0].answer[0] < found[0].answer[1] <= found[0].end
    assert found[0].score > found[1].score == pytest.approx(found[2].score)
    assert [sentence.answer for sentence in found[1:]] == [None, None]
    assert found[1].likelihood == 0


@pytest.mark.parametrize("likelier", ["Osby", "1806"])
def test_the_likelier_answer_of_two_that_are_quoted_together_is_kept(
    searcher: Searcher, likelier: str
) -> None:
    places = ((words, 0, 0.75 if words == likelier else 0.25) for words in ("Osby", "1806"))
    found = read_with(searcher, "When was the kiln at Osby built?", "kiln.md", *places)
    (joined,) = [
        s for s in found if s.text == "The kiln at Osby fires tiles. It was built in 1806."
    ]
    assert joined.answer is not None
    assert joined.hit.document.text[slice(*joined.answer)] == likelier
    chance = 1 / (1 + np.exp(-2.0))
    assert joined.likelihood == pytest.approx(chance * 0.75**2, abs=1e-6)


@pytest.mark.parametrize(
    ("question", "pointed_at", "kept"),
    [
        ("How many animals does the old shed on the shore keep?", ("30", "12"), "12"),
        ("How many animals does the shed on the hill keep?", ("30", "12"), "30"),
        ("How many animals does a shed keep?", ("30", "12"), "30"),  # neither holds more
        ("Which animals does the old shed on the shore keep?", ("sheep", "goats"), "sheep"),
        ("Which shed keeps 12?", ("30", "12"), "12"),
    ],
)
def test_of_two_numbers_that_counts_whose_sentence_holds_what_is_asked(
    searcher: Searcher, question: str, pointed_at: tuple[str, str], kept: str
) -> None:
    likelier, _ = pointed_at
    for chances, told in (((0.6, 0.4), kept), ((0.9, 0.1), likelier)):
        places = zip(pointed_at, (0, 0), chances, strict=True)
        found = read_with(searcher, question, "sheds.md", *places)
        (joined,) = [s for s in found if s.text == TEXTS["sheds.md"]]
        assert joined.answer is not None
        assert joined.hit.document.text[slice(*joined.answer)] == told


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_reader_points_at_lies_inside_its_sentence(
    searcher: Searcher, question: str
) -> None:
    query = searcher.query(question, searcher.encode(question))
    hits = searcher.rank([(query, 1.0)], 5)
    passages = [hit.passage for hit in hits]
    readings = FakeReader().read(question, [passage.text for passage in passages])
    plain = find_sentences(query, hits, searcher.views(passages))
    found = find_sentences(query, hits, searcher.views(passages), readings)
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    for sentence in found:
        assert 0 <= sentence.likelihood <= 1
        assert sentence.answer is not None
        assert sentence.start <= sentence.answer[0] < sentence.answer[1] <= sentence.end
    assert all((s.answer, s.likelihood) == (None, 0.0) for s in plain)
    # A model that only ranks has nothing to say of sentences.
    silent = [pointing("", holds=None) for _ in hits]
    ranked = find_sentences(query, hits, searcher.views(passages), silent)
    assert [(s.start, s.end, s.score) for s in ranked] == [(s.start, s.end, s.score) for s in plain]
