"""From scored sentences to points, citations, conflicts and a short answer."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import analyze
from index.sentences import sentences as split
from index.types import Document, Heading, Hit, Passage
from qa.answer import LIKELY, SURELY, Composition, compose
from qa.conflicts import Statement, agree, difference
from qa.evidence import Sentence

MILL = "The mill at Oxley ground barley for three parishes."


def document(text: str, name: str = "a", headings: tuple[Heading, ...] = ()) -> Document:
    return Document(
        name, f"{name}.md", f"Paper {name}", (), None, None, text, "0" * 64, {}, headings
    )


def scored(source: Document, which: int = 0, score: float = 2.0) -> Sentence:
    start, end = split(source.text)[which]
    passage = Passage(1, source.id, 0, 0, 0, len(source.text), "", source.text)
    stems = frozenset(analyze(source.text[start:end]))
    return Sentence(Hit(passage, source, 1.0, {}), start, end, score, 0.5, 0.5, 0.5, stems)


def said(*texts: str, question: str = "What did the mill do?", quotes: int = 3) -> Composition:
    """Compose from one sentence a document, best first."""
    found = [scored(document(t, f"d{i}"), score=2 - i / 20) for i, t in enumerate(texts)]
    return compose(question, found, quotes)


def test_what_several_documents_say_is_one_point():
    same = "At Oxley the mill ground barley for three parishes."
    composed = said(MILL, same, f"Indeed {MILL[0].lower()}{MILL[1:]}", "Eels were sold in autumn.")
    assert composed.points[0].citations == (1, 2, 3)
    assert composed.text.splitlines()[0] == f"“{MILL}” [1] [2] [3] (in 3 documents)"
    assert composed.points[1].citations == (4,)
    assert not composed.conflicts


def test_what_one_document_says_twice_is_cited_once():
    source = document(f"{MILL} Eels were sold in autumn. {MILL}")
    composed = compose("What did the mill do?", [scored(source, 0), scored(source, 2)], 3)
    assert [point.text for point in composed.points] == [MILL]
    assert len(composed.citations) == 1


def test_better_supported_points_come_first():
    texts = ("The mill burned down one night.", MILL, f"Also {MILL[0].lower()}{MILL[1:]}")
    assert said(*texts).points[0].text == MILL


def test_a_conflict_stands_beside_the_point_though_it_ranks_low():
    other = "The mill at Oxley ground barley for seven parishes."
    fillers = (
        "Eels were sold in autumn.",
        "Two carters kept stables by the ford.",
        "Rye was dear.",
    )
    found = [scored(document(t, f"d{i}"), score=2 - i / 20) for i, t in enumerate((MILL, *fillers))]
    found.append(scored(document(other, "z"), score=0.1))
    composed = compose("How many parishes?", found, 3)
    assert [point.text for point in composed.points[:2]] == [MILL, other]
    assert len(composed.points) == 3
    assert [(c.citations, c.about) for c in composed.conflicts] == [((1, 2), "number")]


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ("The mill at Oxley opened in 1874.", "The mill at Oxley opened in 1875.", "date"),
        ("The mill opened on 3 May near Oxley.", "The mill opened on 4 May near Oxley.", "date"),
        ("The canal is 5 km long at Oxley.", "The canal is 5 miles long at Oxley.", "unit"),
        ("Barges carry 54% of the barley.", "Barges carry 54 million of the barley.", "unit"),
        ("Barges carry 54% of the barley.", "Barges carry 60 per cent of the barley.", "number"),
        ("The lock is open to barges.", "The lock is not open to barges.", "negation"),
        ("The lock isn’t open to barges.", "The lock is open to barges.", "negation"),
    ],
)
def test_conflicts(one: str, other: str, about: str):
    assert difference(Statement(one), Statement(other)) == about
    assert difference(Statement(other), Statement(one)) == about
    assert not agree(Statement(one), Statement(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("In Oxley 54% of millers are women.", "In Harlow 74% of millers are women."),
        (
            "If 52 exceeds the limit of 47, the lock opens.",
            "If 9 exceeds the limit of 8, the lock opens.",
        ),
        ("The mill had 5 hands in 1874.", "The mill had 7 hands in 1890."),
        ("The mill employs about 60 hands today.", "The mill employs 58 hands today."),
        ("The mill opened on 3 May 1874 at Oxley.", "The mill opened in May 1874 at Oxley."),
        ("The mill grinds 1,000 sacks of barley.", "The mill grinds 1000 sacks of barley."),
        ("The lock is open not only to barges.", "The lock is open to barges."),
        ("The lock is open to barges.", "The lock is not quite new, yet open to barges."),
        ("Barges carry 54% of the barley.", "Carters kept 3 stables by the ford."),
    ],
)
def test_no_conflict(one: str, other: str):
    assert difference(Statement(one), Statement(other)) == ""
    assert difference(Statement(other), Statement(one)) == ""


def test_each_thing_asked_for_is_told_with_what_speaks_of_it():
    composed = said(
        "The mill at Oxley was built by Ada Holm.",
        "The dam at Oxley broke in the winter of 1871.",
        question="Who built the mill, when did the dam break, and where were eels sold?",
    )
    assert [(part.text, part.citations) for part in composed.parts] == [
        ("Who built the mill", (1,)),
        ("when did the dam break", (2,)),
        ("where were eels sold", ()),
    ]
    assert said(MILL).parts == []


@pytest.mark.parametrize("asked", ["And at Oxley?", "Who built it? When did it open?"])
def test_what_a_follow_up_takes_along_is_no_thing_asked_for(asked: str):
    found = [scored(document(MILL))]
    composed = compose(f"{asked} (weir, toll)", found, 3, asked=asked)
    assert composed.parts == compose(asked, found, 3).parts
    assert not any("weir" in part.text for part in composed.parts)


def test_each_thing_asked_for_gets_a_point():
    found = [
        scored(document("Canada sends many clerks to the mills.", "a"), score=2.0),
        scored(document("Canada trains its clerks in the mills.", "b"), score=1.9),
        scored(document("Canada pays clerks by the month.", "c"), score=1.8),
        scored(document("Sweden hires no clerks from elsewhere.", "d"), score=0.9),
    ]
    texts = [p.text for p in compose("How does Canada compare with Sweden?", found, 3).points]
    assert "Sweden hires no clerks from elsewhere." in texts
    assert len(texts) == 3


def test_one_document_does_not_crowd_out_the_others():
    full = document("Barley is sold here. Wheat came by barge. Rye was ground at night.")
    found = [scored(full, i, 2 - i / 20) for i in range(3)]
    found.append(scored(document("Oats were left to the carters.", "b"), score=1.7))
    cited = [c.quote.document_id for c in compose("What was sold?", found, 3).citations]
    assert cited == ["a", "a", "b"]
    assert len(compose("What was sold?", found[:3], 3).points) == 3


def test_a_pronoun_brings_the_sentence_that_names_it():
    source = document("Ada Holm kept the mill. She sold it to her brother.")
    composed = compose("Who sold the mill?", [scored(source, 1)], 3)
    assert composed.points[0].text == source.text
    assert composed.points[0].context == ""


LONG = "Ada Holm " + "and the carters of the parish " * 14 + "kept the mill."


def test_a_person_is_named_where_the_sentence_is_too_long_to_bring():
    source = document(f"Holm was born in Oxley. {LONG} She sold the mill to her brother.")
    point = compose("Who sold the mill?", [scored(source, 2)], 3).points[0]
    assert (point.text, point.context) == ("She sold the mill to her brother.", "Ada Holm")
    assert compose("Who sold?", [scored(source, 2)], 3).text.startswith("[Ada Holm] “She sold")


@pytest.mark.parametrize(
    "before",
    [
        "Oxley\n\nAda Holm\n\nThe Mill\n\n",
        LONG.replace("kept", "and Jonas Reed kept") + " Reed and Holm quarrelled. ",
        "",
    ],
)
def test_nobody_is_named_in_doubt(before: str):
    source = document(f"{before}She sold the mill to her brother.", "p")
    last = len(split(source.text)) - 1
    point = compose("Who sold the mill?", [scored(source, last)], 3).points[0]
    assert point.context in ("in “Paper p”", "")
    assert point.context or "Holm" in point.text


def test_a_name_above_the_heading_is_not_taken():
    text = f"Holm was born here. {LONG}\n\nAfterwards\n\nHe sold the mill to a brother."
    place = text.index("Afterwards")
    source = document(text, "p", (Heading(place, place + 10, 2),))
    last = len(split(text)) - 1
    assert compose("Who?", [scored(source, last)], 3).points[0].context == "in “Paper p”"


def test_nothing_said_composes_to_nothing():
    assert compose("What?", [], 3) == Composition()


WORDS = (
    "mill",
    "lock",
    "barley",
    "Oxley",
    "Holm",
    "not",
    "7",
    "1874",
    "sold",
    "carters",
    "It",
    "opened",
)
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=4, max_size=9), min_size=1, max_size=6)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.integers(1, 4), st.data())
def test_composition_holds_together(
    papers: list[list[list[str]]], quotes: int, data: st.DataObject
):
    sources = [
        document(" ".join(f"{' '.join(words)}." for words in paper), f"d{i}")
        for i, paper in enumerate(papers)
    ]
    found = [
        scored(source, i, data.draw(st.floats(0, 3)))
        for source in sources
        for i in range(len(split(source.text)))
    ]
    found.sort(key=lambda sentence: -sentence.score)
    composed = compose("How many mills did Holm open and sell?", found, quotes)
    numbers = [number for point in composed.points for number in point.citations]
    assert numbers == list(range(1, len(composed.citations) + 1))
    assert numbers == [citation.number for citation in composed.citations]
    assert 1 <= len(composed.points) <= quotes
    texts = {source.id: source.text for source in sources}
    for citation in composed.citations:
        quote = citation.quote
        assert texts[quote.document_id][quote.start : quote.end] == quote.text
    for point in composed.points:
        assert point.text == composed.citations[point.citations[0] - 1].quote.text
    leads = [composed.citations[point.citations[0] - 1].quote for point in composed.points]
    assert all(one != other for one, other in itertools.combinations(leads, 2))
    assert composed.text.count("\n") == len(composed.points) - 1
    for conflict in composed.conflicts:
        first, second = (composed.citations[number - 1] for number in conflict.citations)
        assert first.quote.document_id != second.quote.document_id
    if composed.short_answer:
        assert composed.short_answer in composed.citations[0].quote.text


def test_what_is_quoted_together_is_still_compared_and_read_by_sentence():
    pair = document(f"{MILL} Jonas Reed kept the stables of 9 carters.", "pair")
    whole = replace(scored(pair), end=len(pair.text), stems=frozenset(analyze(pair.text)))
    other = scored(document("The mill at Oxley ground barley for seven parishes.", "b"), score=1.0)
    composed = compose("How many parishes did the mill grind barley for?", [whole, other], 3)
    assert [(c.citations, c.about) for c in composed.conflicts] == [((1, 2), "number")]
    assert composed.points[0].text == pair.text
    assert composed.short_answer == "three"


def test_what_a_quote_brings_along_is_not_quoted_again():
    source = document("The old mill burned down in 1901. It was rebuilt by the Ashby family.")
    second, first = scored(source, 1, 2.5), scored(source, 0, 2.0)
    composition = compose("Who rebuilt the mill?", [second, first], 3)
    assert [point.text for point in composition.points] == [source.text]


# --- what a reader points at -------------------------------------------------------------------


def pointed(source: Document, words: str, likelihood: float = 1.0) -> Sentence:
    """All that a document says, with a reader that points at these words of it."""
    start = source.text.index(words)
    whole = replace(scored(source), end=len(source.text))
    return replace(whole, answer=(start, start + len(words)), likelihood=likelihood)


@pytest.mark.parametrize(
    ("text", "at", "short"),
    [
        ("The mill at Oxley was built by Ada Holm.", "Ada Holm", "Ada Holm"),
        ("The mill at Oxley was built by Ada Holm.", "a Hol", "Ada Holm"),
        ("The mill sold 1,250 sacks of barley.", "250", "1,250"),
        ("The dam is 3.75 metres high at Oxley.", "3", "3.75"),
        ("The miller of Oxley was called Zoe\u0308 Holm.", "Zoe", "Zoe\u0308"),
        ("Barley was ground, sold, and eaten.", "sold", "sold"),
        ("Barley was ground, sold, and eaten.", "sold,", "sold"),
        ("Barley was ground, sold, and eaten.", "and eaten.", "and eaten"),
        ("The miller had moved to the U.S.", "the U.S.", "the U.S."),
        ("The miller’s name is written मिलर्स here.", "मिलर", "मिलर्स"),
        ("🙂 The miller, שלום, left at seven 🌊", "seven", "seven"),
    ],
)
def test_a_likely_answer_is_given_in_whole_words(text: str, at: str, short: str):
    source = document(text)
    assert compose("What then?", [pointed(source, at)], 3).short_answer == short


def cut(text: str, place: int) -> bool:
    """Whether a word goes on across this place."""
    if not 0 < place < len(text):
        return False
    marked = unicodedata.category(text[place]) in ("Mn", "Mc")
    return marked or (text[place - 1].isalnum() and text[place].isalnum())


def test_what_is_less_than_sure_is_given_only_where_the_patterns_find_nothing():
    source, counted = document(MILL), "How many parishes did the mill grind barley for?"
    assert compose(counted, [scored(source)], 3).short_answer == "three"
    assert compose("Why?", [scored(source)], 3).short_answer is None
    for likelihood, to_counted, to_why in (
        (SURELY, "Oxley", "Oxley"),
        (SURELY - 0.01, "three", "Oxley"),
        (LIKELY, "three", "Oxley"),
        (LIKELY - 0.01, "three", None),
    ):
        sentence = pointed(source, "Oxley", likelihood)
        assert compose(counted, [sentence], 3).short_answer == to_counted
        assert compose("Why?", [sentence], 3).short_answer == to_why


@given(
    st.text(alphabet="ab Z9,.-'’\u0301\u05d0\u0940漢🙂", min_size=1, max_size=40).filter(str.strip),
    st.data(),
)
def test_whatever_is_pointed_at_the_short_answer_is_whole_and_in_the_first_quote(
    text: str, data: st.DataObject
):
    source = document(text.strip())
    start = data.draw(st.integers(0, len(source.text) - 1))
    end = data.draw(st.integers(start + 1, len(source.text)))
    whole = replace(scored(source), start=0, end=len(source.text))
    sentence = replace(whole, answer=(start, end), likelihood=1.0)
    composed = compose("Who?", [sentence, scored(document(MILL, "b"), score=1.0)], 3)
    short = composed.short_answer
    assert short
    assert composed.citations[0].quote.text == source.text
    places = [i for i in range(len(source.text)) if source.text.startswith(short, i)]
    stripped = source.text[:end].rstrip(",;:.!?")
    bare = max(start, len(stripped))  # stops that end what is pointed at are left out
    spans = [(i, i + len(short)) for i in places if i <= start and bare <= i + len(short)]
    assert any(not cut(source.text, first) and not cut(source.text, last) for first, last in spans)
