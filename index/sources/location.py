"""Where words of a document stand in its file as it is now, which may not be as it was indexed.

Cleaning joins lines and removes markup, and people go on writing; so words are looked for, not
offsets: all of them in a row, from the expected place outwards, or else a few of them in a row.
A file that is no text as it stands, a PDF say, has no lines: it is read anew where it has changed,
and what is told is the page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from pathlib import Path
from typing import Literal

from index.clean import strip_invisible
from index.errors import SourceError
from index.sources.collection import record_of
from index.sources.condition import state
from index.sources.delimited import line_of
from index.sources.encodings import is_binary, text_of
from index.sources.files import SourceFile, Steps, path_of, sha256
from index.sources.parts import opened, steps_of
from index.types import Document, Location

# Files that have bytes, or marks, where an editor would show lines.
_MADE = frozenset(
    (".pdf", ".docx", ".pptx", ".xlsx", ".epub", ".rtf", ".odt", ".odp", ".ods", ".zip")
)
RUN = 5  # words in a row that are enough to know a place by
AROUND = 120  # characters before and after that tell apart what a document says twice
_WINDOW = 64_000
_READ = 1_000_000  # bytes
_ROW = re.compile(r"row ([\d,]+)")  # as rows of tables in text files are called
_WORD = re.compile(r"[^\W_]+")
# What markup adds to a text: addresses of links, tags, and ends of lines in notebooks.
_MARKUP = re.compile(r"\]\([^()\s]{0,2000}\)|<[A-Za-z/!][^<>]{0,2000}>|\\n\x22,?(?=\n)")
_ODD_BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")

Words = Sequence[str]
Held = Literal["whole", "part", "nothing"]


def locate(document: Document, start: int, end: int) -> Location:
    """Find the words of `document.text[start:end]` in the file; none stand wherever they would."""
    path, now = path_of(document), state(document)
    try:
        if now == "missing":
            return Location(str(path), 0, now, "nothing")
        if steps := steps_of(document):
            return _in_part(path, steps, document, start, end)
        if "line_offset" in document.metadata:
            return _in_collection(path, document, start, end)
        if _is_made(path):
            return _on_page(path, document, start, end)
        row = _ROW.fullmatch(document.page_at(start))
        if row and now == "current" and (line := line_of(path, int(row[1].replace(",", "")))):
            return Location(str(path), line, now, "whole", document.pages_at(start, end))
        text = _read(path)
    except OSError:
        return Location(str(path), 0, "missing", "nothing")
    line, held = _stand(text, document.text, start, end)
    return Location(str(path), line, now, held)


def _is_made(path: Path) -> bool:
    """Whether a file is no text that an editor could show."""
    with path.open("rb") as file:
        return path.suffix.lower() in _MADE or is_binary(file.read(_WINDOW))


def _on_page(path: Path, document: Document, start: int, end: int) -> Location:
    """The page in a file that has no lines."""
    held: Held = "whole"
    now, found = state(document), document
    if now == "changed":
        known = document.text[start:end]
        again = _again(path, document)
        if again is None:
            return Location(str(path), 0, now, "nothing")
        found = again
        line, held = _stand(again.text, document.text, start, end)
        exact = again.text.find(known)
        lines = accumulate((len(line) + 1 for line in again.text.split("\n")), initial=0)
        start = exact if exact >= 0 else next(islice(lines, line - 1, None))
        end = start + len(known)
    label = found.page_at(start)
    return Location(str(path), 0, now, held, found.pages_at(start, end), _sheet(path, label))


def _again(path: Path, document: Document) -> Document | None:
    """The document as its file has it now; of several in one file, the one of its name."""
    from index.sources.worker import Worker

    info = path.stat()
    source = SourceFile(path, path.parent, info.st_size, info.st_mtime_ns, path.name)
    with Worker() as worker:
        found = [one for one in worker.read(source) if isinstance(one, Document)]
    named = (one for one in found if document.id.endswith(one.id))
    return found[0] if len(found) == 1 else next(named, None)


def _sheet(path: Path, label: str) -> int:
    """The place in its file, from 1, of a page; 0 where viewers know no pages."""
    if not label or path.suffix.lower() != ".pdf":
        return 0
    from index.sources.pdf import page_labels

    labels = page_labels(path)
    return labels.index(label) + 1 if label in labels else 0


def _stand(text: str, known: str, start: int, end: int) -> tuple[int, Held]:
    """The line of `text` that `known[start:end]` stands in, and how much of it does."""
    expected = len(text) * start // max(1, len(known))
    wanted, before = _words(known[start:end]), _words(known[max(0, start - AROUND) : start])
    around = [*before, *wanted, *_words(known[end : end + AROUND])]
    if not wanted:
        return text.count("\n", 0, expected) + 1, "whole"
    for words, skip in ((around, len(before)), (wanted, 0)):
        if line := _line(text, words, skip, expected):
            return line, "whole"
    for run in _runs(wanted):
        if line := _line(text, run, 0, expected):
            return line, "part"
    likeliest = _likeliest(text, frozenset(wanted), expected)
    return likeliest or text.count("\n", 0, expected) + 1, "nothing"


def _read(path: Path) -> str:
    return text_of(path.read_bytes())


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _runs(words: Words) -> Iterator[Words]:
    """A few words in a row, from the beginning to the end."""
    last = max(0, len(words) - RUN)
    yield from (words[at : at + RUN] for at in dict.fromkeys((*range(0, last, RUN), last)))


def _windows(text: str, reach: int, expected: int) -> Iterator[tuple[int, str]]:
    """Stretches of a text from an offset outwards, each with what `reach` adds of the next."""
    starts = range(0, max(1, len(text)), _WINDOW)
    for first in sorted(starts, key=lambda at: abs(at + _WINDOW // 2 - expected)):
        yield first, _bare(text[first : first + _WINDOW + reach])


def _line(text: str, words: Words, skip: int, expected: int) -> int:
    """The line that the word after the first `skip` stands in, nearest to an offset; 0 if none."""
    longest = max(words, key=len)
    for first, window in _windows(text, 40 * len(words) + 1_000, expected):
        if longest not in window.casefold():
            continue
        if places := _places(window, words, skip):
            nearest = min(places, key=lambda at: abs(first + at - expected))
            return text.count("\n", 0, first) + window.count("\n", 0, nearest) + 1
    return 0


def _likeliest(text: str, words: frozenset[str], expected: int) -> int:
    """The line that holds most of the words, and at least half, as rows of tables do; 0 if none."""
    for first, window in _windows(text, 0, expected):
        held = [len(words.intersection(_words(line))) for line in window.split("\n")]
        if 2 * max(held) >= len(words):
            # The last of those that hold as many: the row of a table, rather than its head.
            return text.count("\n", 0, first) + len(held) - held[::-1].index(max(held))
    return 0


def _bare(window: str) -> str:
    """A stretch of a file without what cleaning removes; its lines stay as many."""
    window = strip_invisible(_ODD_BREAKS.sub(" ", window))
    window = _MARKUP.sub(lambda match: "\n" * match[0].count("\n") + " ", window)
    return html.unescape(window) if "&" in window else window


def _places(window: str, words: Words, skip: int) -> list[int]:
    """Where the word after the first `skip` stands, each time that all stand in a row."""
    found = list(_WORD.finditer(window))
    joined = f" {' '.join(match[0].casefold() for match in found)} "
    wanted = f" {' '.join(words)} "
    places: list[int] = []
    at = joined.find(wanted)
    while at >= 0:
        places.append(found[joined.count(" ", 0, at) + skip].start())
        at = joined.find(wanted, at + 1)
    return places


def _in_part(path: Path, steps: Steps, document: Document, start: int, end: int) -> Location:
    """The line of a mailbox; else the first of the file, for none of it is one of the part's."""
    now, line = state(document), 0 if _is_made(path) else 1
    if steps[0][0] == "mbox" and len(steps) == 1:
        return _in_mailbox(path, steps[0][1], document, start, end)
    if now == "current":
        return Location(str(path), line, now, "whole", document.pages_at(start, end))
    if Path(steps[-1][1]).suffix.lower() in _MADE:
        return replace(_on_page(path, document, start, end), line=line)
    with opened(path, steps) as file:
        text = text_of(file.read())
    return Location(str(path), line, now, _stand(text, document.text, start, end)[1])


