"""What can be read of a damaged store is not embedded again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build, status
from index.errors import IndexDamagedError, IndexMissingError, SourceError
from index.migrations import STORE
from index.repair import repair
from index.salvage import ASIDE, SPARE
from index.store import Store
from index.verify import verify
from tests.fakes import HashEmbedder

FILES = 120


@pytest.fixture
def index(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(FILES):
        words = " ".join(f"mark{number}x{place}" for place in range(100))
        (notes / f"{number}.md").write_text(f"Beam {number} bears {words}.", encoding="utf-8")
    list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


def spoil(index: Path, first: float, last: float) -> None:
    """Overwrite the store between these shares of its length."""
    data = bytearray((index / STORE).read_bytes())
    place = slice(int(first * len(data)), int(last * len(data)))
    data[place] = b"?" * len(data[place])
    (index / STORE).write_bytes(data)


def repaired(index: Path) -> int:
    """How many are embedded again until the index is whole."""
    embedder = HashEmbedder()
    list(repair(index, embedder=embedder))
    assert verify(index) == []
    assert status(index).documents == FILES
    assert not (index / ASIDE).exists()
    return len(embedder.embedded)


def test_without_its_first_page_nothing_is_lost(index: Path) -> None:
    with Store(index) as store:
        last = store.passage_ids()[-1]
    spoil(index, 0, 0.002)
    with pytest.raises(IndexDamagedError, match="quoth index repair"):
        Store(index)
    assert repaired(index) == 0
    with Store(index) as store:
        assert store.passage_ids()[0] > last  # a number never means something else


def test_with_a_hole_or_cut_off_most_is_kept(index: Path) -> None:
    spoil(index, 0.5, 0.51)
    assert repaired(index) < FILES / 4
    data = (index / STORE).read_bytes()
    (index / STORE).write_bytes(data[: len(data) * 9 // 10])
    assert repaired(index) < FILES / 2


def test_what_has_changed_since_is_embedded_and_no_more(index: Path, tmp_path: Path) -> None:
    (tmp_path / "notes" / "7.md").write_text("Beam 7 was taken out.", encoding="utf-8")
    spoil(index, 0, 0.002)
    assert repaired(index) == 1


def test_a_vector_that_was_spoilt_is_not_carried_over(index: Path) -> None:
    with Store(index, write=True) as store:
        store.rows("UPDATE states SET states = zeroblob(68) WHERE n = 3")
    spoil(index, 0, 0.002)
    assert repaired(index) == 1


KILLED = """
import os, signal, sys
from index.repair import repair
from tests.fakes import HashEmbedder

for event in repair(sys.argv[1], embedder=HashEmbedder()):
    if event.stage == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("stage", ["salvage", "scan", "read", "write"])
def test_a_repair_that_is_killed_is_gone_on_with(stage: str, index: Path) -> None:
    spoil(index, 0, 0.002)
    done = subprocess.run([sys.executable, "-c", KILLED, str(index), stage], check=False)
    assert done.returncode == -signal.SIGKILL
    with pytest.raises((IndexDamagedError, IndexMissingError)):
        Store(index)
    assert repaired(index) == 0


def test_where_nothing_is_known_of_the_files_they_are_asked_for(index: Path) -> None:
    (index / SPARE).unlink()
    spoil(index, 0, 1)
    with pytest.raises(SourceError, match="quoth index build DOCUMENTS"):
        list(repair(index, embedder=HashEmbedder()))
    list(build([index.parent / "notes"], index, embedder=HashEmbedder()))
    assert verify(index) == []


def test_the_spare_note_is_private_and_says_what_the_index_is_built_of(index: Path) -> None:
    assert (index / SPARE).stat().st_mode & 0o777 == 0o600
    assert json.loads(json.loads((index / SPARE).read_text())["roots"]) == [
        str(index.parent / "notes")
    ]
