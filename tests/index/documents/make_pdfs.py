"""Make the PDF files of this folder anew, with the applications that people make theirs with.

`python make_pdfs.py` needs typst and reportlab (from PyPI), chromium, soffice and groff. Every
sentence ends in a number, so that a test can tell whether all of them came out, and in what order.
"""

from __future__ import annotations

import subprocess
import tempfile
from itertools import count
from pathlib import Path

HERE = Path(__file__).parent
SENTENCES = (
    "The harbour office counted every boat that came in before the first bell.",
    "Nobody remembered a winter in which the river had frozen so early.",
    "Engineers measured the old bridge twice, and disagreed by a hand.",
    "The efficient officer affixed official figures to the final file.",
    "Its well-known lighthouse keeper described the storms in a diary.",
    "Responsibility for the infrastructure was transferred to the municipality.",
    "Wool prices rose in that year, although the merchants had predicted a fall.",
)
ROWS = (("Port", "Boats", "Year"), ("Northby", "120", "1881"), ("Southby", "98", "1882"))
NUMBERS = count(1)


def prose(sentences: int) -> str:
    """Sentences, numbered on."""
    numbers = [next(NUMBERS) for _ in range(sentences)]
    return " ".join(f"{SENTENCES[n * n % 7][:-1]} ({n})." for n in numbers)


def typst() -> bytes:
    """Two columns, a title over both, notes, a table without rules, a box, running heads."""
    from typst import compile as compiled

    cells = ", ".join(f"[{cell}]" for row in ROWS for cell in row)
    return compiled(
        f"""
#set page(paper: "a5", columns: 2, header: [Harbour Quarterly], numbering: "1", margin: 1.4cm)
#set text(size: 9pt, lang: "en", hyphenate: true)
#set par(justify: true, first-line-indent: 1em)
#place(top + center, scope: "parent", float: true, text(16pt)[*Counting Boats*])
= Introduction
{prose(6)}#footnote[The bell rang at five.] {prose(5)}

{prose(6)}
- ropes and knots, of which there were more than anybody had counted
- sails
= Ports
{prose(3)}

#table(columns: 3, stroke: none, {cells})

{prose(9)}

#rect(fill: luma(230))[*A bell.* It was cast in 1790, cracked in 1844, and hangs in the tower.]

{prose(30)}
""".encode()
    )


