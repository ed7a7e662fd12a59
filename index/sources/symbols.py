"""Letters of the fonts Symbol and Wingdings, which files give by their places in those fonts."""

from __future__ import annotations

import re

_FROM = 0x21
_SYMBOL = (
    "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
    + " " * 33
    + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑"
)
_WINGDINGS = {
    0x6C: "•", 0x6E: "▪", 0x6F: "☐", 0x71: "☐", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "☐",
    0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗",
    0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(font: str, place: int) -> str:
    """The letter at a place of a font, 0x20 to 0xff; empty where it means nothing known."""
    place &= 0xFF
    if font.lower().startswith("wingdings"):
        return _WINGDINGS.get(place, "")
    at = place - _FROM
    return _SYMBOL[at].strip() if 0 <= at < len(_SYMBOL) else ""


def readable(text: str, font: str) -> str:
    """A text without the private letters that stand for places in a font of symbols."""
    if text.isascii():
        return text
    return _PRIVATE.sub(lambda match: symbol(font or "Wingdings", ord(match[0])), text)
