"""What a text says of itself: its title, authors, date and publisher, where nothing else does.

A title is never taken from running text unseen: where no line is one, the title is the file's
name or, if that names nothing, the first words followed by "…".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from urllib.parse import urlsplit

from index.chunking import BODY_START
from index.types import Heading

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<number>\d{1,2})(?:-(?P<day>\d{1,2}))?(?!\d)",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
        rf"\b{_MONTH},?\s+(?P<year>\d{{4}})\b",
        r"^\s*(?P<year>(?:1[5-9]|20)\d{2})\s*$",
    )
]
_PUBLISHERS = {
    "bmj": "The BMJ",
    "bmj careers": "BMJ Careers",
    "guardian": "The Guardian",
    "lancet": "The Lancet",
    "times": "The Times",
    "independent": "The Independent",
    "telegraph": "The Telegraph",
    "economist": "The Economist",
    "new york times": "The New York Times",
    "washington post": "The Washington Post",
    "financial times": "Financial Times",
    "health service journal": "Health Service Journal",
    "nature": "Nature",
    "bbc news": "BBC News",
    "reuters": "Reuters",
    "associated press": "Associated Press",
}
_SITES = {
    "theguardian.com": "The Guardian",
    "bmj.com": "The BMJ",
    "thelancet.com": "The Lancet",
    "nytimes.com": "The New York Times",
    "washingtonpost.com": "The Washington Post",
    "bbc.co.uk": "BBC",
    "bbc.com": "BBC",
    "cnn.com": "CNN",
    "reuters.com": "Reuters",
    "nature.com": "Nature",
    "hsj.co.uk": "Health Service Journal",
}
_NAME = r"[A-Z][\w’'.-]*(?: (?:(?:van|von|de|der|del|di|la|le|bin|al) )*[A-Z][\w’'.-]*){1,3}"
_LABEL = re.compile(
    r"(?P<label>authors?|(?:written )?by|publication date|published(?: on| online)?|date|posted"
    r"|(?:last )?updated|source|publisher|journal|doi|url|keywords|tags|category|cite this as"
    r"|correspondence(?: to)?|e-?mail)\s*:\s*(?P<value>\S.*)",
    re.IGNORECASE,
)
_BYLINE = re.compile(rf"(?:By|by|BY) (?P<names>{_NAME}(?:(?:, | and |, and ){_NAME})*)(?:, .*)?")
_ITEM = re.compile(rf"\s*\d{{1,2}}\.\s*(?:(?P<name>{_NAME}), [a-z].*|\d.*|\S+(?:@|\{{at\}})\S*)")
_CITATION = re.compile(r"(?P<journal>[A-Z][\w .&]{1,40}?) \d{4}\s?;\s?\d+.*")
_KICKER = re.compile(
    r"(?:Feature|News|Editorial|Analysis|Opinion|Comment|Review|Research|Letters?|Essay|Interview"
    r"|Obituary|Personal view|Observations)(?: [A-Z][\w ]{0,60})?"
)
_ROLES = (
    r"(?:chief executive|executive|director|professor|editor|journalist|writer|columnist|reporter"
    r"|correspondent|author|fellow|lecturer|researcher|consultant|analyst|president|chair)"
)
_SIGNED = [
    re.compile(rf"(?P<name>{_NAME}) is (?:an? |the )?(?:[\w-]+ ){{0,4}}?{_ROLES}\b.{{0,160}}"),
    re.compile(rf".{{20,400}}, (?:writes|says|argues|reports) (?P<name>{_NAME})\.?"),
    re.compile(rf".{{20,400}}\bas (?P<name>{_NAME}) (?:reports|explains|writes)\b.{{0,200}}"),
]
_PROSE_END = re.compile(r"[.!?…][\"'’”»)\]]*(?:\[\d+\])?$")
_TITLE_WORDS = 20
_HEADING_WORDS = 8


@dataclass(frozen=True, slots=True)
class Described:
    """What was found. `published` is an ISO date; `title_span` is None where no line is a title.

    The text before `body_start` only names title, authors, date and the like.
    """

    title: str
    authors: tuple[str, ...] = ()
    published: str | None = None
    publisher: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    body_start: int = 0
    title_span: tuple[int, int] | None = None


@dataclass(slots=True)
class _Found:
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    publisher: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def describe(text: str, filename: str, links: Iterable[str] = ()) -> Described:
    """Describe a cleaned text from its first and last lines, its file's name and its links."""
    found = _Found()
    lines = list(_lines(text))
    title_span, body_start = _header(lines[:40], found)
    body = [line for line in lines if line[0] >= body_start]
    for _, line in [*body[:1], *body[-6:]]:
        _signature(line, found)
    if title_span:
        title = text[slice(*title_span)].strip()
    else:
        title = _title_without_line(body[0][1] if body else "", filename)
    if body_start:
        found.metadata[BODY_START] = str(body_start)
    publisher = found.publisher or publisher_of(links, least=3)
    authors = tuple(dict.fromkeys(found.authors))
    return Described(
        title, authors, found.published, publisher, found.metadata, body_start, title_span
    )


