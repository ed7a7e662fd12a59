"""The log of generations, and undo: back to any that is kept and forth, whatever comes between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build, rebuild, remove, status
from index.caches import LEXICAL_FOLDER, VECTORS_FOLDER, open_caches
from index.errors import IndexingError, IndexLockedError, IndexMissingError
from index.history import RECORDED, log, undo
from index.lock import locked
from index.search import Searcher
from index.store import Store
from index.types import Limits
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


def contents(directory: Path) -> dict[str, object]:
    """All that an index says of its files and documents, row by row, and that it is sound."""
    assert verify(directory) == []
    with Store(directory) as store:
        held: dict[str, object] = {
            table: store.rows(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
            for table in RECORDED
        }
        names = ("roots", "excludes", "fingerprint", "model", "built", "calibration")
        return held | {name: store.meta(name) for name in names}


def numbers(directory: Path, *, kept: bool = True) -> list[int]:
    """The generations that can be gone back to, or all that the log names; newest first."""
    return [found.number for found in log(directory) if found.open or not kept]


def test_undo_goes_back_and_undoing_again_returns(index: Path) -> None:
    for text, generation in ((FIRST, 3), (SECOND, 4), (FIRST, 5)):
        assert undo(index).generation == status(index).generation == generation
        assert eider(index) == text
        assert verify(index) == []
        assert numbers(index)[0] == generation - 1


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
    with pytest.raises(IndexingError, match=r"no former generation .*each build, rebuild"):
        undo(tmp_path / "index")
    assert eider(tmp_path / "index") == FIRST


def test_every_change_can_be_gone_back_to(index: Path, tmp_path: Path) -> None:
    """Files that come, change, go and fail; removals, rebuilds and other models; one by one."""
    states = {2: contents(index)}

    def made(events: object) -> None:
        list(events) if hasattr(events, "__next__") else events
        states[status(index).generation] = contents(index)

    write(tmp_path, "eider.md", "Eiders are large ducks. Their down is warm.")
    write(tmp_path, "heron.md", "Herons stand still.")
    (tmp_path / "notes" / "empty.md").touch()
    made(build([], index, embedder=HashEmbedder()))
    (tmp_path / "notes" / "otter.md").rename(tmp_path / "notes" / "sea-otter.md")
    (tmp_path / "notes" / "empty.md").unlink()
    made(build([], index, embedder=HashEmbedder()))
    made(remove(index, ["heron.md"]))
    made(build([], index, embedder=HashEmbedder("other", 16)))
    made(rebuild(index, embedder=HashEmbedder("other", 16)))
    made(build([tmp_path / "notes" / "eider.md"], index, embedder=HashEmbedder("other", 16)))
    assert list(states) == [2, 3, 4, 5, 6, 7, 8]
    for number in (7, 3, 5, 2, 8, 4, 6):
        assert undo(index, number).generation == status(index).generation
        assert contents(index) == states[number]
    present = contents(index)
    undo(index)
    assert contents(index) == states[4]
    undo(index)
    assert contents(index) == present


def test_the_log_tells_what_each_generation_changed(index: Path, tmp_path: Path) -> None:
    write(tmp_path, "eider.md", FIRST)
    write(tmp_path, "heron.md", "Herons stand still.")
    list(build([], index, embedder=HashEmbedder()))
    remove(index, ["otter.md"])
    undo(index)
    told = [(g.kind, g.added, g.changed, g.removed, g.documents) for g in log(index)]
    assert told == [
        ("undo", 1, 0, 0, 3),
        ("remove", 0, 0, 1, 2),
        ("build", 1, 1, 0, 3),
        ("rebuild", 0, 1, 0, 2),
        ("build", 2, 0, 0, 2),
    ]
    assert [g.open for g in log(index)] == [None, True, True, True, True]
    assert all(g.bytes > 0 and g.passages >= 2 for g in log(index))
    assert [g.held > 0 for g in log(index)] == [False, True, True, True, True]


def test_what_is_kept_is_bounded_in_number(index: Path, tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path, "heron.md", f"Herons stand still {number} hours.")
        list(build([], index, embedder=HashEmbedder(), limits=Limits(3)))
    assert (numbers(index), numbers(index, kept=False)[-1]) == ([7, 6, 5], 1)
    with pytest.raises(IndexingError, match=r"cannot go back to generation 4; .*5 to 7"):
        undo(index, 4)
    with pytest.raises(IndexingError, match="is at generation 8; name an earlier one"):
        undo(index, 8)
    undo(index, 5, Limits(3))
    assert verify(index) == []
    with Store(index) as store:
        texts = " ".join(passage.text for passage in store.passages(store.passage_ids()))
        assert "still 2 hours" in texts
        assert store.count("embeddings") == 6  # hours 2 to 5, and the two others
    write(tmp_path, "heron.md", "Herons fly.")
    list(build([], index, embedder=HashEmbedder(), limits=Limits(0)))
    assert numbers(index) == []


def test_what_is_kept_is_bounded_in_size_but_for_the_last(index: Path, tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, "heron.md", f"Herons st{'o' * 9_000}d in {number}. " * 40)
        list(build([], index, embedder=HashEmbedder(), limits=Limits(10, megabytes=1)))
    assert numbers(index) == [6, 5]
    assert sum(g.held for g in log(index)) < 1_100_000
    list(build([], index, embedder=HashEmbedder("other", 64), limits=Limits(10, megabytes=1)))
    assert numbers(index)[0] == 7
    assert undo(index).model == "hash"


def test_what_is_no_more_whole_is_not_gone_back_to(index: Path, tmp_path: Path) -> None:
    with Store(index, write=True) as store:
        keys = "SELECT key FROM former_passages WHERE was"
        store.rows(
            f"DELETE FROM embeddings WHERE key IN ({keys}) AND key NOT IN "  # noqa: S608
            "(SELECT key FROM passages)"
        )
    before = contents(index)
    with pytest.raises(IndexingError, match="does not hold all of generation 1 any more"):
        undo(index)
    assert contents(index) == before


def test_every_column_of_what_is_recorded_is_kept(index: Path) -> None:
    with Store(index) as store:
        for table in RECORDED:
            columns, former = (
                {name for (name,) in store.rows("SELECT name FROM pragma_table_info(?)", found)}
                for found in (table, f"former_{table}")
            )
            assert former == columns | {"generation", "row", "was"}


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
    shutil.copytree(index / VECTORS_FOLDER, tmp_path / VECTORS_FOLDER)
    shutil.copytree(index / LEXICAL_FOLDER, tmp_path / LEXICAL_FOLDER)
    undo(index)
    for name in ("teal", "wigeon", "garganey"):
        write(tmp_path, f"{name}.md", f"The {name} dabbles near the shore.")
    list(build([], index, embedder=HashEmbedder()))
    shutil.rmtree(index / VECTORS_FOLDER)
    shutil.rmtree(index / LEXICAL_FOLDER)
    shutil.copytree(tmp_path / VECTORS_FOLDER, index / VECTORS_FOLDER)
    shutil.copytree(tmp_path / LEXICAL_FOLDER, index / LEXICAL_FOLDER)
    assert eider(index) == SECOND
    assert verify(index) == []


# Undoes in copies of an index, killed before every seventh thing it does to a file there.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from index.history import undo

def kill_at(step, folder):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        seen += bool(arguments) and folder in str(arguments[0])
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

index = Path(sys.argv[1])
for step in range(1, 500, 7):
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
    for step in range(1, steps, 7):
        copy = index.with_name(f"copy-{step}")
        generation = status(copy).generation
        seen.add(generation)
        assert eider(copy) == {2: SECOND, 3: FIRST}[generation]
        assert verify(copy) == []
        assert undo(copy).generation == generation + 1
        assert eider(copy) == {2: FIRST, 3: SECOND}[generation]
        assert numbers(copy)[0] == generation
    assert seen == {2, 3}
