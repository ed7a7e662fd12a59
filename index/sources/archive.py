"""Archives (`.zip`, `.tar`, compressed or not): each member a file of its own, read in place."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO, cast

from index.errors import SourceError
from index.sources.bounds import MEMBERS, Budget
from index.sources.files import SourceFile, shown
from index.sources.parts import DAMAGE, bounded, inner_path, passed_over, read_part, within
from index.types import Document, Skipped

_DIRECTORY_ENTRY = 46  # bytes that a member takes in the list at the end of a `.zip` at least
_SYMLINK = 0o120000


def read(source: SourceFile) -> Iterator[Document | Skipped]:
    """Yield the documents of all members that can be read, and those left out with the reason."""
    place = within(source)
    names: dict[str, int] = {}
    any_read = False
    try:
        with source.path.open("rb") as file:
            kind, found = _members(cast("BinaryIO", file), place.budget)
            for name, key, fault, chunks in found:
                path = inner_path(name)
                if passed_over(path) or not _readable(path):
                    continue
                path = _unique(path, names)
                any_read = True
                if fault:
                    yield Skipped(f"{source.shown}/{path}", fault)
                else:
                    yield from read_part(source, (kind, key), path, chunks())
    except (tarfile.TarError, *DAMAGE) as error:
        raise SourceError(f"is damaged and cannot be unpacked: {shown(str(error))}") from None
    if not any_read:
        raise SourceError("holds no file of a kind that can be read")


Member = tuple[str, str, str, Callable[[], Iterator[bytes]]]  # name, key, fault, what gives bytes


def _members(file: BinaryIO, budget: Budget) -> tuple[str, Iterator[Member]]:
    if zipfile.is_zipfile(file):
        _plausible(file)
        return "zip", _zip_members(zipfile.ZipFile(file), budget)
    file.seek(0)
    return "tar", _tar_members(tarfile.open(fileobj=file, mode="r|*"), budget)


def _plausible(file: BinaryIO) -> None:
    """Refuse a list of members that would fill the memory before one is read.

    Raises:
        SourceError: it is too long.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    listed = int.from_bytes(tail[end + 12 : end + 16], "little")
    entries = int.from_bytes(tail[end + 10 : end + 12], "little")
    if entries > MEMBERS or min(listed, size) > MEMBERS * _DIRECTORY_ENTRY * 20:
        raise SourceError(f"has more than {MEMBERS:,} files in it; unpack it and add the folder")


def _zip_members(archive: zipfile.ZipFile, budget: Budget) -> Iterator[Member]:
    with archive:
        latest = {info.filename: info for info in archive.infolist()}
        for info in archive.infolist():
            if info.is_dir() or latest[info.filename] is not info:
                continue
            budget.member()
            fault = ""
            if info.flag_bits & 0x1:
                fault = "is encrypted; unpack it with its password and add what comes out"
            elif info.external_attr >> 16 & 0o170000 == _SYMLINK:
                continue

            def chunks(info: zipfile.ZipInfo = info) -> Iterator[bytes]:
                with archive.open(info) as member:
                    yield from bounded(cast("BinaryIO", member), info.compress_size, budget)

            yield _name(info), info.filename, fault, chunks


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; many programs write UTF-8 without saying so, which is read as CP437."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _tar_members(archive: tarfile.TarFile, budget: Budget) -> Iterator[Member]:
    with archive:
        for info in archive:
            budget.member()
            if not info.isreg():
                continue
            wanted = _readable(info.name)
            if not wanted:
                budget.unpacked(info.size)  # what is passed over is unpacked as well

            def chunks(info: tarfile.TarInfo = info) -> Iterator[bytes]:
                if member := archive.extractfile(info):
                    # Several members are compressed as one, whose own size tells nothing.
                    yield from bounded(cast("BinaryIO", member), info.size, budget)

            yield info.name, info.name, "", chunks


def _readable(name: str) -> bool:
    from index.sources import READERS

    return PurePath(name).suffix.lower() in READERS


def _unique(path: str, names: dict[str, int]) -> str:
    """A path that no other member has been given: "a.md", "a (2).md"."""
    names[path] = number = names.get(path, 0) + 1
    if number == 1:
        return path
    stem, suffix = re.sub(r"\.\w+$", "", path), PurePath(path).suffix
    return _unique(f"{stem} ({number}){suffix}", names)


def part(file: BinaryIO, kind: str, name: str) -> Iterator[bytes]:
    """The bytes of the member that is called `name` in the archive.

    Raises:
        KeyError: there is none.
        SourceError: it is no archive any more, or a bomb.
    """
    try:
        if kind == "zip":
            with zipfile.ZipFile(file) as archive, archive.open(name) as member:
                packed = archive.getinfo(name).compress_size
                yield from bounded(cast("BinaryIO", member), packed, Budget())
            return
        with tarfile.open(fileobj=file, mode="r|*") as tape:
            for info in tape:
                if info.name == name and info.isreg() and (found := tape.extractfile(info)):
                    yield from bounded(cast("BinaryIO", found), info.size, Budget())
                    return
    except (tarfile.TarError, *DAMAGE) as error:
        raise SourceError(str(error)) from error
    raise KeyError(name)
