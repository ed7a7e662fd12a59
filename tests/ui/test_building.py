"""Building the index from inside, while the conversation goes on; and leaving in the middle."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import SourceError
from index.types import BuildReport, Progress
from qa.config import Settings
from qa.errors import SettingsError
from qa.ui import wording
from qa.ui.building import BuildState, Pace
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until
from tui import QuothApp, run_app


async def test_a_rebuild_shows_its_progress_while_questions_are_answered() -> None:
    backend = FakeBackend()
    backend.build_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+r")
        await until(app, "Reading 1 of 3")
        assert "ctrl+r stops · tides.md" in seen(app)
        await ask(pilot, "Which submarine?")
        await until(app, "Not in these documents.")
        assert "Reading 1 of 3" in seen(app)
        backend.build_on.set()
        await until(app, "Index up to date: 4 documents, 55 passages · 1 added · 1 file left")
        await until(app, "! /books/[/x].pdf: it is encrypted; unlock it")
        await pilot.press("escape")
        await gone(app, "Index up to date")


async def test_a_rebuild_can_be_stopped() -> None:
    backend = FakeBackend()
    backend.build_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+r")
        await until(app, "Reading 1 of 3")
        await pilot.press("ctrl+r")
        await until(app, "Stopped")
        backend.build_on.set()
        await until(app, backend.build_closed.is_set)
        await pilot.pause()
        assert "Stopped" in seen(app)
        assert "Index up to date" not in seen(app)


async def test_the_first_index_is_built_before_it_is_opened() -> None:
    let = threading.Event()

    def builder() -> Iterator[Progress | BuildReport]:
        yield Progress("scan", 2)
        let.wait(10)
        yield BuildReport(1, 3, 0, 0, 0, 3, 41, 41)

    backend = FakeBackend()
    app = QuothApp(lambda: backend, builder)
    async with app.run_test() as pilot:
        await until(app, "Looking for documents 2")
        await ask(pilot, "Who built the mill?")
        await until(app, "… waiting until the index is open")
        let.set()
        await until(app, "41 ms")
        assert "Index up to date: 3 documents, 41 passages · 3 added" in seen(app)


async def test_a_build_that_fails_says_so_and_fails_the_questions_that_wait() -> None:
    def builder() -> Iterator[Progress | BuildReport]:
        yield Progress("scan", 0)
        raise SourceError("Nothing in books can be indexed; name other files.")

    app = QuothApp(FakeBackend, builder)
    async with app.run_test():
        await until(app, "Nothing in books can be indexed; name other files.")
        assert app.backend is None


STUCK = """
import sys, threading
from tui import QuothApp, run

sys.exit(run(QuothApp(threading.Event().wait)))
"""


def test_quitting_does_not_wait_for_work() -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", STUCK],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
    ) as process:
        os.close(theirs)
        shown = b""
        while b"Opening the index" not in shown:
            shown += os.read(ours, 65_536)
        os.write(ours, b"\x11")
        with contextlib.suppress(OSError):  # the terminal is gone when the process is
            while os.read(ours, 65_536):
                pass
        assert process.wait(timeout=30) == 0
    os.close(ours)


async def test_what_comes_after_the_end_is_not_heard() -> None:
    let, started = threading.Event(), threading.Event()

    def late() -> FakeBackend:
        started.set()
        let.wait(10)
        return FakeBackend()

    app = QuothApp(late)
    async with app.run_test() as pilot:
        await until(app, started.is_set)
        await pilot.press("ctrl+q")
    assert app.working
    let.set()
    await until(app, lambda: not app.working)
    assert app.backend is None


def test_an_unknown_theme_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="choose quoth-dark or quoth-light"):
        run_app(Settings(index=tmp_path, theme="solarized"), [])


def test_the_time_left_follows_the_pace_of_the_stage() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.left(Progress("embed", 0, 100)) is None
    now[0] += 1
    assert pace.left(Progress("embed", 10, 100)) is None
    now[0] += 3
    assert pace.left(Progress("embed", 20, 100)) == 16
    assert pace.rate == 5
    assert pace.left(Progress("write", 1, 2)) is None
    assert pace.left(Progress("write", 5)) is None


def test_a_pace_is_told_by_what_a_stage_does() -> None:
    assert wording.rate("embed", 33.6) == "34 passages a second"
    assert wording.rate("read", 1.2) == "1 file a second"
    assert wording.rate("embed", 0.2) == "12 passages a minute"


def test_a_stage_that_few_builds_have_is_put_where_it_comes() -> None:
    state = BuildState(works=True).after(Progress("model", 0), None, None)
    assert state.steps == ("model", "scan", "read", "embed", "write")
    for stage in ("scan", "read", "write", "calibrate"):
        state = state.after(Progress(stage, 0), None, None)
    assert state.steps == ("model", "scan", "read", "embed", "write", "calibrate")


async def test_the_stages_are_marked_as_done_under_way_and_to_come() -> None:
    backend = FakeBackend()
    backend.build_on.clear()
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+r")
        await until(app, "✓ look  ▶ read  · embed  · write")
        await pilot.click(".detail", offset=(22, 0))
        await until(app, "Stopped; what was finished is kept")
        await pilot.press("escape")
        await gone(app, "Stopped")
