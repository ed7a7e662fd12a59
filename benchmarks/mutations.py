"""What strangers may have done to a file.

All that is drawn comes from the generator that is handed in, so that a case can be made again.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from random import Random

from benchmarks.samples import collection, letter, markdown, page, plain, portable, rich, zipped

# What text may hold, whatever its format: each is cheap to write and dear to read carelessly.
NASTY: tuple[bytes, ...] = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x1b[31m\x1b]0;owned\x07\x1bP1$r\x1b\\",
    "\u202egnp.exe\u2066".encode(),
    b"\\ud800",
    b"\r\r\n\x0b\x0c\x85",
    b"&lol;&#0;&#xD800;&#x1b;",
    b"[/b][red]${HOME}`$(id)`%s%n{0.__class__}",
    b"'; DROP TABLE documents; --",
    b"../../../../etc/passwd",
    b"C:\\Windows\\..\\secret",
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>&a;',
    b"99999999999999999999",
    b"-1",
    b"1e400",
    b"NaN",
    "e\u0301".encode() * 40,
    "\u0300".encode() * 400,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467".encode() * 9,
)
OPENINGS = tuple(
    opening.encode()
    for opening in (
        *'[{(<*_`#|"\\~\t',
        *("> ", "- ", "1. ", "  ", "\n\n", "a\n", "..", "[[a](", "![](", "<b><i>", "<div>", "<!--"),
        *(
            "<table><tr><td>",
            '{"a":',
            "&#",
            "{\\b ",
            "{\\title ",
            "/*",
            "<Relationship ",
            "/Kids [",
            "<<",
            "a@a.",
            "www.a.",
            "<a.b@",
        ),
        *("A B, ", "By A", "A ", "a,", "http://", "\x1b[", "\x1b]", "\u0301"),
    )
)

Mutation = Callable[[Random, bytes], bytes]


def truncated(random: Random, data: bytes) -> bytes:
    """Only the beginning."""
    return data[: random.randrange(len(data) + 1)]


def flipped(random: Random, data: bytes) -> bytes:
    """Some bits turned."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 8, 64)) if data else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def doubled(random: Random, data: bytes) -> bytes:
    """A piece several times over."""
    start, end = _piece(random, data)
    return data[:end] + data[start:end] * random.choice((1, 2, 40)) + data[end:]


def cut(random: Random, data: bytes) -> bytes:
    """Without a piece."""
    start, end = _piece(random, data)
    return data[:start] + data[end:]


def inflated(random: Random, data: bytes) -> bytes:
    """A number, as bytes or as digits, made huge or negative."""
    if random.random() < 0.5 and (digits := [n for n, byte in enumerate(data) if 48 <= byte <= 57]):
        place = random.choice(digits)
        return data[:place] + random.choice((b"9" * 12, b"-1", b"0", b"65536")) + data[place + 1 :]
    place, width = random.randrange(len(data) + 1), random.choice((2, 4, 8))
    return data[:place] + random.choice((b"\xff", b"\x7f", b"\0")) * width + data[place + width :]


def nested(random: Random, data: bytes) -> bytes:
    """Something opened again and again, and never closed."""
    place = random.randrange(len(data) + 1)
    return data[:place] + random.choice(OPENINGS) * random.choice((10, 300, 8000)) + data[place:]


def nasty(random: Random, data: bytes) -> bytes:
    """With what is rarely thought of."""
    for _ in range(random.choice((1, 3, 30))):
        place = random.randrange(len(data) + 1)
        data = data[:place] + random.choice(NASTY) + data[place:]
    return data


def spliced(random: Random, data: bytes) -> bytes:
    """A piece of another format in the middle."""
    other = random.choice([plain, markdown, collection, page, portable, letter, rich])()
    start, end = _piece(random, other)
    place = random.randrange(len(data) + 1)
    return data[:place] + other[start:end] + data[place:]


def shuffled(random: Random, data: bytes) -> bytes:
    """Its lines in another order."""
    lines = data.split(b"\n")
    random.shuffle(lines)
    return b"\n".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    truncated, flipped, doubled, cut, inflated, nested, nasty, spliced, shuffled,
)  # fmt: skip


def _piece(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 4, 30, 400)))


def mutated(random: Random, data: bytes) -> bytes:
    """One to three things done to a file, or to members of it where it is a `.zip`."""
    if zipfile.is_zipfile(io.BytesIO(data)) and random.random() < 0.75:
        return _members_mutated(random, data)
    for _ in range(random.choice((1, 1, 2, 3))):
        data = random.choice(MUTATIONS)(random, data)
    return data


def _members_mutated(random: Random, data: bytes) -> bytes:
    """The archive with some members changed, lost, or called otherwise; it is whole itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            members = {name: whole.read(name) for name in whole.namelist()}
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return flipped(random, data)  # it was tampered with already, deeper in
    for _ in range(random.choice((1, 1, 2, 4))):
        name = random.choice(sorted(members))
        act = random.random()
        if act < 0.8:
            members[name] = mutated(random, members[name])
        elif act < 0.9 and len(members) > 1:
            del members[name]
        else:
            odd = random.choice(("../../x/", "/", "C:\\", "a\x1b[1m/", "\u202e", "n" * 300 + "/"))
            members[odd + name] = members.pop(name)
    return zipped(members)
