"""Sentences are exact spans, and stop where a reader would stop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentences

PROSE = st.lists(
    st.sampled_from(
        [
            "Dr. Ash left. ",
            "“Go. ",
            "Now.” ",
            "\n",
            "\n\n",
            "- pears\n",
            "3.5 km ",
            "e.g. this ",
            "1. ",
            "é ",
            "word " * 65,
            '"',
            "Why? ",
            "…",
            "(see p. 4) ",
            "\t",
            "。",
            "x" * 300,
        ]
    ),
    max_size=40,
).map("".join)


@given(st.text() | PROSE)
def test_every_character_is_in_one_span_and_spans_are_stripped(text: str) -> None:
    spans = sentences(text)
    covered = [place for start, end in spans for place in range(start, end)]
    assert covered == sorted(set(covered))
    assert {place for place, c in enumerate(text) if not c.isspace()} <= set(covered)
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)


@given(PROSE, st.integers(0, 300), st.integers(0, 300))
def test_a_part_of_a_text_gives_spans_of_that_part(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    assert all(start <= first < last <= end for first, last in sentences(text, start, end))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Ash left. She came back.", ["Dr. Ash left.", "She came back."]),
        ("No stop here\n\nNext one.", ["No stop here", "Next one."]),
        ("- pears\n- plums. Ripe ones.", ["- pears", "- plums.", "Ripe ones."]),
        ("1. Ash G. Tides.\n2. Oak B. Winds.", ["1. Ash G. Tides.", "2. Oak B. Winds."]),
        ("It rose.[1] Then it fell.", ["It rose.[1]", "Then it fell."]),
        ("Burning bright,\nIn the night.", ["Burning bright,\nIn the night."]),
        ("Ms Example\n12 Long Lane", ["Ms Example", "12 Long Lane"]),
        ("It was late. The day ended.", ["It was late.", "The day ended."]),
        (
            (
                "Port: Amble; Open: May to Oct. only; Crossing to the islands: 3 hours or so\n"
                "Port: Blyth; Open: all year. No ice; Crossing to the islands: 4 hours"
            ),
            [
                "Port: Amble; Open: May to Oct. only; Crossing to the islands: 3 hours or so",
                "Port: Blyth; Open: all year. No ice; Crossing to the islands: 4 hours",
            ],
        ),
        ("port: Amble; open: no. 3\nport: Blyth", ["port: Amble; open: no. 3", "port: Blyth"]),
        ("Amble | May. Oct.\nBlyth | June", ["Amble | May. Oct.", "Blyth | June"]),
        (
            "He said: do this; then he added that: go. She left.",
            ["He said: do this; then he added that: go.", "She left."],
        ),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_a_long_quotation_is_split_inside_and_keeps_its_marks() -> None:
    one = "The ferry sailed " + "again and " * 30 + "again."
    text = f"He said, “{one} {one}” Nobody answered."
    assert [text[start:end] for start, end in sentences(text)] == [
        f"He said, “{one}",
        f"{one}”",
        "Nobody answered.",
    ]
