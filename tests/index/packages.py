"""Office files made for tests part by part, so that they hold just what programs write."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from index.sources import SourceFile, find, read
from index.types import Document, Skipped

_TYPES = "application/vnd.openxmlformats-officedocument"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre2"><w:name w:val="Titre 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Part"><w:name w:val="Part of a book"/>
  <w:basedOn w:val="Own"/></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/>
  <w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
"""


def package(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """Write a zip of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def word(path: Path, body: str, *, pages: int | None = None, **others: str) -> Path:
    """Write a Word document: its body, and other parts such as `footnotes`, all without roots."""
    main = "document.macroEnabled" if path.suffix == ".docm" else "wordprocessingml.document"
    prefix = "application/vnd.ms-word" if path.suffix == ".docm" else _TYPES
    relations, types = [], []
    parts: dict[str, str | bytes] = {}
    roots = {"styles": "styles", "numbering": "numbering", "settings": "settings"}
    for name, inner in {"styles": STYLES, **others}.items():
        root = roots.get(name, name)
        parts[f"word/{name}.xml"] = f"<w:{root} {_NAMES}>{inner}</w:{root}>"
        relations.append(
            f'<Relationship Id="r-{name}" Type="{_RELATIONS}/{name}" Target="{name}.xml"/>'
        )
        types.append(
            f'<Override PartName="/word/{name}.xml"'
            f' ContentType="{_TYPES}.wordprocessingml.{name}+xml"/>'
        )
    app = "" if pages is None else f"<Properties><Pages>{pages}</Pages></Properties>"
    if app:
        parts["docProps/app.xml"] = app
    return package(
        path,
        {
            "[Content_Types].xml": (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels"'
                ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{prefix}.{main}.main+xml"/>'
                f"{''.join(types)}</Types>"
            ),
            "_rels/.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
                f'><Relationship Id="r1" Type="{_RELATIONS}/officeDocument"'
                ' Target="word/document.xml"/></Relationships>'
            ),
            "word/_rels/document.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
                f">{''.join(relations)}"
                f'<Relationship Id="r-gone" Type="{_RELATIONS}/image" Target="../NULL"/>'
                "</Relationships>"
            ),
            "word/document.xml": f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
            **parts,
        },
    )


def paragraph(text: str, style: str = "", *, inner: str = "", properties: str = "") -> str:
    """A paragraph of Word; `inner` is what stands in it instead of a text."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{run}{inner}</w:p>"


def everything(path: Path) -> list[Document | Skipped]:
    """All that a file is read as."""
    entries: list[Document | Skipped] = []
    for source in find([path]):
        entries += read(source) if isinstance(source, SourceFile) else [source]
    return entries


def only(path: Path) -> Document:
    """The one document of a file."""
    [document] = everything(path)
    assert isinstance(document, Document), document
    return document


def reason(path: Path) -> str:
    """Why a file cannot be read: one sentence."""
    [skipped] = everything(path)
    assert isinstance(skipped, Skipped), skipped
    assert "\n" not in skipped.reason
    assert "Error" not in skipped.reason
    return skipped.reason


def headings(document: Document) -> list[tuple[str, int]]:
    """The headings of a document with their levels."""
    return [(document.text[h.start : h.end], h.level) for h in document.headings]
