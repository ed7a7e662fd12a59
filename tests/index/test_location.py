"""Finding words of a document in its file as it is now."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.sources import find, locate, read
from index.types import Document, Location

PLAIN = """The lighthouse on Gull Rock

It was lit for the first time in the autumn of 1861, when the keeper rowed out with
two barrels of oil and a clock that had lost its hour hand. Nobody knew how long the
oil would last, and somebody asked him.

The lamp burned for nine nights. On the tenth it went out, and the keeper with it; he
was found a week later in a barn, asleep under a sail that belonged to some-
body else.
"""
MARKED = """---
title: Bread
---

# Bread

Flour comes from [the mill](https://mill.example/flour?kind=rye) at **Harrow** Creek.

| Oven | Heat |
|------|------|
| big  | 240  |

Salt &amp; water<br>make the rest.
"""


def only(path: Path) -> Document:
    (source,) = find([path])
    (document,) = read(source)  # type: ignore[arg-type]
    assert isinstance(document, Document)
    return document


def where(document: Document, words: str) -> Location:
    start = document.text.index(words)
    return locate(document, start, start + len(words))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "gull rock.txt"
    path.write_text(PLAIN, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "line", "held"),
    [
        ("The lighthouse", 1, "whole"),
        ("two barrels of oil and a clock that had lost its hour hand.", 4, "whole"),
        ("when the keeper rowed out with two barrels of oil", 3, "whole"),
        ("under a sail that belonged to somebody else", 8, "part"),
    ],
)
def test_words_are_found_in_wrapped_lines(plain: Path, words: str, line: int, held: str) -> None:
    assert where(only(plain), words) == Location(str(plain), line, "current", held)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "line", "held"),
    [
        ("Flour comes from the mill at Harrow Creek.", 7, "whole"),
        ("Oven: big; Heat: 240", 11, "nothing"),  # its heads stand in another line than its cells
        ("Salt & water\nmake the rest.", 13, "whole"),
    ],
)
def test_words_are_found_in_markup(tmp_path: Path, words: str, line: int, held: str) -> None:
    path = tmp_path / "bread.md"
    path.write_text(MARKED, encoding="utf-8")
    found = where(only(path), words)
    assert (found.line, found.held) == (line, held)


def test_a_changed_file_is_searched_as_it_is_now(plain: Path) -> None:
    document = only(plain)
    text = "A new first line.\n\n" + PLAIN.replace("nine nights", "eleven nights")
    plain.write_text(text, encoding="utf-8")
    assert where(document, "Nobody knew how long the oil") == Location(
        str(plain), 6, "changed", "whole"
    )
    found = where(document, "The lamp burned for nine nights. On the tenth it went out")
    assert (found.line, found.state, found.held) == (9, "changed", "part")
    plain.write_text("Nothing of it is left.\n" * 40, encoding="utf-8")
    found = where(document, "The lamp burned for nine nights.")
    assert (found.state, found.held) == ("changed", "nothing")
    assert 20 < found.line <= 40
    plain.unlink()
    assert where(document, "The lamp") == Location(str(plain), 0, "missing", "nothing")


def test_no_words_stand_where_they_would(plain: Path) -> None:
    document = only(plain)
    assert locate(document, 0, 0).line == 1
    end = len(document.text)
    assert locate(document, end, end).line == PLAIN.count("\n") + 1


def test_of_words_said_often_the_nearest_with_the_same_neighbours_are_found(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.txt"
    lines = [f"Day {day}.\n\nThe sea was calm and nobody wrote.\n" for day in range(3_000)]
    path.write_text("\n".join(lines), encoding="utf-8")
    document = only(path)
    start = document.text.index("The sea", document.text.index("Day 2711."))
    assert locate(document, start, start + 34).line == 2_711 * 4 + 3


def test_other_encodings_and_odd_breaks_keep_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "alt.txt"
    path.write_bytes("Über den Fluß\x0c\r\nführt “eine” Brücke.\r\n".encode("cp1252"))
    document = only(path)
    assert where(document, "eine” Brücke").line == 2
    assert where(document, "eine” Brücke").held == "whole"


def test_a_line_of_a_collection_is_found_where_it_moved(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    records = [{"_id": f"n{i}", "text": f"Note {i} tells of gull number {i}."} for i in range(3)]
    lines = [json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (source,) = find([path])
    documents = [each for each in read(source) if isinstance(each, Document)]  # type: ignore[arg-type]
    last = documents[2]
    assert where(last, "gull number") == Location(str(path), 3, "current", "whole")
    path.write_text("\n".join([lines[2], "no json", *lines[:2]]), encoding="utf-8")
    assert where(last, "gull number") == Location(str(path), 1, "changed", "whole")
    newer = json.dumps({"_id": "n2", "text": "Note 2 tells of a gull."})
    path.write_text("\n".join([*lines[:2], "", newer]), encoding="utf-8")
    assert where(last, "gull number") == Location(str(path), 4, "changed", "nothing")
    assert where(last, "Note 2 tells of").held == "whole"
    path.write_text(lines[0], encoding="utf-8")
    assert where(last, "gull number") == Location(str(path), 1, "changed", "nothing")
    gone = replace(last, path=str(tmp_path / "gone.jsonl"))
    assert where(gone, "gull number").state == "missing"
