"""Members of archives are read as files of their own; bombs, tricks and damage are a sentence."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from index.sources import SourceFile, find, locate, read, state
from index.sources.bounds import MEMBERS
from index.types import Document, Skipped

MILL = "The mill at Eel Weir was built in 1801 and burned down twice."
WEIR = "# The weir\n\nThe weir leaks at its northern end, where the otters live."


def zipped(members: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def archive(folder: Path, members: dict[str, str | bytes], name: str = "notes.zip") -> Path:
    path = folder / name
    path.write_bytes(zipped(members))
    return path


def everything(path: Path) -> list[Document | Skipped]:
    found: list[Document | Skipped] = []
    for source in find([path]):
        assert isinstance(source, SourceFile)
        found += read(source)
    return found


def documents(path: Path) -> list[Document]:
    return [found for found in everything(path) if isinstance(found, Document)]


def reasons(path: Path) -> dict[str, str]:
    return {found.path: found.reason for found in everything(path) if isinstance(found, Skipped)}


def test_members_are_documents_that_know_where_they_lie(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a/mill.txt": MILL, "weir.md": WEIR, "picture.png": b"\x89PNG"})
    mill, weir = documents(path)
    assert (mill.id, weir.id) == ("notes.zip/a/mill.txt", "notes.zip/weir.md")
    assert (mill.path, mill.file) == (f"{path}/a/mill.txt", str(path))
    assert (mill.title, mill.text, weir.title) == ("mill", MILL, "The weir")
    assert mill.sha256 == sha256(MILL.encode()).hexdigest()
    assert (state(mill), state(weir)) == ("current", "current")
    assert locate(mill, 0, 8).path == str(path)


def test_each_member_has_a_state_of_its_own(tmp_path: Path) -> None:
    path = archive(tmp_path, {"mill.txt": MILL, "weir.md": WEIR, "gone.txt": "It goes."})
    mill, weir, gone = documents(path)
    archive(tmp_path, {"new.txt": "More.", "weir.md": WEIR + " Still.", "mill.txt": MILL})
    assert [state(each) for each in (mill, weir, gone)] == ["current", "changed", "missing"]
    path.write_bytes(b"no archive")
    assert state(mill) == "missing"


def test_archives_in_archives_and_collections_in_them(tmp_path: Path) -> None:
    line = json.dumps({"_id": "n1", "text": MILL})
    inner = zipped({"deep/weir.md": WEIR, "lines.jsonl": f"\n{line}\n"})
    weir, note = documents(archive(tmp_path, {"inner.zip": inner}))
    assert (weir.id, note.id) == ("notes.zip/inner.zip/deep/weir.md", "n1")
    assert weir.path == f"{tmp_path}/notes.zip/inner.zip/deep/weir.md"
    assert (state(weir), state(note)) == ("current", "current")
    archive(tmp_path, {"inner.zip": zipped({"lines.jsonl": f"\n{line.upper()}\n"})})
    assert (state(weir), state(note)) == ("missing", "changed")


def test_an_archive_too_deep_in_others_is_said(tmp_path: Path) -> None:
    data = zipped({"note.txt": MILL})
    for _ in range(5):
        data = zipped({"in.zip": data, "beside.txt": WEIR})
    (tmp_path / "a.zip").write_bytes(data)
    assert len(documents(tmp_path / "a.zip")) == 4
    assert list(reasons(tmp_path / "a.zip").values()) == [
        "lies more than 4 deep in other files; take it out and add it"
    ]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tape_archives_are_read_as_well(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("notes.tar" if mode == "w" else "notes.tgz")
    with tarfile.open(path, mode) as tape:  # type: ignore[call-overload]
        for name, text in {"a/mill.txt": MILL, "../weir.md": WEIR, "x.bin": "x"}.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tape.addfile(info, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tape.addfile(link)
    mill, weir = documents(path)
    assert (mill.text, weir.id) == (MILL, f"{path.name}/weir.md")
    assert (state(mill), state(weir)) == ("current", "current")


def test_names_that_lead_elsewhere_stay_in_the_archive(tmp_path: Path) -> None:
    names = ["../../up.txt", "/etc/passwd.txt", "C:\\notes\\a.txt", "b\x1b[31m\n.txt", "up.txt"]
    path = archive(tmp_path, dict.fromkeys(names, MILL))
    found = documents(path)
    assert [document.id for document in found] == [
        "notes.zip/up.txt",
        "notes.zip/etc/passwd.txt",
        "notes.zip/notes/a.txt",
        "notes.zip/b\\x1b[31m\\n.txt",
        "notes.zip/up (2).txt",
    ]
    assert {state(document) for document in found} == {"current"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.zip"]


def test_names_in_utf8_that_do_not_say_so_are_shown_right(tmp_path: Path) -> None:
    data = zipped({"Müßig.txt": MILL})
    (tmp_path / "a.zip").write_bytes(data.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00"))
    [document] = documents(tmp_path / "a.zip")
    assert (document.id, state(document)) == ("a.zip/Müßig.txt", "current")


def test_hidden_members_and_what_systems_add_are_passed_over(tmp_path: Path) -> None:
    names = ["__MACOSX/._mill.txt", ".git/a.txt", "a/.b.txt", "mill.txt"]
    found = documents(archive(tmp_path, dict.fromkeys(names, MILL)))
    assert [document.id for document in found] == ["notes.zip/mill.txt"]


def test_what_cannot_be_read_is_listed_one_by_one(tmp_path: Path) -> None:
    path = archive(tmp_path, {"bad.txt": b"\x00\x01\x02", "mill.txt": MILL, "locked.txt": MILL})
    data = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(sign) + offset] |= 1  # the flag of what is encrypted
    path.write_bytes(data)
    assert [document.id for document in documents(path)] == ["notes.zip/mill.txt"]
    told = reasons(path)
    assert told[f"{path}/bad.txt"] == "is binary, not text"
    assert told[f"{path}/locked.txt"].startswith("is encrypted")


def test_bombs_are_told_from_archives(tmp_path: Path) -> None:
    zeros = archive(tmp_path, {"bomb.txt": b"0" * 50_000_000, "mill.txt": MILL})
    assert "200 times its size" in reasons(zeros)[f"{zeros}/bomb.txt"]
    assert len(documents(zeros)) == 1
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as crowd:
        for number in range(MEMBERS + 1):
            crowd.writestr(f"{number}.txt", "")
    (tmp_path / "many.zip").write_bytes(many.getvalue())
    assert "more than 10,000 files" in reasons(tmp_path / "many.zip")[f"{tmp_path}/many.zip"]


@pytest.mark.parametrize("keep", [0, 30, 100, -30])
def test_cut_off_and_damaged_archives_are_a_sentence(tmp_path: Path, keep: int) -> None:
    path = archive(tmp_path, {"mill.txt": MILL * 9, "weir.md": WEIR})
    path.write_bytes(path.read_bytes()[:keep])
    [reason] = reasons(path).values()
    assert "is damaged and cannot be unpacked" in reason or reason == "has no text"


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    path = archive(tmp_path, {"weir.md": WEIR * 20, "mill.txt": MILL})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    assert [document.id for document in documents(path)] == ["notes.zip/mill.txt"]
    assert "is damaged" in reasons(path)[f"{path}/weir.md"]
