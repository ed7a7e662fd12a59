"""Undo: back to the former generation and forth again, whatever happens in between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build, rebuild, status
from index.caches import LEXICAL_FOLDER, VECTORS_FILE, open_caches
from index.errors import IndexingError, IndexLockedError, IndexMissingError
from index.generations import FORMER, undo
from index.lock import locked
from index.search import Searcher
from index.store import Store
from index.verify import verify
from tests.fakes import HashEmbedder

FIRST = "Eiders line their nests with down."
SECOND = "Eiders dive for mussels in winter."


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index whose file has changed and which was then rebuilt: generations 1 and 2."""
    write(tmp_path, "eider.md", FIRST)
    write(tmp_path, "otter.md", "Otters sleep holding hands.")
    list(build([tmp_path / "notes"], tmp_path / "index", embedder=HashEmbedder()))
    write(tmp_path, "eider.md", SECOND)
    list(rebuild(tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "notes" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def eider(directory: Path) -> str:
    """What the index says of eiders, each passage being found by its own words and vector."""
    with Store(directory) as store:
        vectors, lexical = open_caches(directory, store)
        passages = store.passages(store.passage_ids())
        assert sorted(vectors.ids()) == sorted(lexical.ids()) == [p.id for p in passages]
        for passage in passages:
            assert lexical.search(passage.text, 1)[0][0] == passage.id
            query = HashEmbedder().encode_query(passage.text).vector[None]
            assert vectors.search(query, 1)[1][0, 0] == passage.id
        return next(passage.text for passage in passages if "Eiders" in passage.text)


def kept(directory: Path) -> list[str]:
    return sorted(path.name for path in (directory / FORMER).glob("*"))


def test_undo_goes_back_and_undoing_again_returns(index: Path) -> None:
    for text, generation in ((FIRST, 3), (SECOND, 4), (FIRST, 5)):
        assert undo(index).generation == status(index).generation == generation
        assert eider(index) == text
        assert verify(index) == []
        assert kept(index) == [str(generation - 1)]


def test_what_is_gone_back_to_is_brought_up_to_date_as_ever(index: Path) -> None:
    undo(index)
    embedder = HashEmbedder()
    list(build([], index, embedder=embedder))
    assert embedder.embedded == []
    assert (eider(index), status(index).generation) == (SECOND, 4)
    assert verify(index) == []


def test_an_open_reader_sees_each_generation(index: Path) -> None:
    with Searcher.open(index, HashEmbedder()) as searcher:
        for text in (SECOND, FIRST, SECOND):
            assert [hit.passage.text for hit in searcher.search("eiders", 1)] == [text]
            undo(index)


def test_a_reader_within_a_generation_keeps_it_to_the_end(index: Path) -> None:
    with Store(index) as store:
        with store.snapshot() as generation:
            undo(index)
            texts = [passage.text for passage in store.passages(store.passage_ids())]
            assert (generation, SECOND in texts) == (2, True)
        texts = [passage.text for passage in store.passages(store.passage_ids())]
        assert (store.generation, FIRST in texts) == (3, True)


def test_without_a_former_generation_a_sentence_says_what_keeps_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        undo(tmp_path / "index")
    assert not (tmp_path / "index").exists()
    write(tmp_path, "eider.md", FIRST)
    list(build([tmp_path / "notes"], tmp_path / "index", embedder=HashEmbedder()))
    write(tmp_path, "eider.md", SECOND)
    list(build([], tmp_path / "index", embedder=HashEmbedder()))
    with pytest.raises(IndexingError, match=r"no former generation .*`quoth index rebuild`\.$"):
        undo(tmp_path / "index")
    assert eider(tmp_path / "index") == SECOND


def test_a_build_with_another_model_can_be_undone(index: Path) -> None:
    list(build([], index, embedder=HashEmbedder("other", 16)))
    assert status(index).model == "other"
    assert undo(index).model == "hash"
    assert eider(index) == SECOND
    assert verify(index) == []


def test_only_one_process_changes_an_index(index: Path) -> None:
    with locked(index), pytest.raises(IndexLockedError):
        undo(index)
    assert (status(index).generation, eider(index)) == (2, SECOND)


def test_the_number_of_a_passage_is_never_given_again(index: Path, tmp_path: Path) -> None:
    """Caches left by a process that was killed may be of a generation that was undone."""
    shutil.copy(index / VECTORS_FILE, tmp_path)
    shutil.copytree(index / LEXICAL_FOLDER, tmp_path / LEXICAL_FOLDER)
    undo(index)
    for name in ("teal", "wigeon", "garganey"):
        write(tmp_path, f"{name}.md", f"The {name} dabbles near the shore.")
    list(build([], index, embedder=HashEmbedder()))
    shutil.copy(tmp_path / VECTORS_FILE, index)
    shutil.rmtree(index / LEXICAL_FOLDER)
    shutil.copytree(tmp_path / LEXICAL_FOLDER, index / LEXICAL_FOLDER)
    assert eider(index) == SECOND
    assert verify(index) == []


# Undoes in copies of an index, killed before every third thing it does to a file there.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from index.generations import undo

def kill_at(step, folder):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        seen += bool(arguments) and folder in str(arguments[0])
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

index = Path(sys.argv[1])
for step in range(1, 500, 3):
    copy = index.with_name(f"copy-{step}")
    shutil.copytree(index, copy)
    child = os.fork()
    if not child:
        kill_at(step, str(copy))
        undo(copy)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(step)
        break
"""


def test_killed_at_any_step_one_whole_generation_is_left(index: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(index)], capture_output=True, text=True, check=True
    )
    steps = int(done.stdout)
    assert steps > 30
    seen = set()
    for step in range(1, steps, 3):
        copy = index.with_name(f"copy-{step}")
        generation = status(copy).generation
        seen.add(generation)
        assert eider(copy) == {2: SECOND, 3: FIRST}[generation]
        assert verify(copy) == []
        assert undo(copy).generation == generation + 1
        assert eider(copy) == {2: FIRST, 3: SECOND}[generation]
        assert len(kept(copy)) == 1
    assert seen == {2, 3}
