"""The compiled model: as good as the original, quick to open, and silent on the network."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.compiled import BLOB, Compilation, CompiledEmbedder
from index.embedding import DEFAULT_MODEL, SentenceEmbedder, open_embedder

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
def refuse(*_args, **_kwargs):
    open(os.environ["NETWORK_LOG"], "a").close()
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse
"""
OPEN = """
from index.embedding import open_embedder
embedder = open_embedder()
print(embedder.fingerprint)
"""
ASK = """
import sys
from index.embedding import open_embedder
open_embedder().encode_query("When does the ferry leave?")
print(*{name.partition(".")[0] for name in sys.modules})
"""


def _environment(room: Path) -> dict[str, str]:
    return os.environ | {
        "QUOTH_CACHE": str(room / "cache"),
        "HOME": str(room / "home"),
        "NETWORK_LOG": str(room / "network"),
        "PYTHONPATH": os.pathsep.join([str(room), str(Path(__file__).parents[2])]),
        "PYTHONWARNINGS": "error",
    }


def _start(program: str, room: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=_environment(room),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where two processes have compiled the model at the same time."""
    room = tmp_path_factory.mktemp("compiled")
    (room / "home").mkdir()
    (room / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    running = [_start(OPEN, room), _start(OPEN, room)]
    said = [process.communicate(timeout=900) for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert said[0] == said[1]
    assert said[0][1] == ""
    return room


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


def test_compiling_leaves_one_private_folder_and_uses_no_network(room: Path) -> None:
    (made,) = (room / "cache").iterdir()
    assert not stat.S_IMODE(made.stat().st_mode) & 0o077
    assert not (room / "network").exists()
    assert not list((room / "home").rglob("*telemetry*"))


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


def test_a_damaged_model_is_not_used(room: Path, tmp_path: Path) -> None:
    (made,) = (room / "cache").iterdir()
    assert Compilation.read(made)
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
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
