"""No room, no right to write, somebody else at work, a wrong clock, another version."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.faults import downgrade
from index.build import build, status
from index.errors import IndexVersionError
from index.history import log, undo
from index.lock import locked
from index.migrations import NEWEST, STORE, copies
from index.store import Store
from index.verify import verify
from tests.fakes import HashEmbedder

# The command, with a model that takes no time; and limits that need no special right.
RUN = """
import ctypes, os, resource, signal, sys, time
from index.embedding import EMBEDDERS
from qa.cli import main
from tests.fakes import HashEmbedder

class Slow(HashEmbedder):
    def encode(self, texts):
        time.sleep(float(os.environ.get("SLOW", 0)))
        return super().encode(texts)

EMBEDDERS["hash"] = lambda *_: Slow()
if room := os.environ.get("ROOM"):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
if os.environ.pop("BOUND", "") and not os.geteuid():
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: root may what modes allow
        ctypes.CDLL(None).prctl(24, right)  # PR_CAPBSET_DROP, which the next exec heeds
    os.execv(sys.executable, sys.orig_argv)
sys.exit(main([*sys.argv[1:], "--model", "hash"]))
"""


def start(*arguments: object, **environment: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *map(str, arguments)],
        env=os.environ | {name: str(value) for name, value in environment.items()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def quoth(*arguments: object, **environment: object) -> tuple[int, str, str]:
    with start(*arguments, **environment) as process:
        out, err = process.communicate()
        return process.returncode, out, err


def one_sentence(told: tuple[int, str, str]) -> str:
    """What a command that failed says: one line, and nothing else."""
    code, out, err = told
    assert (code, out, err.count("\n")) == (1, "", 1), told
    assert "unforeseen" not in err
    return err


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(60):
        lines = (f"Buoy {number} rang {line} times in the night of {number}." for line in range(40))
        (folder / f"{number}.md").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def index(notes: Path, tmp_path: Path) -> Path:
    list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


@pytest.mark.parametrize("room", [100, 40_000, 200_000, 500_000])
def test_without_room_a_build_says_so_and_goes_on_once_there_is_some(
    room: int, notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    told = quoth("index", "build", notes, "--index", index, ROOM=room)
    assert "try again" in one_sentence(told) or "build again" in told[2]
    assert not list(index.glob("*.new"))
    assert quoth("index", "build", notes, "--index", index)[0] == 0
    assert verify(index) == []
    assert status(index).documents == 60


def test_without_room_an_update_leaves_the_former_generation(index: Path, notes: Path) -> None:
    for number in range(60):
        (notes / f"{number}.md").write_text(f"Buoy {number} is silent. " * 90, encoding="utf-8")
    one_sentence(quoth("index", "build", notes, "--index", index, ROOM=100_000))
    assert quoth("search", "buoy 7 rang", "-k", "1", "--index", index, ROOM=100)[0] == 0
    assert (status(index).generation, verify(index)) == (1, [])


def test_without_room_for_the_caches_what_was_committed_stays(index: Path, notes: Path) -> None:
    """Once the generation is committed, only the word index is larger than there is room for."""
    for path in notes.iterdir():
        path.write_text(f"Buoy {path.stem} is silent.", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SMALL_WORDS, str(notes), str(index)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"The index in .*word index.*; make room .*\n", done.stderr)
    assert (status(index).generation, verify(index)) == (2, [])
    assert "is silent" in quoth("search", "buoy 7", "-k", "1", "--index", index)[1]


SMALL_WORDS = """
import resource, signal, sys
from index.build import build
from index.errors import IndexingError
from index.lexical import LexicalIndex
from tests.fakes import HashEmbedder

def without_room(self, removed, added, generation, apply=LexicalIndex.apply):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
    apply(self, removed, added, generation)

LexicalIndex.apply = without_room
try:
    list(build([sys.argv[1]], sys.argv[2], embedder=HashEmbedder()))
except IndexingError as error:
    sys.exit(str(error))
