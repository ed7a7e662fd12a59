"""Workbooks are read as they are shown: each row with the heads of its columns."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from index.sources.xlsx.formats import Value, shown
from tests.index.packages import headings, only, package, reason


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (0.125, "0.0%", "12.5%"),
        (-3, "0;(0)", "(3)"),
        (1200, '"£"#,##0', "£1,200"),
        (1200.5, "[$€-407] #,##0.00", "€ 1,200.50"),
        (1200.5, "#,##0.00\\ [$€-1]", "1,200.50 €"),
        (-1234.5, '_-"£"* #,##0.00_-;\\-"£"* #,##0.00_-;_-"£"* "-"??_-;_-@_-', "-£1,234.50"),
        (0, '0;-0;"none"', "none"),
        (1 / 3, "General", "0.3333333333"),
        (1e20, "General", "1E+20"),
        (1.25, "# ?/?", "1 1/4"),
        (12345, "0.00E+00", "1.23E+04"),
        (1500000, '0.0,,"M"', "1.5M"),
        (7, "000", "007"),
        (-0.001, "0.00", "0.00"),
        (2.5, "0", "3"),
        (float("inf"), "0", "inf"),
        (441632960, "000\\-000\\ 0000", "044-163 2960"),
        (True, "General", "TRUE"),
        ("two\nlines", "@", "two lines"),
        (datetime(2019, 5, 3, 14, 5), "d mmmm yyyy h:mm AM/PM", "3 May 2019 2:05 PM"),  # noqa: DTZ001
        (datetime(2019, 5, 3, 14, 5, 9), "dd/mm/yy hh:mm:ss", "03/05/19 14:05:09"),  # noqa: DTZ001
        (date(2019, 5, 3), "[$-809]dddd, d mmm", "Friday, 3 May"),
        (timedelta(hours=26, minutes=3), "[h]:mm", "26:03"),
        (time(9, 30), "h:mm", "9:30"),
    ],
)
def test_values_are_shown_as_their_cells_show_them(value: Value, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    costs = book.active
    costs.title = "Costs"
    costs["B1"] = "What the ferry costs"
    costs["B3"], costs["C3"], costs["E3"] = "Item", "2019", "Remark"
    costs.merge_cells("C3:D3")
    costs["C4"], costs["D4"] = "Winter", "Summer"
    costs["B5"], costs["C5"], costs["D5"] = "Fuel", 1200.5, 900
    costs["E5"] = "Prices rose. Twice."
    costs["C5"].number_format = '"£"#,##0.00'
    costs["B6"], costs["C6"], costs["D6"] = "Paint", 0.07, date(2019, 5, 3)
    costs["C6"].number_format, costs["D6"].number_format = "0%", "d mmm yyyy"
    costs["B8"], costs["C8"] = "Total", "=SUM(C5:C6)"
    costs["B10"], costs["C10"] = "Skipper", "Ada Ash"
    costs["B11"], costs["C11"] = "Boats", 3
    boats = book.create_sheet("Boats")
    for row in (["Name", "Quay", "Built"], ["Petrel", "North", 1998], ["Gannet", None, 2004]):
        boats.append(row)
    boats.merge_cells("B2:B3")
    boats.append(["Heron", "East", 2010])
    boats.row_dimensions[4].hidden = True
    boats["G1"], boats["H1"] = "Day", "Tide"
    for place, tide in enumerate(("high", "low", "high", "low"), start=2):
        boats[f"G{place}"], boats[f"H{place}"] = place, tide
    old = book.create_sheet("Old")
    old["A1"] = "Of no use any more."
    old.sheet_state = "hidden"
    book.properties.title = "Ferry accounts"
    book.save(path)
    return path


def test_rows_have_their_heads_and_tables_are_told_apart(tmp_path: Path) -> None:
    document = only(workbook(tmp_path / "a.xlsx"))
    assert document.text.split("\n\n") == [
        "Costs",
        "What the ferry costs",
        (
            "Item: Fuel; 2019 Winter: £1,200.50; 2019 Summer: 900; Remark: Prices rose. Twice."
            "\nItem: Paint; 2019 Winter: 7%; 2019 Summer: 3 May 2019"
        ),
        "Item: Total; 2019 Winter: (not calculated)",
        "Skipper: Ada Ash\nBoats: 3",
        "Boats",
        "Name: Petrel; Quay: North; Built: 1998\nName: Gannet; Quay: North; Built: 2004",
        "Day: 2; Tide: high\nDay: 3; Tide: low\nDay: 5; Tide: low",
    ]
    assert headings(document) == [("Costs", 1), ("Boats", 1)]
    assert [page.label for page in document.pages][:3] == [
        "sheet Costs",
        "sheet Costs, row 1",
        "sheet Costs, row 5",
    ]
    fuel, paint = map(document.text.index, ("Item: Fuel", "Item: Paint"))
    assert document.pages_at(fuel, paint - 1) == "sheet Costs, row 5"
    assert document.pages_at(fuel, paint + 9) == "sheet Costs, rows 5-6"
    assert document.page_at(document.text.index("Name: Gannet")) == "sheet Boats, row 3"
    assert document.title == "Ferry accounts"
    told = document.metadata["left out"]
    assert "hidden sheet Old" in told
    assert "1 hidden rows of sheet Boats" in told
    assert "1 formulas of sheet Costs" in told
    assert "no use" not in document.text
    assert "SUM" not in document.text


def test_rows_that_a_filter_or_an_outline_folds_away_are_kept(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Name", "Quay", "Built"], ["Petrel", "North", 1998], ["Gannet", "East", 2004]):
        sheet.append(row)
    sheet.auto_filter.ref = "A1:C3"
    sheet.auto_filter.add_filter_column(1, ["North"])
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "a.xlsx")
    assert "Name: Gannet; Quay: East; Built: 2004" in only(tmp_path / "a.xlsx").text


def test_what_is_no_workbook_is_told_in_a_sentence(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[:-2000])
    assert "cut short" in reason(tmp_path / "cut.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa">]>' + re.sub(rb"^<\?xml[^>]*>", b"", sheet)
    for name, data in (("bomb", bomb), ("torn", sheet[: len(sheet) // 2]), ("none", b"")):
        path = package(tmp_path / f"{name}.xlsx", {**parts, "xl/worksheets/sheet1.xml": data})
        assert "damaged" in reason(path)
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    assert reason(tmp_path / "empty.xlsx") == "has no text"
    (tmp_path / "plain.xlsx").write_text("a,b\n1,2\n")
    assert "plain text" in reason(tmp_path / "plain.xlsx")
