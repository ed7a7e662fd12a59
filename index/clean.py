"""Text as people read it: no invisible characters, no line wrapping, no furniture of web pages.

Cleaning is pure and idempotent, and what it removes is never a sentence of the author: links,
teasers for other pages, buttons, cookie notices. Offsets everywhere are into cleaned text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from itertools import groupby, pairwise

CLEANING = "clean-1"
_ROUNDS = 16

# A sequence holds no escape of its own, so that a forest of unfinished ones stays linear.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000e0000-\U000e0fff]"
)

_URL = r"(?:https?://|www\.)[^\s<>]{1,2000}"
# A link stands after its own text, unless the words before it announce the address itself.
_LINK = re.compile(rf" ?(?<!\S)<{_URL}>(?P<tight>(?=[.,;:!?)\]\s]|$))?")
_ANNOUNCES = re.compile(r"(?:\b(?:at|from|is|in|on|see|to|via|visit)|[:=])\s*$", re.IGNORECASE)
_LINK_MARK = re.compile(r"\[Link\](?: {0,3}\.)?(?: {1,3}\[Link\](?: {0,3}\.)?)*")
_BARE_LINK = re.compile(rf"(?:<{_URL}>|{_URL})")
# Where a link's text stood, the space before it is often lost: "understanding ofNHS <https://...>".
_GLUED = re.compile(
    r"\b(a|an|and|as|at|by|for|from|in|of|on|or|that|the|this|to|with)"
    rf"([A-Z][\w’'-]{{1,60}})(?=\s{{0,3}}<{_URL}>)"
)
_ITEM = re.compile(r"\s*(?:(?:[-*+•‣▪]|\(?\d{1,3}[.)]|\(?[a-z]\))\s+\S|\|)")
_INNER_RUN = re.compile(r"(?<=\S)(?: [ \t]+|\t[ \t]*)(?=\S)")
_ENDS_SENTENCE = re.compile(r"[.!?…:;。！？][\"'’”»)\]]*(?:\[\d+\])?$")

_SITES = r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|instagram|email)"
_BOILERPLATE = re.compile(
    rf"""view\ full\ text|log\ in\ (?:through|via|with)\ your\ .{{2,40}}|for\ online\ subscription
    |intended\ for\ healthcare\ professionals|skip\ to\ (?:main\ )?content|back\ to\ top
    |(?:share|tweet|post|pin)\ (?:this\ )?(?:article\ )?(?:on|to|via)\ {_SITES}
    |(?:accept|manage|reject)\ (?:all\ )?cookies|we\ use\ cookies.{{0,200}}
    |(?:this|our)\ (?:web)?site\ uses\ cookies.{{0,200}}
    |(?:sign\ up|subscribe|register)\ (?:now\ )?(?:to|for)\ (?:our|the|your)\ .{{0,60}}
        newsletters?.{{0,80}}
    |join\ (?:the|our)\ .{{2,80}}(?:network|community|newsletter).{{0,200}}
        (?:read\ more|follow\ us|sign\ up|twitter|facebook).{{0,300}}
    |follow\ (?:us|@\w+)\ on\ {_SITES}.{{0,120}}|article\ continues\ (?:below|after).{{0,40}}
    |(?:©\ ?\d{{4}}.{{0,80}})?all\ rights\ reserved
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Each of these may as well be a heading of a manual: it goes only beside what cannot be one.
_BUTTON = re.compile(
    r"log ?in|sign ?in|register|subscribe|menu|search|share|print|e-?mail|comments?|close|save"
    r"|advertisement|read more|facebook|twitter|linkedin|whatsapp|copy link|cookies",
    re.IGNORECASE,
)
_TEASER = re.compile(r"(?:read|see) more\s*(?:…|\.\.\.|»|>)?", re.IGNORECASE)


def strip_invisible(text: str) -> str:
    """Remove terminal escapes, controls but newline and tab, bidi and zero-width characters.

    Odd spaces become plain ones, line ends become newlines, and the result is NFC.
    """
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text))
    if text.isascii():  # ten times faster, and most texts are
        return _CONTROLS.sub("", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _SPACES.sub(" ", text)))


def links(text: str) -> list[str]:
    """The addresses in a text as it came: cleaning removes them, yet they tell who published it."""
    return [match.group().strip("<>") for match in _BARE_LINK.finditer(text)]


