"""Small files of every format, with a little of all that each may hold."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage

WORDS = (
    "The kiln at Osby was built in 1871 and burns ash. Ida Holm keeps it, and nobody else may. "
    "It holds four hundred pots. Rain came late that year, so the clay was dry by March."
)
DAY = (2019, 5, 4, 0, 0, 0)


def plain() -> bytes:
    """A text with a title, a byline and headings."""
    return f"The kiln at Osby\n\nBy Ida Holm\n4 May 2019\n\n{WORDS}\n\nFuel\n\n{WORDS}\n".encode()


def markdown() -> bytes:
    """Front matter, headings, lists in lists, a table, a quotation, code and links."""
    return (
        "---\ntitle: The kiln\nauthors: [Ida Holm, Bo Ek]\ndate: 2019-05-04\ntags: {a: [1, 2]}\n"
        f"---\n# The kiln\n\n{WORDS}\n\n## Fuel\n\n- ash\n  1. dry\n     - split\n- birch\n\n"
        "| Wood | Price |\n|------|------:|\n| ash | 12 |\n| *birch* | `9` |\n\n"
        f"> {WORDS}\n\n```\nburn(ash)\n```\n\n[Osby](https://example.org/a) ![a pot](pot.png)\n"
        "<div>raw &amp; plain</div>\n"
    ).encode()


def collection() -> bytes:
    """Some lines with all that a line may have."""
    record = {"title": "The kiln", "authors": ["Ida Holm"], "published": "2019-05-04", "n": [1]}
    return b"".join(
        json.dumps({"_id": f"k{n}", "text": f"{WORDS} \u00e9 {n}", **record}).encode() + b"\n"
        for n in range(6)
    )


def page() -> bytes:
    """A page with metadata, main text, a table, a list and what is no main text."""
    rows = "".join(f"<tr><td>ash {n}</td><td>{n}</td></tr>" for n in range(4))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The kiln</title>'
        '<meta name="author" content="Ida Holm"><meta property="og:site_name" content="Osby">'
        '<script>var a = "</p>";</script><style>p {color: red}</style></head><body>'
        f"<nav><a href='/'>Home</a></nav><article><h1>The kiln</h1><p>{WORDS}</p>"
        f"<h2>Fuel</h2><p>{WORDS} <b>Dry</b> &amp; split&#44; <i>always</i>.</p>"
        f"<ul><li>ash<ul><li>dry</li></ul></li><li>birch</li></ul>"
        f"<table><caption>Wood</caption><tr><th>Wood</th><th>Price</th></tr>{rows}</table>"
        f"<blockquote>{WORDS}</blockquote><p hidden>unseen</p></article>"
        "<footer>Imprint</footer></body></html>"
    ).encode()


def portable() -> bytes:
    """Two pages written by hand, so that every part of the file can be met uncompressed."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>",
        _sheet(b"/Contents 4 0 R"),
        _stream(["The kiln at Osby", *WORDS.split(". ")]),
        _sheet(b"/Contents 6 0 R /Rotate 90"),
        _stream(WORDS.split(". ")),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (The kiln) /Author (Ida Holm) /CreationDate (D:20190504) >>",
    ]
    file = io.BytesIO()
    file.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(parts, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1))
    file.writelines(b"%010d 00000 n \n" % place for place in places)
    file.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 8 0 R >>\n" % (len(parts) + 1))
    file.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return file.getvalue()


def _sheet(contents: bytes) -> bytes:
    size, font = b"/MediaBox [0 0 595 842]", b"/Resources << /Font << /F1 7 0 R >> >>"
    return b"<< /Type /Page /Parent 2 0 R %b %b %b >>" % (size, font, contents)


