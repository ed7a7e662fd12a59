"""Walking folders: which files there are, each once, without following links out of a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.sources.files import SourceFile, shown
from index.types import Skipped

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class _Found(NamedTuple):
    """A path as it was reached, and as it is without links. Strings: there may be very many."""

    path: str
    real: str
    folder: bool


def walk(
    named: Sequence[Path], excludes: Sequence[str], suffixes: frozenset[str]
) -> Iterator[SourceFile | Skipped]:
    """Yield the files of those suffixes; others only when named, as skipped."""
    spec = patterns(excludes)
    seen: set[str] = set()
    ids: set[str] = set()
    for name in named:
        top = os.path.abspath(name)  # noqa: PTH100  # resolve() would lose the user's name
        root = Path(top) if os.path.isdir(top) else Path(top).parent  # noqa: PTH112
        cut = len(os.path.join(root, ""))  # noqa: PTH118 - "/" has its slash already
        for found in _below(top, cut, spec):
            if isinstance(found, Skipped):
                yield found
            elif found.path == top or _suffix(found.path) in suffixes:
                if found.real not in seen:
                    yield _source(found.path, root, cut, suffixes, ids)
                seen.add(found.real)


def patterns(excludes: Sequence[str]) -> GitIgnoreSpec | None:
    """What is to be left out, or None where that is nothing."""
    if not excludes:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(excludes)


def _below(top: str, cut: int, spec: GitIgnoreSpec | None) -> Iterator[_Found | Skipped]:
    """Files in order of their names; links come last, so that a file keeps its own name.

    What of a path lies before `cut` is the folder that they may not lead out of.
    """
    inside = Path(os.path.realpath(top[:cut]))
    visited: set[str] = set()
    pending, links = [_reached(top)], list[str]()
    while pending or links:
        found = pending.pop() if pending else _reached(links.pop(0), inside)
        if found is None:
            continue
        relative = found.path[cut:].replace(os.sep, "/")
        if spec and relative and spec.match_file(f"{relative}/" if found.folder else relative):
            continue
        if not found.folder:
            yield found
        elif found.real not in visited:
            visited.add(found.real)
            try:
                with os.scandir(found.path) as listed:
                    entries = _without_trimmings(e for e in listed if e.name[0] != ".")
            except OSError as error:
                yield Skipped(shown(found.path), f"cannot be listed: {error.strerror}")
                continue
            entries.sort(key=lambda entry: entry.name)
            links += [entry.path for entry in entries if entry.is_symlink()]
            pending += [_entry(e, found.real) for e in reversed(entries) if not e.is_symlink()]


def _without_trimmings(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Leave out the folders that browsers save beside a page, with its scripts and frames."""
    found = list(entries)
    pages = [entry.name for entry in found if _suffix(entry.name) in (".html", ".htm")]
    stems = {os.path.splitext(name)[0] for name in pages}  # noqa: PTH122
    beside = {f"{stem}{ending}" for stem in stems for ending in ("_files", ".files")}
    return [entry for entry in found if entry.name not in beside or not entry.is_dir()]


def _reached(path: str, inside: Path | None = None) -> _Found | None:
    """What a path leads to, unless that is not `inside`."""
    real = os.path.realpath(path)
    if inside is not None and not Path(real).is_relative_to(inside):
        return None
    return _Found(path, real, os.path.isdir(path))  # noqa: PTH112


def _entry(entry: os.DirEntry[str], parent: str) -> _Found:
    """An entry of a folder that is no link; `parent` is the folder's path without links."""
    if entry.is_dir(follow_symlinks=False):
        return _Found(entry.path, os.path.realpath(entry.path), folder=True)
    return _Found(entry.path, os.path.join(parent, entry.name), folder=False)  # noqa: PTH118


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122


def _source(
    path: str, root: Path, cut: int, suffixes: frozenset[str], ids: set[str]
) -> SourceFile | Skipped:
    if _suffix(path) not in suffixes:
        kinds = ", ".join(sorted(suffixes))
        return Skipped(shown(path), f"is of no kind that can be read; these are: {kinds}")
    try:
        info = os.stat(path)  # noqa: PTH116
    except OSError as error:
        return Skipped(shown(path), f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(info.st_mode):
        return Skipped(shown(path), "is not a regular file")
    name = shown(path[cut:].replace(os.sep, "/"))
    if name in ids:
        for parent in (root, *root.parents):
            name = f"{shown(parent.name)}/{name}"
            if name not in ids:
                break
    ids.add(name)
    return SourceFile(Path(path), root, info.st_size, info.st_mtime_ns, name)
