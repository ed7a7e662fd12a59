"""E-books are read chapter after chapter, and cited by printed pages or chapters."""

from __future__ import annotations

from pathlib import Path

from tests.index.packages import headings, only, package, reason

_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)
ONE = """<h1>Winter</h1><p>The lamp is lit at dusk.<a role="doc-noteref" href="#n1">1</a></p>
<ul><li>oil</li><li>wicks</li></ul>
<table><caption>Dues</caption><tr><th>Boat</th><th>Pence</th></tr><tr><td>Yawl</td><td>12</td></tr>
</table><aside epub:type="footnote" id="n1"><p>1. By the keeper. <a role="doc-backlink">↩</a></p>
</aside>"""
TWO = """<p class="t">The Storm</p><p>It blew from <span epub:type="pagebreak" role="doc-pagebreak"
 aria-label="Page 12"></span>the north all night.</p><p>Nobody sailed.</p>"""


def book(path: Path, *, ncx: bool = False, **others: str) -> Path:
    nav = (
        f"<html {_XHTML}><body><nav epub:type='toc'><ol>"
        "<li><a href='a%20b.xhtml'>1. Winter</a></li>"
        "<li><a href='two.xhtml#top'>The Storm</a></li></ol></nav></body></html>"
    )
    old = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel>'
        '<text>The Storm</text></navLabel><content src="two.xhtml"/></navPoint></navMap></ncx>'
    )
    kind = "application/x-dtbncx+xml" if ncx else "application/xhtml+xml"
    opf = f"""<package xmlns="http://www.idpf.org/2007/opf"
     xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Harbour Tales</dc:title>
    <dc:creator>Ash, Ada</dc:creator><dc:creator>Bo Oak</dc:creator><dc:date>2011-05-03</dc:date>
    <dc:publisher>Quay Press</dc:publisher><dc:identifier>urn:isbn:9780000000002</dc:identifier>
    </metadata><manifest>
    <item id="n" href="nav" media-type="{kind}" properties="{"" if ncx else "nav"}"/>
    <item id="2" href="two.xhtml" media-type="application/xhtml+xml"/>
    <item id="1" href="a%20b.xhtml" media-type="application/xhtml+xml"/>
    <item id="3" href="gone.xhtml" media-type="application/xhtml+xml"/></manifest>
    <spine><itemref idref="1"/><itemref idref="2"/><itemref idref="3"/></spine></package>"""
    pages = {"OPS/a b.xhtml": ONE, "OPS/two.xhtml": TWO}
    return package(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": _CONTAINER,
            "OPS/book.opf": opf,
            "OPS/nav": old if ncx else nav,
            **{name: f"<html {_XHTML}><body>{text}</body></html>" for name, text in pages.items()},
            **others,
        },
    )


def test_chapters_come_in_order_with_their_titles_pages_and_notes(tmp_path: Path) -> None:
    document = only(book(tmp_path / "a.epub"))
    assert document.text.split("\n\n") == [
        "Winter",
        "The lamp is lit at dusk.[1]",
        "- oil\n- wicks",
        "Dues",
        "Boat: Yawl; Pence: 12",
        "1. By the keeper.",
        "The Storm",
        "It blew from the north all night.",
        "Nobody sailed.",
    ]
    assert headings(document) == [("Winter", 1), ("The Storm", 1)]
    assert document.page_at(document.text.index("lamp")) == "1. Winter"
    assert document.page_at(document.text.index("It blew")) == "The Storm"
    assert document.page_at(document.text.index("the north")) == "page 12"
    assert document.page_at(document.text.index("Nobody")) == "page 12"
    assert (document.title, document.authors, document.published, document.publisher) == (
        "Harbour Tales",
        ("Ash, Ada", "Bo Oak"),
        "2011-05-03",
        "Quay Press",
    )
    assert document.metadata["isbn"] == "9780000000002"
    assert document.metadata["left out"] == "1 chapters that the file does not hold"


def test_books_of_the_former_kind_have_their_chapters_too(tmp_path: Path) -> None:
    document = only(book(tmp_path / "a.epub", ncx=True))
    assert headings(document) == [("Winter", 1), ("The Storm", 1)]


def test_protected_and_damaged_books_are_told_in_a_sentence(tmp_path: Path) -> None:
    cipher = "<encryption><CipherReference URI='OPS/two.xhtml'/></encryption>"
    locked = book(tmp_path / "locked.epub", **{"META-INF/encryption.xml": cipher})
    assert "protected against copying" in reason(locked)
    fonts = "<encryption><CipherReference URI='OPS/font.otf'/></encryption>"
    assert only(book(tmp_path / "fonts.epub", **{"META-INF/encryption.xml": fonts})).text
    torn = package(tmp_path / "torn.epub", {"META-INF/container.xml": _CONTAINER})
    assert "damaged" in reason(torn)
    bomb = book(tmp_path / "bomb.epub", **{"OPS/two.xhtml": " " * 120_000_000})
    assert "unpacks to" in reason(bomb)