"""


def test_where_nothing_can_be_written_it_answers_and_refuses_to_build(
    index: Path, notes: Path
) -> None:
    for path in (index, *index.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    code, out, err = quoth("search", "buoy 7 rang", "-k", "1", "--index", index, BOUND=1)
    assert (code, err) == (0, "")
    assert "Buoy" in out
    told = quoth("index", "build", notes, "--index", index, BOUND=1)
    assert "cannot be written" in one_sentence(told)
    verified = quoth("index", "verify", "--index", index, BOUND=1)
    assert verified == (0, "The index is sound.\n", "")


def test_a_second_builder_waits_a_moment(index: Path, notes: Path) -> None:
    (notes / "0.md").write_text("Buoy 0 was taken in.", encoding="utf-8")
    with locked(index):
        waiting = start("index", "build", notes, "--index", index)
        time.sleep(1.5)
    assert waiting.communicate()[1] == ""
    assert (waiting.returncode, status(index).generation) == (0, 2)


def test_then_it_says_who_is_at_work(index: Path, notes: Path) -> None:
    with locked(index):
        told = quoth("index", "build", notes, "--index", index)
    assert f"is being changed by process {os.getpid()}; wait" in one_sentence(told)


def test_readers_see_one_generation_whole_while_another_process_builds(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    for path in notes.iterdir():
        path.write_text("Buoy of edition 0", encoding="utf-8")
    list(build([notes], index, embedder=HashEmbedder()))

    def texts() -> set[str]:
        told = quoth("search", "buoy edition", "-k", "60", "--json", "--index", index)
        assert (told[0], told[2]) == (0, "")
        hits = json.loads(told[1])["hits"]
        assert len(hits) == 60
        return {hit["passage"]["text"] for hit in hits}

    seen = [texts()]
    for edition in (1, 2):
        for path in notes.iterdir():
            path.write_text(f"Buoy of edition {edition}", encoding="utf-8")
        with start("index", "build", notes, "--index", index, SLOW=0.5) as building:
            seen.append(texts())
            while building.poll() is None:
                seen.append(texts())
            assert building.returncode == 0
    seen.append(texts())
    assert {len(found) for found in seen} == {1}
    assert (seen[0], seen[-1]) == ({"Buoy of edition 0"}, {"Buoy of edition 2"})


def test_a_clock_set_back_hides_no_change(index: Path, notes: Path) -> None:
    past, future = 1_000, 4_000_000_000
    (notes / "0.md").write_text("Buoy 0 was taken in.", encoding="utf-8")
    os.utime(notes / "0.md", (past, past))
    os.utime(notes / "1.md", (future, future))
    with Store(index, write=True) as store:
        store.set_meta("built", "2999-01-01T00:00:00+00:00")
    embedder = HashEmbedder()
    list(build([], index, embedder=embedder))
    assert embedder.embedded == ["Buoy 0 was taken in."]
    assert [found.number for found in log(index)] == [2, 1]
    assert undo(index).built == "2999-01-01T00:00:00+00:00"
    assert verify(index) == []


@pytest.mark.parametrize("write", [False, True])
def test_an_older_index_opens_and_a_copy_of_it_is_kept_until_the_next_generation(
    write: bool, index: Path, notes: Path
) -> None:
    with Store(index) as store:
        before = [document.text for document in store.documents()]
    downgrade(index)
    with Store(index, write=write) as store:
        assert [document.text for document in store.documents()] == before
    assert list(copies(index)) == [1]
    with closing(sqlite3.connect(copies(index)[1])) as older:
        assert older.execute("PRAGMA user_version").fetchone() == (1,)
        assert older.execute("SELECT count(*) FROM documents").fetchone() == (60,)
    assert verify(index) == []
    embedder = HashEmbedder()
    (notes / "0.md").write_text("Buoy 0 was taken in.", encoding="utf-8")
    list(build([], index, embedder=embedder))
    assert embedder.embedded == ["Buoy 0 was taken in."]
    assert copies(index) == {}
    assert [(found.number, found.added) for found in log(index)] == [(2, 0), (1, None)]
    undo(index)
    assert verify(index) == []


def test_an_older_index_that_is_locked_opens_as_a_copy(index: Path) -> None:
    downgrade(index)
    with locked(index), Store(index) as store:
        assert store.count("documents") == 60
    assert copies(index) == {}


def test_a_newer_index_is_refused_and_told_of_the_copy_of_before(index: Path) -> None:
    downgrade(index)
    Store(index, write=True).close()
    with closing(sqlite3.connect(index / STORE)) as newer:
        newer.execute(f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(IndexVersionError, match=r"newer version .*store\.version-1\.sqlite"):
        Store(index)
    copies(index)[1].replace(index / STORE)
    for end in ("-wal", "-shm"):
        (index / f"{STORE}{end}").unlink(missing_ok=True)
    assert status(index).documents == 60
