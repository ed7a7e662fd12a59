"""Colours: what is written stands out, in both themes and on every screen; nothing needs colour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.filter import NoColor
from textual.geometry import Region

from qa.ui.theme import THEMES, fitting
from tests.ui.fake import FakeBackend
from tests.ui.test_layout import LARGE, SCENES, SMALL, staged
from tests.ui.test_text import contrast
from tui import QuothApp

# Box drawing, blocks and geometric shapes tell where things are: 3:1 (WCAG 2.2, 1.4.11).
_SHAPES = range(0x2500, 0x2600)


def _hex(color: RichColor) -> str:
    return Color.from_rich_color(color).hex6


def _pairs(app: QuothApp) -> Iterator[tuple[str, str, str, float]]:
    """What is written on the screen, its colour, its ground, and the contrast that it needs."""
    shown = [Region(0, 0, *app.size)]
    if app.screen.is_modal:  # what a sheet covers is not to be read
        shown = [child.region for child in app.screen.displayed_children]
    strips = app.screen._compositor.render_strips()
    rows = [strips[y].crop(box.x, box.right) for box in shown for y in range(box.y, box.bottom)]
    for row in rows:
        for text, style, _ in row:
            assert style is not None
            if not text.strip():
                continue
            assert style.color is not None
            assert style.bgcolor is not None
            ends = _hex(style.color), _hex(style.bgcolor)
            shapes = all(ord(character) in _SHAPES for character in text.strip())
            yield text, *ends, 3 if shapes else 4.5


def _faint(app: QuothApp) -> set[tuple[str, str, str, float]]:
    return {
        (text, first, second, round(contrast(first, second), 2))
        for text, first, second, needed in _pairs(app)
        if contrast(first, second) < needed
    }


@pytest.mark.parametrize("scene", SCENES)
async def test_all_that_is_written_stands_out(scene: str) -> None:
    app = QuothApp(FakeBackend)
    async with app.run_test(size=SMALL) as pilot:
        await staged(*SCENES[scene])(pilot)
        for size in (SMALL, LARGE):
            await pilot.resize_terminal(*size)
            for theme in THEMES:
                app.theme = theme
                await pilot.pause()
                assert _faint(app) == set()


@pytest.mark.parametrize(
    ("colours", "color", "theme"),
    [
        ("truecolor", True, "quoth-light"),
        ("256", True, "quoth-light"),
        ("standard", True, "quoth-terminal"),
        (None, True, "quoth-terminal"),
        ("truecolor", False, "quoth-terminal"),
    ],
)
def test_a_terminal_of_few_colours_keeps_its_own(
    colours: str | None, color: bool, theme: str
) -> None:
    assert fitting("quoth-light", colours, color=color) == theme


@pytest.mark.parametrize("scene", SCENES)
async def test_without_colour_what_is_chosen_differs_otherwise(
    scene: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = QuothApp(FakeBackend, theme="quoth-terminal")
    async with app.run_test(size=SMALL) as pilot:
        await staged(*SCENES[scene])(pilot)
        segments = [
            segment
            for row in app.screen._compositor.render_strips()
            for segment in NoColor().apply(list(row), Color(0, 0, 0))
        ]
        colours = {
            color
            for _, style, _ in segments
            if style
            for color in (style.color, style.bgcolor)
            if color is not None and not color.is_default
        }
        assert colours == set()
        assert any(style and (style.reverse or style.bold) for _, style, _ in segments)


@pytest.mark.parametrize(
    ("steps", "words", "attribute"),
    [
        (("=/", "~/library"), "/help ", "underline"),
        (
            ("?Who built it?", "~41 ms", "1", "~[1]  Mills", "enter", "~quote 1"),
            "built in 1742",
            "reverse",
        ),
        (
            ("?Who built it?", "~41 ms", "1", "~[1]  Mills", "enter", "~quote 1"),
            "ground barley",
            "underline",
        ),
        (("?Who built it?", "~41 ms", "1", "~[1]  Mills"), "built in 1742", "bold"),
    ],
)
async def test_choice_focus_and_quotes_show_without_colour(
    steps: tuple[str, ...], words: str, attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = QuothApp(FakeBackend, theme="quoth-terminal")
    async with app.run_test(size=SMALL) as pilot:
        await staged(*steps)(pilot)
        rows = app.screen._compositor.render_strips()
        found = [style for row in rows for text, style, _ in row if words in text]
        assert found
        assert all(style and getattr(style, attribute) for style in found)