def clean(text: str) -> str:
    """Make a text readable: one paragraph a line, set apart by an empty line where it was.

    Joins hard-wrapped lines and paragraphs cut in the middle of a sentence, removes links that
    stand beside their text, teasers and page furniture. Lists, poems, addresses and code keep
    their lines. What one round uncovers the next one takes; two do for all but nested furniture.
    """
    text = strip_invisible(text)
    for _ in range(_ROUNDS):
        cleaned = _clean_once(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _clean_once(text: str) -> str:
    if "<http" in text or "<www" in text:
        text = _GLUED.sub(r"\1 \2", text)
    text = _LINK_MARK.sub("", text)
    blocks = [part for block in _blocks(text) for part in _without_teasers(block)]
    width = _wrap_width(blocks)
    words = set(re.findall(r"\w+", text)) if width and "-\n" in text else set()
    joined = (_reflow(block, width, words) for block in blocks)
    kept = _mend(_without_boilerplate([block for block in joined if block]))
    return unicodedata.normalize("NFC", "\n\n".join("\n".join(block) for block in kept))


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines between empty ones, without trailing space."""
    for filled, lines in groupby(map(str.rstrip, text.split("\n")), bool):
        if filled:
            yield list(lines)


def _without_teasers(block: list[str]) -> Iterator[list[str]]:
    """Cut out what advertises another page: a headline, "Read more" alone, and its link.

    Lines before "Read more" that end a sentence are the author's own, and stay.
    """
    start = 0
    for place, (line, following) in enumerate(pairwise(block)):
        if _TEASER.fullmatch(line.strip()) and _BARE_LINK.fullmatch(following.strip()):
            headline = block[start:place]
            if len(headline) > 3 or any(map(_ENDS_SENTENCE.search, headline)):
                yield headline
            start = place + 2
    if start < len(block):
        yield block[start:]


def _wrap_width(blocks: list[list[str]]) -> int | None:
    """The column at which lines were wrapped, or None where the line ends are the author's.

    Greedy wrapping leaves no room for the next line's first word; and it cuts running prose in
    the middle of sentences, where the next line begins in lower case.
    """
    pairs = [pair for block in blocks for pair in pairwise(block) if not _ITEM.match(pair[1])]
    lengths = sorted(len(first) for first, _ in pairs if not _BARE_LINK.search(first))
    if not lengths:
        return None
    width = lengths[(len(lengths) - 1) * 9 // 10]
    full = sum(_is_full(first, second, width) for first, second in pairs)
    running = sum(
        second.lstrip()[0].islower() and not _ENDS_SENTENCE.search(first) for first, second in pairs
    )
    wrapped = 45 <= width <= 200 and full >= 0.75 * len(pairs) and running >= 0.4 * len(pairs)
    return width if wrapped else None


def _is_full(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(None, 1)[0]) > width


def _reflow(block: list[str], width: int | None, words: Container[str]) -> list[str]:
    """Join the wrapped lines of a block, drop its links, even out its spaces unless they align."""
    lines = [block[0]]
    for before, line in pairwise(block):
        if width and _is_full(before, line, width) and not _ITEM.match(line):
            lines[-1] = _join(lines[-1], line.strip(), words)
        else:
            lines.append(line)
    lines = [line for line in map(_unlink, lines) if line.strip()]
    runs = [line for line in lines if "  " in line or "\t" in line]
    if runs and (len(lines) < len(block) or sum(map(bool, map(_INNER_RUN.search, runs))) < 2):
        lines = [_INNER_RUN.sub(" ", line) for line in lines]
    return _dedent(lines)


def _join(line: str, following: str, words: Container[str]) -> str:
    """Join two halves of a wrapped line; a hyphen goes if the text has the word without it."""
    if not (following[0].islower() and (broken := re.search(r"\w+-$", line[-60:]))):
        return f"{line} {following}"
    ending = re.match(r"\w+", following)
    whole = broken.group()[:-1] + (ending.group() if ending else "")
    return (line[:-1] if whole in words else line) + following


def _unlink(line: str) -> str:
    def removed(match: re.Match[str]) -> str:
        if _ANNOUNCES.search(line, max(0, match.start() - 12), match.start()):
            return match.group()
        return " " if match["tight"] is None else ""

    return _LINK.sub(removed, line) if "<" in line else line


def _dedent(lines: list[str]) -> list[str]:
    """Move prose and lists to the margin; what may be code or verse keeps its indentation."""
    if any(map(_ITEM.match, lines)) or any(len(line) >= 60 for line in lines):
        margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
        return [line[margin:] for line in lines]
    return lines


def _without_boilerplate(blocks: list[list[str]]) -> list[list[str]]:
    """Drop page furniture; words that may be a heading as well go only beside the certain kind."""
    lines = [(number, line) for number, block in enumerate(blocks) for line in block]
    kept: list[tuple[int, str]] = []
    for furniture, run in groupby(lines, lambda entry: _furniture(entry[1]) > 0):
        stretch = list(run)
        if not (furniture and any(_furniture(line) == 2 for _, line in stretch)):
            kept += stretch
    return [[line for _, line in run] for _, run in groupby(kept, lambda entry: entry[0])]


def _furniture(line: str) -> int:
    """0 for the author's own line, 1 for what may be a button, 2 for certain page furniture."""
    if len(line) > 600:
        return 0
    words = line.strip(" \t*•»>.")
    return 2 if _BOILERPLATE.fullmatch(words) else int(bool(_BUTTON.fullmatch(words)))


def _mend(blocks: Iterable[list[str]]) -> Iterator[list[str]]:
    """Join paragraphs that an empty line cuts in the middle of a sentence."""
    parts: list[str] = []
    for block in blocks:
        line = block[0]
        if len(block) == 1 and parts and _continues(parts[-1], line):
            parts.append(line)
            continue
        if parts:
            yield [" ".join(parts)]
        parts = [line] if len(block) == 1 else []
        if not parts:
            yield block
    if parts:
        yield [" ".join(parts)]


def _continues(line: str, following: str) -> bool:
    return (
        len(line) >= 80
        and len(following) >= 20
        and (line[-1].isalnum() or line[-1] in ",-–—")
        and following[0].islower()
        and not _ITEM.match(following)
    )
