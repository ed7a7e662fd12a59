"""Values of cells as a spreadsheet shows them: dates, percents, thousands, currencies.

The codes are those of Excel: ECMA-376 part 1, 18.8.31. Names of months and days are English ones;
where a code leaves the order of a date to the reader's country, it is the ISO one.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

Value = str | int | float | bool | date | datetime | time | timedelta | None

GENERAL = "General"
_COUNTRYS_OWN = {14: "yyyy-mm-dd", 22: "yyyy-mm-dd h:mm"}  # built-in codes without an order
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<money>[^\]-]*)[^\]]*\]'
    r"|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]|(?P<general>general)|(?P<half>am/pm|a/p)"
    r"|(?P<clock>y+|m+|d+|h+|s+(?:\.0+)?|e+(?![+-])|g+)|(?P<power>e[+-][0#?]+)"
    r"|(?P<digits>[0#?](?:[0#?,.]*[0#?.,])?|\.[0#?]+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MOST_DIGITS = 30


def code_of(number: int, code: str) -> str:
    """The code to show a cell by, given the number of its format and its code."""
    return _COUNTRYS_OWN.get(number, code or GENERAL)


def shown(value: Value, code: str) -> str:
    """A value by a code, in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, int | float):
        return " ".join(_number(value, code).split())
    return " ".join(_moment(value, code).split())


Tokens = tuple[tuple[str, str], ...]


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[Tokens, ...]:
    """The codes for numbers above, below and at zero, each as kinds and texts."""
    sections: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(code[:1000]):
        kind = match.lastgroup or "nothing"
        text = match[kind] if match.lastgroup else ""
        if kind == "other" and text == ";":
            sections.append([])
        elif kind in ("quoted", "escaped", "money"):
            sections[-1].append(("letters", text))
        elif kind != "nothing":
            sections[-1].append((kind, text))
    return tuple(map(tuple, sections))


def _number(value: float, code: str) -> str:
    sections = _sections(code)
    try:
        exact = Decimal(repr(value))
        exact.as_integer_ratio()
    except (InvalidOperation, ValueError, OverflowError):
        return str(value)
    sign = ""
    place = 0
    if exact < 0 and len(sections) > 1 and sections[1]:
        place, exact = 1, -exact
    elif exact == 0 and len(sections) > 2:
        place = 2
    elif exact < 0:
        sign, exact = "-", -exact
    tokens = sections[place]
    if not any(kind in ("digits", "general", "power") for kind, _ in tokens):
        letters = "".join(text for _, text in tokens)
        return letters if letters.strip() and place else f"{sign}{_general(exact)}"
    made = _filled(exact, tokens)
    rounded_away = sign and not any(c in "123456789" for c in made)
    return made if rounded_away else f"{sign}{made}"


def _general(exact: Decimal) -> str:
    if exact == exact.to_integral_value() and exact < 10**11:
        return str(int(exact))
    return f"{float(exact):.10g}".replace("e", "E")


def _filled(exact: Decimal, tokens: Tokens) -> str:
    exact *= 100 ** sum(text == "%" for kind, text in tokens if kind == "other")
    kinds = [kind for kind, _ in tokens]
    if "general" in kinds:
        return "".join(_general(exact) if kind == "general" else text for kind, text in tokens)
    places = [at for at, kind in enumerate(kinds) if kind == "digits"]
    first, last = places[0], places[-1]
    before = "".join(text for _, text in tokens[:first])
    after = "".join(text for kind, text in tokens[last + 1 :] if kind != "power")
    between = [text for kind, text in tokens[first : last + 1] if kind != "digits"]
    pattern = "".join(text for kind, text in tokens[first : last + 1] if kind == "digits")
    if "power" in kinds:
        decimals = len(pattern.partition(".")[2])
        return f"{before}{float(exact):.{min(decimals, _MOST_DIGITS)}E}{after}"
    if between and "/" in between:
        return f"{before}{_fraction(exact, tokens[last][1])}{after}"
    if any(text.strip() for text in between):
        return before + _spread(exact, tokens[first : last + 1]) + after
    return before + _digits(exact, pattern) + after


