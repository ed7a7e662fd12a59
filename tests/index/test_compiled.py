"""The compiled models: as good as the originals, quick to open, and silent on the network."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.compiled import BLOB, Compilation, CompiledEmbedder, settle
from index.embedding import DEFAULT_MODEL, SentenceEmbedder, open_embedder
from index.reader import CompiledReader
from index.reading import DEFAULT_READER, open_reader
from index.types import BuildReport

pytestmark = pytest.mark.model

TEXTS = [
    "The lighthouse keeper went home on Sunday.",
    "tides",
    "Which of the two bridges was closed to lorries in 1961, and by whom?",
    "Rain fell for nine days, so the harvest was brought in wet and dried in the church. " * 4,
]
# Python runs a module of this name in every process that it starts, children's children too.
WATCH = """
import os, socket
open(os.path.join(os.environ["WATCHED"], str(os.getpid())), "a").close()
def refuse(*_args, **_kwargs):
    open(os.environ["NETWORK_LOG"], "a").close()
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse
"""
OPEN = """
from index.embedding import open_embedder
from index.reading import open_reader
print(open_embedder().fingerprint, open_reader().note)
"""
PREPARED = """
assert not [*open_embedder().prepare(), *open_reader().prepare()]
"""
ASK = """
import sys
from index.embedding import open_embedder
from index.reading import open_reader
open_embedder().encode_query("When does the ferry leave?")
assert len(open_reader().read("When does the ferry leave?", ["It leaves at seven.", ""])) == 2
print(*{name.partition(".")[0] for name in sys.modules})
"""
QUOTH = """
import signal, sys
from qa.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the shell has made of it
sys.exit(main(sys.argv[1:]))
"""
FETCH = """
import subprocess, sys
fetch = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')"
sys.exit(subprocess.run([sys.executable, "-c", fetch]).returncode)
"""


def _room(folder: Path) -> Path:
    """A folder with a cache and a home of its own, and a guard that lets nobody out."""
    for name in ("home", "watched"):
        (folder / name).mkdir()
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    return folder


def _start(program: str, room: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=os.environ
        | {
            "QUOTH_CACHE": str(room / "cache"),
            "HOME": str(room / "home"),
            "NETWORK_LOG": str(room / "network"),
            "WATCHED": str(room / "watched"),
            "PYTHONPATH": os.pathsep.join([str(room), str(Path(__file__).parents[2])]),
            # Ctrl-C may fall into the start of a process, whose end Python then does not see.
            "PYTHONWARNINGS": "error,ignore::ResourceWarning",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait(condition: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where a process has compiled both models."""
    room = _room(tmp_path_factory.mktemp("compiled"))
    opening = _start(OPEN, room)
    said, errors = opening.communicate(timeout=900)
    assert (opening.returncode, errors) == (0, "")
    assert said.startswith(("int8-", "fp32-"))
    assert " compiled to " in said
    return room


@pytest.fixture
def made(room: Path) -> dict[str, Path]:
    """The folders of the compiled models, by what each is of."""
    found = [(Compilation.read(folder), folder) for folder in (room / "cache").iterdir()]
    # The reader gives two numbers for a pair; the model's vectors are longer.
    return {"reader" if c and c.dimension == 2 else "model": folder for c, folder in found}


@pytest.fixture
def compiled(room: Path, monkeypatch: pytest.MonkeyPatch) -> CompiledEmbedder:
    monkeypatch.setenv("QUOTH_CACHE", str(room / "cache"))
    embedder = open_embedder()
    assert isinstance(embedder, CompiledEmbedder)
    return embedder


@pytest.fixture(scope="module")
def original() -> SentenceEmbedder:
    embedder = open_embedder(f"{DEFAULT_MODEL}@torch")
    assert isinstance(embedder, SentenceEmbedder)
    return embedder


def test_compiling_leaves_a_private_folder_each_and_uses_no_network(
    room: Path, made: dict[str, Path]
) -> None:
    assert made.keys() == {"model", "reader"}
    assert len(list((room / "cache").iterdir())) == 2
    for folder in made.values():
        assert not stat.S_IMODE(folder.stat().st_mode) & 0o077
    assert len(list((room / "watched").iterdir())) >= 3  # those that compile are watched, too
    assert not (room / "network").exists()
    assert not list((room / "home").rglob("*telemetry*"))


def test_the_guard_would_have_noticed_a_use_of_the_network(tmp_path: Path) -> None:
    fetching = _start(FETCH, _room(tmp_path))
    _, errors = fetching.communicate(timeout=60)
    assert fetching.returncode == 1
    assert "no network here" in errors
    assert (tmp_path / "network").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopping_while_it_compiles_leaves_nothing(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "note.txt").write_text(TEXTS[0], encoding="utf-8")
    cache, watched = _room(tmp_path) / "cache", tmp_path / "watched"
    index = str(tmp_path / "index")
    building = _start(QUOTH, tmp_path, "index", "build", str(tmp_path), "--index", index)
    _wait(lambda: cache.exists() and list(cache.iterdir()) and len(list(watched.iterdir())) > 1)
    building.send_signal(how)
    said = building.communicate(timeout=60)
    assert (building.returncode, *said) == (130 if how == signal.SIGINT else -how, "", "")
    _wait(lambda: not any(_runs(int(process.name)) for process in watched.iterdir()))
    assert not list(cache.iterdir())


