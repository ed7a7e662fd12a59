"""reStructuredText reads as its rendered page, and nothing is fetched or run for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources import SourceFile, find, read
from index.types import Document, Skipped

BOOK = """:Author: Ada Ash
:Date: 2021-03-14
:Version: 2

====================
The ferry's handbook
====================

How to *run* the **ferry**; see :ref:`the weir <weir>`, :py:func:`~ferry.ring` and ``bell()``.
More at `the site <https://weir.example>`_ and in [1]_.

Boarding
--------

.. note:: Ring the bell twice.

   And wait.

.. versionadded:: 3.2
   The second bell.

.. function:: ring(times=1)

   Ring the bell :obj:`times` times.

.. toctree::
   :maxdepth: 2

   hidden-file

.. include:: {secret}

.. raw:: html

   <p>raw words</p>

1. Buy a ticket
2. Board

   - left side
   - right side

Slack water
  The tide stands still.

.. table:: Fares of 2021

   ========= ======
   Passenger Single
   ========= ======
   Adult     3.20
   Child     1.10
   ========= ======

.. figure:: {secret}

   The old customs house.

Tides::

    if tide:
        wait()

| The weir is old,
|   the ferry is cold.

.. [1] Printed in Harrow.

.. unknown-thing:: with words
   :option: x

   Body of it with ``code``.

.. a remark

Deep
~~~~

Last words.
"""
TEXT = """The ferry's handbook

How to run the ferry; see the weir, ferry.ring and bell(). More at the site and in [1].

Boarding

Note: Ring the bell twice.

And wait.

3.2 The second bell.

ring(times=1)

Ring the bell times times.

1. Buy a ticket
2. Board
  - left side
  - right side

Slack water: The tide stands still.

Fares of 2021

Passenger: Adult; Single: 3.20
Passenger: Child; Single: 1.10

The old customs house.

Tides:

if tide:
    wait()

The weir is old,
  the ferry is cold.

[1] Printed in Harrow.

with words

Body of it with code.

Deep

Last words."""


def found(path: Path, text: str) -> Document | Skipped:
    path.write_text(text)
    [source] = find([path])
    assert isinstance(source, SourceFile)
    [entry] = read(source)
    return entry


def test_a_book_reads_as_its_pages_and_nothing_else_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.txt").write_text("a secret")
    document = found(tmp_path / "a.rst", BOOK.replace("{secret}", str(tmp_path / "secret.txt")))
    assert isinstance(document, Document)
    assert document.text == TEXT
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("The ferry's handbook", 1),
        ("Boarding", 2),
        ("Deep", 3),
    ]
    assert (document.title, document.authors) == ("The ferry's handbook", ("Ada Ash",))
    assert (document.published, document.metadata["version"]) == ("2021-03-14", "2")
    assert capfd.readouterr() == ("", "")


def test_sections_without_a_title_over_them_are_at_the_top(tmp_path: Path) -> None:
    document = found(tmp_path / "a.rst", "One\n===\n\nFirst.\n\nTwo\n===\n\nSecond.\n")
    assert isinstance(document, Document)
    assert [heading.level for heading in document.headings] == [1, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Title\n==\n\nWords |gone|_ and `open\n\n   * odd\n", "Words"),
        (".. glossary::\n\n   Weir\n      A low dam.\n", "Weir: A low dam."),
        (".. only:: html\n\n   .. tip:: Look.\n", "Tip: Look."),
        ("+---+\n| a |\n", "a"),
    ],
)
def test_what_is_not_as_it_should_be_keeps_its_words(
    tmp_path: Path, text: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    document = found(tmp_path / "a.rst", text)
    assert isinstance(document, Document)
    assert words in document.text
    assert "System Message" not in document.text
    assert "Unknown" not in document.text
    assert capfd.readouterr() == ("", "")


def test_a_file_of_remarks_has_no_text(tmp_path: Path) -> None:
    skipped = found(tmp_path / "a.rst", ".. a remark\n")
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "has no text"


def test_what_is_too_deep_is_a_sentence_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    skipped = found(tmp_path / "a.rst", "- " * 300 + "deep")
    assert isinstance(skipped, Skipped)
    assert "nested too deeply" in skipped.reason
    assert capfd.readouterr() == ("", "")
