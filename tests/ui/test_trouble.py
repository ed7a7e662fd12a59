"""Trouble with disks and indexes under the running app: told in place, with a way out."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.lock import locked
from qa import Assistant
from qa.config import Settings
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, said, seen, until
from tui import QuothApp


def news(app: QuothApp) -> str:
    """What is said in passing."""
    return " ".join(note.message for note in app._notifications)


def _files(folder: Path) -> int:
    return len(list(folder.iterdir()))


@contextmanager
def full_disk(most: int = 0) -> Iterator[None]:
    """No file takes more than so many bytes, as on a disk that is full."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


@pytest.fixture
def index(assistant: Assistant, tmp_path: Path) -> Path:
    """An index that may be spoiled."""
    return Path(shutil.copytree(assistant.searcher.store.directory, tmp_path / "index"))


def real(index: Path) -> QuothApp:
    """The app over a real index, its conversations beside it."""
    settings = Settings(index=index, sessions=index.parent / "kept" / "sessions.sqlite")
    return QuothApp(lambda: Assistant.open(index, settings))


async def test_a_full_disk_leaves_no_half_of_an_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Who built it?")
        await until(app, "41 ms")
        for form in "mhb":
            with full_disk():
                await pilot.press("f4")
                await until(app, "In this folder")
                await pilot.press(form)
                await until(app, "Nothing can be saved here")
            assert _files(tmp_path) == 0
            app.clear_notifications()
            await gone(app, "Nothing can be saved")
        await pilot.press("f4", "m")
        await until(app, "Saved as")
        assert _files(tmp_path) == 1


@pytest.mark.model
async def test_a_full_disk_keeps_no_turn_and_says_so_and_asking_goes_on(index: Path) -> None:
    app = real(index)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await until(app, lambda: app.backend is not None)
        with full_disk():
            await ask(pilot, "Who leads the hospital?")
            await until(app, lambda: "asking goes on without" in news(app))
            assert app.conversation.turns[-1].answer is not None
        await ask(pilot, "Who went to Yale?")
        await until(app, lambda: len(list(app.backend.sessions.listed())) == 1)


@pytest.mark.model
async def test_an_index_that_goes_away_under_the_app_is_told_and_comes_back(
    index: Path, tmp_path: Path
) -> None:
    app = real(index)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await until(app, lambda: app.backend is not None)
        aside = shutil.move(index, tmp_path / "aside")
        await ask(pilot, "Who leads the hospital?")
        await until(app, lambda: not app.conversation.turns[-1].waits)
        await pilot.press("ctrl+r")
        await until(app, lambda: not app.builds.working and app.builds.state.shown)
        assert app.is_running
        shutil.rmtree(index, ignore_errors=True)
        shutil.move(aside, index)
        await pilot.press("ctrl+r")
        await until(app, "Index up to date")
        await ask(pilot, "Who leads the hospital?")
        await until(app, lambda: app.conversation.turns[-1].answer is not None)


@pytest.mark.model
async def test_an_index_that_another_changes_says_whom_to_wait_for(index: Path) -> None:
    app = real(index)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(app, lambda: app.backend is not None)
        with locked(index):
            await pilot.press("ctrl+r")
            await until(app, lambda: "is being changed by process" in said(app))
            assert "wait until it is done" in said(app)
        await pilot.press("ctrl+r")
        await until(app, "Index up to date")


@pytest.mark.parametrize("how", ["cut", "gone"])
async def test_an_index_that_is_damaged_at_the_start_is_told_with_the_way_out(
    how: str, tmp_path: Path, assistant: Assistant
) -> None:
    index = tmp_path / "index"
    if how == "cut":
        shutil.copytree(assistant.searcher.store.directory, index)
        for file in index.glob("*.sqlite*"):
            file.write_bytes(b"nothing of worth" * 1_000)
    app = real(index)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(app, "ctrl+r tries again")
        assert "quoth index" in said(app)
        await ask(pilot, "Who leads the hospital?")
        await until(app, lambda: app.conversation.turns and app.conversation.turns[-1].error)
        assert "ctrl+r tries again" in seen(app)
        if how == "cut":
            shutil.rmtree(index)
        shutil.copytree(assistant.searcher.store.directory, index)
        await pilot.press("ctrl+r")
        await until(app, lambda: app.backend is not None)
        await ask(pilot, "Who leads the hospital?")
        await until(app, lambda: app.conversation.turns[-1].answer is not None)
