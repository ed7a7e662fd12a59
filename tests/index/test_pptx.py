"""Presentations are read slide after slide, with notes told from what is shown."""

from __future__ import annotations

from pathlib import Path

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

from tests.index.packages import headings, only, reason

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def deck(path: Path) -> Path:
    made = pptx.Presentation()
    layouts = made.slide_layouts
    first = made.slides.add_slide(layouts[0])
    first.shapes.title.text = "The Ferry in Winter"
    first.placeholders[1].text = "A talk by Ada Ash"
    second = made.slides.add_slide(layouts[1])
    second.shapes.title.text = "Why boats\vstop"
    frame = second.placeholders[1].text_frame
    frame.text = "Ice"
    for words, level in (("in the harbour", 1), ("Wind", 0), ("No ice at all.", 0)):
        added = frame.add_paragraph()
        added.text, added.level = words, level
    added._p.get_or_add_pPr().append(parse_xml(f"<a:buNone {_A}/>"))
    second.notes_slide.notes_text_frame.text = "Tell them of the hard winter."
    third = made.slides.add_slide(layouts[5])
    third.shapes.title.text = "Fares"
    table = third.shapes.add_table(3, 3, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for row, texts in enumerate(
        (("Class", "Adult", "Child"), ("Deck", "12", "6"), ("Cabin", "40", ""))
    ):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(2, 1).merge(table.cell(2, 2))
    for left, top, words in ((5, 4.9, "Right box."), (1, 5, "Left box.")):
        box = third.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1))
        box.text_frame.text = words
    numbered = third.shapes.add_textbox(Inches(1), Inches(6.2), Inches(3), Inches(0.5)).text_frame
    numbered.text = "Board"
    numbered.add_paragraph().text = "Pay"
    for paragraph in numbered.paragraphs:
        paragraph._p.get_or_add_pPr().append(parse_xml(f'<a:buAutoNum {_A} type="alphaLcParenR"/>'))
    fourth = made.slides.add_slide(layouts[6])
    fourth._element.set("show", "0")
    data = CategoryChartData()
    data.categories = ["2018", "2019"]
    data.add_series("Passengers", (1200, 1500.5))
    where = Inches(1), Inches(1), Inches(5), Inches(3)
    chart = fourth.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *where, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Passengers a year"
    group = fourth.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6), 100, 100).text_frame.text = "Grouped words."
    made.save(str(path))
    return path


def test_slides_keep_titles_bullets_tables_charts_groups_and_notes(tmp_path: Path) -> None:
    document = only(deck(tmp_path / "a.pptx"))
    assert document.text.split("\n\n") == [
        "The Ferry in Winter",
        "A talk by Ada Ash",
        "Why boats stop",
        "- Ice\n  - in the harbour\n- Wind",
        "No ice at all.",
        "Why boats stop (speaker notes)",
        "Tell them of the hard winter.",
        "Fares",
        "Class: Deck; Adult: 12; Child: 6\nClass: Cabin; Adult: 40",
        "Left box.",
        "Right box.",
        "a) Board\nb) Pay",
        "Slide 4",
        "Passengers a year",
        "2018; Passengers: 1200\n2019; Passengers: 1500.5",
        "Grouped words.",
    ]
    assert [page.label for page in document.pages] == [
        "slide 1",
        "slide 2",
        "slide 2, notes",
        "slide 3",
        "slide 4, hidden",
    ]
    assert headings(document)[:3] == [
        ("The Ferry in Winter", 1),
        ("Why boats stop", 2),
        ("Why boats stop (speaker notes)", 3),
    ]
    assert (document.title, document.published) == ("The Ferry in Winter", None)


def test_what_is_no_presentation_is_told_in_a_sentence(tmp_path: Path) -> None:
    whole = deck(tmp_path / "whole.pptx").read_bytes()
    (tmp_path / "cut.pptx").write_bytes(whole[:-3000])
    assert "cut short" in reason(tmp_path / "cut.pptx")
    (tmp_path / "named.docx").write_bytes(whole)
    assert only(tmp_path / "named.docx").title == "The Ferry in Winter"
