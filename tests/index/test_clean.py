"""Texts come out readable, complete, and without anything that cannot be seen."""

import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.clean import CLEANING, clean, links, strip_invisible

MESSY = st.lists(
    st.sampled_from(
        [
            "word ",
            "a longer stretch of words that fills the line ",
            "\n",
            "\n\n",
            "  ",
            "- item",
            "Log in",
            "<https://example.org/a>",
            "Read more\n",
            "[Link]",
            "View Full Text",
            "\x1b[31m",
            "é",
            "e\u0301",
            "End.",
            "“Quoted”",
            "\t",
            "\u00a0",
            "\u200b",
            "ofNHS ",
            "cut-\n",
            "\u202e",
            "1. One\n",
            "{x;}",
        ]
    ),
    max_size=60,
).map("".join)


@given(st.text() | MESSY)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text())
def test_nothing_invisible_survives(text: str) -> None:
    stripped = strip_invisible(text)
    controls = [c for c in stripped if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert controls == []
    assert unicodedata.is_normalized("NFC", stripped)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]unfinished\nb", "aunfinished\nb"),
        ("a\u202egnp.exe\u2066", "agnp.exe"),
        ("in\u00advis\u200bible\ufeff", "invisible"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("broken \ud800 half", "broken  half"),
    ],
)
def test_what_cannot_be_seen_goes(raw: str, shown: str) -> None:
    assert strip_invisible(raw) == shown


WRAPPED = """\
The harbour was dredged in the spring of that year so that larger ships could
reach the quay ofNorthport
<https://example.org/northport> without waiting for the tide, which the pilots
had asked for since the war.

Why the lighthouse keepers left the coast | Ada
Example
 Read more
<https://example.org/lighthouse>
The town paid for the work with a loan, and it took the council eleven years
to pay it back.
"""


def test_wrapped_lines_become_paragraphs_and_links_and_teasers_go() -> None:
    assert clean(WRAPPED).split("\n\n") == [
        (
            "The harbour was dredged in the spring of that year so that larger ships could reach "
            "the quay of Northport without waiting for the tide, which the pilots had asked for "
            "since the war."
        ),
        (
            "The town paid for the work with a loan, and it took the council eleven years to pay "
            "it back."
        ),
    ]
    assert links(WRAPPED) == ["https://example.org/northport", "https://example.org/lighthouse"]


def test_a_sentence_cut_by_an_empty_line_is_whole_again() -> None:
    first = (
        "The committee asked whether the old bridge could carry the weight of the trams that were"
    )
    assert clean(f"{first}\n\nordered from the works last year.") == (
        f"{first} ordered from the works last year."
    )


def test_page_furniture_goes_and_a_heading_that_looks_like_a_button_stays() -> None:
    article = "The pumps were repaired in March."
    assert clean(f"{article}\n\nView Full Text\n\nLog in\n\n* For online subscription") == article
    manual = "Log in\n\nEnter the number on your card."
    assert clean(manual) == manual


@pytest.mark.parametrize(
    "text",
    [
        "The kettle sings,\nthe window rings,\nand nobody comes home.",
        "Ms R. Example\n12 Long Lane\nNorthport",
        "- pears\n- plums that are ripe\n- quinces",
        "def area(side):\n    return side * side",
        "name   amount\npears       12\nplums        3",
        "One paragraph stands on this line.\nAnother one stands on the next, and is longer.",
        "See <https://example.org/timetable> for the ferries.",
        "The rise was small ( p <.01 , n = 12 ) , yet real .",
        "Northport is small.\n\nIts harbour is deep.",
    ],
)
def test_what_is_in_order_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_a_hyphen_at_a_line_end_goes_where_the_text_has_the_word_without_it() -> None:
    text = (
        "Everybody agreed that the management of the ferry was the business of manage-\n"
        "ment and of nobody else, and that a well-meant letter to the paper was a well-\n"
        "meant letter and would never change what the board had long since decided on.\n"
    )
    cleaned = clean(text)
    assert "business of management and" in cleaned
    assert "was a well-meant letter" in cleaned


def test_the_rules_changed_only_if_their_name_did() -> None:
    sample = f"{WRAPPED}\n\nView Full Text\n\n- pears  and plums [Link]\n\n\n    Far in\n"
    digest = sha256(clean(sample).encode()).hexdigest()[:12]
    assert (CLEANING, digest) == ("clean-1", "63feb217be9a")
