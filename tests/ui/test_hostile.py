"""No word of a document, path, name, question or error is more than a word, on any screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual import events
from textual.widgets import Input

from index.errors import IndexingError, SourceError
from index.types import BuildReport, Progress
from qa.errors import QuothError
from tests.ui.hostile import BIDI, ESCAPES, EVIL, WIDE, HostileBackend, evil, unsafe
from tests.ui.screen import ask, opened, seen, until
from tests.ui.test_layout import LARGE, SCENES, TINY, staged
from tui import QuothApp

OURS = {"keys", "palette", "left-out"}  # where nothing stands but words of our own


@pytest.mark.parametrize("scene", SCENES)
async def test_every_screen_shows_words_as_words(scene: str) -> None:
    app = QuothApp(HostileBackend)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await staged(*SCENES[scene])(pilot)
        assert unsafe(app) == []
        assert ("[/x]" in seen(app)) == (scene not in OURS)
        await pilot.resize_terminal(*TINY)
        await pilot.pause()
        assert unsafe(app) == []
        assert app.is_running


@pytest.mark.parametrize("error", [QuothError(EVIL), IndexingError(EVIL), ValueError(EVIL)])
async def test_every_error_is_shown_as_words(error: Exception) -> None:
    backend = HostileBackend()
    backend.fail = error
    async with opened(backend, LARGE) as (app, pilot):
        await ask(pilot, "Why?")
        await until(app, "! ")
        assert "[/x][bold][@click=app.quit]quit[/]" in seen(app)
        assert unsafe(app) == []
        backend.sessions.fail = EVIL
        await pilot.press("ctrl+o")
        await until(app, "! [/x]")
        assert unsafe(app) == []


async def test_a_build_that_fails_says_so_in_words() -> None:
    def builder() -> Iterator[Progress | BuildReport]:
        yield Progress(evil("scan"), 1, 3, EVIL)
        raise SourceError(EVIL)

    app = QuothApp(HostileBackend, builder)
    async with app.run_test(size=LARGE) as _pilot:
        await until(app, "ctrl+r tries again")
        assert "[/x][bold]" in seen(app)
        assert unsafe(app) == []


async def test_a_question_is_words_wherever_it_is_shown() -> None:
    async with opened(HostileBackend(), LARGE) as (app, pilot):
        app.post_message(events.Paste(EVIL))
        await until(app, "[/x][bold]")
        assert unsafe(app) == []
        await pilot.press("enter")
        await until(app, "41 ms")
        assert unsafe(app) == []
        await pilot.press("f4")
        await until(app, "Save “[/x][bold]")
        assert unsafe(app) == []
        await pilot.press("escape", "ctrl+o")
        await until(app, "▶ [/x]")
        await pilot.press("r")
        await until(app, lambda: app.screen.query_one("#name").has_focus)
        assert unsafe(app) == []
        await pilot.press("escape", "d")
        await until(app, "Deleted “[/x]")
        assert unsafe(app) == []


@pytest.mark.parametrize(
    ("scene", "keys"), [("library", ()), ("reading", ("slash",)), ("found", ()), ("folders", ())]
)
async def test_what_is_pasted_into_a_line_is_words(scene: str, keys: tuple[str, ...]) -> None:
    app = QuothApp(HostileBackend)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await staged(*SCENES[scene], *keys)(pilot)
        app.post_message(events.Paste(f"[/x]{ESCAPES}{BIDI}{WIDE}"))
        box = app.screen.query(Input).first()
        await until(app, lambda: "[/x]" in box.value)
        await pilot.pause()
        assert unsafe(app) == []