def chromium(folder: Path) -> bytes:
    """Three columns set by a browser, with a list whose bullets are drawn and a ruled table."""
    cells = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in ROWS)
    (folder / "page.html").write_text(f"""<!doctype html><html lang=en><title>Boats</title><style>
@page {{ size: A5; margin: 1.2cm }} body {{ font: 9pt Liberation Serif; column-count: 3;
text-align: justify; hyphens: auto }} h1 {{ column-span: all; text-align: center }}
td {{ border: 1px solid }}</style><h1>Counting Boats</h1><p>{prose(9)}<ul><li>ropes<li>sails and
masts</ul><p>{prose(4)}<table>{cells}</table><p>{prose(16)}<p>{prose(9)}""")
    order = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run(
        [*order, "--print-to-pdf=page.pdf", "page.html"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return (folder / "page.pdf").read_bytes()


def groff() -> bytes:
    """Two columns as manuals have them, in fonts that the file does not hold."""
    text = f".TL\nCounting Boats\n.2C\n.NH\nIntroduction\n.PP\n{prose(30)}\n.PP\n{prose(60)}\n"
    order = ["groff", "-Tpdf", "-ms", "-k", "-P-pa4", "-dpaper=a4"]
    return subprocess.run(order, input=text.encode(), check=True, capture_output=True).stdout


def libreoffice(folder: Path) -> bytes:
    """Two columns of a word processor: a note under a rule, a list, heads and feet of pages."""
    names = "office:urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
    spaces = " ".join(
        f'xmlns:{name}="{names.format(name).split(":", 1)[1]}"'
        for name in ("office", "style", "text", "table")
    )
    fo = 'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>The bell rang at five.</text:p></text:note-body></text:note>"
    )
    items = "".join(
        f"<text:list-item><text:p>{item}</text:p></text:list-item>" for item in ("ropes", "sails")
    )
    (folder / "page.fodt").write_text(f"""<?xml version="1.0"?><office:document {spaces} {fo}
office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:styles>
<style:style style:name="Standard" style:family="paragraph"><style:text-properties
fo:font-size="10pt"/></style:style><style:style style:name="Heading" style:family="paragraph">
<style:text-properties fo:font-size="15pt"/></style:style></office:styles>
<office:automatic-styles><style:style style:name="J" style:family="paragraph"
style:parent-style-name="Standard"><style:paragraph-properties fo:text-align="justify"
fo:text-indent="0.4cm"/></style:style><style:style style:name="S" style:family="section">
<style:section-properties><style:columns fo:column-count="2" fo:column-gap="0.7cm"/>
</style:section-properties></style:style><style:page-layout style:name="P">
<style:page-layout-properties fo:page-width="15cm" fo:page-height="20cm" fo:margin="1.5cm"/>
<style:header-style><style:header-footer-properties
fo:margin-bottom="0.5cm"/></style:header-style><style:footer-style/></style:page-layout></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="P">
<style:header><text:p>Harbour Quarterly</text:p></style:header><style:footer><text:p>Page
<text:page-number/></text:p></style:footer></style:master-page></office:master-styles><office:body>
<office:text><text:section text:style-name="S" text:name="S"><text:h text:style-name="Heading"
text:outline-level="1">Counting Boats</text:h><text:p text:style-name="J">{prose(9)}{note}
{prose(3)}</text:p><text:list>{items}</text:list><text:p text:style-name="J">{prose(60)}</text:p>
</text:section></office:text></office:body></office:document>""")
    order = ["soffice", "--headless", "--convert-to", "pdf", "page.fodt"]
    subprocess.run(order, cwd=folder, check=True, capture_output=True)
    return (folder / "page.pdf").read_bytes()


def labelled() -> bytes:
    """Front matter on pages i and ii, then a chapter on page 1; told of in the document's data."""
    from typst import compile as compiled

    return compiled(b"""
#set document(title: "On Bells", author: ("Ada Holm", "Bo Lind"), date: datetime(year: 2019,
month: 4, day: 2))
#set page(paper: "a6", numbering: "i")
#set text(font: "Libertinus Serif", size: 9pt)
This is about bells.
#pagebreak()
The bell of the tower was cast in the year 1790.
#set page(numbering: "1")
#counter(page).update(1)
= Casting
A bell is cast in loam.
== Loam
Loam is clay with sand in it.
""")


def locked(folder: Path, **options: str) -> bytes:
    """A file that is encrypted, with the options of LibreOffice's export."""
    (folder / "locked.txt").write_text("Nobody may read this without the word.")
    told = ",".join(
        f'"{name}":{{"type":"{"boolean" if value == "true" else "string"}","value":"{value}"}}'
        for name, value in options.items()
    )
    order = ["soffice", "--headless", "--convert-to", f"pdf:writer_pdf_Export:{{{told}}}"]
    subprocess.run([*order, "locked.txt"], cwd=folder, check=True, capture_output=True)
    return (folder / "locked.pdf").read_bytes()


def form() -> bytes:
    """A form with a field that was filled in; by reportlab (from PyPI)."""
    from reportlab.pdfgen import canvas

    page = canvas.Canvas("form.pdf", pagesize=(300, 200))
    page.drawString(30, 150, "Name of the boat:")
    field = {"name": "boat", "value": "The Patient Heron", "x": 130, "y": 145, "width": 140}
    page.acroForm.textfield(**field, height=18, borderStyle="underlined", fontSize=11)
    return page.getpdfdata()


def main() -> None:
    """Write them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (HERE / "typst.pdf").write_bytes(typst())
        (HERE / "chromium.pdf").write_bytes(chromium(folder))
        (HERE / "groff.pdf").write_bytes(groff())
        (HERE / "libreoffice.pdf").write_bytes(libreoffice(folder))
        (HERE / "form.pdf").write_bytes(form())
        (HERE / "labelled.pdf").write_bytes(labelled())
        word = {"EncryptFile": "true", "DocumentOpenPassword": "sesame"}
        (HERE / "locked.pdf").write_bytes(locked(folder, **word))
        word = {"RestrictPermissions": "true", "PermissionPassword": "sesame"}
        (HERE / "restricted.pdf").write_bytes(locked(folder, **word))


if __name__ == "__main__":
    main()
