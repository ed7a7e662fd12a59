"""Mails (`.eml`): who wrote what to whom, with quoted words under the name of whose they are.

The words that a mail quotes, or passes on, are shown in it but set apart; they are a document of
their own, by their own author. What is attached is read by the reader of its own format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import BinaryIO

from index.clean import clean
from index.errors import SourceError
from index.metadata import Described
from index.sources.blocks import About, Block, assemble, document
from index.sources.bounds import ADDRESSES, MESSAGE, QUOTES
from index.sources.encodings import decode_page
from index.sources.files import SourceFile, one_line, sha256
from index.sources.parts import inner_path, read_part
from index.sources.replies import Quoted, stretches
from index.types import Document, Skipped

_KINDS = {"message/rfc822": ".eml", "text/html": ".html", "application/pdf": ".pdf"}
_FLOWED = re.compile(r"(?m)(?<=\S) \n(?![>\s]|-- ?$)")
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw|wg|sv|tr)(?:\[\d+\])?:\s*)+", re.IGNORECASE)
_CODED = (UnicodeError, LookupError, ValueError)


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield the mail, what it quotes, and what is attached to it."""
    if source.size > MESSAGE:
        raise SourceError(f"is a mail of more than {MESSAGE:,} bytes; save what is attached to it")
    data = source.path.read_bytes()
    if data.startswith(b"From "):
        from index.sources import mailbox

        yield from mailbox.read(source)
        return
    yield from message(source, data)


def message(
    source: SourceFile, data: bytes, known: frozenset[str] | set[str] = frozenset()
) -> Iterator[Document | Skipped]:
    """The documents of one mail; `known` are the ids of mails whose words need no repeating.

    Raises:
        SourceError: it is no mail, or has neither words nor anything attached.
    """
    mail = message_from_bytes(data, policy=policy.compat32)
    if not any(mail.get(name) for name in ("From", "Date", "Subject", "To")):
        raise SourceError("is no mail: it has neither sender, receiver, date nor subject")
    digest = sha256(data)
    head = _Head.of(mail)
    bodies, attached = _leaves(mail)
    own, quoted = _body(bodies)
    body = assemble([Block(head.subject, 1), Block(head.shown), *own])
    if own or quoted or not attached:
        yield document(
            source, digest, body, head.about(), Described(head.subject or source.path.stem)
        )
    if quoted and not (head.answers & known):
        yield from _quoted(source, digest, head, quoted, QUOTES)
    for number, (name, part) in enumerate(attached, start=1):
        if _readable(name):
            yield from read_part(source, ("mail", str(number)), name, (_bytes(part),))


def _quoted(
    source: SourceFile, digest: str, head: _Head, quoted: Quoted, left: int
) -> Iterator[Document]:
    """What a mail quotes, as a document of its own, and what that quotes in turn."""
    found, inner = stretches(quoted.text)
    blocks = [Block(_words(part.text, own=part.own), apart=not part.own) for part in found]
    part = SourceFile(
        source.path,
        source.root,
        source.size,
        source.mtime_ns,
        f"{source.id}/quoted",
        source.within,
    )
    subject = quoted.subject or _REPLY.sub("", head.subject)
    body = assemble(blocks)
    own = any(stretch.own for stretch in found)
    if own:
        about = About(
            title=f"{subject or source.path.stem} (quoted by {head.author or 'somebody'})",
            authors=(quoted.author,) if quoted.author else (),
            published=quoted.published,
        )
        yield document(part, digest, body, about, Described(about.title))
    if inner and left > 1:
        yield from _quoted(part if own else source, digest, head, inner, left - 1)


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands over a mail."""

    subject: str
    author: str
    published: str
    shown: str
    receivers: str
    id: str
    answers: frozenset[str]

    @classmethod
    def of(cls, mail: Message) -> _Head:
        lines = [
            f"{name}: {value}"
            for name in ("From", "To", "Cc", "Date")
            if (value := _few(header(mail, name)) if name in ("To", "Cc") else header(mail, name))
        ]
        ids = f"{header(mail, 'In-Reply-To')} {header(mail, 'References')}"
        return cls(
            subject=header(mail, "Subject"),
            author=_person(header(mail, "From")),
            published=_day(header(mail, "Date")),
            shown="\n".join(lines),
            receivers=_few(header(mail, "To")),
            id=header(mail, "Message-ID").strip("<> "),
            answers=frozenset(re.findall(r"<([^<>\s]+)>", ids)),
        )

    def about(self) -> About:
        facts = {"to": self.receivers, "message_id": self.id}
        return About(
            title=self.subject,
            authors=(self.author,) if self.author else (),
            published=self.published,
            metadata={name: value for name, value in facts.items() if value},
        )


def header(mail: Message, name: str) -> str:
    """A header as one line, decoded; of several the first."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    text = str(raw)
    if not text.isascii():  # written as it is, which is not allowed and often done
        text = decode_page(text.encode("utf-8", "surrogateescape"))
    try:
        parts = decode_header(text)
    except _CODED:
        return one_line(text)
    return one_line("".join(_decoded(part, charset) for part, charset in parts))


