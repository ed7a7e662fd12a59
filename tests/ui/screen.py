"""What a user sees and waits for, in tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from qa.ui.words import Words
from tests.ui.fake import FakeBackend
from tui import Builder, QuothApp


def seen(app: QuothApp) -> str:
    """The characters on the screen, row by row."""
    rows = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row).rstrip() for row in rows)


async def until(app: QuothApp, what: str | Callable[[], object]) -> None:
    """Wait for words to be on the screen, or for something to be so."""
    for _ in range(1_000):
        if what in seen(app) if isinstance(what, str) else what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never came: {what!r}\n{seen(app)}")


def said(app: QuothApp) -> str:
    """All that is written on the present screen, in view or not, each text run on as one line."""
    words = [shown.content for shown in app.screen.query(Words)]
    texts = [seen(app), *(text if isinstance(text, str) else text.plain for text in words)]
    return "\n".join(" ".join(text.split()) for text in texts)


async def gone(app: QuothApp, words: str) -> None:
    """Wait for words to leave the screen."""
    await until(app, lambda: words not in seen(app))


async def write(pilot: Pilot[None], text: str) -> None:
    """Type a text, as fast as a terminal sends what is typed: `press` waits after every key."""
    names = {" ": "space", "?": "question_mark", "/": "slash", "[": "left_square_bracket"}
    names |= {"]": "right_square_bracket", "\n": "ctrl+j"}
    for character in text[:-1]:
        key = names.get(character, character)
        pilot.app.post_message(events.Key(key, character if character.isprintable() else None))
    await pilot.press(names.get(text[-1], text[-1]))


async def ask(pilot: Pilot[None], question: str) -> None:
    """Type a question and send it."""
    await write(pilot, question)
    await pilot.press("enter")


@asynccontextmanager
async def opened(
    backend: FakeBackend,
    size: tuple[int, int] = (80, 24),
    builder: Builder | None = None,
    theme: str = "quoth-dark",
) -> AsyncIterator[tuple[QuothApp, Pilot[None]]]:
    """The app over a fake backend, with its index open."""
    app = QuothApp(lambda: backend, builder, theme)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(app, lambda: app.backend is not None)
        await pilot.pause()
        yield app, pilot
        backend.go.set()
        backend.build_on.set()


async def act(app: QuothApp, pilot: Pilot[None], step: str) -> None:
    """Ask, press or wait: "?..." asks, "=..." types, "~..." waits for words, else a key."""
    if step.startswith("?"):
        await ask(pilot, step[1:])
    elif step.startswith("="):
        await write(pilot, step[1:])
    elif step.startswith("~"):
        await until(app, lambda: step[1:] in seen(app) or step[1:] in said(app))
    else:
        await pilot.press(step)
