"""OpenDocument files are read as they are seen, and those of before 2007 named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.packages import headings, only, package, reason

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        "office": "office",
        "text": "text",
        "table": "table",
        "style": "style",
        "draw": "drawing",
        "fo": "xsl-fo-compatible",
        "meta": "meta",
        "pr": "presentation",
    }.items()
)
STYLES = """<office:automatic-styles>
<style:style style:name="T" style:parent-style-name="Title"/>
<style:style style:name="H"><style:text-properties text:display="none"/></style:style>
<style:style style:name="B"><style:paragraph-properties fo:break-before="page"/></style:style>
<style:style style:name="X"><style:drawing-page-properties pr:visibility="hidden"/></style:style>
<style:style style:name="O"><style:table-properties table:display="false"/></style:style>
<text:list-style style:name="L">
<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
<text:list-level-style-number text:level="2" style:num-format="a" style:num-prefix="("
 style:num-suffix=")"/></text:list-style></office:automatic-styles>"""


def odf(path: Path, kind: str, body: str, *, pages: int = 0, **others: str) -> Path:
    counted = f'<meta:document-statistic meta:page-count="{pages}"/>'
    return package(
        path,
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_NAMES}>{STYLES}<office:body>"
            f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {_NAMES}><office:meta>{counted}</office:meta>"
            "</office:document-meta>",
            **others,
        },
    )


def row(*cells: str) -> str:
    made = "".join(
        f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells
    )
    return f"<table:table-row>{made}</table:table-row>"


def test_texts_keep_their_structure_and_nothing_hidden_or_deleted(tmp_path: Path) -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>By the lamp.</text:p></text:note-body></text:note>"
    )
    body = f"""<text:tracked-changes><text:changed-region><text:deletion><text:p>may</text:p>
</text:deletion></text:changed-region></text:tracked-changes>
<text:p text:style-name="T">Harbour Rules</text:p>
<text:h text:outline-level="2">Winter</text:h>
<text:p>Boats<text:s text:c="3"/>must<text:change text:change-id="1"/> be
lit.{note}<text:span text:style-name="H"> Hidden.</text:span><office:annotation><text:p>Why?
</text:p></office:annotation></text:p>
<text:table-of-content><text:index-body><text:p>Winter 1</text:p></text:index-body>
</text:table-of-content>
<text:list text:style-name="L"><text:list-item><text:p>Board</text:p><text:list>
<text:list-item><text:p>early</text:p></text:list-item></text:list></text:list-item>
<text:list-item><text:p>Pay</text:p></text:list-item></text:list>
<table:table><table:table-header-rows>{row("Port", "Dues")}</table:table-header-rows>
<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Amble</text:p>
</table:table-cell><table:table-cell><text:p>12</text:p></table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>13</text:p>
</table:table-cell></table:table-row></table:table>
<text:p>First page,<text:soft-page-break/>second page.</text:p>
<text:p text:style-name="B">Third page.<draw:frame><draw:text-box><text:p>In a box.</text:p>
</draw:text-box></draw:frame></text:p>"""
    document = only(odf(tmp_path / "a.odt", "text", body, pages=3))
    assert document.text.split("\n\n") == [
        "Harbour Rules",
        "Winter",
        "Boats must be lit.[1]",
        "[1] By the lamp.",
        "1. Board\n  (a) early\n2. Pay",
        "Port: Amble; Dues: 12\nPort: Amble; Dues: 13",
        "First page,second page.",
        "Third page.",
        "In a box.",
    ]
    assert headings(document) == [("Harbour Rules", 1), ("Winter", 2)]
    assert document.page_at(document.text.index("second")) == "page 2"
    assert document.page_at(document.text.index("Third")) == "page 3"
    assert only(odf(tmp_path / "b.odt", "text", body, pages=5)).pages == ()


def test_sheets_are_read_as_shown(tmp_path: Path) -> None:
    odd = '<table:table-cell table:formula="of:=1"/>'
    body = (
        '<table:table table:name="Fares">'
        + row("Class", "Adult", "Child")
        + row("Deck", "£12.00", "£6.00")
        + f"<table:table-row><table:table-cell><text:p>Cabin</text:p></table:table-cell>{odd}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/>'
        '</table:table-row></table:table><table:table table:name="Old" table:style-name="O">'
        + row("Of no use")
        + "</table:table>"
    )
    document = only(odf(tmp_path / "a.ods", "spreadsheet", body))
    assert document.text == (
        "Fares\n\nClass: Deck; Adult: £12.00; Child: £6.00\nClass: Cabin; Adult: (not calculated)"
    )
    assert [page.label for page in document.pages] == [
        "sheet Fares",
        "sheet Fares, row 2",
        "sheet Fares, row 3",
    ]
    assert document.metadata["left out"] == "hidden sheet Old"


def test_slides_are_read_with_their_notes(tmp_path: Path) -> None:
    box = "<draw:frame {}><draw:text-box>{}</draw:text-box></draw:frame>"
    item = "<text:list><text:list-item><text:p>{}</text:p></text:list-item></text:list>"
    body = (
        "<draw:page>"
        + box.format("", item.format("Ice") + item.format("Wind"))
        + box.format('pr:class="title"', "<text:p>Why boats stop</text:p>")
        + "<pr:notes>"
        + box.format('pr:class="notes"', "<text:p>Pause here.</text:p>")
        + '</pr:notes></draw:page><draw:page draw:style-name="X">'
        + box.format("", "<text:p>Kept back.</text:p>")
        + "</draw:page>"
    )
    document = only(odf(tmp_path / "a.odp", "presentation", body))
    assert document.text.split("\n\n") == [
        "Why boats stop",
        "- Ice\n- Wind",
        "Why boats stop (speaker notes)",
        "Pause here.",
        "Slide 2",
        "Kept back.",
    ]
    labels = [page.label for page in document.pages]
    assert labels == ["slide 1", "slide 1, notes", "slide 2, hidden"]


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        ("WordDocument", "save it as .docx"),
        ("Workbook", "save it as .xlsx"),
        ("PowerPoint Document", "save it as .pptx"),
        ("EncryptedPackage", "protected by a password"),
    ],
)
def test_files_of_before_2007_are_named_with_the_way_out(
    tmp_path: Path, stream: str, said: str
) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    (tmp_path / "a.doc").write_bytes(data + f"{stream}\0".encode("utf-16-le"))
    assert said in reason(tmp_path / "a.doc")


def test_locked_and_damaged_texts_are_told_in_a_sentence(tmp_path: Path) -> None:
    manifest = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    assert "password" in reason(odf(tmp_path / "a.odt", "text", "", **manifest))
    assert "damaged" in reason(odf(tmp_path / "b.odt", "text", "<text:p>"))
    assert reason(odf(tmp_path / "c.odt", "text", "")) == "has no text"
    (tmp_path / "d.xls").write_text("Class\tAdult\n")
    assert "plain text" in reason(tmp_path / "d.xls")
