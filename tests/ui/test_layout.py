"""How it looks: snapshots of every screen at the sizes and in the themes that matter.

A screen is in SCENES; each scene is shown small and large, in the dark and by daylight.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from qa.ui.theme import THEMES
from tests.ui.fake import FakeBackend
from tests.ui.screen import act, ask, opened, seen, until
from tui import QuothApp

Compare = Callable[..., bool]
SMALL, LARGE, TINY = (80, 24), (160, 50), (40, 15)


def staged(*steps: str) -> Callable[[Pilot[None]], object]:
    """Ask, press and wait: "?..." asks, "=..." types, "~..." waits for words, else a key."""

    async def stage(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, QuothApp)
        await until(app, lambda: "41 passages" in seen(app) and app.main.query("Suggestion"))
        for step in steps:
            await act(app, pilot, step)
        app.main.query_one("Composer").cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause()

    return stage


READ = ("?Who built the tide mill?", "~41 ms", "1", "~[1]  Mills", "enter", "~quote 1")
TALK = ("?Who built the tide mill?", "~41 ms", "ctrl+n", "?Which submarine?", "~Nearest passages")
SCENES = {
    "welcome": ("~You might ask",),
    "answer": ("?Who built the tide mill?", "~41 ms"),
    "refusal": ("?Which wheel had the submarine?", "~Nearest passages"),
    "follow-up": ("?Who built it?", "~41 ms", "?And when?", "~understood as", "~41 ms"),
    "hostile": ("?What of nobody?", "~41 ms"),
    "source": ("?Who built the tide mill?", "~41 ms", "2", "~file changed"),
    "reading": (*READ, "~✓ current"),
    "finding": (*READ, "slash", "=barley", "~1 of 1"),
    "outline": (*READ, "o", "~A history of the pla"),
    "details": (*READ, "i", "~1,265", "~✓ current"),
    "why": (*READ, "w", "~What adds up"),
    "why-not": (
        "?Which wheel had the submarine?",
        "~Nearest passages",
        "1",
        "~nearest 1",
        "w",
        "~0.17",
    ),
    "library": ("ctrl+l", "~▶ [✓] Mills of the Tide", "~1,265 words"),
    "keys": ("f1", "~Asking"),
    "commands": ("=/", "~/library"),
    "palette": ("ctrl+p", "~Everything that can be done"),
    "sessions": (*TALK, "ctrl+o", "~2 conversations"),
    "found": (*TALK, "ctrl+o", "~2 conversations", "slash", "=mill", "~1 conversation with"),
    "deleted": (*TALK, "ctrl+o", "~2 conversations", "d", "~brings it back"),
    "resumed": (*TALK, "ctrl+o", "~2 conversations", "down", "enter", "~answered 2"),
    "saving": (*TALK, "f4", "~free"),
    "folders": ("ctrl+l", "~▶ [✓] Mills", "ctrl+d", "~3 documents", "=~/e", "~goes on below"),
    "removing": ("ctrl+l", "~▶ [✓] Mills", "delete", "~Keep it"),
    "scope": ("ctrl+l", "~▶ [✓] Mills", "space", "escape", "~Asking only 2 of 3"),
    "left-out": ("f9", "~Nothing was left out"),
    "rebuild": ("ctrl+r", "~1 file left out"),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x50"])
@pytest.mark.parametrize("scene", SCENES)
def test_scene(scene: str, size: tuple[int, int], theme: str, snap_compare: Compare) -> None:
    app = QuothApp(FakeBackend, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=staged(*SCENES[scene]))


def test_a_tiny_terminal(snap_compare: Compare) -> None:
    assert snap_compare(
        QuothApp(FakeBackend), terminal_size=TINY, run_before=staged(*SCENES["answer"])
    )


async def test_f2_switches_between_light_and_dark() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("f2")
        assert app.theme == "quoth-light"
        await pilot.press("f2")
        assert app.theme == "quoth-dark"


async def test_the_sources_stand_beside_the_conversation_only_where_there_is_room() -> None:
    async with opened(FakeBackend(), size=(99, 30)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        assert "The Parish Ledger" not in seen(app)
        await pilot.resize_terminal(100, 30)
        await until(app, "The Parish Ledger")


@pytest.mark.parametrize("width", [40, 80, 160])
async def test_no_hint_at_the_bottom_is_cut_off(width: int) -> None:
    async with opened(FakeBackend(), size=(width, 15)) as (app, _pilot):
        last = seen(app).splitlines()[-1]
        hints = ["f1 Keys", "^s Sources", "^l Library", "^r Rebuild", "^p Commands", "^q Quit"]
        assert last.split("   ")[0].strip() == "f1 Keys"
        assert {hint.strip() for hint in last.split("   ")} <= set(hints)
        assert (width < 80) or all(hint in last for hint in hints)
