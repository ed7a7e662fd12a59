"""Everything by mouse: what a key does, a hint, the commands or a click does as well."""

from __future__ import annotations

import re

from qa.ui import bindings
from qa.ui.bars import Hints
from qa.ui.commands import COMMANDS
from qa.ui.palette import Palette
from tests.ui.fake import FakeBackend
from tests.ui.screen import gone, opened, seen, until, write
from tests.ui.test_layout import SCENES, staged
from tui import QuothApp

PLACES = (
    *("welcome", "source", "reading", "outline", "finding", "library", "sessions", "folders"),
    *("left-out", "saving", "refusal", "details", "why", "keys", "removing"),
)
# Moving about is the wheel, the scroll bar, or a click on what one would move to; what a click
# on the thing itself does needs no other way.
CLICKED = re.compile(
    r".*\.(up|down|page|page-up|page-down|top|end|first|last|upper|lower|nearer|farther|offered"
    r"|next|previous|source-\d|found|found-before|nearest|suggestion|alone|clear|leave)"
    # These are of what is typed, or say how to quit, which a hint does.
    r"|asking\.(complete|hide|newline|former)|how-to-quit"
)
TRIED = {"asking.send", "cancel"}  # below


async def test_what_a_key_does_a_click_does_as_well() -> None:
    reached = {command.name for command in COMMANDS} | TRIED
    wanted: set[str] = set()
    for place in PLACES:
        app = QuothApp(FakeBackend)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await staged(*SCENES[place])(pilot)
            for hints in app.screen.query(Hints):
                reached |= {name for name, _ in hints._names}
            reached |= {binding.id or "" for _, binding in Palette(app.screen)._here()}
            keys = bindings.sheet(app, app.keymap)
            wanted |= {name for key in keys for name in key.names}
    assert {name for name in wanted - reached if not CLICKED.fullmatch(name)} == set()


async def test_a_click_asks_and_a_click_stops() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await write(pilot, "Who built it?")
        await pilot.click(".prompt")
        await until(app, "esc stops")
        lines = seen(app).splitlines()
        row = next(n for n, line in enumerate(lines) if "esc stops" in line)
        await pilot.click(offset=(lines[row].index("esc stops"), row))
        await until(app, "stopped")


async def test_a_hint_does_what_its_key_does_while_one_types() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills")
        await write(pilot, "mills")
        await gone(app, "The Parish Ledger  ")
        row = next(n for n, line in enumerate(seen(app).splitlines()) if "- None" in line)
        await pilot.click(offset=(seen(app).splitlines()[row].index("- None") + 2, row))
        await until(app, "▶ [ ] Mills")


async def test_a_click_beside_a_sheet_or_on_its_frame_closes_it() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        for beside in (True, False):
            await pilot.press("f1")
            await until(app, "esc Close")
            lines = seen(app).splitlines()
            row = next(n for n, line in enumerate(lines) if "esc Close" in line)
            await pilot.click(offset=(0, 12) if beside else (lines[row].index("esc Close"), row))
            await gone(app, "esc Close")
