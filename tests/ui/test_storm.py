"""Smooth whatever comes: a storm of sizes while an answer arrives, and 2,000 turns."""

from __future__ import annotations

from textual import events
from textual.geometry import Size

from tests.ui.fake import FakeBackend, mill
from tests.ui.fit import without_room
from tests.ui.hostile import unsafe
from tests.ui.screen import ask, opened, seen, until

# Up and down, wide and narrow.
STORM = [(1 + (37 * n) % 300, 1 + (61 * n) % 100) for n in range(198)]


async def test_two_hundred_sizes_in_a_row_while_an_answer_arrives() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built it?")
        await until(app, "reading on for the meaning")
        for number, size in enumerate([(1, 1), *STORM, (300, 100)]):
            app.post_message(events.Resize(Size(*size), Size(*size)))
            if number == 100:
                backend.go.set()
            if number % 20 == 0:
                await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await until(app, "41 ms")
        assert app.size == (80, 24)
        assert unsafe(app) == []
        assert without_room(app) == []
        await pilot.resize_terminal(120, 30)
        await until(app, "The Parish Ledger")
        await ask(pilot, "And when?")
        await until(app, "understood as")


async def test_two_thousand_turns_are_scrolled_through_and_gone_on_with() -> None:
    backend = FakeBackend()
    for place in range(1, 2_001):
        backend.sessions.keep("long", place, mill(f"Question {place}?"))
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "2,000 questions")
        await pilot.press("enter")
        await until(app, lambda: len(app.conversation.turns) == 2_000)
        await until(app, "answered 2 Jan 2026")
        for _ in range(5):
            await pilot.press("pageup")
        app.conversation.scroll_to(y=app.conversation.max_scroll_y / 2, animate=False)
        await until(app, lambda: any(f"Question {n}?" in seen(app) for n in range(900, 1_100)))
        assert len(app.main.query("TurnView")) < 60
        await ask(pilot, "And when?")
        await until(app, "understood as")
        await until(app, lambda: app.conversation.following)
