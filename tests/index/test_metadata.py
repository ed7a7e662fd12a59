"""What a text says of itself is found, and running text is never taken for a title."""

import pytest

from index.metadata import describe, headings, iso_date, publisher_of

PROSE = "The ferry leaves the quay at nine every morning and is back well before noon."
MORE = "Nobody in the town can remember a winter in which it did not sail at all."


def test_a_headline_with_labelled_lines() -> None:
    labels = "Authors: Ada Ash and Bo Oak\n\nPublication date: 7 Jan 2017"
    text = f"Ferry sails again\n\n{labels}\n\n{PROSE}"
    found = describe(text, "a.txt")
    assert (found.title, found.authors, found.published) == (
        "Ferry sails again",
        ("Ada Ash", "Bo Oak"),
        "2017-01-07",
    )
    assert text[found.body_start :] == PROSE


def test_a_name_and_a_publisher_under_the_headline() -> None:
    found = describe(f"Ferry sails again\n\nAda Ash\n\nThe Guardian\n\n{PROSE}\n\n{MORE}", "a.txt")
    assert (found.authors, found.publisher) == (("Ada Ash",), "The Guardian")


def test_a_journal_line_with_numbered_authors() -> None:
    text = (
        "Feature Harbours\n\nFerries in winter\n\n"
        "Harbour Journal 2009; 12 doi: (Published 16 November 2009)\n"
        f"  1. Ada Ash, freelance journalist\n  1. 1Northport\n  1. ada{{at}}\n\n{PROSE}"
    )
    found = describe(text, "a.txt")
    assert (found.title, found.authors, found.published, found.publisher) == (
        "Ferries in winter",
        ("Ada Ash",),
        "2009-11-16",
        "Harbour Journal",
    )
    assert text[found.body_start :] == PROSE


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Ada Ash is chief executive of the Harbour Board", "Ada Ash"),
        ("Ada Ash BMJ Careers", "Ada Ash"),
        ("Ada Ash is survived by two sons.", None),
    ],
)
def test_who_signs_at_the_end(line: str, author: str | None) -> None:
    found = describe(f"{PROSE}\n\n{MORE}\n\n{line}", "a.txt")
    assert found.authors == ((author,) if author else ())
    assert found.body_start == 0


def test_a_standfirst_names_its_author_and_stays_text() -> None:
    first = (
        "A new survey shows that much is still to be done for the ferries of the north and "
        "their crews, writes Ada Ash"
    )
    found = describe(f"{first}\n\n{PROSE}", "3f9a1b2c4d5e.txt")
    assert found.authors == ("Ada Ash",)
    assert found.title.endswith("…")
    assert found.body_start == 0
    assert found.title_span is None


@pytest.mark.parametrize(
    ("filename", "title"),
    [("ferry_report.txt", "ferry report"), ("002_cf9a6398bbb2.txt", f"{PROSE.rstrip('.')}…")],
)
def test_without_a_title_line_the_file_or_the_first_words_name_the_text(
    filename: str, title: str
) -> None:
    found = describe(f"{PROSE}\n\n{MORE}", filename)
    assert found.title == title
    assert found.title_span is None


def test_a_list_under_a_title_is_not_taken_for_authors_or_header() -> None:
    text = "Shopping list\n\nMilk Powder\n\nPlain Flour"
    found = describe(text, "a.txt")
    assert found.authors == ()
    assert "Milk Powder" in text[found.body_start :]


def test_headings_stand_over_prose_and_pull_quotes_are_none() -> None:
    text = f"Ferries\n\n{PROSE}\n\nWinter storms\n\n{MORE}\n\nThe ferry leaves the quay\n\n{PROSE}"
    found = headings(text, describe(text, "a.txt"))
    assert [text[h.start : h.end] for h in found] == ["Ferries", "Winter storms"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("27 Jan 2017", "2017-01-27"),
        ("Published 16 November 2009", "2009-11-16"),
        ("November 30th, 2016", "2016-11-30"),
        ("2016-11-30T08:00:00Z", "2016-11-30"),
        ("March 2020", "2020-03"),
        ("1998", "1998"),
        ("31 Feb 2017", None),
        ("yesterday", None),
    ],
)
def test_dates_are_iso(value: str, expected: str | None) -> None:
    assert iso_date(value) == expected


def test_a_publisher_needs_most_of_the_links() -> None:
    guardian = ["https://www.theguardian.com/a", "https://register.theguardian.com/b"]
    assert publisher_of([*guardian, "https://example.org"]) == "The Guardian"
    assert publisher_of([*guardian, *["https://example.org"] * 3]) is None
    assert publisher_of(["https://theguardian.com.example.org"]) is None
    assert publisher_of(["http://[broken"]) is None