def _in_mailbox(path: Path, key: str, document: Document, start: int, end: int) -> Location:
    """The line in a mailbox, wherever the message is by now; its first where it is coded."""
    from index.sources.mailbox import message_of  # what parses mails takes 30 ms to import

    now = state(document)
    with path.open("rb") as file:
        offset, data = message_of(file, key)
        if data is None:
            return Location(str(path), 1, now, "nothing")
        file.seek(0)
        before = sum(
            file.read(min(_READ, offset - at)).count(b"\n") for at in range(0, offset, _READ)
        )
    line, held = _stand(text_of(data), document.text, start, end)
    line = 1 if held == "nothing" else line + 1  # below the line that parts messages
    return Location(str(path), before + line, now, "whole" if now == "current" else held)


def _in_collection(path: Path, document: Document, start: int, end: int) -> Location:
    """The line of a collection: as it was, moved elsewhere, or under the same id."""
    recorded, number = int(document.metadata["line"]), 0
    if state(document) == "current":
        return Location(str(path), recorded, "current", "whole")
    written = [json.dumps(document.id, ensure_ascii=plain).encode() for plain in (True, False)]
    renewed: tuple[int, str] | None = None
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            data = line.rstrip(b"\r\n")
            if sha256(data) == document.sha256:
                return Location(str(path), number, "changed", "whole")
            if any(name in data for name in written) and (text := _text(data, document.id)):
                renewed = number, text
    if renewed is None:
        return Location(str(path), max(1, min(recorded, number)), "changed", "nothing")
    _, held = _stand(renewed[1], document.text, start, end)
    return Location(str(path), renewed[0], "changed", held)


def _text(data: bytes, name: str) -> str:
    """The text of a line of a collection, if it is the document of this id."""
    try:
        record = record_of(data)
    except SourceError:
        return ""
    return str(record["text"]) if str(record.get("_id")) == name else ""
