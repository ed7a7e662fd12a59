"""The paragraphs of a shape on a slide: bullets with their levels, numbers as they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from index.sources.counting import counted
from index.sources.docx.text import M, math, tidied
from index.sources.ooxml import A

if TYPE_CHECKING:
    from lxml.etree import _Element

_STYLES = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}", "Minus": "{}-"}

Inherited = Callable[[int], "_Element | None"]  # what sets bullets at a level, from 0


def paragraphs(
    frame: Any, *, bulleted: bool, inherited: Inherited = lambda _: None
) -> Iterator[str]:
    """The texts of a frame; items in a row are one text. `bulleted` is what nothing else tells."""
    items: list[str] = []
    counts: dict[int, int] = {}
    own = frame._txBody.find(f"{A}lstStyle")  # noqa: SLF001  # the library gives no bullets
    for paragraph in frame._txBody.findall(f"{A}p"):  # noqa: SLF001
        text = tidied(words(paragraph)).strip()
        if not text:
            continue
        about = paragraph.find(f"{A}pPr")
        level = int((about.get("lvl") if about is not None else None) or 0)
        styled = own.find(f"{A}lvl{level + 1}pPr") if own is not None else None
        marker = _marker((about, styled, inherited(level)), level, counts, bulleted=bulleted)
        if marker:
            lead = f"{'  ' * level}{marker} "
            items.append(lead + text.replace("\n", "\n" + " " * len(lead)))
            continue
        counts.clear()
        if items:
            yield "\n".join(items)
            items.clear()
        yield text
    if items:
        yield "\n".join(items)


def words(paragraph: _Element) -> str:
    """What a paragraph shows; its line breaks stay."""
    parts: list[str] = []
    for child in paragraph.iter():
        if child.tag == f"{A}t":
            parts.append((child.text or "").replace("\n", " "))
        elif child.tag == f"{A}br":
            parts.append("\n")
        elif child.tag == f"{M}oMath":
            parts += math(child)
    return "".join(parts)


def _marker(
    told: tuple[_Element | None, ...], level: int, counts: dict[int, int], *, bulleted: bool
) -> str:
    """What stands before a paragraph: the first that tells of bullets decides."""
    for place in [at for at in counts if at > level]:
        del counts[place]
    for about in told:
        if about is None:
            continue
        if about.find(f"{A}buNone") is not None:
            return ""
        if (numbered := about.find(f"{A}buAutoNum")) is not None:
            start = numbered.get("startAt") or "1"
            first = int(start) if start.isdigit() else 1
            counts[level] = counts[level] + 1 if level in counts else first
            return _number(counts[level], numbered.get("type") or "")
        if about.find(f"{A}buChar") is not None or about.find(f"{A}buBlip") is not None:
            counts.pop(level, None)
            return "-"
    return "-" if bulleted else ""


def _number(number: int, kind: str) -> str:
    for ending, around in _AROUND.items():
        if kind.endswith(ending):
            return around.format(counted(number, _STYLES.get(kind.removesuffix(ending), "")))
    return f"{number}."