@pytest.mark.parametrize("there", ["nothing", "reader", "model"])
def test_asking_says_in_one_line_that_it_compiles_whichever_is_missing(
    tmp_path: Path, made: dict[str, Path], there: str
) -> None:
    (tmp_path / "note.txt").write_text(TEXTS[0], encoding="utf-8")
    *_, report = build([tmp_path / "note.txt"], tmp_path / "index")
    assert isinstance(report, BuildReport)
    if there in made:
        shutil.copytree(made[there], tmp_path / "cache" / made[there].name)
    asking = _start(QUOTH, _room(tmp_path), "ask", "Who?", "--index", str(tmp_path / "index"))
    assert asking.stderr is not None
    missing = "reader" if there == "model" else "model"
    note = f"quoth: Preparing the {missing} for this machine, once"
    assert asking.stderr.readline().startswith(note)
    asking.send_signal(signal.SIGINT)
    said = asking.communicate(timeout=60)
    assert (asking.returncode, *said) == (130, "", "")


@pytest.mark.parametrize(("what", "opened"), [("model", open_embedder), ("reader", open_reader)])
def test_progress_is_told_while_it_compiles_and_closing_stops_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    opened: Callable[[], CompiledEmbedder | CompiledReader],
) -> None:
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    for name, days in (("old", 31), ("young", 29)):
        folder = tmp_path / "cache" / f"auto-{name.encode().hex():0>32}-01234567"
        folder.mkdir()
        os.utime(folder, (time.time() - days * 86400,) * 2)
    (tmp_path / "cache" / "not-ours").mkdir()
    os.utime(tmp_path / "cache" / "not-ours", (0, 0))
    preparing = opened().prepare()
    events = [next(preparing) for _ in range(3)]
    assert {event.stage for event in events} == {what}
    assert "once; about a minute" in events[0].detail
    assert isinstance(preparing, Generator)
    preparing.close()
    left = {folder.name.partition("-")[0] for folder in (tmp_path / "cache").iterdir()}
    assert left == {"auto", "not"}
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_prepared_model_is_marked_as_used_and_prepared_no_more(
    room: Path, made: dict[str, Path]
) -> None:
    for folder in made.values():
        os.utime(folder, (0, 0))
    process = _start(OPEN + PREPARED, room)
    assert process.communicate(timeout=120)[1] == ""
    for folder in made.values():
        assert time.time() - folder.stat().st_mtime < 3600


def test_of_two_that_are_made_at_once_either_stays_and_a_damaged_one_goes(
    made: dict[str, Path], tmp_path: Path
) -> None:
    first, second, third = (
        Path(shutil.copytree(made["model"], tmp_path / name)) for name in ("1", "2", "3")
    )
    place = tmp_path / "place"
    settle(first, place)
    settle(second, place)
    assert Compilation.read(place)
    (place / BLOB).write_bytes(b"")
    settle(third, place)
    assert Compilation.read(place)


def test_asking_imports_no_torch(room: Path) -> None:
    process = _start(ASK, room)
    said, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    unwanted = {"torch", "transformers", "sentence_transformers", "nncf", "scipy", "sklearn"}
    assert not unwanted & set(said.split())
    assert not (room / "network").exists()


def test_vectors_and_states_stay_close_to_the_originals(
    compiled: CompiledEmbedder, original: SentenceEmbedder
) -> None:
    found, expected = compiled.encode(TEXTS).vectors, original.encode(TEXTS).vectors
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * expected).sum(axis=1).min() > 0.97
    ours, theirs = compiled.encode_query(TEXTS[2]), original.encode_query(TEXTS[2])
    assert ours.pieces == theirs.pieces
    norms = np.linalg.norm(ours.states, axis=1) * np.linalg.norm(theirs.states, axis=1)
    assert ((ours.states * theirs.states).sum(axis=1) / norms).min() > 0.9
    assert compiled.dimension == original.dimension
    assert compiled.max_tokens == original.max_tokens


def test_the_company_of_other_texts_changes_next_to_nothing(compiled: CompiledEmbedder) -> None:
    texts = [f"{text} {number}" for number in range(12) for text in TEXTS]
    together = compiled.encode(texts).vectors
    alone = np.vstack([compiled.encode([text]).vectors for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.999


def test_compiled_and_original_vectors_are_told_apart(
    compiled: CompiledEmbedder, original: SentenceEmbedder
) -> None:
    assert compiled.fingerprint.partition("-")[0] in {"int8", "fp32"}
    assert compiled.fingerprint != original.fingerprint
    assert "compiled to" in compiled.note


def test_a_damaged_model_is_not_used(made: dict[str, Path], tmp_path: Path) -> None:
    assert Compilation.read(made["reader"])
    copy = Path(shutil.copytree(made["reader"], tmp_path / "copy"))
    with (copy / BLOB).open("r+b") as file:
        file.truncate(1_000_000)
    assert Compilation.read(copy) is None
    shutil.rmtree(copy)
    assert Compilation.read(copy) is None


def test_what_cannot_be_compiled_is_embedded_by_the_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, original: SentenceEmbedder
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "file" / "cache"))
    embedder = open_embedder()
    assert isinstance(embedder, CompiledEmbedder)
    assert embedder.note.startswith("not compiled: ")
    assert "directory" in embedder.note
    assert embedder.fingerprint == original.fingerprint
    np.testing.assert_array_equal(embedder.encode(TEXTS).vectors, original.encode(TEXTS).vectors)


def test_what_cannot_be_compiled_is_read_by_the_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "file" / "cache"))
    reader, original = open_reader(), open_reader(f"{DEFAULT_READER}@torch")
    assert reader is not None
    assert original is not None
    assert reader.note.startswith("not compiled: ")
    assert reader.fingerprint == original.fingerprint
    for one, other in zip(
        reader.read(TEXTS[2], TEXTS), original.read(TEXTS[2], TEXTS), strict=True
    ):
        assert (one.relevance, one.holds) == (other.relevance, other.holds)
        np.testing.assert_array_equal(one.starts, other.starts)
