"""Wording, wrapping, finding and colour: what needs no screen."""

from __future__ import annotations

import re
from array import array
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from textual.color import Color
from textual.theme import Theme

from qa.ui import wording
from qa.ui.details import count_words
from qa.ui.finding import Finding
from qa.ui.theme import THEMES
from qa.ui.wrapping import Layout, blocks, occurrences, rows
from tests.ui.fake import DOCUMENTS, mill

TEXTS = st.text(st.sampled_from("ab \n\t“”水Ｗ한é-\u0301🙂"), max_size=200)


@given(TEXTS, st.integers(2, 30))
def test_rows_hold_the_whole_text_and_fit(text: str, width: int) -> None:
    starts = list(rows(text, width))
    ends = [*starts[1:], len(text)][: len(starts)]
    assert "".join(text[a:b] for a, b in zip(starts, ends, strict=True)) == text
    for start, end in zip(starts, ends, strict=True):
        row = text[start:end].rstrip()
        assert "\n" not in row
        assert sum(map(get_character_cell_size, row)) <= width


def test_rows_break_at_spaces_and_lines() -> None:
    text = "one two three\n\nfour five-and-twenty"
    starts = [*rows(text, 8), len(text)]
    assert [text[a:b] for a, b in pairwise(starts)] == [
        "one two ", "three\n", "\n", "four ", "five-and", "-twenty",
    ]  # fmt: skip


@given(st.text("ab \n", max_size=60), st.text("ab ", max_size=4))
def test_words_are_found_once_each_wherever_the_windows_end(text: str, words: str) -> None:
    pattern = r"\s+".join(map(re.escape, words.split()))
    expected = [m.span() for m in re.finditer(pattern, text)] if pattern else []
    found = [span for window in occurrences(text, words) for span in window]
    assert found == expected


def test_words_are_found_across_windows() -> None:
    text = "x" * 199_998 + "needle" + "x" * 300_000 + "Needle"
    found = [span for window in occurrences(text, "needle") for span in window]
    assert found == [(199_998, 200_004), (500_004, 500_010)]


@given(st.text(max_size=50))
def test_plain_text_keeps_its_length_and_no_control(text: str) -> None:
    shown = wording.plain(text)
    assert len(shown) == len(text)
    assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("2024-03-09", "9 Mar 2024"),
        ("2024-03", "Mar 2024"),
        ("2024", "2024"),
        ("2024-03-09T10:00:00Z", "9 Mar 2024"),
        ("last spring", "last spring"),
    ],
)
def test_dates_are_written_as_people_do(published: str, shown: str) -> None:
    assert wording.day(published) == shown


def test_confidence_has_a_word_and_the_number() -> None:
    assert [wording.confidence(p) for p in (0.95, 0.6, 0.1)] == [
        "high, 0.95",
        "fair, 0.60",
        "low, 0.10",
    ]


def test_times_are_rough() -> None:
    times = [wording.duration(seconds) for seconds in (0.2, 40, 150, 7_800)]
    assert times == ["1 s", "40 s", "2 min", "2 h 10 min"]


def test_a_document_without_title_is_named_by_its_path() -> None:
    assert wording.title(replace(DOCUMENTS[0], title="")) == "/books/tides.md"
    assert wording.reference(mill("?").citations[1]).endswith(
        "(The Parish Ledger, Ines Moor · 1801; /books/ledger.md)"
    )


def _luminance(color: Color) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [part / 255 for part in (color.r, color.g, color.b)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(Color.parse(c)) for c in (first, second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_text_stands_out_from_every_ground(theme: Theme) -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    grounds = [theme.background, theme.surface, theme.panel]
    texts = [theme.foreground, theme.accent, theme.error, theme.variables["dim"]]
    pairs = [(text, ground) for text in texts for ground in grounds]
    pairs += [
        (theme.variables[f"{name}-foreground"], theme.variables[f"{name}-background"])
        for name in ("mark", "input-cursor", "block-cursor")
    ]
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}


@given(st.text("ab \n水", max_size=300), st.integers(2, 9), st.data())
def test_a_layout_agrees_with_its_rows_wherever_one_begins(
    text: str, width: int, data: st.DataObject
) -> None:
    starts = data.draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=5))
    cuts = [0, *sorted(start for start in starts if text[start - 1 : start] == "\n")]
    layout = Layout(text, width, array("Q", cuts))
    expected = [*rows(text, width), len(text)]
    for offset in data.draw(st.permutations(range(len(text) + 1))):
        row = layout.row_of(offset)
        first, last = layout.span(row)
        assert first in expected
        assert first <= offset <= last
    spans = [layout.span(row) for row in range(layout.height)]
    assert [span for span in spans if span[1] > span[0]] == list(pairwise(expected))


def test_blocks_begin_after_lines_or_else_after_spaces() -> None:
    lines = "x" * 10_000 + "\n"
    text = lines * 3 + "word " * 10_000 + "y" * 60_000
    starts = [*blocks(text), len(text)]
    assert starts[:3] == [0, 10_001, 20_002]
    assert all(text[start - 1] in "\n " for start in starts[1:-5])
    assert all(0 < end - start <= 16_384 for start, end in pairwise(starts))


def test_what_comes_into_view_from_below_stays_in_place_at_its_end() -> None:
    text = ("short\n" + "a long line that is wrapped " * 30 + "\n") * 400
    layout = Layout(text, 40, blocks(text))
    last = layout.row_of(len(text) // 2)
    first_of_block = layout.row_of(max(s for s in blocks(text) if s <= len(text) // 2))
    assert layout.span(last)[0] <= len(text) // 2
    top = layout.settle(first_of_block - 5, 20)
    assert layout.span(top + 5)[0] in blocks(text)


def test_finding_begins_at_a_place_and_goes_round() -> None:
    text = "".join(f"needle {n} " + "hay " * 40_000 for n in range(5))
    places = [match.span() for match in re.finditer("needle", text)]
    finding = Finding(text, " NEEDLE ", start=places[2][0] - 1)
    finding.advance(1)
    assert (finding.current, finding.count, finding.complete) == (places[2], 1, False)
    while not finding.complete:
        finding.advance(3)
    assert finding.found == places
    assert finding.place == 2
    for by, place in ((1, 3), (1, 4), (1, 0), (-1, 4)):
        finding.step(by)
        assert finding.place == place


def test_finding_stops_where_nobody_would_step_any_further() -> None:
    finding = Finding("a " * 200_000, "a")
    while not finding.complete:
        finding.advance(1)
    assert finding.capped
    assert wording.found(3, finding.count, complete=True, capped=True).startswith("4 of ")
    assert Finding("text", "  ").complete


@given(st.text("a é\n水", max_size=40), st.integers(1, 5))
def test_words_are_counted_as_split_counts_them(text: str, times: int) -> None:
    assert count_words(text * times) == len((text * times).split())
    long = text * times * 3_000
    assert count_words(long) == len(long.split())
