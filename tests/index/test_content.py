"""Files whose names mislead are read as what they are."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from index.sources import SourceFile, find, read
from index.types import Document, Skipped
from tests.index.test_mail import mail

PAGE = "<!DOCTYPE html><html><body><p>The weir was built in <b>1801</b>.</p></body></html>"


def found(path: Path, data: bytes) -> Document | Skipped:
    path.write_bytes(data)
    [source] = find([path])
    assert isinstance(source, SourceFile)
    [entry] = read(source)
    return entry


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.pdf", "a.md"])
@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        b"\xef\xbb\xbf\n" + PAGE.encode(),
        b"<!-- saved -->\n" + PAGE.encode(),
        b'<?xml version="1.0"?>\n' + PAGE.encode(),
        PAGE.encode("utf-16"),
    ],
)
def test_a_page_is_a_page_whatever_it_is_called(tmp_path: Path, name: str, data: bytes) -> None:
    document = found(tmp_path / name, data)
    assert isinstance(document, Document)
    assert document.text == "The weir was built in 1801."


def test_a_text_called_a_page_keeps_its_paragraphs(tmp_path: Path) -> None:
    document = found(tmp_path / "a.html", b"The weir.\n\nIt leaks & 1 < 2.")
    assert isinstance(document, Document)
    assert document.text == "The weir.\n\nIt leaks & 1 < 2."


def test_a_text_about_pages_stays_one(tmp_path: Path) -> None:
    document = found(tmp_path / "a.txt", b"Write <html> first.\n")
    assert isinstance(document, Document)
    assert document.text == "Write <html> first."


def test_an_archive_called_a_text_is_an_archive(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("weir.txt", "The weir leaks.")
    document = found(tmp_path / "a.txt", packed.getvalue())
    assert isinstance(document, Document)
    assert document.id == "a.txt/weir.txt"


def test_a_mailbox_called_a_mail_is_one(tmp_path: Path) -> None:
    data = b"From x Mon May  3 09:12:00 2021\n" + mail("Weir", "It leaks.").as_bytes()
    document = found(tmp_path / "a.eml", data)
    assert isinstance(document, Document)
    assert document.id == "a.eml/1"


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.zip"])
def test_old_office_files_are_named(tmp_path: Path, name: str) -> None:
    skipped = found(tmp_path / name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
    assert isinstance(skipped, Skipped)
    assert "of the old kind" in skipped.reason