def _digits(exact: Decimal, pattern: str) -> str:
    """A number by digits to be shown always (0) or where there are any (#, ?)."""
    whole, _, decimal = pattern.partition(".")
    decimal = decimal.replace(",", "")[:_MOST_DIGITS]
    scaled = sum(len(part) - len(part.rstrip(",")) for part in pattern.split("."))
    exact = exact / (Decimal(1000) ** scaled)
    try:
        exact = exact.quantize(Decimal(1).scaleb(-len(decimal)), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return _general(exact)
    digits = f"{exact:f}"
    left, _, right = digits.partition(".")
    least = len(decimal.rstrip("#?"))  # digits that are shown even if they are zeros
    right = right[:least] + right[least:].rstrip("0")
    left = left.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole.rstrip(","):
        left = f"{int(left or 0):,}".rjust(len(left), "0") if left else left
    return f"{left}.{right}" if right else left or ("0" if "0" in whole else "")


def _fraction(exact: Decimal, pattern: str) -> str:
    most = 10 ** max(1, min(len(pattern), 4)) - 1
    whole = int(exact)
    part = Fraction(exact - whole).limit_denominator(most)
    if part == 1:
        whole, part = whole + 1, Fraction(0)
    shown_part = f"{part.numerator}/{part.denominator}" if part else ""
    return " ".join(filter(None, (str(whole) if whole or not part else "", shown_part)))


def _spread(exact: Decimal, tokens: Tokens) -> str:
    """Digits with letters between them, such as numbers of telephones, from the last one on."""
    digits = str(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
    pattern = [("digit", c) if kind == "digits" else ("", c) for kind, text in tokens for c in text]
    made: list[str] = []
    for at in range(len(pattern) - 1, -1, -1):
        kind, letter = pattern[at]
        if not kind:
            made.append(letter)
        elif letter in "0#?":
            made.append(digits[-1:] or ("0" if letter == "0" else ""))
            digits = digits[:-1]
    return digits + "".join(reversed(made))


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _moment(value: date | datetime | time | timedelta, code: str) -> str:
    tokens = _sections(code)[0]
    kinds = {kind for kind, _ in tokens}
    if not kinds & {"clock", "elapsed"}:
        return str(value)
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        value = datetime(1900, 1, 1) + timedelta(seconds=seconds % 86_400)  # noqa: DTZ001  # a clock
    elif isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        value = datetime.combine(date(1900, 1, 1), value)
    else:
        seconds = 0.0
        if not isinstance(value, datetime):
            value = datetime.combine(value, time())
    parts: list[str] = []
    for at, (kind, text) in enumerate(tokens):
        if kind == "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
            parts.append(f"{int(seconds // unit):0{len(text)}}")
        elif kind == "clock":
            parts.append(_clock(value, tokens, at, half="half" in kinds))
        elif kind == "half":
            parts.append("AM" if value.hour < 12 else "PM")
        elif kind != "digits":
            parts.append(text if text != "@" else "")
    return "".join(parts)


def _clock(value: datetime, tokens: Tokens, at: int, *, half: bool) -> str:
    text = tokens[at][1].lower()
    letter, length = text[0], len(text)
    if letter == "m" and not _minutes(tokens, at):
        name = _MONTHS[value.month - 1]
        return {1: str(value.month), 2: f"{value.month:02}", 3: name[:3], 5: name[0]}.get(
            length, name
        )
    if letter == "d" and length > 2:
        name = _DAYS[value.weekday()]
        return name[:3] if length == 3 else name
    if letter in "yeg":
        return f"{value.year % 100:02}" if length <= 2 and letter == "y" else f"{value.year:04}"
    hour = (value.hour % 12 or 12) if half else value.hour
    number = {"m": value.minute, "d": value.day, "h": hour, "s": value.second}[letter]
    whole = f"{number:02}" if text[:2] in ("mm", "dd", "hh", "ss") else str(number)
    if "." in text:
        return f"{whole}.{f'{value.microsecond:06}'[: length - text.index('.') - 1]}"
    return whole


def _minutes(tokens: Tokens, at: int) -> bool:
    """Whether an m stands for minutes: after hours or before seconds."""
    around = [
        text[0].lower() if kind in ("clock", "elapsed") else ""
        for kind, text in (
            next((t for t in reversed(tokens[:at]) if t[0] in ("clock", "elapsed")), ("", " ")),
            next((t for t in tokens[at + 1 :] if t[0] in ("clock", "elapsed")), ("", " ")),
        )
    ]
    return around[0] == "h" or around[1] == "s"
