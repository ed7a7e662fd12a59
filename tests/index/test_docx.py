"""Word documents are read as a person sees them once all changes are accepted."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import docx
import pytest

from tests.index.packages import headings, only, package, paragraph, reason, word

# The method of compression in the heads of a part, of which each has two.
DEFLATED = re.compile(rb"(PK\x03\x04.{4}|PK\x01\x02.{6})\x08\0", re.DOTALL)
TRACKED = (
    '<w:r><w:t xml:space="preserve">Boats </w:t></w:r>'
    '<w:ins w:id="1" w:author="A"><w:r><w:t>must</w:t></w:r></w:ins>'
    '<w:del w:id="2" w:author="A"><w:r><w:delText>may</w:delText></w:r></w:del>'
    '<w:moveFrom w:id="3" w:author="A"><w:r><w:t>moved away</w:t></w:r></w:moveFrom>'
    '<w:r><w:t xml:space="preserve"> be lit.</w:t></w:r>'
)


def run(inner: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr>{inner}</w:r>"


def text(words: str) -> str:
    return f'<w:t xml:space="preserve">{words}</w:t>'


def test_changes_are_accepted_and_what_is_deleted_or_hidden_is_never_quoted(tmp_path: Path) -> None:
    ended = "<w:rPr><w:del w:id='4' w:author='A'/></w:rPr>"
    body = (
        paragraph("", inner=TRACKED)
        + paragraph("The quay is ", properties=ended)
        + paragraph("closed.")
        + paragraph("Open", inner=run(text(" secretly"), "<w:vanish/>"))
        + paragraph("Shut", inner=run(text(" in secret"), '<w:rStyle w:val="Secret"/>'))
        + '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Noted.</w:t></w:r>'
        '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>'
        + "<w:tbl><w:tr><w:trPr><w:del w:id='5' w:author='A'/></w:trPr><w:tc>"
        + paragraph("gone")
        + "</w:tc></w:tr></w:tbl>"
    )
    path = word(
        tmp_path / "a.docx",
        body,
        comments="<w:comment w:id='0'>" + paragraph("Why?") + "</w:comment>",
    )
    assert only(path).text.split("\n\n") == [
        "Boats must be lit.",
        "The quay is closed.",
        "Open",
        "Shut",
        "Noted.",
    ]


def test_headings_are_told_by_style_in_any_language_and_by_outline_level(tmp_path: Path) -> None:
    body = (
        paragraph("One", "berschrift1")
        + paragraph("Two", "Titre2")
        + paragraph("Three", "Part")
        + paragraph("Four", properties='<w:outlineLvl w:val="3"/>')
        + paragraph("One 1", "TOC1")
        + paragraph("Prose.")
    )
    document = only(word(tmp_path / "a.docx", body))
    assert headings(document) == [("One", 1), ("Two", 2), ("Three", 3), ("Four", 4)]
    assert document.text.endswith("Four\n\nProse.")


def level(at: int, style: str, shown: str, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>'
        f'<w:lvlText w:val="{shown}"/></w:lvl>'
    )


LISTS = f"""
<w:abstractNum w:abstractNumId="0">{level(0, "decimal", "%1.")}{level(1, "lowerLetter", "%2)")}
  {level(2, "upperRoman", "%1.%2.%3", 3)}</w:abstractNum>
<w:abstractNum w:abstractNumId="1">{level(0, "bullet", "*")}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/>
  <w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>