def _decoded(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return decode_page(part, charset or "")
    except SourceError:  # no text by any account
        return part.decode("ascii", "ignore")


def _few(addresses: str) -> str:
    """The first of the receivers, who may be thousands."""
    people = addresses.split(", ")
    rest = len(people) - ADDRESSES
    return ", ".join(people[:ADDRESSES]) + (f" and {rest:,} more" if rest > 0 else "")


def _person(address: str) -> str:
    name, mailbox = getaddresses([address[:1_000]])[0] if address else ("", "")
    return one_line(name) or mailbox or address[:100]


def _day(value: str) -> str:
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _leaves(mail: Message) -> tuple[list[Message], list[tuple[str, Message]]]:
    """The parts that are the body, and those attached, with the names that they go by."""
    bodies: list[Message] = []
    attached: list[tuple[str, Message]] = []
    pending = [mail]
    while pending:
        part = pending.pop(0)
        kind = part.get_content_type()
        if kind == "multipart/alternative":
            pending[:0] = _best(_inside(part))
        elif kind.startswith("multipart/") and _inside(part):
            pending[:0] = _inside(part)
        elif name := _attached(part, kind, first=not bodies):
            attached.append((name, part))
        elif kind in ("text/plain", "text/html"):
            bodies.append(part)
    return bodies, attached


def _inside(part: Message) -> list[Message]:
    """The parts of a part that has some."""
    held = part.get_payload()
    return [each for each in held if isinstance(each, Message)] if isinstance(held, list) else []


def _best(choices: list[Message]) -> list[Message]:
    """Of the same in several formats the plain one, unless it only says that there is another."""
    plain = [part for part in choices if part.get_content_type() == "text/plain"]
    other = [part for part in choices if part.get_content_type() != "text/plain"]
    if not (plain and other):
        return choices
    words = len(_text(plain[0]).split())
    fuller = [part for part in other if len(_html(part).split()) > 3 * words + 10]
    return fuller[:1] or plain[:1]


def _attached(part: Message, kind: str, *, first: bool) -> str:
    """The name that a part is attached under; none where it is the body, or to be passed over."""
    name = one_line(_decoded_name(part)) if part.get("Content-Disposition") or not first else ""
    disposed = str(part.get("Content-Disposition", "")).lower().startswith("attachment")
    if kind == "message/rfc822" and not name.lower().endswith(".eml"):
        subject = next((header(mail, "Subject") for mail in _inside(part)), "")
        name = f"{name or subject or 'attached'}.eml".replace("/", "-")
    elif not name and (disposed or kind not in ("text/plain", "text/html")):
        name = f"attached{_KINDS.get(kind, '')}"
    return inner_path(name) if name else ""


def _decoded_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
        return "".join(_decoded(*piece) for piece in decode_header(name))
    except _CODED:
        return ""


def _readable(name: str) -> bool:
    from index.sources import READERS

    return name[name.rfind(".") :].lower() in READERS


def _bytes(part: Message) -> bytes:
    if inside := _inside(part):
        return inside[0].as_bytes()
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _body(bodies: list[Message]) -> tuple[list[Block], Quoted | None]:
    """The body, its author's own words and those set apart; and the latter by themselves."""
    blocks: list[Block] = []
    quotes: list[Quoted] = []
    for part in bodies:
        text = _html(part) if part.get_content_type() == "text/html" else _text(part)
        found, quoted = stretches(text)
        blocks += [Block(_words(each.text, own=each.own), apart=not each.own) for each in found]
        quotes += [quoted] if quoted else []
    blocks = [block for block in blocks if block.text.strip()]
    return blocks, quotes[0] if quotes else None


def _words(text: str, *, own: bool) -> str:
    return clean(text) if own else text.strip("\n")


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        text = decode_page(data, part.get_content_charset() or "")
    except SourceError:
        return ""
    text = text.replace("\r\n", "\n")
    flowed = str(part.get_param("format", "")).lower() == "flowed"
    return _FLOWED.sub(" ", text) if flowed else text


def _html(part: Message) -> str:
    """An HTML body as a plain one is written: what it quotes after `>`."""
    from index.sources.quoting import plainly

    return plainly(_text(part)) if part.get_content_type() == "text/html" else _text(part)


def part(file: BinaryIO, kind: str, name: str) -> Iterator[bytes]:
    """The bytes of what is attached, by its number from 1.

    Raises:
        KeyError: there is no such thing.
    """
    data = file.read(MESSAGE)
    _, attached = _leaves(message_from_bytes(data, policy=policy.compat32))
    if not (name.isdigit() and 0 < int(name) <= len(attached)):
        raise KeyError(f"{kind} {name}")
    yield _bytes(attached[int(name) - 1][1])
