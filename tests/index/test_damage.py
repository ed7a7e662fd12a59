"""A file of an index that is damaged, cut, lost or foreign: a sentence, and a repair that works."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.build import build
from index.embedding import EMBEDDERS
from index.history import log
from index.migrations import STORE
from index.profiles import PROFILES_FILE, open_profiles
from index.salvage import ASIDE, SPARE
from index.store import Store
from qa.cli import main
from qa.config import Settings
from qa.doctor import Check, _index
from tests.fakes import HashEmbedder

TEXTS = {f"{n}.md": f"The ferry number {n} left at {n} o'clock with {n} sheep." for n in range(90)}

DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "emptied": lambda _: b"",
    "cut": lambda data: data[: len(data) // 2],
    "flipped": lambda data: data[: len(data) // 3] + b"\xff" + data[len(data) // 3 + 1 :],
    "foreign": lambda _: b"Nothing of the kind. " * 999,
    "lost": lambda _: None,
}
FILES = ("store.sqlite", "store.sqlite-wal", "store.sqlite-shm", "vectors", "lexical", "profiles")
OTHERS = ("lock", SPARE, ASIDE, "draft.sqlite", "beside", "sets")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and their index, whose log SQLite has not folded in yet."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes").mkdir()
    for name, text in TEXTS.items():
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    list(build([folder / "notes"], folder / "first", embedder=HashEmbedder()))
    with Store(folder / "first", write=True) as store:
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        store.set_meta("calibration", "{}")
        shutil.copytree(folder / "first", folder / "index")
    return folder


@pytest.fixture
def index(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    embedder = HashEmbedder()
    monkeypatch.setitem(EMBEDDERS, "hash", lambda *_: embedder)
    shutil.copytree(made / "index", tmp_path / "index")
    yield tmp_path / "index"
    assert len(embedder.embedded) <= len(TEXTS)


def files(index: Path, name: str) -> list[Path]:
    """The files that are meant; those that are not there are made, to be damaged."""
    if name in ("vectors", "lexical"):
        return [path for path in (index / name).iterdir() if path.suffix != ".lock"]
    path = index / {"profiles": PROFILES_FILE, "beside": f"beside/{STORE}"}.get(name, name)
    if name == "sets":
        path = index / "sets" / "marked.jsonl"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b'{"id": "a"}\n' * 400)
    return [path]


def checks(index: Path) -> list[Check]:
    return list(_index(Settings(index=index, model="hash")))


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [*FILES, *OTHERS])
def test_what_is_damaged_is_said_in_a_sentence_and_repaired(
    name: str, damage: str, index: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in files(index, name):
        data = DAMAGES[damage](path.read_bytes())
        path.unlink()
        if data is not None:
            path.write_bytes(data)

    def quoth(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        return main([*arguments, "--model", "hash"]), *capfd.readouterr()

    place = ("--index", str(index))
    found = checks(index)
    code, _, err = quoth("search", "ferry number 7", "-k", "1", "--index", str(index))
    assert (code, err.count("\n")) in ((0, 0), (1, 1)), err
    assert "Traceback" not in err
    assert "unforeseen" not in err
    for check in found:
        if check.outcome != "ok":
            words = shlex.split(check.repair.replace("DOCUMENTS", str(index.parent)))
            if words[0] == "mv":
                shutil.move(*words[1:])
            else:
                assert quoth(*words[1:])[0] == 0
    assert {check.outcome for check in checks(index)} == {"ok"}
    assert quoth("index", "verify", *place)[0] == 0
    with Store(index) as store:
        assert {document.id: document.text for document in store.documents()} == TEXTS
        assert len(open_profiles(index, store)) == len(TEXTS)
    assert "7 o'clock" in quoth("search", "ferry number 7", "-k", "1", *place)[1]
    assert log(index)
