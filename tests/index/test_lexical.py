"""Finding passages by their words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexDamagedError
from index.lexical import Entry, LexicalIndex, analyze, analyze_each, analyze_spans, query_terms

ENTRIES = [
    Entry(1, "The runner tied her laces beneath the station clock.", "Morning"),
    Entry(2, "Runners ran. A run, running: all they did was run.", "Sport"),
    Entry(3, "Nobody was there, and the clock had stopped.", "Evening"),
    Entry(4, "To be or not to be; whether or not it is.", "Quotation"),
    Entry(7, "A café in São Tomé sells cocoa.", "Islands"),
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    made = LexicalIndex(tmp_path / "lexical")
    made.apply([], ENTRIES, 1)
    return made


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [i for i, _ in found]


def test_words_are_found_in_any_form_and_the_best_comes_first(index: LexicalIndex) -> None:
    found = index.search("Which clocks?", 5)
    assert ids(found) == [3, 1]
    assert found[0][1] > found[1][1] > 0
    assert ids(index.search("Who was running?", 5)) == [2]
    assert ids(index.search("clocks", 1)) == [3]
    assert ids(index.search("CAFE sao tome", 5)) == [7]


def test_titles_and_headings_count_less_than_the_text(index: LexicalIndex) -> None:
    index.apply([], [Entry(8, "Nothing of that kind here.", "Clock")], 2)
    assert ids(index.search("clock", 5)) == [3, 1, 8]
    assert index.document_frequency("clock") == 2


def test_stop_words_count_only_where_there_is_nothing_else(index: LexicalIndex) -> None:
    assert query_terms("What was the clock?") == ["clock"]
    assert ids(index.search("to be or not to be", 5))[0] == 4
    assert index.search("?!", 5) == index.search("", 5) == []


def test_only_what_is_allowed_is_found_and_scores_stay(index: LexicalIndex) -> None:
    free = dict(index.search("runner clock", 5))
    found = index.search("runner clock", 5, np.array([1, 3, 99]))
    assert ids(found) == [1, 3]
    assert dict(found) == pytest.approx({i: free[i] for i in (1, 3)})
    assert index.search("runner", 5, np.array([], np.int64)) == []


def test_a_phrase_is_its_words_side_by_side(index: LexicalIndex) -> None:
    assert list(index.holding("the station clock")) == [1]
    assert list(index.holding("clock station")) == []
    assert list(index.holding("cocoa")) == [7]
    assert list(index.holding("?!")) == list(index.titled("")) == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40) | st.sampled_from(['title:clock AND "', "clock^9 OR *", "id:[1 TO *]"]))
def test_a_question_is_never_a_query_language(text: str) -> None:
    index = LexicalIndex()
    index.apply([], ENTRIES, 1)
    plain = text.translate({ord(sign): " " for sign in '+-&|!(){}[]^"~*?:\\/<>='})
    assert index.search(text, 9) == index.search(plain, 9)
    index.holding(text)
    index.titled(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_spans_point_at_the_words(text: str) -> None:
    spans = analyze_spans(text)
    assert [stem for stem, _, _ in spans] == analyze(text)
    assert all(analyze(text[start:end]) == [stem] for stem, start, end in spans)


def test_changes_are_seen_and_survive(index: LexicalIndex, tmp_path: Path) -> None:
    index.apply([2, 3], [Entry(9, "Clocks and runners.", "")], 5)
    for opened in (index, LexicalIndex(tmp_path / "lexical", create=False)):
        assert sorted(opened.ids()) == [1, 4, 7, 9]
        assert opened.count == 4
        assert sorted(ids(opened.search("runner clock", 9))) == [1, 9]
        assert (opened.generation, opened.removed) == (5, 2)


@pytest.mark.parametrize("damage", ["missing", "empty", "no stamp", "odd stamp", "flipped", "cut"])
def test_damage_is_noticed(index: LexicalIndex, damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "lexical"
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    if damage in ("missing", "empty"):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        if damage == "empty":
            folder.mkdir()
    elif damage == "no stamp":
        (folder / "stamp.json").unlink()
    elif damage == "odd stamp":
        (folder / "stamp.json").write_text("[]", encoding="utf-8")
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        largest.write_bytes(data)
    else:
        largest.write_bytes(data[:-5])
    with pytest.raises(IndexDamagedError, match="made anew"):
        LexicalIndex(folder, create=False)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_texts_analysed_together_are_analysed_each(texts: list[str]) -> None:
    assert analyze_each(texts) == [frozenset(analyze(text)) for text in texts]