def headings(text: str, described: Described) -> tuple[Heading, ...]:
    """The title and the lines that stand as headings over prose in a plain text.

    A line whose words stand nearby in the prose as well is a pull quote, not a heading.
    """
    lines = list(_lines(text))
    marks = [Heading(*described.title_span, level=1)] if described.title_span else []
    for (_, before), (start, line), (_, after) in zip(lines, lines[1:], lines[2:], strict=False):
        if start < described.body_start or not (_is_prose(before) and _is_prose(after)):
            continue
        end = start + len(line)
        alone = text[start - 2 : start] == "\n\n" and text[end : end + 2] == "\n\n"
        if alone and _is_heading(line) and not _stands_near(text, line, start):
            marks.append(Heading(start, end, level=2))
    return tuple(marks)


def _stands_near(text: str, line: str, start: int) -> bool:
    """Whether a line that begins at `start` stands nearby a second time."""
    end = start + len(line)
    before = text.find(line, max(0, start - 20_000), start)
    return before >= 0 or text.find(line, end, start + 20_000) >= 0


def iso_date(value: str) -> str | None:
    """The first date in a line as ISO (a year, a month or a day), or None."""
    for pattern in _DATES:
        if match := pattern.search(value):
            parts = match.groupdict()
            name = (parts.get("month") or "")[:3].lower()
            month = _MONTHS.index(name) + 1 if name else int(parts.get("number") or 0)
            day = int(parts.get("day") or 0)
            try:
                date(int(parts["year"]), month or 1, day or 1)
            except ValueError:
                return None
            shown = f"{month:02}-{day:02}" if day else f"{month:02}"
            return f"{parts['year']}-{shown}" if month else parts["year"]
    return None


def publisher_of(links: Iterable[str], least: int = 1) -> str | None:
    """The publisher whose site at least half of the links, and at least `least`, lead to."""
    known: dict[str, int] = {}
    total = 0
    for link in links:
        total += 1
        try:
            host = urlsplit(link).hostname or ""
        except ValueError:
            continue
        for site, name in _SITES.items():
            if host == site or host.endswith(f".{site}"):
                known[name] = known.get(name, 0) + 1
    best = max(known, key=known.__getitem__, default=None)
    return best if best and known[best] >= max(least, total / 2) else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their offsets."""
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, line
        start += len(line) + 1


def _is_prose(line: str) -> bool:
    words = len(line.split(maxsplit=_TITLE_WORDS + 1))
    return words > _TITLE_WORDS or (words >= 5 and bool(_PROSE_END.search(line.strip()[-12:])))


def _is_heading(line: str) -> bool:
    return (
        len(line) <= 70
        and len(line.split()) <= _HEADING_WORDS
        and (line[0].isupper() or line[0].isdigit())
        and (line[-1].isalnum() or line[-1] in ")?")
        and not re.search(r"[<>{}=|\\]|https?:", line)
    )


def _header(lines: list[tuple[int, str]], found: _Found) -> tuple[tuple[int, int] | None, int]:
    """Take in the lines over the first prose: the title's span, and where the body starts."""
    title: tuple[int, int] | None = None
    kicker: tuple[int, int] | None = None
    previous_told = False
    for place, (start, line) in enumerate(lines):
        following = lines[place + 1][1] if place + 1 < len(lines) else ""
        span = (start, start + len(line))
        if _is_prose(line) and not _told(line, _Found()):
            return title or kicker, start if title or kicker or previous_told else 0
        if _told(line, found):
            previous_told = True
        elif title and _is_byline(line, previous_told or _told(following, _Found())):
            found.authors.append(line.strip())
            previous_told = True
        elif kicker is None and title is None and _KICKER.fullmatch(line):
            kicker = span
        elif title is None and _may_be_title(line):
            title = span
        else:
            break
    return (title, title[1]) if title and len(lines) > 1 else (None, 0)


