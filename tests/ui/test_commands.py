"""Commands: by slash with completion, and in the palette with all else that can be done."""

from __future__ import annotations

import re

import pytest
from textual import events
from textual.widgets import Input

from qa.ui.commands import COMMANDS
from qa.ui.completion import Completions
from qa.ui.composer import Composer
from qa.ui.keys import KeySheet
from qa.ui.palette import Palette
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write
from tui import QuothApp


def _typed(app: QuothApp) -> str:
    return app.main.query_one(Composer).text


async def test_a_slash_shows_every_command_and_letters_narrow_them_down() -> None:
    async with opened(FakeBackend(), size=(100, 40)) as (app, pilot):
        await write(pilot, "/")
        await until(app, lambda: app.main.query_one(Completions).display)
        listed = app.main.query_one(Completions)
        assert [command.name for command in listed.commands] == [each.name for each in COMMANDS]
        assert re.search(r"/library +ctrl\+l +Library: all documents", seen(app))
        await write(pilot, "c")
        await gone(app, "/library")
        assert {command.name for command in listed.commands} == {"commands", "clear", "copy"}
        await pilot.press("backspace", "backspace")
        await gone(app, "/commands ")


async def test_tab_completes_and_enter_runs_the_one_that_the_arrows_chose() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await write(pilot, "/l")
        await until(app, "/library ")
        await pilot.press("tab")
        assert _typed(app) == "/library"
        await pilot.press("enter")
        await until(app, "▶ [✓] Mills of the Tide")
        await pilot.press("escape")
        await write(pilot, "/")
        await until(app, "/help ")
        await pilot.press("down", "down", "up", "up", "up", "up", "down", "enter")
        assert isinstance(app.screen, KeySheet) or app.return_code is not None


async def test_the_arrows_go_round_and_a_click_runs() -> None:
    async with opened(FakeBackend(), size=(80, 40)) as (app, pilot):
        await write(pilot, "/")
        await until(app, "/help ")
        await pilot.press("up")
        chosen = app.main.query_one(Completions).chosen
        assert chosen is not None
        assert chosen.name == "quit"
        await write(pilot, "li")
        await until(app, lambda: len(app.main.query_one(Completions).commands) == 1)
        await pilot.click(Completions, offset=(8, 1))
        await until(app, "▶ [✓] Mills of the Tide")
        assert _typed(app) == ""


async def test_escape_hides_the_commands_and_what_is_typed_stays() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await write(pilot, "/li")
        await until(app, "/library ")
        await pilot.press("escape")
        await gone(app, "/library ")
        assert _typed(app) == "/li"
        await pilot.press("enter")
        await until(app, "There is no command /li")


async def test_a_recalled_command_lets_the_arrows_recall_on() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await write(pilot, "/theme")
        await pilot.press("enter")
        await until(app, lambda: app.theme == "quoth-light")
        await pilot.press("up")
        await until(app, lambda: _typed(app) == "/theme")
        assert not app.main.query_one(Completions).display
        await pilot.press("up")
        await until(app, lambda: _typed(app) == "Who built the mill?")


async def test_a_question_about_a_path_is_no_command() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await write(pilot, "/etc/hosts says what?")
        assert not app.main.query_one(Completions).display
        await pilot.press("enter")
        await until(app, "41 ms")
        assert backend.asked[0][0] == "/etc/hosts says what?"


async def test_the_palette_has_every_command_with_its_key() -> None:
    async with opened(FakeBackend(), size=(100, 60)) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(app, "Save screenshot")
        for command in COMMANDS:
            assert command.title in seen(app)
        assert "All documents, to filter and read · ctrl+l" in seen(app)
        await write(pilot, "libr")
        await pilot.press("enter")
        await until(app, "▶ [✓] Mills of the Tide")


async def test_the_palette_has_what_can_be_done_where_one_is() -> None:
    async with opened(FakeBackend(), size=(100, 60)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 2")
        await pilot.press("ctrl+p")
        await until(app, "Reading · n")
        await write(pilot, "next mark")
        await until(app, lambda: "Library" not in seen(app))
        await pilot.press("enter")
        await until(app, "quote 2 of 2")


async def test_the_palette_opens_documents_by_title() -> None:
    async with opened(FakeBackend(), size=(100, 60)) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(app, "Save screenshot")
        await write(pilot, "notes [/x]")
        await until(app, "notes [/x] and [red] �]0;title�")
        await pilot.press("enter")
        await until(app, "Notes [/x] of [red]nobody[/red].")


async def test_the_palette_offers_no_document_before_the_index_is_open() -> None:
    app = QuothApp(FakeBackend)
    async with app.run_test():
        await until(app, "You might ask")
        app.backend = None
        assert [hit.prompt async for hit in Palette(app.main).search("parish ledger")] == []


@pytest.mark.parametrize("where", ["", "ctrl+l"])
async def test_a_paste_of_a_megabyte_is_shortened_and_said(where: str) -> None:
    async with opened(FakeBackend()) as (app, pilot):
        if where:
            await pilot.press(where)
            await until(app, "▶ [✓] Mills of the Tide")
        app.post_message(events.Paste("word " * 200_000))
        await until(app, "Only the first 4,000")
        await until(app, lambda: isinstance(app.focused, (Composer, Input)))
        focused = app.focused
        text = focused.text if isinstance(focused, Composer) else focused.value  # type: ignore[union-attr]
        assert text == "word " * 800


async def test_what_is_typed_at_once_is_taken_in_its_turn() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, _pilot):
        for character in "what?\r/theme\rnext":
            key = {"\r": "enter", "?": "question_mark", "/": "slash"}.get(character, character)
            app.post_message(events.Key(key, character))
        await until(app, lambda: _typed(app) == "next")
        await until(app, lambda: app.theme == "quoth-light")
        await until(app, lambda: [question for question, _ in backend.asked] == ["what?"])
        assert not isinstance(app.screen, KeySheet)
