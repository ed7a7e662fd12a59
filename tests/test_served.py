"""Quoth in a browser, as `textual serve` shows it: real pages, real keys, real downloads."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from qa import Assistant
from tests.browser import Browser, Tab
from tests.conftest import SEEDS

pytestmark = [pytest.mark.browser, pytest.mark.model]

QUESTION = "What did Hunt announce in December 2016?"
SERVE = "from textual_serve.server import Server; Server({command!r}, port={port}).serve()"
# Whoever is given a `fitAddon` holds the terminal of the page, which is drawn on a canvas.
FIND_TERMINAL = """Object.defineProperty(Object.prototype, "fitAddon", {
  configurable: true,
  set(addon) {
    Object.defineProperty(this, "fitAddon", { value: addon, writable: true });
    window.shown = this.terminal;
  },
});"""
READ_SCREEN = """(() => {
  const rows = window.shown ? window.shown.rows : 0, held = rows && window.shown.buffer.active;
  const row = (n) => held.getLine(n).translateToString(true, 0, window.shown.cols);
  return Array.from({ length: rows }, (_, n) => row(n)).join("\\n");
})()"""


@dataclass
class Served:
    """A tab with Quoth in it."""

    tab: Tab

    def seen(self) -> str:
        """What the terminal in the page shows, row by row."""
        return str(self.tab.value(READ_SCREEN))

    def until(self, words: str) -> None:
        """Wait for words to be on the screen."""
        self.tab.until(lambda: words in self.seen(), lambda: f"no {words!r} in\n{self.seen()}")

    def ask(self, question: str) -> None:
        """Type a question and send it."""
        self.tab.type(question)
        self.tab.press("Enter", 13, text="\r")


@dataclass
class Room:
    """A server and a browser beside it."""

    address: str
    browser: Browser

    def open(self) -> Served:
        """Open Quoth in a tab, and go to it: the page leaves the keyboard to the browser first."""
        served = Served(self.browser.open(self.address, FIND_TERMINAL))
        served.until("You might ask")
        served.tab.press("Tab", 9, text="\t")
        gone_to = "document.activeElement.tagName"
        served.tab.until(lambda: served.tab.value(gone_to) == "TEXTAREA", served.seen)
        return served


def _hints(served: Served) -> int:
    """How wide the line of keys at the bottom of a document is, or too wide where it is not."""
    last = served.seen().rstrip().splitlines()[-1]
    return len(last) if "n Next" in last else 1_000


@pytest.fixture(scope="module")
def room(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("served")
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    index = assistant.searcher.store.directory
    command = shlex.join([sys.executable, "-m", "qa.cli", "--index", str(index)])
    told = (folder / "told").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(command=command, port=port)],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"QUOTH_SESSIONS": str(folder / "sessions.sqlite")},
        stdout=told,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(1_000):
            with suppress(OSError):
                socket.create_connection(("localhost", port)).close()
                break
            time.sleep(0.02)
        with Browser(folder) as browser:
            yield Room(f"http://localhost:{port}", browser)
    finally:
        server.terminate()
        server.wait(20)
        told.close()


def test_a_question_is_asked_its_source_read_copied_and_saved_in_a_browser(room: Room) -> None:
    served = room.open()
    tab = served.tab
    served.ask(QUESTION)
    served.until("confidence high")
    assert "fast track programme" in served.seen()

    tab.type("1")  # goes to the source, as no question is being typed
    served.until("█ [1]")
    tab.press("Enter", 13, text="\r")
    served.until("[1] quote 1 of 1")
    served.until("▶ In December 2016")
    tab.type("c")
    served.until("Quote and reference copied.")
    assert "fast track programme" in tab.value("navigator.clipboard.readText()")

    tab.type("v")
    served.until("Your browser saves it as doctors-avoid-management.md.")
    copy = room.browser.downloads / "doctors-avoid-management.md"
    tab.until(copy.exists, lambda: "the document was not saved")
    assert copy.read_bytes() == (SEEDS / copy.name).read_bytes()

    tab.resize(680, 420)
    tab.until(lambda: _hints(served) <= 80, served.seen)
    tab.press("Escape", 27)
    served.until("Copy quote")  # where it is narrow, the sources have a screen of their own
    tab.press("Escape", 27)
    served.until("Ask your documents")

    tab.press("F4", 115)
    served.until("Your browser saves it.")
    tab.type("b")
    bundle = room.browser.downloads / "quoth-what-did-hunt-announce-in-december-2016.json"
    tab.until(bundle.exists, lambda: "the conversation was not saved")
    assert json.loads(bundle.read_text(encoding="utf-8"))["turns"]

    tab.press("q", 81, ctrl=True)
    closed = 'document.body.classList.contains("-closed")'
    tab.until(lambda: tab.value(closed), lambda: "it did not quit")


def test_each_tab_is_a_reader_of_its_own(room: Room) -> None:
    one, other = room.open(), room.open()
    one.ask(QUESTION)
    other.ask("Who is Chris Hopson?")
    one.until("confidence high")
    other.until("confidence high")
    assert "NHS Providers" in other.seen()
    assert "Chris Hopson" not in one.seen()
    other.tab.close()
    one.ask("Who is Jeremy Hunt?")
    one.tab.until(lambda: one.seen().count("confidence high") > 2, one.seen)
