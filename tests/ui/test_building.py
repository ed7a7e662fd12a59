"""Building the index from inside, while the conversation goes on; and leaving in the middle."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from index.errors import SourceError
from index.types import BuildReport, Progress
from qa.ui.rebuild import Pace
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until
from tui import QuothApp


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
        assert "! /books/[/x].pdf: it is encrypted; unlock it" in seen(app)
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


async def test_quitting_does_not_wait_for_work() -> None:
    never = threading.Event()

    def stuck() -> FakeBackend:
        never.wait()
        return FakeBackend()

    app = QuothApp(stuck)
    async with app.run_test() as pilot:
        await ask(pilot, "Who?")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not app.is_running
        assert app.working
    never.set()
    await until_idle(app)


async def until_idle(app: QuothApp) -> None:
    """Wait for the threads of an app that is gone: they must end without a word."""
    for thread in threading.enumerate():
        if thread.daemon and thread is not threading.current_thread():
            thread.join(0.2)
    assert not app.working


def test_the_time_left_follows_the_pace_of_the_stage() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.left(Progress("embed", 0, 100)) is None
    now[0] += 1
    assert pace.left(Progress("embed", 10, 100)) is None
    now[0] += 3
    assert pace.left(Progress("embed", 20, 100)) == 16
    assert pace.left(Progress("write", 1, 2)) is None
    assert pace.left(Progress("write", 5)) is None