def _stream(lines: list[str]) -> bytes:
    shown = "\n".join(f"({line}) Tj 0 -16 Td" for line in lines)
    body = f"BT /F1 12 Tf 60 760 Td\n{shown}\nET\n0 0 m 100 0 l S\n20 20 60 40 re f\n".encode()
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(body), body)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A `.zip` of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, DAY), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def archive() -> bytes:
    """Texts and an archive in an archive."""
    inner = zipped({"deep/c.md": markdown()})
    return zipped(
        {"a.txt": plain(), "b/b.html": page(), "inner.zip": inner, "d.jsonl": collection()}
    )


def tape(mode: str) -> bytes:
    """A `.tar`, compressed or not."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in (("a.txt", plain()), ("b/b.md", markdown())):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def letter() -> bytes:
    """A mail as text and as a page, with a file attached, and one inside it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ida Holm <ida@example.org>", "bo@example.org"
    mail["Subject"], mail["Date"] = "The kiln é", "Sat, 04 May 2019 10:00:00 +0200"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content(f"{WORDS}\n\n> {WORDS}\n\n-- \nIda\n")
    mail.add_alternative(page().decode(), subtype="html")
    mail.add_attachment(plain(), maintype="text", subtype="plain", filename="kiln.txt")
    inner = EmailMessage()
    inner["Subject"] = "Inside"
    inner.set_content(WORDS)
    mail.add_attachment(inner)
    return mail.as_bytes()


def mailbox() -> bytes:
    """Three mails in one file."""
    return b"".join(
        b"From ida@example.org Sat May  4 10:00:00 2019\n%b\n\n" % letter() for _ in "123"
    )


def word() -> bytes:
    """A text document with headings, a list, a table and properties."""
    from docx import Document

    made = Document()
    made.core_properties.title, made.core_properties.author = "The kiln", "Ida Holm"
    made.add_heading("The kiln", 1)
    made.add_paragraph(WORDS)
    made.add_paragraph("ash", style="List Bullet")
    table = made.add_table(2, 2)
    for number, cell in enumerate(table._cells):
        cell.text = f"cell {number}"
    made.sections[0].header.paragraphs[0].text = "Osby"
    return _saved(made.save)


def slides() -> bytes:
    """Two slides with a title, text, a table and notes."""
    from pptx import Presentation

    made = Presentation()
    for number in range(2):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = f"The kiln {number}"
        slide.placeholders[1].text = WORDS
        slide.notes_slide.notes_text_frame.text = WORDS
    return _saved(made.save)


def sheet() -> bytes:
    """Two sheets with texts, numbers, a formula and a merged cell."""
    from openpyxl import Workbook

    made = Workbook()
    first = made.active
    first.append(["Wood", "Price", "Said"])
    for number in range(6):
        first.append([f"ash {number}", number / 3, WORDS])
    first["D2"] = "=SUM(B2:B5)"
    first.merge_cells("A4:A5")
    made.create_sheet("Clay").append(["Osby", 1871])
    return _saved(made.save)


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def book() -> bytes:
    """A book of two chapters."""
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>Fuel</title></head><body><h1>Fuel</h1><p>{WORDS}</p></body></html>"
    ).encode()
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": (
                b'<?xml version="1.0"?><container version="1.0" '
                b'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                b'<rootfile full-path="OEBPS/book.opf" '
                b'media-type="application/oebps-package+xml"/></rootfiles></container>'
            ),
            "OEBPS/book.opf": (
                b'<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
                b'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
                b"<dc:title>The kiln</dc:title><dc:creator>Ida Holm</dc:creator>"
                b"<dc:date>2019-05-04</dc:date></metadata><manifest>"
                b'<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
                b'<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>'
                b'</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
            ),
            "OEBPS/a.xhtml": chapter,
            "OEBPS/b.xhtml": chapter,
        }
    )