"""


def item(words: str, number: int, level: int = 0, style: str = "") -> str:
    told = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(words, style, properties=told)


def test_lists_keep_their_levels_and_the_numbers_that_are_seen(tmp_path: Path) -> None:
    body = (
        item("Scope", 1, style="berschrift1")
        + paragraph("Prose.")
        + item("pears", 1)
        + item("ripe", 1, 1)
        + item("green", 1, 1)
        + item("very", 1, 2)
        + item("plums", 1)
        + item("dogs", 2)
        + paragraph("Between.")
        + item("figs", 1)
        + item("dates", 3)
        + item("limes", 3)
    )
    document = only(word(tmp_path / "a.docx", body, numbering=LISTS))
    assert document.text.split("\n\n") == [
        "1. Scope",
        "Prose.",
        "2. pears\n  a) ripe\n  b) green\n    2.b.III very\n3. plums",
        "- dogs",
        "Between.",
        "4. figs\n7. dates\n8. limes",
    ]


def cell(words: str, about: str = "", *, bold: bool = False) -> str:
    inner = run(text(words), "<w:b/>" if bold else "")
    return f"<w:tc><w:tcPr>{about}</w:tcPr>{paragraph('', inner=inner)}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


HEAD = "<w:trPr><w:tblHeader/></w:trPr>"


def test_each_row_of_a_table_has_its_heads_through_merged_cells(tmp_path: Path) -> None:
    body = table(
        HEAD
        + cell("Port", '<w:vMerge w:val="restart"/>')
        + cell("Dues", '<w:gridSpan w:val="2"/>'),
        HEAD + cell("", "<w:vMerge/>") + cell("Winter") + cell("Summer"),
        cell("Amble", '<w:vMerge w:val="restart"/>') + cell("12") + cell("20"),
        cell("", "<w:vMerge/>") + cell("13") + cell("21"),
        cell("Closed ports", '<w:gridSpan w:val="3"/>'),
        cell("Blyth") + cell("none", '<w:gridSpan w:val="2"/>'),
    )
    assert only(word(tmp_path / "a.docx", body)).text.split("\n") == [
        "Port: Amble; Dues Winter: 12; Dues Summer: 20",
        "Port: Amble; Dues Winter: 13; Dues Summer: 21",
        "Closed ports",
        "Port: Blyth; Dues Winter: none",
    ]


def test_forms_boxes_and_tables_within_tables_are_told_apart(tmp_path: Path) -> None:
    form = table(cell("Skipper:") + cell("Ada Ash"), cell("Boat:") + cell("Petrel"))
    box = table(cell("A box of one cell."))
    inner = table(cell("Day", bold=True) + cell("Tide", bold=True), cell("Monday") + cell("high"))
    outer = table(
        cell("Week", bold=True) + cell("Tides at the mole and beyond", bold=True),
        cell("The first one") + f"<w:tc>{paragraph('as measured at the lamp')}{inner}</w:tc>",
    )
    body = form + paragraph("Then.") + box + outer
    assert only(word(tmp_path / "a.docx", body)).text.split("\n\n") == [
        "Skipper: Ada Ash\nBoat: Petrel",
        "Then.",
        "A box of one cell.",
        "Week: The first one; Tides at the mole and beyond: as measured at the lamp",
        "Day: Monday; Tide: high",
    ]


def test_notes_follow_their_paragraph_and_endnotes_the_text(tmp_path: Path) -> None:
    notes = '<w:footnote w:id="-1" w:type="separator">' + paragraph("---") + "</w:footnote>"
    notes += f'<w:footnote w:id="4">{paragraph("By the lamp.")}</w:footnote>'
    body = paragraph(
        "Dusk falls.",
        inner='<w:r><w:footnoteReference w:id="4"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r>',
    ) + paragraph("Night comes.")
    path = word(
        tmp_path / "a.docx",
        body,
        footnotes=notes,
        endnotes=f'<w:endnote w:id="2">{paragraph("In June.")}</w:endnote>',
    )
    assert only(path).text.split("\n\n") == [
        "Dusk falls.[1][i]",
        "[1] By the lamp.",
        "Night comes.",
        "[i] In June.",
    ]


def test_fields_show_results_links_their_words_and_boxes_come_once(tmp_path: Path) -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        "<w:r><w:instrText>SEQ Figure</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>3</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>: the mole</w:t></w:r>'
    )
    link = '<w:hyperlink r:id="none"><w:r><w:t>the chart</w:t></w:r></w:hyperlink>'
    boxed = f"<w:txbxContent>{paragraph('In a box.')}</w:txbxContent>"
    box = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{boxed}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{boxed}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    prompt = (
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r>"
        "</w:sdtContent></w:sdt>"
    )
    sign = '<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r><w:r><w:t> 18 years</w:t></w:r>'
    half = (
        "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>c</m:t></m:r></m:den></m:f></m:oMath>"
    )
    body = (
        paragraph("Figure ", inner=field)
        + paragraph("See ", inner=link + prompt)
        + paragraph("Anchor.", inner=box)
        + paragraph("", inner=sign)
        + paragraph("", inner=half)
    )
    assert only(word(tmp_path / "a.docm", body)).text.split("\n\n") == [
        "Figure 3: the mole",
        "See the chart",
        "Anchor.",
        "In a box.",
        "≥ 18 years",
        "(a+b)/c",
    ]


@pytest.mark.parametrize(("counted", "labels"), [(3, ["page 1", "page 2", "page 3"]), (4, [])])
def test_pages_are_told_only_where_word_counted_as_many(
    tmp_path: Path, counted: int, labels: list[str]
) -> None:
    turn = "<w:lastRenderedPageBreak/>"
    rows = table(
        HEAD + cell("Port") + cell("Dues"),
        f"<w:tc>{paragraph('', inner=run(turn + text('Amble')))}</w:tc>"
        f"<w:tc>{paragraph('', inner=run(turn + text('12')))}</w:tc>",
    )
    body = paragraph("First.", inner=run(text(" Still first.") + turn + text("Second."))) + rows
    document = only(word(tmp_path / "a.docx", body, pages=counted))
    assert document.text == "First. Still first.Second.\n\nPort: Amble; Dues: 12"
    assert [page.label for page in document.pages] == labels
    if labels:
        assert document.page_at(document.text.index("Second")) == "page 2"
        assert document.page_at(document.text.index("Port")) == "page 3"


def test_properties_are_taken_unless_a_program_put_them_there(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("The ferry leaves at nine.", style="Normal")
    made.save(str(tmp_path / "bare.docx"))
    bare = only(tmp_path / "bare.docx")
    assert (bare.title, bare.authors, bare.published) == ("bare", (), None)
    core = made.core_properties
    core.title, core.author, core.subject = "Of Ferries", "Ada Ash; Bo Oak", "boats"
    core.modified = datetime(2021, 3, 14)  # noqa: DTZ001  # Word gives no zone
    made.save(str(tmp_path / "told.docx"))
    told = only(tmp_path / "told.docx")
    assert (told.title, told.authors, told.published) == (
        "Of Ferries",
        ("Ada Ash", "Bo Oak"),
        "2021-03-14",
    )
    assert told.metadata["subject"] == "boats"


def test_what_is_no_word_document_is_told_in_a_sentence(tmp_path: Path) -> None:
    whole = word(tmp_path / "whole.docx", paragraph("Words.")).read_bytes()
    cases: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "is empty"),
        "cut": (whole[: len(whole) // 2], "cut short"),
        "plain": (b"Just words.", "name it .txt"),
        "noise": (b"\0\1\2\3" * 100, "damaged"),
        "compressed as nobody knows": (DEFLATED.sub(rb"\1a\0", whole), "cut short"),
        "old": (_ole("WordDocument"), "save it as .docx"),
        "locked": (_ole("EncryptedPackage"), "password"),
        "none": (word(tmp_path / "n.docx", "").read_bytes(), "has no text"),
        "broken": (
            package(tmp_path / "b.zip", {"word/document.xml": "<w"}).read_bytes(),
            "archive",
        ),
    }
    for name, (data, said) in cases.items():
        path = tmp_path / f"{name}.docx"
        path.write_bytes(data)
        assert said in reason(path), name


def _ole(stream: str) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + f"{stream}\0".encode("utf-16-le").ljust(512, b"\0")


def test_entities_and_parts_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    bomb = word(tmp_path / "b.docx", "<w:p/>" + " " * 200_000_000)
    assert "unpacks to" in reason(bomb)
    assert "damaged" in reason(word(tmp_path / "c.docx", paragraph("&a;")))
    held = '<w:style w:styleId="&a;"/>'
    parts = {
        "[Content_Types].xml": '<!DOCTYPE a [<!ENTITY a "aaaa">]><Types ContentType="'
        'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    }
    assert "declares entities" in reason(package(tmp_path / "d.docx", {**parts, "x.xml": held}))
