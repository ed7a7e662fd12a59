"""Inputs that were made to do harm, each by its name, within the bounds of any small file."""

from __future__ import annotations

import copy
import io
import json
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from benchmarks.fuzz import MEMORY, SECONDS, Case, case, sample
from benchmarks.samples import WORDS, zipped
from index.sources import READERS, SourceFile, find, read
from index.sources.worker import Worker
from index.types import Document, Skipped

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
UNSEEN = "the secret of the keeper of the kiln"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(SECONDS, MEMORY, short=0) as worker:
        yield worker


def judged(worker: Worker, path: Path) -> Case:
    """What came of a file, which took neither long nor much memory."""
    done = case(worker, path)
    assert done.problems == ()
    assert sum(len(found.text) for found in done.found if isinstance(found, Document)) < 3e7
    return done


def replaced(suffix: str, old: bytes, new: bytes) -> bytes:
    """A whole file of this kind with something else in its members."""
    with zipfile.ZipFile(io.BytesIO(sample(suffix))) as whole:
        return zipped({name: whole.read(name).replace(old, new) for name in whole.namelist()})


def with_entity(suffix: str, declared: str) -> bytes:
    """A file whose words name an entity, which is declared in each of its parts."""
    with zipfile.ZipFile(io.BytesIO(sample(suffix))) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    for name, data in members.items():
        if name.endswith((".xml", ".xhtml", ".opf")) and b"Osby" in data:
            start, _, rest = data.rpartition(b"?>") if data[:5] == b"<?xml" else (b"", b"", data)
            head = start + b"?>" if start else b""
            doctype = f"<!DOCTYPE x [{declared}]>".encode()
            members[name] = head + doctype + rest.replace(b"Osby", b"&bomb;")
    return zipped(members)


def nested_archive(depth: int, copies: int) -> bytes:
    data = zipped({"a.txt": b"a line of words\n" * 60_000})
    for _ in range(depth):
        data = zipped({f"{n}.zip": data for n in range(copies)})
    return data


def overlapping() -> bytes:
    """A thousand names for the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a line of words\n" * 60_000)
        for number in range(1000):
            info = copy.copy(archive.filelist[0])
            info.filename = f"{number}.txt"
            archive.filelist.append(info)
    return file.getvalue()


def lying() -> bytes:
    """A member that says that it has ten bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"a line of words\n" * 600_000)
        archive.filelist[0].file_size = 10
    return file.getvalue()


def nested_mail(depth: int) -> bytes:
    bounds = [f"b{n}" for n in range(depth)]
    opened = "".join(
        f'Content-Type: multipart/mixed; boundary="{bound}"\n\n--{bound}\n' for bound in bounds
    )
    return (
        f"Subject: Osby\nMIME-Version: 1.0\n{opened}Content-Type: text/plain\n\n{WORDS}\n".encode()
    )


def nested_messages(depth: int) -> bytes:
    mail = EmailMessage()
    mail.set_content(WORDS)
    for number in range(depth):
        outer = EmailMessage()
        outer["Subject"] = f"level {number}"
        outer.set_content(WORDS)
        outer.add_attachment(mail)
        mail = outer
    return mail.as_bytes()


def record(**fields: object) -> bytes:
    return json.dumps({"text": WORDS, **fields}).encode()


