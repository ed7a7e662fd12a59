"""Filters typed into a question restrict what is searched; names and years in it only prefer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import build
from index.catalogue import Catalogue
from index.errors import IndexingError
from index.filters import Allowed, Asked, Filters, parse, without_filters
from index.search import Searcher
from tests.fakes import HashEmbedder

DOCUMENTS = [
    {
        "_id": "kilns",
        "title": "Firing clay",
        "authors": ["Ida Mørk", "Tom Ashby"],
        "published": "2009-05-04",
        "publisher": "The Potter",
        "text": "A kiln is heated slowly. The glaze melts at night.",
    },
    {
        "_id": "wheels",
        "title": "The wheel and the bell jar",
        "authors": ["Renée Okafor"],
        "published": "2016-11",
        "publisher": "Nature",
        "text": "Wheels turn the clay. Kilns are heated in the valley by gas.",
    },
    {
        "_id": "brushes",
        "title": "Brushes",
        "authors": ["Zoe Ashby"],
        "published": "2020",
        "text": "A fast-track course teaches how brushes are made, -5 degrees outside.",
    },
    {"_id": "loose", "title": "Loose leaves", "text": "Nobody dated this note about a kiln."},
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("studio")
    lines = "\n".join(json.dumps(document) for document in DOCUMENTS)
    (folder / "studio.jsonl").write_text(lines, encoding="utf-8")
    embedder = HashEmbedder()
    list(build([folder], folder / "index", embedder=embedder))
    with Searcher.open(folder / "index", embedder) as searcher:
        yield searcher


def left(searcher: Searcher, text: str) -> set[str]:
    """The documents of the passages that the filters in `text` leave."""
    allowed = searcher.allowed(parse(text).filters)
    ids = searcher.store.passage_ids() if allowed.ids is None else allowed.ids
    return set(searcher.store.document_ids_of(ids))


# --- what is typed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "text", "filters"),
    [
        ("who fires clay source:bmj", "who fires clay", Filters(sources=("bmj",))),
        ('SOURCE:"The BMJ" clay', "clay", Filters(sources=("The BMJ",))),
        ("clay source:bmj?", "clay", Filters(sources=("bmj",))),
        ("author:“Ida Mørk” author:okafor x", "x", Filters(authors=("Ida Mørk", "okafor"))),
        ('title:"on kilns" who', "who", Filters(titles=("on kilns",))),
        ("x after:2009 before:2016-11", "x", Filters(after="2009", before="2016-11")),
        ("x after:2009 after:2010-02-28", "x", Filters(after="2010-02-28")),
        ("x before:2016 before:2016-11", "x", Filters(before="2016-11")),
        ("clay -wheel -“bell jar”", "clay", Filters(without=("wheel", "bell jar"))),
        ("clay -fast-track, too", "clay , too", Filters(without=("fast-track",))),
        ('clay "fast track"', 'clay "fast track"', Filters(phrases=("fast track",))),
        ("What is “slow firing”?", "What is “slow firing”?", Filters(phrases=("slow firing",))),
        ('"see author:x" y', '"see author:x" y', Filters(phrases=("see author:x",))),
    ],
)
def test_filters_are_told_from_what_is_asked(typed: str, text: str, filters: Filters) -> None:
    assert parse(typed) == Asked(text, filters)


@pytest.mark.parametrize(
    "text",
    [
        "Is it -5 degrees or -40?",
        "a fast-track course - and then some",
        "- a bullet",
        "--flag x",
        "see https://example.org/x and foo:bar",
        "the source: a well; before: the war",
        "resource:x",
        'a 5" pipe and a 6" pipe',
        'an "unclosed phrase',
        '"?!" and -"..."',
        "Did the “fast track” report name anybody?",
        "’twas 10:30",
    ],
)
def test_what_only_looks_like_a_filter_is_left_as_it_is(text: str) -> None:
    assert parse(text) == Asked(text, Filters())


@given(st.text(st.characters(exclude_characters='"“”-:'), max_size=60))
def test_a_question_without_filters_is_asked_as_it_is(text: str) -> None:
    assert parse(text) == Asked(" ".join(text.split()), Filters())


_PARTS = ["who", "clay?", "source:a", 'title:"b c"', "-d", '-"e f"', '"g h"', "-5", "i:j", '"', "-"]


def read(text: str) -> str:
    try:
        return parse(text).text
    except IndexingError as error:
        return f"refused: {error}"


@given(st.lists(st.sampled_from(_PARTS), max_size=8).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    said = read(text)
    assert said == without_filters(text) or (said.startswith("refused: ") and said.endswith("."))


@pytest.mark.parametrize("day", ["yesterday", "16", "2016-13", "2016-02-30", "2016-1-1", "٢٠١٦"])
def test_a_date_that_is_none_is_said(day: str) -> None:
    with pytest.raises(IndexingError, match=f"after:{day} names no date; write a year"):
        parse(f"kilns after:{day}")


def test_only_words_and_phrases_are_left_out() -> None:
    with pytest.raises(IndexingError, match="-source:bmj cannot be left out"):
        parse("kilns -source:bmj")


# --- what is left ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", {"kilns", "wheels", "brushes", "loose"}),
        ("source:potter", {"kilns"}),
        ('source:"the potter"', {"kilns"}),
        ("source:wheels", {"wheels"}),
        ("source:studio.jsonl", {"kilns", "wheels", "brushes", "loose"}),
        ("source:potter source:nature", {"kilns", "wheels"}),
        ("author:ashby", {"kilns", "brushes"}),
        ("author:OKAFOR", {"wheels"}),
        ("author:renee", {"wheels"}),
        ('title:"wheel and"', {"wheels"}),
        ("title:w%l", set()),
        ("after:2016", {"wheels", "brushes"}),
        ("after:2016-11-20", {"wheels", "brushes"}),
        ("after:2020-06", {"brushes"}),
        ("before:2009-05-03", set()),
        ("before:2009-05", {"kilns"}),
        ("before:2016-11 after:2009-06", {"wheels"}),
        ("author:ashby before:2010", {"kilns"}),
        ('"kiln heated"', set()),
        ('"kilns are heated"', {"wheels"}),
        ('"a kiln"', {"kilns", "loose"}),
        ("“fast track”", {"brushes"}),
        ('"bell jar"', {"wheels"}),  # in no text, but in a title
        ('"jar bell"', set()),
        ("-kilns", {"brushes"}),
        ('-"a kiln" -brush', {"wheels"}),
        ("source:nature -gas", set()),
    ],
)
def test_filters_leave_the_passages_that_meet_them(
    searcher: Searcher, filters: str, expected: set[str]
) -> None:
    assert left(searcher, filters) == expected


def test_where_nothing_is_typed_nothing_is_restricted(searcher: Searcher) -> None:
    assert searcher.allowed(parse("What is a kiln?").filters) == Allowed(None)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("source:nature author:nobody", "No passage meets author:nobody; change"),
        ("author:mork source:nature", "No passage meets author:mork; change"),
        ("source:potter after:2016", "meets after:2016 together with source:potter; change"),
        ('"solar flare"', "No passage meets “solar flare”; change"),
        ('source:potter "gas"', "meets “gas” together with source:potter; change"),
        ('source:nature -"the valley"', 'meets -"the valley" together with source:nature; change'),
    ],
)
def test_the_filter_that_leaves_nothing_is_named(
    searcher: Searcher, filters: str, said: str
) -> None:
    allowed = searcher.allowed(parse(filters).filters)
    assert allowed.ids is not None
    assert len(allowed.ids) == 0
    assert said in allowed.nothing


def test_filters_apply_before_anything_is_cut_off(searcher: Searcher) -> None:
    free = searcher.search("a kiln is heated slowly", 1)
    assert free[0].document.id == "kilns"
    ids = searcher.allowed(parse("after:2020").filters).ids
    (hit,) = searcher.search("a kiln is heated slowly", 1, allowed=ids)
    assert hit.document.id == "brushes"


# --- what is preferred -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What was fired in 2009?", {"kilns": 1}),
        ("What was turned in early November 2016?", {"wheels": 1}),
        ("According to the Potter, what melts?", {"kilns": 1}),
        ("according to the potter, what melts?", {"kilns": 1}),
        ("What does Nature say of wheels?", {"wheels": 1}),
        ("What does Tom Ashby write about?", {"kilns": 1}),
        ("What is Renee Okafor's view?", {"wheels": 1}),
        ("What does Okafor write about?", {"wheels": 1}),
        ("What did the Potter write in 2016?", {"kilns": 0.5, "wheels": 0.5}),
        ("What was fired in 1871?", {}),  # no document is of that year
        ("Who wrote 2009 letters?", {}),
        ("Are kilns found in nature, said Bob?", {}),  # just a word
        ("What does Ashby write about?", {}),  # there are two
        ("What does Mor write?", {}),  # part of a name
        ("Who is a potter?", {}),
        ("", {}),
    ],
)
def test_a_question_prefers_the_documents_it_speaks_of(
    searcher: Searcher, question: str, expected: dict[str, float]
) -> None:
    assert Catalogue(searcher.store.documents()).preferred(question) == expected


def test_a_preference_ranks_higher_and_excludes_nothing(searcher: Searcher) -> None:
    def ranked(question: str) -> dict[str, dict[str, float]]:
        hits = searcher.search(question, 9, words_only=True)
        return {hit.document.id: {**hit.signals, "score": hit.score} for hit in hits}

    plain, dated = ranked("kiln"), ranked("kiln in 2009")
    assert all("metadata" not in signals for signals in plain.values())
    assert set(dated) == set(plain)
    assert {name: signals["metadata"] for name, signals in dated.items()} == {
        "kilns": 1,
        "wheels": 0,
        "loose": 0,
    }
    assert dated["kilns"]["score"] - dated["loose"]["score"] > (
        plain["kilns"]["score"] - plain["loose"]["score"]
    )


def test_what_is_known_is_read_anew_after_a_change(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("---\npublished: 2009\n---\n\nRye is sown late.\n", "utf-8")
    embedder = HashEmbedder()
    list(build([notes], tmp_path / "index", embedder=embedder))
    with Searcher.open(tmp_path / "index", embedder) as searcher:

        def preferred(question: str) -> float | None:
            (hit,) = searcher.search(question, 1)
            return hit.signals.get("metadata")

        assert preferred("rye in 2009") == 1
        (notes / "a.md").write_text("---\npublished: 2012\n---\n\nRye is sown late.\n", "utf-8")
        list(build([notes], tmp_path / "index", embedder=embedder))
        assert preferred("rye in 2009") is None
        assert preferred("rye in 2012") == 1
