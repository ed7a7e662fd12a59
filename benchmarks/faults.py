"""Kill the program at random instants, and look at what is left: `python -m benchmarks.faults`.

A build, an update, a removal, a rebuild, one that is checked, an undo, a migration and a repair
are killed with SIGKILL (or interrupted with SIGINT), each in a process of its own, on a copy of an
index. Then the index must open and hold one committed generation, whole; `quoth index verify` must
find nothing; and the next build must finish without embedding anything that was stored already.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from index.build import build, rebuild, remove
from index.caches import open_caches
from index.embedding import EMBEDDERS
from index.errors import IndexDamagedError, IndexMissingError
from index.history import undo
from index.migrations import MIGRATIONS, STORE
from index.repair import repair
from index.salvage import ASIDE, SPARE
from index.store import Store, embedding_key
from qa.cli import main as quoth
from qa.config import Settings
from qa.evaluation.formats import load
from qa.evaluation.gated import rebuild_checked
from tests.fakes import HashEmbedder

FILES = 30
OTHER = "other"  # another model, with which everything is embedded anew

Contents = dict[str, str]  # the text of each document


# A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that.
HEARING = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
HEARING += "from qa.cli import main; sys.exit(main())"


class NotWholeError(Exception):
    """What was left is not as it must be."""


def must(condition: object, said: str) -> None:
    """Raise where something does not hold."""
    if not condition:
        raise NotWholeError(said)


@dataclass(frozen=True)
class Place:
    """The folders that an operation works on, and the question set that a rebuild must pass."""

    folder: Path

    @property
    def notes(self) -> Path:
        """The documents."""
        return self.folder / "notes"

    @property
    def index(self) -> Path:
        """The index."""
        return self.folder / "index"

    @property
    def asked(self) -> Path:
        """The question set."""
        return self.folder / "set.jsonl"


def write_notes(place: Place, edition: int) -> None:
    """Write all documents; a third of them differ from one edition to the next."""
    place.notes.mkdir(exist_ok=True)
    for number in range(FILES):
        told = edition if number % 3 == 0 else 0
        lines = [
            f"Lock {number} gate {line} was opened {told + 2} times, as keeper {line} noted."
            for line in range(12)
        ]
        (place.notes / f"{number}.md").write_text("\n\n".join(lines), encoding="utf-8")
    question = {"id": "a", "question": "Was lock 3 gate 2 opened?", "answers": ["opened"]}
    place.asked.write_text(
        json.dumps(question | {"evidence": [{"document": "3.md"}]}), encoding="utf-8"
    )


def prepare(place: Place, name: str) -> None:
    """Make what the operation begins with."""
    write_notes(place, 0)
    if name == "build":
        return
    list(build([place.notes], place.index, embedder=HashEmbedder()))
    if name == "undo":
        write_notes(place, 1)
        list(rebuild(place.index, embedder=HashEmbedder(OTHER, 48)))
    elif name == "migrate":
        downgrade(place.index)
    elif name == "repair":
        data = bytearray((place.index / STORE).read_bytes())
        data[:4096] = b"?" * 4096
        (place.index / STORE).write_bytes(data)
    else:
        write_notes(place, 1)


def downgrade(directory: Path) -> None:
    """Make the store what the first version would have made."""
    path = directory / STORE
    older = path.with_name("older.sqlite")
    with closing(sqlite3.connect(older)) as made:
        made.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
        made.execute("ATTACH DATABASE ? AS newer", (str(path),))
        tables = "meta sources documents passages embeddings states skipped sqlite_sequence"
        for table in tables.split():
            names = ", ".join(
                row[1] for row in made.execute(f"PRAGMA main.table_info({table})").fetchall()
            )
            made.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM newer.{table}")  # noqa: S608
        made.commit()
    older.replace(path)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    (directory / SPARE).unlink(missing_ok=True)


def operate(place: Place, name: str) -> None:
    """Do what is to be killed."""
    other = HashEmbedder(OTHER, 48)
    if name in ("build", "update"):
        list(build([place.notes], place.index, embedder=HashEmbedder()))
    elif name == "remove":
        remove(place.index, ["1.md", "2.md", "29.md"])
    elif name == "rebuild":
        list(rebuild(place.index, embedder=other))
    elif name == "checked":
        settings = Settings(index=place.index, threshold=0)
        list(rebuild_checked(settings, [load(place.asked)], embedder=other))
    elif name == "undo":
        undo(place.index)
    elif name == "migrate":
        Store(place.index).close()
    elif name == "repair":
        list(repair(place.index, embedder=HashEmbedder()))


OPERATIONS = ("build", "update", "remove", "rebuild", "checked", "undo", "migrate", "repair")


def contents(place: Place) -> Contents:
    """What the index holds, each passage being found by its own words and by its own vector."""
    with Store(place.index) as store, store.snapshot():
        vectors, lexical = open_caches(place.index, store)
        ids = store.passage_ids()
        same = sorted(vectors.ids()) == sorted(lexical.ids()) == ids.tolist()
        must(same, "the caches hold other passages than the store")
        passage = store.passages([int(ids[len(ids) // 2])])[0]
        must(
            passage.id in [found for found, _ in lexical.search(passage.text, 5)],
            "words find nothing",
        )
        found = vectors.search(store.vectors([passage.id]), 1)[1]
        must(found[0, 0] == passage.id, "a vector does not find itself")
        return {document.id: document.text for document in store.documents()}


def stored(place: Place) -> set[bytes]:
    """The keys of all that is embedded, in the index, beside it and in what was set aside."""
    keys: set[bytes] = set()
    for path in (STORE, f"beside/{STORE}", ASIDE):
        if (place.index / path).exists():
            with closing(sqlite3.connect(place.index / path)) as store:
                try:
                    rows = store.execute("SELECT key FROM embeddings JOIN states USING (n)")
                    keys |= {key for (key,) in rows}
                except sqlite3.DatabaseError:
                    continue  # it was never made, or is the one that is damaged
    return keys


def sound(place: Place) -> bool:
    """Whether the command finds nothing wrong."""
    return quoth(["index", "verify", "--quiet", "--index", str(place.index)]) == 0


def examine(place: Place, name: str, states: tuple[Contents, Contents]) -> str:
    """Look at what was left; which state it is in."""
    before, after = states
    began = stored(place)
    try:
        held = contents(place)
    except (IndexMissingError, IndexDamagedError):
        must(name in ("build", "repair"), "the index cannot be opened")
        held = before
    else:
        must(held in (before, after), "the index holds neither what it did nor what it will")
        must(sound(place), "verify finds something")
    kind = "after" if held == after and before != after else "before"
    embedders = [HashEmbedder(), HashEmbedder(OTHER, 48)]
    embedder = embedders[name in ("rebuild", "checked")]
    if name == "checked":
        settings = Settings(index=place.index, threshold=0)
        list(rebuild_checked(settings, [load(place.asked)], embedder=embedder))
    elif name == "repair":
        list(repair(place.index, embedder=embedder))
    elif name == "rebuild":
        list(rebuild(place.index, embedder=embedder))
    else:
        list(build([place.notes], place.index, embedder=embedder))
    again = {embedding_key(embedder.fingerprint, text) for text in embedder.embedded} & began
    must(not again, f"{len(again)} passages were embedded again")
    files = {path.name: path.read_text(encoding="utf-8") for path in place.notes.iterdir()}
    must(name == "remove" or contents(place) == files, "the next build does not hold the files")
    must(sound(place), "verify finds something after the next build")
    return kind


def forked(work: Callable[[], object], log: Path) -> int:
    """Do it in a child, whose process id comes back; it tells `log` what it returns or raises."""
    child = os.fork()
    if child:
        return child
    code = 0
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        result = work()
        log.write_text(json.dumps(result), encoding="utf-8")
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        log.write_text(json.dumps(traceback.format_exc()), encoding="utf-8")
        code = 1
    finally:
        os._exit(code)


def in_child(work: Callable[[], object], log: Path) -> object:
    """Do it in a child, to the end: this process must have no threads when it forks.

    Raises:
        RuntimeError: what it raised.
    """
    status = os.waitpid(forked(work, log), 0)[1]
    told: object = json.loads(log.read_text(encoding="utf-8"))
    if status:
        raise RuntimeError(told)
    return told


class Suite:
    """The copies that each operation begins with, and how long it takes."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        """Work in this folder, at the instants that `chance` gives."""
        self._folder = folder
        self._chance = chance
        self._log = folder / "log.json"
        self._known: dict[str, tuple[float, tuple[Contents, Contents]]] = {}

    def run(self, name: str, how: signal.Signals) -> str:
        """Kill one operation once, and say which state was left."""
        if name not in self._known:
            self._known[name] = self._measure(name)
        seconds, states = self._known[name]
        place = self._copy(name)
        child = forked(lambda: operate(place, name), self._log)
        time.sleep(self._chance.uniform(0, seconds))
        os.kill(child, how)
        os.waitpid(child, 0)
        kind = str(in_child(lambda: examine(place, name, states), self._log))
        shutil.rmtree(place.folder)
        return kind

    def _measure(self, name: str) -> tuple[float, tuple[Contents, Contents]]:
        """How long it takes undisturbed, and what the index holds before and after."""
        place = Place(self._folder / name)
        place.folder.mkdir()
        in_child(lambda: prepare(place, name), self._log)
        place.folder.rename(self._folder / f"first-{name}")
        self._copy(name)
        before: object = {}
        if name not in ("build", "repair", "migrate"):
            before = in_child(lambda: contents(place), self._log)
        started = time.monotonic()
        in_child(lambda: operate(place, name), self._log)
        seconds = time.monotonic() - started
        after = in_child(lambda: contents(place), self._log)
        shutil.rmtree(place.folder)
        states = cast("tuple[Contents, Contents]", (before if name != "migrate" else after, after))
        return seconds, states

    def _copy(self, name: str) -> Place:
        """A fresh copy, at the place where it was made: an index knows its files by their paths."""
        place = Place(self._folder / name)
        shutil.copytree(self._folder / f"first-{name}", place.folder)
        return place


def kills(count: int, seed: int, how: signal.Signals, folder: Path) -> Iterator[tuple[str, str]]:
    """Kill `count` times; each operation in its turn, and which state was left."""
    suite = Suite(folder, random.Random(seed))  # noqa: S311 - instants, the same for a seed
    for number in range(count):
        name = OPERATIONS[number % len(OPERATIONS)]
        yield name, suite.run(name, how)


def real(count: int, seed: int, how: signal.Signals, folder: Path) -> Iterator[tuple[str, str]]:
    """The same for the command itself with the packaged model, first builds and updates."""
    if not count:
        return
    folder.mkdir()
    chance = random.Random(seed)  # noqa: S311 - instants, the same for a seed
    place, seconds = Place(folder), 0.0
    for number in range(count + 1):
        if number % 2 == 0:
            shutil.rmtree(place.index, ignore_errors=True)
        write_notes(place, number)
        started = time.monotonic()
        with subprocess.Popen(command(place, "build", str(place.notes))) as child:
            if number:  # the first one is measured
                time.sleep(chance.uniform(0, seconds))
                child.send_signal(how)
            code = child.wait()
        seconds = seconds or time.monotonic() - started
        must(how == signal.SIGKILL or code in (0, 130), f"interrupted, it exits with {code}")
        began = stored(place)
        verified = subprocess.run(command(place, "verify"), check=False, capture_output=True)
        unfinished = b"never finished" in verified.stderr or b"no index" in verified.stderr
        must(verified.returncode == 0 or unfinished, "verify finds something")
        again = subprocess.run(
            command(place, "build", str(place.notes), "--json"), check=True, capture_output=True
        )
        report, new = json.loads(again.stdout), len(stored(place) - began)
        must(report["embedded"] <= new, f"{report['embedded'] - new} were embedded again")
        subprocess.run(command(place, "verify"), check=True, capture_output=True)
        yield f"quoth index build, {'update' if number % 2 else 'first'}", f"exit {code}"


def command(place: Place, action: str, *more: str) -> list[str]:
    """The command line of something done with the index."""
    return [sys.executable, "-c", HEARING, "index", action, *more, "--index", str(place.index)]


def main() -> None:
    """Run it and print one line a kind; the first failure ends it with what went wrong."""
    EMBEDDERS["hash"] = lambda *_: HashEmbedder()
    EMBEDDERS[OTHER] = lambda *_: HashEmbedder(OTHER, 48)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--real", type=int, default=0, help="as many with the packaged model")
    parser.add_argument("--interrupt", action="store_true", help="SIGINT instead of SIGKILL")
    arguments = parser.parse_args()
    how = signal.SIGINT if arguments.interrupt else signal.SIGKILL
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="quoth-faults-") as folder:
        for name, kind in kills(arguments.kills, arguments.seed, how, Path(folder)):
            seen[f"{name}: {kind}"] += 1
        for name, kind in real(arguments.real, arguments.seed, how, Path(folder) / "real"):
            seen[f"{name}: {kind}"] += 1
    for line, count in sorted(seen.items()):
        print(f"{count:4} {line}")
    print(f"{seen.total()} with seed {arguments.seed}: all whole", flush=True)


if __name__ == "__main__":
    sys.exit(main())
