"""Whose words a mail holds: its author's own, and those that it quotes or passes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.metadata import iso_date

_WROTE = (
    r"(?:wrote|writes|a écrit|escribió|ha scritto|skrev|schreef|escreveu|napisał(?:\(a\))?|писал)"
)
_ADDRESS = r"(?:\s*[<(\[][^<>()\[\]]{1,200}[>)\]])?"
# "On 3 May 2021 at 09:12, Ada Ash <ada@weir.example> wrote:", in one line or up to three.
_AFTER = re.compile(rf"(?P<name>[^\d,:<>\n]{{1,80}}?){_ADDRESS}\s+{_WROTE}\s?:\s*$", re.IGNORECASE)
_BEFORE = re.compile(rf"\bschrieb(?:en)?\s+(?P<name>[^<>:\n]{{1,80}}?){_ADDRESS}\s?:\s*$")
_OPENS = re.compile(r"\s*(?:On|Am|Le|El|Il|Den|Op|Em|W dniu)\s")
_PASSED_ON = re.compile(
    r"\s*(?:-{2,}\s*(?:Forwarded|Original|Ursprüngliche|Weitergeleitete)\s+(?:message|Nachricht)"
    r"\s*-{2,}|Begin forwarded message:|Anfang der weitergeleiteten (?:Nachricht|E-Mail):)\s*",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*_{10,}\s*")
_LABELS = {
    "from": "from",
    "von": "from",
    "de": "from",
    "da": "from",
    "sent": "date",
    "date": "date",
    "gesendet": "date",
    "datum": "date",
    "envoyé": "date",
    "to": "to",
    "an": "to",
    "à": "to",
    "cc": "to",
    "reply-to": "to",
    "subject": "subject",
    "betreff": "subject",
    "objet": "subject",
    "asunto": "subject",
}
_LABEL = re.compile(r"\s*\*?(?P<label>[\w-]{2,10})\s?:\*?\s*(?P<value>.*)")
_HEADS = 12  # lines over a mail that is passed on
_QUOTED = re.compile(r"[ ]?>")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of somebody else in a mail, without the marks of quoting, and whose they are."""

    text: str
    author: str = ""
    published: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of a mail that are all its author's own, or all not."""

    text: str
    own: bool


def stretches(text: str) -> tuple[list[Stretch], Quoted | None]:
    """A mail's text cut into what is its author's own and what is not; and the latter by itself.

    What is quoted is known by its marks and the line before them that names its author; what is
    passed on, by the heads that programs write over it, and then to the end.
    """
    lines = text.split("\n")
    found: list[Stretch] = []
    quoted: list[str] = []
    told = Quoted("")
    own: list[str] = []
    at = 0
    while at < len(lines):
        if (passed := _passed_on(lines, at)) is not None:
            told = passed if not told.author else told
            found += _stretch(own, own=True) + _stretch(lines[at:], own=False)
            quoted.append(passed.text)
            own = []
            break
        if not _QUOTED.match(lines[at]):
            own.append(lines[at])
            at += 1
            continue
        end = at
        while end < len(lines) and (_QUOTED.match(lines[end]) or _goes_on(lines, end)):
            end += 1
        head = _attribution(own)
        said = "\n".join(own[len(own) - head :]) if head else ""
        told = _attributed(said) if said and not told.author else told
        found += _stretch(own[: len(own) - head], own=True)
        found += _stretch([*own[len(own) - head :], *lines[at:end]], own=False)
        quoted.append("\n".join(_QUOTED.sub("", line, count=1) for line in lines[at:end]))
        own, at = [], end
    found += _stretch(own, own=True)
    words = "\n\n".join(part for part in quoted if part.strip())
    words = "\n".join(line.removeprefix(" ") for line in words.split("\n"))
    return found, Quoted(words, told.author, told.published, told.subject) if words else None


def _stretch(lines: Sequence[str], *, own: bool) -> list[Stretch]:
    text = "\n".join(lines).strip("\n")
    return [Stretch(text, own)] if text.strip() else []


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Whether an empty line stands between two that are quoted."""
    return not lines[at].strip() and at + 1 < len(lines) and bool(_QUOTED.match(lines[at + 1]))


def _attribution(own: Sequence[str]) -> int:
    """How many of the last lines name the author of what is quoted next; empty ones count."""
    empty = 0
    while empty < len(own) and not own[-1 - empty].strip():
        empty += 1
    last = len(own) - empty
    for count in range(1, min(3, last) + 1):
        said = " ".join(line.strip() for line in own[last - count : last])
        if _OPENS.match(said) and _name(said) is not None:
            return count + empty
    return 1 + empty if last and _name(own[last - 1]) is not None else 0


def _name(said: str) -> str | None:
    match = _AFTER.search(said[-400:]) or _BEFORE.search(said[-400:])
    return match["name"].strip(" \"'*") if match else None


def _attributed(said: str) -> Quoted:
    line = " ".join(said.split())
    return Quoted("", _name(line) or "", iso_date(line) or "")


def _passed_on(lines: Sequence[str], at: int) -> Quoted | None:
    """What follows a line if it is the head of a mail that is passed on, or of one replied to."""
    line = lines[at]
    opened = bool(_PASSED_ON.fullmatch(line) or _RULE.fullmatch(line))
    start = at + 1 if opened else at
    while opened and start < len(lines) and not lines[start].strip():
        start += 1
    told: dict[str, str] = {}
    end = start
    while end < min(len(lines), start + _HEADS) and (match := _LABEL.fullmatch(lines[end])):
        if not (label := _LABELS.get(match["label"].lower())):
            break
        told.setdefault(label, match["value"].strip())
        end += 1
    known = {"from", "date"} <= told.keys() or {"from", "subject"} <= told.keys()
    if not ((known and (opened or len(told) >= 3)) or (opened and not _RULE.fullmatch(line))):
        return None
    author = re.sub(r"\s*[<\[(].*", "", told.get("from", "")).strip(" \"'*")
    words = "\n".join(lines[end:]).strip("\n")
    return Quoted(words, author, iso_date(told.get("date", "")) or "", told.get("subject", ""))
