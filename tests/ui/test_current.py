"""An open app and the index as others change it: over a real index, with real files."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from index.build import build
from index.errors import ModelError
from index.search import Searcher
from index.types import Notice
from qa import Assistant
from qa.config import Settings
from tests.fakes import HashEmbedder
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write
from tui import QuothApp


def built(tmp_path: Path) -> None:
    list(build([tmp_path / "notes"], tmp_path / "index", embedder=HashEmbedder()))


@asynccontextmanager
async def over(tmp_path: Path) -> AsyncIterator[tuple[QuothApp, Pilot[None]]]:
    """The app over an index of one note."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/ferry.md").write_text("Old Berit holds the tiller of the ferry.")
    built(tmp_path)
    settings = Settings(tmp_path / "index", threshold=0, keep=False)
    with Assistant(Searcher.open(tmp_path / "index", HashEmbedder()), settings) as assistant:
        app = QuothApp(lambda: assistant)
        async with app.run_test(size=(120, 30), notifications=True) as pilot:
            await until(app, "1 document · 1 passage")
            yield app, pilot


async def test_what_another_process_builds_is_answered_from_at_once_and_told(
    tmp_path: Path,
) -> None:
    async with over(tmp_path) as (app, pilot):
        (tmp_path / "notes/kiln.md").write_text("The kiln at Osby was built by a mason.")
        built(tmp_path)
        await ask(pilot, "Who built the kiln?")
        await until(app, "The kiln at Osby was built by a mason.")
        app.current.look()
        await until(app, "2 documents · 2 passages · updated ")


async def test_an_open_library_lists_what_is_new(tmp_path: Path) -> None:
    async with over(tmp_path) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "by title")
        assert "updated" not in seen(app)
        (tmp_path / "notes/kiln.md").write_text("The kiln at Osby was built by a mason.")
        built(tmp_path)
        app.current.look()
        await until(app, "2 documents · by title, A to Z · updated ")
        await until(app, "kiln")


async def test_a_tick_stays_with_a_file_that_is_renamed(tmp_path: Path) -> None:
    async with over(tmp_path) as (app, pilot):
        (tmp_path / "notes/kiln.md").write_text("The kiln at Osby was built by a mason.")
        built(tmp_path)
        await pilot.press("ctrl+l")
        await until(app, "[✓] kiln")
        await pilot.press("space")  # not the ferry
        await until(app, "1 count")
        (tmp_path / "notes/kiln.md").rename(tmp_path / "notes/oven.md")
        built(tmp_path)
        app.current.look()
        await until(app, "[✓] oven")
        assert app.scope is not None
        assert app.scope.ids == {"oven.md"}


async def test_files_are_followed_while_that_is_wanted(tmp_path: Path) -> None:
    async with over(tmp_path) as (app, pilot):
        await write(pilot, "/watch")
        await pilot.press("enter")
        await until(app, "1 passage · watching")
        (tmp_path / "notes/kiln.md").write_text("The kiln at Osby was built by a mason.")
        await until(app, "2 documents · 2 passages · updated ")
        assert "1 document" not in seen(app)
        (tmp_path / "notes").rename(tmp_path / "elsewhere")
        await until(app, lambda: any("is not there" in n.message for n in app._notifications))
        await write(pilot, "/watch")
        await pilot.press("enter")
        await until(app, "The files are watched no more.")
        await gone(app, "· watching")
        await until(app, lambda: not app.working)
        assert not app.builds.state.shown  # it was quiet


async def test_where_files_cannot_be_watched_it_says_so() -> None:
    class Without(FakeBackend):
        def watch(self, stop: threading.Event) -> Iterator[Notice]:
            yield Notice("watching", "Watching /books.")
            stop.wait(0)
            raise ModelError("The model is not on this machine; install it.")

    async with opened(Without(), size=(120, 30)) as (app, _):
        app.action_watch()
        await until(app, "The model is not on this machine; install it.")
        await gone(app, "· watching")
        assert not app.current.watching
