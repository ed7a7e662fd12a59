"""Tables as text: every row with its heads, whatever delimits them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources import SourceFile, delimited, find, locate, read, state
from index.types import Document, Skipped


def everything(path: Path, data: bytes | str) -> list[Document | Skipped]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    [source] = find([path])
    assert isinstance(source, SourceFile)
    return list(read(source))


def only(path: Path, data: bytes | str) -> Document:
    [document] = everything(path, data)
    assert isinstance(document, Document), document
    return document


FERRIES = """Ferry;Crossing time;Fare\r
Alma;"11 min;\r
at slack water";"3,20"\r
\r
Otter;9 min;\r
Bo;x;y;extra\r
short\r
"""
TABLES = {
    "semicolons, quoted breaks, ragged and empty rows": (
        FERRIES,
        [
            "Ferry: Alma; Crossing time: 11 min; at slack water; Fare: 3,20",
            "Ferry: Otter; Crossing time: 9 min",
            "Ferry: Bo; Crossing time: x; Fare: y; extra",
            "Ferry: short",
        ],
    ),
    "commas in a cell of a table of tabs": (
        "Day\tTide\nMon, early\t06:12\nTue, late\t07:01\n",
        ["Day: Mon, early; Tide: 06:12", "Day: Tue, late; Tide: 07:01"],
    ),
    "bars": ("A|B\n1|2\n3|4\n", ["A: 1; B: 2", "A: 3; B: 4"]),
    "a mark of its order": (b"\xef\xbb\xbfname,town\nAda,Harrow\n", ["name: Ada; town: Harrow"]),
    "a delimiter that is named": ("sep=|\nA|B\n1|2,5\n", ["A: 1; B: 2,5"]),
    "no heads": ("1,2\n3,4\n", ["1 | 2", "3 | 4"]),
    "no heads, for the first row comes again": (
        "n,Ada\ns,Bo\nn,Cy\n",
        ["n | Ada", "s | Bo", "n | Cy"],
    ),
    "a title above": (
        "Tides of 2021\n\nDay,Tide\nMon,06:12\n",
        ["Tides of 2021", "Day: Mon; Tide: 06:12"],
    ),
    "years for heads": ("Town,2019,2020\nHarrow,5,7\n", ["Town: Harrow; 2019: 5; 2020: 7"]),
    "one column": ("weir\nmill\n", ["weir", "mill"]),
    "heads alone": ("Town,People\n", ["Town | People"]),
    "another encoding": ("Name,Größe\nÄlma,3\n".encode("cp1252"), ["Name: Älma; Größe: 3"]),
    "two bytes a letter": ("Name,Größe\nÄlma,3\n".encode("utf-16"), ["Name: Älma; Größe: 3"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_carry_their_heads(tmp_path: Path, name: str) -> None:
    data, lines = TABLES[name]
    document = only(tmp_path / "ferries.csv", data)
    assert document.text.split("\n") == lines
    assert (document.title, state(document)) == ("ferries", "current")


def test_rows_are_called_as_in_spreadsheets_and_found_in_the_file(tmp_path: Path) -> None:
    data = 'Ferry,Note\nAlma,"in\ntwo lines"\n\nOtter,late\n'
    document = only(tmp_path / "a.csv", data)
    start = document.text.index("Otter")
    assert document.page_at(start) == "row 4"
    assert document.page_at(0) == "row 2"
    assert locate(document, start, start + 5).line == data[: data.index("Otter")].count("\n") + 1
    (tmp_path / "a.csv").write_text("Ferry,Note\nOtter,late\n")
    found = locate(document, start, start + 5)
    assert (found.state, found.line) == ("changed", 2)


def test_a_large_table_is_several_documents(tmp_path: Path) -> None:
    count = 2 * delimited.ROWS + 5
    rows = "".join(f"{n},Alma\n" for n in range(1, count + 1))
    first, second, third = everything(tmp_path / "a.csv", f"id,ferry\n{rows}")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert isinstance(third, Document)
    assert (first.id, second.id, third.id) == ("a.csv", "a.csv/10002-", "a.csv/20002-")
    assert third.text.startswith("id: 20001; ferry: Alma\n")
    assert third.title == "a, rows 20,002 to 20,006"
    assert third.page_at(0) == "row 20,002"
    assert {state(part) for part in (first, second, third)} == {"current"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "has no text"),
        (b"\x00\x01\x02\xff" * 20, "is binary, not text"),
        (b"Town,Note\nHarrow,small\nOtterton," + b'"never closed ' * 90_000, "cannot be parsed"),
    ],
)
def test_what_is_no_table_is_a_sentence(tmp_path: Path, data: bytes, reason: str) -> None:
    found = everything(tmp_path / "a.csv", data)
    assert reason in next(each.reason for each in found if isinstance(each, Skipped))
    if reason == "cannot be parsed":
        assert [each.text for each in found if isinstance(each, Document)] == [
            "Town: Harrow; Note: small"
        ]
