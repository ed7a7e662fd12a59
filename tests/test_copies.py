"""Copies: read, quoted and counted once, and named; but versions that differ are both shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build
from index.profiles import PROFILES_FILE, near
from index.search import Searcher
from index.types import BuildReport, Document, Hit, Passage
from qa import Assistant
from qa.answer import compose
from qa.config import Settings
from qa.copies import Copies, copied
from qa.render import answer_to_dict, render_answer, render_hits, search_to_dict
from qa.ui.cited import sources
from qa.ui.export import answers
from qa.ui.messages import Source
from qa.ui.sources import card
from qa.wire import dump, load
from tests.fakes import HashEmbedder
from tests.test_answer import scored

FERRY = (
    "The ferry to Skerry Head crosses every day at noon, in any weather but fog. Old Berit Holm "
    "holds the tiller and has done so for thirty years. The toll is four coins for a grown person "
    "and one for a child, and a goat goes free if it stands."
)
TEXTS = {
    "ferry.md": FERRY,
    "ferry copy.md": FERRY,
    "notice.md": f"NOTICE! {FERRY.replace('every day', 'each day')} Ask at the inn.",
    "dear.md": FERRY.replace("four coins", "nine coins"),
    "inn.md": "Guests of the inn pay the toll of four coins to Berit Holm when the ferry lands.",
    "kiln.md": "The kiln at Osby fires tiles. It was built in 1806 by a mason from Gotland.",
}


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[Assistant]:
    folder, index = tmp_path / "notes", tmp_path / "index"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    *_, report = build([folder], index, embedder=HashEmbedder())
    assert isinstance(report, BuildReport)
    with Assistant(Searcher.open(index, HashEmbedder()), Settings(index, threshold=0)) as assistant:
        yield assistant


def hit(text: str, name: str, number: int = 0) -> Hit:
    document = Document(name, f"{name}.md", name, (), None, None, text, "0" * 64)
    return Hit(Passage(number or hash(name), name, 0, 0, 0, len(text), "", text), document, 1.0)


def test_a_passage_in_several_documents_is_told_once_and_the_others_are_named(
    harbour: Assistant,
) -> None:
    answer = harbour.ask("Who holds the tiller?")
    first = answer.citations[0]
    names = {"ferry.md", "ferry copy.md", "notice.md"}
    assert {first.quote.document_id, *(document.id for document in first.copies)} >= names
    assert len({found.document.id for found in answer.hits} & names) == 1
    quoted = [citation.quote.text for citation in answer.citations]
    assert len(quoted) == len(set(quoted))
    assert not any(point.agreement for point in answer.points)
    told = render_answer(answer)
    assert "Also in" in told
    assert all(name in told for name in names)
    assert told.count("Old Berit Holm holds the tiller") == 1
    assert [json.dumps(answer_to_dict(answer)).count(f'"{name}"') > 0 for name in names]


def test_a_version_that_says_otherwise_is_no_copy(harbour: Assistant) -> None:
    answer = harbour.ask("What is the toll of the ferry for a grown person?")
    assert "dear.md" in {found.document.id for found in answer.hits}
    assert [conflict.about for conflict in answer.conflicts] == ["number"]
    copies = [document.id for citation in answer.citations for document in citation.copies]
    assert "dear.md" not in copies


def test_who_says_it_in_other_words_agrees_and_is_cited(harbour: Assistant) -> None:
    hits = harbour.ask("Who pays the toll of four coins to Berit Holm?").hits
    assert "inn.md" in {found.document.id for found in hits}


def test_searching_keeps_copies_and_says_what_they_repeat(harbour: Assistant) -> None:
    found = harbour.search("Who holds the tiller?")
    ranks = {hit.document.id: rank for rank, hit in enumerate(found.hits, 1)}
    same = sorted(ranks[name] for name in ("ferry.md", "ferry copy.md", "notice.md"))
    assert found.repeats == {same[1]: same[0], same[2]: same[0]}
    written = search_to_dict(found.query, found.hits, found.timings, (), found.repeats)
    assert [hit.get("repeats") for hit in written["hits"]] == [
        found.repeats.get(rank) for rank in range(1, len(found.hits) + 1)
    ]
    told = render_hits(found.hits, repeats=found.repeats)
    assert told.count(f"Repeats what {same[0]}. says.") == 2


def test_the_library_and_answers_know_the_same_near_duplicates(harbour: Assistant) -> None:
    held = {each.document.id: {o.document_id for o in each.near} for each in harbour.library()}
    pairs = near(harbour.searcher.store, held.keys())
    assert {frozenset((one, other)) for one in held for other in held[one]} == pairs
    assert frozenset(("ferry.md", "ferry copy.md")) in pairs
    assert not any("kiln.md" in pair for pair in pairs)
    (harbour.searcher.store.directory / PROFILES_FILE).write_bytes(b"damaged")
    assert near(harbour.searcher.store, held.keys()) == set()


def test_what_becomes_of_a_copy_is_told(harbour: Assistant) -> None:
    answer = harbour.ask("Who holds the tiller?")
    copy = next(d for d in answer.citations[0].copies if d.id in ("ferry.md", "ferry copy.md"))
    told = harbour.why(answer, copy.id, 0, len(copy.text))
    assert told.lost == "ranking"
    assert "only repeats a passage of" in told.verdict


def test_copies_are_kept_shown_and_exported(harbour: Assistant) -> None:
    answer = harbour.ask("Who holds the tiller?")
    first = answer.citations[0]
    again = load(dump(answer))
    assert [document.id for document in again.citations[0].copies] == [d.id for d in first.copies]
    assert "also in " in answers([answer])
    assert "= also in " in card(Source(1, first)).plain
    assert [source.citation.number for source in sources(1, answer)][:1] == [1]


@pytest.mark.parametrize(
    ("one", "other", "repeats"),
    [
        (FERRY, FERRY.upper(), True),
        (FERRY, FERRY.replace("Old ", ""), True),
        (FERRY, FERRY.replace("thirty", "forty"), False),
        (FERRY, FERRY.replace("has done so", "has never done so"), False),
        (FERRY.replace("has done so", "has never done so"), FERRY, False),
        (FERRY, FERRY.replace("Berit", "Sigrid"), False),
        (FERRY, FERRY[: len(FERRY) // 2], True),  # says nothing new
        (FERRY[: len(FERRY) // 2], FERRY, False),  # says more
        ("The toll is four coins.", "The toll is four coins!", True),
        ("The toll is four coins.", "The toll is just four coins.", False),
        ("", "", True),
        ("?", "!", True),
    ],
)
def test_what_repeats_a_passage(one: str, other: str, repeats: bool) -> None:
    assert copied([hit(one, "one"), hit(other, "other")]) == ({2: 1} if repeats else {})


def test_a_document_is_no_copy_of_itself() -> None:
    assert copied([hit(FERRY, "one", 1), hit(FERRY, "one", 2)]) == {}


def test_there_are_as_many_hits_as_wanted_and_copies_come_on_top() -> None:
    found = [hit(FERRY, "a"), hit("Rye was dear.", "b"), hit("Oats too.", "c"), hit(FERRY, "d")]
    copies = Copies(found, most=2)
    assert [each.document.id for each in copies.hits] == ["a", "b"]
    assert [each.document.id for each in copies.of[found[0].passage.id]] == ["d"]


def test_agreement_counts_copies_once() -> None:
    mill = "The mill at Oxley ground barley for three parishes."
    texts = (
        mill,
        f"Indeed {mill[0].lower()}{mill[1:]}",
        mill,
        "So the mill at Oxley ground barley.",
    )
    found = [scored(hit(t, f"d{i}").document, score=2 - i / 20) for i, t in enumerate(texts)]
    composed = compose("What did the mill do?", found, 3)
    assert [citation.quote.document_id for citation in composed.citations][:2] == ["d0", "d1"]
    assert [document.id for document in composed.citations[0].copies] == ["d2"]
    alike = Copies(alike=[frozenset(("d0", "d1"))])
    composed = compose("What did the mill do?", found, 3, {}, alike)
    assert {document.id for document in composed.citations[0].copies} == {"d1", "d2"}
