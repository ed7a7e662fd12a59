"""What the formats of Microsoft Office have in common: parts, relations, drawings within a text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from index.errors import SourceError
from index.sources.blocks import rows
from index.sources.package import DAMAGED, Package, joined, parse, without_entities

if TYPE_CHECKING:
    from lxml.etree import _Element

T = TypeVar("T")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

# The strict variant names all that it has by other addresses.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
# Documents with macros and templates hold the same text as plain ones, but are called otherwise.
_OPEN = rb"openxmlformats-officedocument\."
_WORD = re.compile(
    rb"vnd\.(?:ms-word\.(?:document|template)\.macroEnabled(?:Template)?|"
    + _OPEN
    + rb"wordprocessingml\.template)\.main\+xml"
)
_SLIDES = re.compile(
    rb"vnd\.(?:ms-powerpoint\.(?:presentation|slideshow|template)\.macroEnabled|"
    + _OPEN
    + rb"presentationml\.(?:slideshow|template))\.main\+xml"
)
_USUAL = {
    _WORD: b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    _SLIDES: b"vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_RELATION = re.compile(rb"<Relationship\b[^<>]*?(?:/>|>\s*</Relationship>)")
_TARGET = re.compile(rb"""\bTarget\s*=\s*["']([^"']*)""")
_OUTSIDE = re.compile(rb"""\bTargetMode\s*=\s*["']External""")


def opened(package: Package, opener: Callable[[io.BytesIO], T]) -> T:
    """Have a library open the plain parts of a package.

    Raises:
        SourceError: it cannot, as the parts are damaged.
    """
    from lxml.etree import LxmlError

    made = _plain(package)
    try:
        return opener(made)
    except (LxmlError, LookupError, ValueError, TypeError, AttributeError):
        raise SourceError(DAMAGED) from None


def _plain(package: Package) -> io.BytesIO:
    """The package with its XML parts only, as the libraries take it: bounded, and mended.

    What is no XML (pictures, films, fonts, macros) is there without its bytes; a relation to what
    is not there, at which the libraries give up, is gone.

    Raises:
        SourceError: a part is damaged, too large, or declares entities.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in package.infos:
            data = b""
            if name.lower().endswith((".xml", ".rels")):
                data = _transitional(without_entities(package.read(name)))
            if name == "[Content_Types].xml":
                for variant, usual in _USUAL.items():
                    data = variant.sub(usual, data)
            elif name.endswith(".rels"):
                data = _mended(data, name, package)
            archive.writestr(name, data)
    made.seek(0)
    return made


def _transitional(data: bytes) -> bytes:
    if b"http://purl.oclc.org/ooxml/" not in data[:100_000]:
        return data

    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data)


def _mended(data: bytes, name: str, package: Package) -> bytes:
    base = name.rpartition("_rels/")[0]

    def kept(match: re.Match[bytes]) -> bytes:
        target = _TARGET.search(match[0])
        if target is None or _OUTSIDE.search(match[0]):
            return match[0]
        path = joined(base, target[1].decode("utf-8", "replace"))
        return match[0] if package.has(path) or target[1][:1] == b"#" else b""

    return _RELATION.sub(kept, data)


def settle(root: _Element) -> None:
    """Keep one of the alternatives wherever a drawing is given in several ways."""
    for each in list(root.iter(f"{MC}AlternateContent")):
        parent = each.getparent()
        if parent is None:
            continue
        chosen = each.find(f"{MC}Choice")
        if chosen is None or not len(chosen):
            chosen = each.find(f"{MC}Fallback")
        place = parent.index(each)
        for child in list(chosen) if chosen is not None else ():
            parent.insert(place, child)
            place += 1
        parent.remove(each)


def drawings(element: _Element, part: Any) -> Iterator[str]:
    """The texts of charts and diagrams that an element shows, by the relations of its part."""
    for shown in element.iter(f"{C}chart", f"{DGM}relIds"):
        name = shown.get(f"{R}id") or shown.get(f"{R}dm")
        if name is None or name not in part.rels or part.rels[name].is_external:
            continue
        root = parse(part.rels[name].target_part.blob)
        yield from (_chart if shown.tag == f"{C}chart" else _diagram)(root)


def _chart(root: _Element) -> Iterator[str]:
    """A chart's title, and its figures as a table: a line for each category."""
    chart = root.find(f".//{C}chart")
    if chart is None:
        return
    title = chart.find(f"{C}title")
    if title is not None and (text := _letters(title)):
        yield text
    heads, columns = [""], list[dict[int, str]]()
    for series in chart.iter(f"{C}ser"):
        if not columns:
            columns.append(_points(series.find(f"{C}cat"), series.find(f"{C}xVal")))
        name = series.find(f"{C}tx")
        heads.append("" if name is None else " ".join(v.text or "" for v in name.iter(f"{C}v")))
        columns.append(_points(series.find(f"{C}val"), series.find(f"{C}yVal")))
    places = sorted({place for column in columns for place in column})
    if places:
        body = [[column.get(place, "") for column in columns] for place in places]
        yield "\n".join(rows([heads, *body]))


def _points(*kinds: _Element | None) -> dict[int, str]:
    found = next((kind for kind in kinds if kind is not None), None)
    if found is None:
        return {}
    values = {
        int(point.get("idx", "0")): (point.findtext(f"{C}v") or "").strip()
        for point in found.iter(f"{C}pt")
        if (point.get("idx") or "0").isdigit()
    }
    return {place: _short(value) for place, value in values.items()}


def _short(value: str) -> str:
    """A number as a chart would show it, without the last digits of its binary form."""
    try:
        return f"{float(value):.10g}" if "." in value or "E" in value else value
    except ValueError:
        return value


def _diagram(root: _Element) -> Iterator[str]:
    texts = (_letters(point) for point in root.iter(f"{DGM}pt"))
    if items := [f"- {text}" for text in texts if text]:
        yield "\n".join(items)


def _letters(element: _Element) -> str:
    paragraphs = ("".join(t.text or "" for t in p.iter(f"{A}t")) for p in element.iter(f"{A}p"))
    return " ".join(" ".join(paragraphs).split())
