"""Which sentences are read, and that each is a span of its passage, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.build import build
from index.search import Searcher
from index.sentences import sentences
from index.types import Hit
from qa.evidence import Sentence, find_sentences
from tests.fakes import HashEmbedder

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
