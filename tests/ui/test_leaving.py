"""Leaving a real terminal at any moment: at once, with the terminal and the index as they were."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import SEEDS
from tests.ui.terminal import Terminal, quoth, run

pytestmark = pytest.mark.model
QUIT = b"\x11"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one document, to copy."""
    index = tmp_path_factory.mktemp("leaving") / "index"
    done = run(index.parent, "--index", str(index), "index", "build", str(SEEDS))
    assert done.returncode == 0, done.stderr
    return index


@pytest.fixture
def index(built: Path, tmp_path: Path) -> Path:
    """An index of its own for each test."""
    return Path(shutil.copytree(built, tmp_path / "index"))


def more(folder: Path) -> Path:
    """Documents that take a few seconds to embed."""
    books = folder / "books"
    books.mkdir()
    for number in range(60):
        words = " ".join(f"Ledger {number} tells of {n} barrels at the mill." for n in range(60))
        (books / f"ledger-{number}.md").write_text(f"# Ledger {number}\n\n{words}\n")
    return books


def whole(folder: Path, index: Path) -> None:
    """The index is as good as ever, and the next build goes through."""
    verified = run(folder, "--index", str(index), "index", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    again = run(folder, "--index", str(index), "index", "build", str(SEEDS))
    assert again.returncode == 0, again.stdout + again.stderr


def asked(terminal: Terminal) -> None:
    """Ask, and see that the answer begins."""
    terminal.until("passages")
    terminal.press(b"Who leads the hospital?\r")
    terminal.until(r"hospital\?")


def kept(folder: Path) -> bool:
    """Whether a turn has been kept, and so is whole."""
    if not (file := folder / "sessions.sqlite").exists():
        return False
    connection = sqlite3.connect(file)
    try:
        return bool(connection.execute("SELECT 1 FROM sqlite_schema, turns").fetchone())
    except sqlite3.OperationalError:  # its tables are being made
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("moment", ["model", "ask", "export"])
def test_quitting_at_any_moment_is_quick_and_clean(
    moment: str, index: Path, tmp_path: Path
) -> None:
    with quoth(tmp_path, "--index", str(index)) as terminal:
        if moment == "model":
            terminal.until("passages")
        else:
            asked(terminal)
        if moment == "export":
            terminal.until_so(lambda: kept(tmp_path))
            terminal.press(b"\x1bOS")
            terminal.until("In this folder")
            terminal.press(b"b")
        terminal.press(QUIT)
        assert terminal.end() == 0
        assert terminal.restored
    verified = run(tmp_path, "--index", str(index), "index", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_quitting_a_build_leaves_the_index_whole(index: Path, tmp_path: Path) -> None:
    with quoth(tmp_path, "--index", str(index), str(more(tmp_path))) as terminal:
        terminal.until("mbed")
        terminal.press(QUIT)
        assert terminal.end() == 0
        assert terminal.restored
    whole(tmp_path, index)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_as_it_should_and_restores_the_terminal(
    sign: signal.Signals, index: Path, tmp_path: Path
) -> None:
    with quoth(tmp_path, "--index", str(index), str(more(tmp_path))) as terminal:
        terminal.until("mbed")
        terminal.process.send_signal(sign)
        assert terminal.end() == 128 + sign
        assert terminal.restored
    whole(tmp_path, index)


def test_a_closed_terminal_ends_it(index: Path, tmp_path: Path) -> None:
    with quoth(tmp_path, "--index", str(index), str(more(tmp_path))) as terminal:
        terminal.until("mbed")
        terminal.hang_up()
        assert terminal.end() == 128 + signal.SIGHUP
    whole(tmp_path, index)


def test_ctrl_c_ends_nothing_and_says_what_does(index: Path, tmp_path: Path) -> None:
    with quoth(tmp_path, "--index", str(index)) as terminal:
        terminal.until("passages")
        terminal.press(b"\x03")
        terminal.until("quit")
        assert terminal.process.poll() is None
        terminal.press(QUIT)
        assert terminal.end() == 0
        assert terminal.restored