DEEP = 60_000
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "archives in archives in archives": (".zip", lambda: nested_archive(6, 6)),
    "archives of archives": (".zip", lambda: nested_archive(2, 3)),
    "a zip with one member a thousand times": (".zip", overlapping),
    "a member larger than it says": (".zip", lying),
    "a member a thousand times as large": (".zip", lambda: zipped({"a.txt": bytes(90_000_000)})),
    "more members than anybody has": (
        ".zip",
        lambda: zipped({f"{n}.txt": b"" for n in range(20_000)}),
    ),
    "braces in braces": (".jsonl", lambda: b'{"text": ' + b"[" * DEEP),
    "objects in objects": (".jsonl", lambda: b'{"text": "a", "b": ' + b'{"c":' * DEEP),
    "a number without end": (".jsonl", lambda: b'{"text": "a", "n": ' + b"9" * 200_000 + b"}"),
    "a title of ten megabytes": (".jsonl", lambda: record(title="ash " * 2_500_000)),
    "a hundred thousand authors": (".jsonl", lambda: record(authors=["Ida Holm"] * 100_000)),
    "authors in one string": (".jsonl", lambda: record(authors="a," * 500_000)),
    "styles never closed": (".html", lambda: b"<style>" + b"a/*{" * 100_000),
    "comments never closed": (".md", lambda: b"<div>\n" + b"<!-- " * 12_000),
    "relations never closed": (
        ".docx",
        lambda: replaced(".docx", b"<Relationship ", b"<Relationship " * 20_000),
    ),
    "metadata without end": (
        ".jsonl",
        lambda: record(**{f"key {n}": "v" * 1000 for n in range(10_000)}),
    ),
    "an id of a megabyte": (".jsonl", lambda: record(_id="i" * 1_000_000)),
    "lists in a notebook": (".ipynb", lambda: b'{"cells": ' + b"[" * DEEP),
    "elements in elements": (".html", lambda: b"<div>" * DEEP + WORDS.encode()),
    "tables in tables": (".html", lambda: b"<table><tr><td>" * 20_000 + WORDS.encode()),
    "a page title of ten megabytes": (
        ".html",
        lambda: b"<title>" + b"ash " * 2_500_000 + b"</title><p>" + WORDS.encode(),
    ),
    "attributes without end": (".html", lambda: b"<p " + b"a=b " * 200_000 + b">" + WORDS.encode()),
    "quotations in quotations": (".md", lambda: b">" * DEEP + WORDS.encode()),
    "lists in lists": (".md", lambda: b"- " * DEEP + WORDS.encode()),
    "emphasis never closed": (".md", lambda: b"**a _b " * 12_000),
    "brackets never closed": (".md", lambda: b"[a](" * 12_000),
    "front matter of aliases": (
        ".md",
        lambda: b"---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n" + WORDS.encode(),
    ),
    "groups in groups": (".rtf", lambda: b"{\\rtf1 " + b"{\\b " * DEEP + WORDS.encode()),
    "a picture of nothing": (".rtf", lambda: b"{\\rtf1 {\\pict\\bin999999999 x}" + WORDS.encode()),
    "sections in sections": (
        ".rst",
        lambda: b"".join(b"    " * n + b"* a\n\n" for n in range(400)),
    ),
    "parts in parts": (".eml", lambda: nested_mail(3000)),
    "messages in messages": (".eml", lambda: nested_messages(60)),
    "a header without end": (".eml", lambda: b"Subject: " + b"a\n " * 500_000 + WORDS.encode()),
    "a field of megabytes": (".csv", lambda: b'"' + b"a," * 3_000_000),
    "columns without end": (".csv", lambda: b"a," * 300_000 + b"\n" + b"1," * 300_000),
    "paragraphs in frames": (
        ".odt",
        lambda: replaced(".odt", b"<text:p>", b"<text:section text:name='a'>" * 5000 + b"<text:p>"),
    ),
    "a cell a million times": (
        ".ods",
        lambda: replaced(".ods", b"columns-repeated='2'", b"columns-repeated='99999999'"),
    ),
    "pages that hold themselves": (
        ".pdf",
        lambda: sample(".pdf").replace(b"/Kids [3 0 R 5 0 R]", b"/Kids [2 0 R 2 0 R]"),
    ),
    "a million pages": (".pdf", lambda: sample(".pdf").replace(b"/Count 2", b"/Count 999999999")),
    "a page of arrays": (
        ".pdf",
        lambda: sample(".pdf").replace(b"/MediaBox [0 0 595 842]", b"/MediaBox " + b"[" * DEEP),
    ),
    "laughs in a page": (
        ".html",
        f"<!DOCTYPE html [{LAUGHS}]><p>{WORDS} &l11;".encode,
    ),
    "laughs in a page of XML": (
        ".xhtml",
        f"<?xml version='1.0'?><!DOCTYPE html [{LAUGHS}]><html xmlns='http://www.w3.org/1999/"
        f"xhtml'><body><p>{WORDS} &l11;</p></body></html>".encode,
    ),
    **{
        f"laughs in {suffix}": (
            suffix,
            lambda suffix=suffix: with_entity(suffix, LAUGHS.replace("l11 ", "bomb ")),
        )
        for suffix in (".docx", ".xlsx", ".pptx", ".epub", ".odt", ".ods")
    },
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_grow_without_end_is_bounded(tmp_path: Path, worker: Worker, name: str) -> None:
    suffix, make = BOMBS[name]
    (tmp_path / f"bomb{suffix}").write_bytes(make())
    judged(worker, tmp_path / f"bomb{suffix}")


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx", ".epub", ".odt", ".html", ".xhtml"])
def test_no_document_reads_another_file(tmp_path: Path, worker: Worker, suffix: str) -> None:
    (tmp_path / "secret").write_text(UNSEEN)
    entity = f'<!ENTITY bomb SYSTEM "file://{tmp_path}/secret">'
    if "html" in suffix:
        page = sample(suffix).replace(b"<!DOCTYPE html>", f"<!DOCTYPE x [{entity}]>".encode())
        data = page.replace(b"Osby", b"&bomb;")
    else:
        data = with_entity(suffix, entity)
    (tmp_path / f"a{suffix}").write_bytes(data)
    assert UNSEEN not in str(judged(worker, tmp_path / f"a{suffix}").found)


def test_an_include_includes_nothing(tmp_path: Path, worker: Worker) -> None:
    (tmp_path / "secret.txt").write_text(UNSEEN)
    includes = ".. include:: secret.txt\n\n.. raw:: html\n   :file: secret.txt\n\n"
    tables = f".. csv-table::\n   :file: {tmp_path}/secret.txt\n\n.. literalinclude:: secret.txt\n"
    (tmp_path / "a.rst").write_text(f"Kiln\n====\n\n{WORDS}\n\n{includes}{tables}")
    assert UNSEEN not in str(judged(worker, tmp_path / "a.rst").found)


