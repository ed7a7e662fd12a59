"""What Quoth keeps is its user's alone, in formats that run nothing; nobody else hears of it."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.samples import page

ROOT = Path(__file__).parents[1]

# Python runs this at the start of every process that finds it, those that Quoth starts as well.
WATCH = """
import os, sys

CALLS = ("socket.connect", "socket.bind", "socket.listen", "socket.send", "socket.get")

def watch(event, arguments):
    # urllib3 asks the machine itself, when it is imported, whether it has IPv6 at all.
    probe = event == "socket.bind" and arguments[1] == ("::1", 0)
    if event.startswith(CALLS) and not probe:
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{event} {arguments}\\n")
        raise PermissionError(event)

with open(os.environ["WATCHED"] + ".started", "a") as file:
    file.write(" ".join(sys.orig_argv) + "\\n")
sys.addaudithook(watch)
"""

COMMANDS = """
import os, sys
from qa.cli import main

os.umask(0o022)
index, documents, questions, report = sys.argv[1:]
for order in (
    ["index", "build", documents],
    ["ask", "Who keeps the kiln at Osby?"],
    ["search", "birch", "--explain"],
    ["ask", "Who keeps the kiln?", "--history", "What was built at Osby?", "--json"],
    ["eval", "run", questions, "--save", "first", "--report", report],
    ["index", "rebuild"],
    ["index", "verify"],
    ["doctor"],
):
    main(["--index", index, *order])
"""

CONVERSATION = """
import os, sys
from qa.cli import main

os.umask(0o022)
main(["--index", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that Quoth wrote, below `kept`, in a day's work that was watched for calls outside."""
    home = tmp_path_factory.mktemp("home")
    (home / "watch").mkdir()
    (home / "watch/sitecustomize.py").write_text(WATCH)
    (home / "documents").mkdir()
    (home / "documents/kiln.html").write_bytes(page())
    (home / "documents/kiln.txt").write_text(
        "Ida Holm keeps the kiln at Osby.\n\nBirch burns fast.\n"
    )
    evidence = [{"document": "kiln.txt", "quote": "Ida Holm keeps the kiln at Osby."}]
    question = {"id": "1", "question": "Who keeps the kiln?", "evidence": evidence}
    (home / "questions.jsonl").write_text(json.dumps(question))
    _work(
        home,
        "-c",
        COMMANDS,
        home / "kept/index",
        home / "documents",
        home / "questions.jsonl",
        home / "r.html",
    )
    _converse(home)
    return home


def _environment(home: Path) -> dict[str, str]:
    kept = home / "kept"
    own = {
        "WATCHED": str(home / "calls"),
        "PYTHONPATH": os.pathsep.join([str(home / "watch"), str(ROOT)]),
        "HOME": str(kept),
        "QUOTH_SESSIONS": str(kept / "sessions/sessions.sqlite"),
        "TERM": "xterm-256color",
        "COLUMNS": "100",
        "LINES": "30",
    }
    return {name: value for name, value in os.environ.items() if name[:4] != "XDG_"} | own


def _work(home: Path, *order: object) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, order)],
        cwd=home,
        env=_environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def _converse(home: Path) -> None:
    """Ask a question in a terminal, and leave."""
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", CONVERSATION, str(home / "kept/index")],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
        env=_environment(home),
    ) as process:
        os.close(theirs)
        _until(ours, lambda shown: b"Ask" in shown)
        os.write(ours, b"Who keeps the kiln at Osby?\r")
        _until(ours, lambda _: (home / "kept/sessions/sessions.sqlite").exists())
        os.write(ours, b"\x11")
        with contextlib.suppress(OSError):  # the terminal is gone when the process is
            while os.read(ours, 65_536):
                pass
        assert process.wait(timeout=30) == 0
    os.close(ours)


def _until(terminal: int, done: Callable[[bytes], bool]) -> None:
    """Read what a terminal shows until it is done, for a minute at most."""
    shown = b""
    for _ in range(600):
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65_536)
        if done(shown):
            return
    raise AssertionError(shown)


def written(home: Path) -> Iterator[Path]:
    yield from (home / "kept").rglob("*")


@pytest.mark.model
def test_nothing_is_sent_and_nothing_is_listened_to(home: Path) -> None:
    assert not (home / "calls").exists(), (home / "calls").read_text()
    started = (home / "calls.started").read_text()
    assert "index.sources.child" in started  # it was watched, too


@pytest.mark.model
def test_what_is_written_is_its_owners_alone(home: Path) -> None:
    names = {path.name for path in written(home)}
    assert {"store.sqlite", "stamp.json", "first.json", "sessions.sqlite", "lock"} <= names
    open_to_others = [path for path in written(home) if path.stat().st_mode & 0o077]
    assert open_to_others == []


@pytest.mark.model
def test_nothing_that_is_written_can_hold_a_program(home: Path) -> None:
    for path in filter(Path.is_file, written(home)):
        data = path.read_bytes()
        assert not (data[:1] == b"\x80" and data[1:2] in b"\2\3\4\5" and data[-1:] == b"."), path
        assert data[:2] != b"PK", path  # what torch saves
        assert not (data[:6] == b"\x93NUMPY" and b"|O" in data[:128]), path


UNSAFE = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "cloudpickle"}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize(
    "path",
    [ROOT / "tui.py", *(ROOT / "index").rglob("*.py"), *(ROOT / "qa").rglob("*.py")],
    ids=str,
)
def test_no_code_reads_a_format_that_can_run_something(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not UNSAFE.intersection(name.split(".")[0] for name in names)
    for name, call in _calls(tree):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        if name in ("np.load", "np.save", "numpy.load"):
            assert given.get("allow_pickle") == "False"
        assert name not in ("eval", "exec", "yaml.load", "torch.load", "yaml.unsafe_load")
