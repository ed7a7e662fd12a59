"""Numbers as lists, notes and pages write them: 4, iv, IV, d, D."""

from __future__ import annotations

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST = 780  # beyond it, letters would be lines long


def counted(number: int, style: str) -> str:
    """A number in a style as Word names them; any other style shows plain digits."""
    style = style.lower()
    if style == "none":
        return ""
    if style == "decimalzero":
        return f"{number:02}"
    if style == "ordinal":
        return _ordinal(number)
    if not 0 < number <= _MOST or style not in _WRITTEN:
        return str(number)
    written = _roman(number) if "roman" in style else _letters(number)
    return written.upper() if style.startswith("upper") else written


_WRITTEN = frozenset({"lowerletter", "upperletter", "lowerroman", "upperroman"})


def _roman(number: int) -> str:
    parts: list[str] = []
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        parts.append(sign * times)
    return "".join(parts)


def _letters(number: int) -> str:
    """a to z, then aa to zz, then aaa."""
    times, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (times + 1)


def _ordinal(number: int) -> str:
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