def open_document(kind: str) -> bytes:
    """A text, sheet or presentation of OpenDocument."""
    base = "urn:oasis:names:tc:opendocument:xmlns:"
    names = " ".join(
        f'xmlns:{short}="{base}{name}:1.0"'
        for short, name in {"office": "office", "text": "text", "table": "table"}.items()
    )
    drawing = f'xmlns:draw="{base}drawing:1.0"'
    said = f"<text:h text:outline-level='1'>The kiln</text:h><text:p>{WORDS}</text:p>"
    row = (
        "<table:table-row><table:table-cell table:number-columns-repeated='2'><text:p>ash</text:p>"
    )
    table = (
        f"<table:table table:name='Wood'>{row}</table:table-cell></table:table-row></table:table>"
    )
    box = f"<draw:frame><draw:text-box>{said}</draw:text-box></draw:frame>"
    inside = {
        "text": said + table,
        "spreadsheet": table,
        "presentation": f"<draw:page>{box}</draw:page>",
    }
    body = f"<office:{kind}>{inside[kind]}</office:{kind}>"
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": (
                f"<office:document-content {names} {drawing}><office:body>{body}</office:body>"
                "</office:document-content>"
            ).encode(),
            "meta.xml": f"<office:document-meta {names}/>".encode(),
        }
    )


def old_office() -> bytes:
    """The beginning of a file of before 2007: a file system in a file."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + WORDS.encode("utf-16-le")


def rich() -> bytes:
    """RTF with fonts, a table of colours, bold words and letters beyond ASCII."""
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Times;}}{\\colortbl;\\red255;}"
        "{\\info{\\title The kiln}{\\author Ida Holm}}\\pard\\b The kiln\\b0\\par "
        f"{WORDS} caf\\'e9 \\u8212? {{\\i dry}}\\par\n"
        f"\\trowd\\intbl ash\\cell 12\\cell\\row {WORDS}}}"
    ).encode()


def restructured() -> bytes:
    """reStructuredText with headings, roles, a table, a list and directives."""
    return (
        f"The kiln\n========\n\n:Author: Ida Holm\n:Date: 2019-05-04\n\n{WORDS}\n\nFuel\n----\n\n"
        "* ash *dry*\n* ``birch``\n\n+------+-------+\n| Wood | Price |\n+======+=======+\n"
        "| ash  | 12    |\n+------+-------+\n\n.. note:: Keep it dry.\n\n.. _a: https://example.org\n"
        "\n.. include:: other.txt\n\nSee `Osby <https://example.org>`_ and |sub|.\n\n"
        ".. |sub| replace:: x\n"
    ).encode()


def separated(sign: str) -> bytes:
    """A table with quoted fields."""
    rows = [f'ash {n}{sign}{n}{sign}"{WORDS}"' for n in range(6)]
    return "\n".join([sign.join(("Wood", "Price", "Said")), *rows, ""]).encode()


def notebook() -> bytes:
    """A notebook with text, code and what came of it."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# The kiln\n", WORDS]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": "print('ash')",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["ash\n"]}],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


SAMPLES: dict[str, Callable[[], bytes]] = {
    ".txt": plain,
    ".text": plain,
    ".md": markdown,
    ".markdown": markdown,
    ".jsonl": collection,
    ".html": page,
    ".htm": page,
    ".xhtml": page,
    ".pdf": portable,
    ".zip": archive,
    ".tar": lambda: tape("w"),
    ".tgz": lambda: tape("w:gz"),
    ".eml": letter,
    ".mbox": mailbox,
    ".docx": word,
    ".docm": word,
    ".pptx": slides,
    ".pptm": slides,
    ".ppsx": slides,
    ".xlsx": sheet,
    ".xlsm": sheet,
    ".odt": lambda: open_document("text"),
    ".ods": lambda: open_document("spreadsheet"),
    ".odp": lambda: open_document("presentation"),
    ".doc": old_office,
    ".xls": old_office,
    ".xlsb": old_office,
    ".ppt": old_office,
    ".epub": book,
    ".rtf": rich,
    ".rst": restructured,
    ".csv": lambda: separated(","),
    ".tsv": lambda: separated("\t"),
    ".ipynb": notebook,
}
