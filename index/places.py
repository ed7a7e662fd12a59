"""Files and folders that documents may be added from: completing what is typed, and judging it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

from index.sources import READERS
from index.sources.files import shown
from index.types import Place

OFFERED = 200  # completions
COUNTED = 5_000  # files that can be read, in a folder
LOOKED_AT = 50_000  # entries of a folder and those below: a second on a slow disk


def complete(typed: str) -> list[str]:
    """What a path that is being typed may become: folders (ending in a slash) first, then files.

    `~` stays as it was typed. Hidden entries are offered when a dot is typed; files only where
    they are of a kind that can be read.
    """
    typed = typed.lstrip()
    if typed.startswith("~") and "/" not in typed:
        return ["~/"]
    head, slash, begun = typed.rpartition("/")
    try:
        with os.scandir(Path(head + slash).expanduser()) as found:
            entries = [entry for entry in found if _offered(entry, begun)]
    except (OSError, RuntimeError):  # no such folder, or `~` of somebody unknown
        return []
    exact = [entry for entry in entries if entry.name.startswith(begun)]
    names = [(not entry.is_dir(), entry.name) for entry in exact or entries]
    return [f"{head}{slash}{name}{'' if file else '/'}" for file, name in sorted(names)[:OFFERED]]


def _offered(entry: os.DirEntry[str], begun: str) -> bool:
    """Whether an entry goes on from what was begun, in any case; never what cannot be typed."""
    name = entry.name
    return (
        name.casefold().startswith(begun.casefold())
        and (begun.startswith(".") or not name.startswith("."))
        and name == shown(name)
        and (entry.is_dir() or _readable(name))
    )


def examine(typed: str, known: Collection[str] = ()) -> Place:
    """Say what a typed path leads to, or what is wrong with it.

    `known` are the paths of the files that are in the index already.
    """
    try:
        path = _meant(typed)
        if not os.path.lexists(path):
            return Place(str(path), fault=_absent(path))
        return _folder(path, known) if path.is_dir() else _file(path, known)
    except OSError as error:
        why = error.strerror or str(error)
        return Place(typed, fault=f"{shown(typed)} cannot be opened ({why}); choose another.")
    except (RuntimeError, ValueError):
        return Place(typed, fault=f"{shown(typed)} names no place here; type a path such as ~/.")


def _meant(typed: str) -> Path:
    """The path: as it was typed, or as a shell would read it, for that is how files are dropped."""
    path = Path(typed.strip()).expanduser()
    if not os.path.lexists(path):
        try:
            words = shlex.split(typed)
        except ValueError:
            words = []
        if len(words) == 1 and os.path.lexists(unquoted := Path(words[0]).expanduser()):
            path = unquoted
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would lose the user's name


def _absent(path: Path) -> str:
    parent = next(parent for parent in path.parents if parent.exists())
    if not parent.is_dir():
        return f"{shown(parent.name)} is a file, not a folder; leave out what follows it."
    name = path.relative_to(parent).parts[0]
    near = get_close_matches(name, [each for each in os.listdir(parent) if each == shown(each)], 2)  # noqa: PTH208
    offer = f"did you mean {' or '.join(near)}?" if near else "check its name."
    return f"There is no {shown(name)} in {shown(str(parent))}; {offer}"


def _file(path: Path, known: Collection[str]) -> Place:
    if not path.exists():
        fault = "is a link to nothing; choose the file itself."
    elif not _readable(path.name):
        fault = f"is of no kind that can be read; these are: {_kinds()}."
    elif not os.access(path, os.R_OK):
        fault = "may not be read by you; change its permissions, or choose another."
    elif shown(str(path)) in known:
        fault = "is in the index already; a rebuild brings it up to date."
    else:
        return Place(str(path), documents=1)
    return Place(str(path), fault=f"{shown(path.name)} {fault}")


def _folder(path: Path, known: Collection[str]) -> Place:
    os.listdir(path)  # noqa: PTH208 - raises where it may not be read
    documents = new = 0
    for looked, entry in enumerate(_below(path), start=1):
        if _readable(entry.name):
            documents += 1
            new += shown(entry.path) not in known
        if new >= COUNTED or looked >= LOOKED_AT:
            return Place(str(path), folder=True, documents=new, more=True)
    fault = ""
    if not documents:
        fault = f"holds no files of a kind that can be read; these are: {_kinds()}."
    elif not new:
        fault = "is in the index already, with all its files; a rebuild brings them up to date."
    if fault:
        fault = f"{shown(path.name) or path} {fault}"
    return Place(str(path), folder=True, documents=new, fault=fault)


def _below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All files in a folder and those below, but for what is hidden and what links lead to."""
    pending = [str(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as found:
                entries = [entry for entry in found if not entry.name.startswith(".")]
        except OSError:  # a build will list it as left out
            continue
        pending += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield from (entry for entry in entries if not entry.is_dir(follow_symlinks=False))


def _readable(name: str) -> bool:
    return Path(name).suffix.lower() in READERS


def _kinds() -> str:
    return ", ".join(sorted(READERS))