def _may_be_title(line: str) -> bool:
    return not _is_prose(line) and line[0] not in " \t-*•|" and not line.endswith((":", ",", ";"))


def _is_byline(line: str, beside_metadata: bool) -> bool:
    return beside_metadata and bool(re.fullmatch(_NAME, line.strip()))


def _told(line: str, found: _Found) -> bool:
    """Take in a line that only tells of the document; False for any other line."""
    line = line.strip()
    if len(line) > 300:
        return False
    if label := _LABEL.fullmatch(line):
        _labelled(label["label"].lower(), label["value"].strip(), found)
    elif byline := _BYLINE.fullmatch(line):
        found.authors += re.split(r", and | and |, ", byline["names"])
    elif item := _ITEM.fullmatch(line):
        found.authors += [item["name"]] if item["name"] else []
    elif citation := _CITATION.fullmatch(line):
        found.publisher = found.publisher or _publisher(citation["journal"])
        found.published = found.published or iso_date(line)
        found.metadata.setdefault("citation", line)
    elif name := _PUBLISHERS.get(_key(line)):
        found.publisher = found.publisher or name
    elif len(line.split()) <= 6 and (day := iso_date(line)):
        found.published = found.published or day
    else:
        return False
    return True


def _labelled(label: str, value: str, found: _Found) -> None:
    if label.startswith("author") or label in ("by", "written by"):
        found.authors += [name.strip() for name in re.split(r";|,| and ", value) if name.strip()]
    elif label in ("source", "publisher", "journal"):
        found.publisher = found.publisher or _publisher(value)
    elif (day := iso_date(value)) and "updated" not in label:
        found.published = found.published or day
    else:
        found.metadata.setdefault(label, value)


def _key(name: str) -> str:
    return name.strip().lower().removeprefix("the ")


def _publisher(name: str) -> str:
    return _PUBLISHERS.get(_key(name), name.strip())


def _signature(line: str, found: _Found) -> None:
    """Take in what the first or the last lines of the body say of the author."""
    line = line.strip()
    if len(line) > 600:
        return
    if re.match(r"cite this as\b", line, re.IGNORECASE):
        found.metadata.setdefault("citation", line)
    for name in _PUBLISHERS.values():
        if line.endswith(f" {name}") and re.fullmatch(_NAME, line.removesuffix(f" {name}")):
            found.authors = found.authors or [line.removesuffix(f" {name}")]
            found.publisher = found.publisher or name
    for pattern in _SIGNED:
        if not found.authors and (match := pattern.fullmatch(line)):
            found.authors.append(match["name"])


def _title_without_line(first: str, filename: str) -> str:
    """The file's name if people gave it, else the first words."""
    stem = re.sub(r"[\s_-]+", " ", PurePath(filename).stem).strip()
    words = re.findall(r"[^\W\d_]{3,}", stem)
    coded = re.search(r"(?=\w*\d)(?=\w*[a-f])[0-9a-f]{8,}", stem) or not words
    if (stem and not coded) or not first.strip():
        return stem or filename
    sentence = re.split(r"(?<=[.!?])\s", first.strip()[:400])[0]
    short = sentence[:80].rsplit(" ", 1)[0] if len(sentence) > 80 else sentence.rstrip(".")
    return f"{short.rstrip(' ,;:')}…"