@pytest.mark.parametrize("suffix", sorted({name: s for s, name in READERS.items()}.values()))
def test_a_huge_file_is_bounded(tmp_path: Path, worker: Worker, suffix: str) -> None:
    with (tmp_path / f"huge{suffix}").open("wb") as file:
        file.write(sample(suffix)[:2000])
        file.truncate(250_000_000)
    judged(worker, tmp_path / f"huge{suffix}")


def test_names_in_archives_lead_nowhere(tmp_path: Path, worker: Worker) -> None:
    names = [
        "../../up.txt",
        "/etc/top.txt",
        "C:\\drive.txt",
        "a\x1b[31m\u202e\n.txt",
        "..\\..\\w.txt",
    ]
    (tmp_path / "a.zip").write_bytes(zipped({name: WORDS.encode() for name in names}))
    with tarfile.open(tmp_path / "b.tar", "w") as tape:
        for name, kind in (
            ("link.txt", tarfile.SYMTYPE),
            ("hard.txt", tarfile.LNKTYPE),
            ("dev.txt", tarfile.CHRTYPE),
            ("pipe.txt", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tape.addfile(info)
    before = sorted(path.name for path in tmp_path.iterdir())
    found = [*judged(worker, tmp_path / "a.zip").found, *judged(worker, tmp_path / "b.tar").found]
    documents = [entry for entry in found if isinstance(entry, Document)]
    assert len(documents) == len(names)
    for document in documents:
        assert document.path.startswith(f"{tmp_path}/a.zip/")
        assert ".." not in document.path.split("/")
        assert (document.path + document.id).isprintable()
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_ids_and_metadata_of_a_line_are_only_words(tmp_path: Path, worker: Worker) -> None:
    names = [
        "../../etc/passwd",
        "/etc/passwd",
        "a\x1b]0;x\x07\nb",
        "\u202egnp",
        "\ud800",
        "[red]x[/]",
    ]
    lines = [json.dumps({"_id": name, "text": WORDS, name: name}) for name in names]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = judged(worker, tmp_path / "a.jsonl").found
    assert len(found) == len(names)
    for document in found:
        assert isinstance(document, Document)
        assert document.id.isprintable()
        assert document.path == str(tmp_path / "a.jsonl")


def test_what_is_said_of_a_document_is_cut_to_a_bearable_length(
    tmp_path: Path, worker: Worker
) -> None:
    said = {"title": "ash " * 2_500_000, "publisher": "p" * 10_000, "published": "d" * 10_000}
    people = [f"Ida Holm {n}" for n in range(100_000)]
    (tmp_path / "a.jsonl").write_bytes(record(**said, authors=people, note="n" * 100_000))
    [document] = judged(worker, tmp_path / "a.jsonl").found
    assert isinstance(document, Document)
    assert document.title.startswith("ash ash")
    assert document.title.endswith("…")
    told = [document.title, document.publisher, document.published, document.metadata["note"]]
    assert max(len(value or "") for value in told) <= 2_000
    assert document.authors[:2] == ("Ida Holm 0", "Ida Holm 1")
    assert document.authors[-1] == "…"
    assert sum(map(len, document.authors)) <= 50_001


def test_what_is_no_file_is_listed_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket may only have a hundred letters
        listening.bind("socket.md")
        os.chdir(here)
        (tmp_path / "loop.txt").symlink_to("loop.txt")
        (tmp_path / "device.txt").symlink_to("/dev/zero")
        (tmp_path / "folder.txt").mkdir()
        (tmp_path / "folder.txt" / "up").symlink_to(tmp_path)
        (tmp_path / "real.txt").write_text(WORDS)
        found = list(find([tmp_path]))
    skipped = {Path(e.path).name: e.reason for e in found if isinstance(e, Skipped)}
    assert skipped["pipe.txt"] == skipped["socket.md"] == "is not a regular file"
    assert [entry.id for entry in found if isinstance(entry, SourceFile)] == ["real.txt"]


def test_a_file_may_vanish_change_or_grow_before_it_is_read(tmp_path: Path) -> None:
    for name in ("gone.txt", "grown.txt", "now-a-folder.txt"):
        (tmp_path / name).write_text(WORDS)
    sources = [entry for entry in find([tmp_path]) if isinstance(entry, SourceFile)]
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "grown.txt").write_text(f"{WORDS}\n\n{WORDS}")
    (tmp_path / "now-a-folder.txt").unlink()
    (tmp_path / "now-a-folder.txt").mkdir()
    gone, grown, folder = (list(read(source)) for source in sources)
    assert [entry.reason for entry in (*gone, *folder) if isinstance(entry, Skipped)] == [
        "cannot be read: No such file or directory",
        "cannot be read: Is a directory",
    ]
    [document] = grown
    assert isinstance(document, Document)
    assert document.text.count("Osby") == 2
