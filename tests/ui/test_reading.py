"""Reading: from a marker to the words in their document, and through the library."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import OptionList

from qa.ui.page import Page
from qa.ui.reading import ReadingScreen
from tests.ui.fake import DOCUMENTS, FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write

WIDE = (140, 40)


async def test_a_marker_leads_to_its_card_and_the_card_to_the_words_in_place() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        row = next(n for n, line in enumerate(seen(app).splitlines()) if "Fenwick.” [1]" in line)
        column = seen(app).splitlines()[row].index("[1]") + 1
        await pilot.click(offset=(column, row))
        await until(app, lambda: getattr(app.focused, "source", None) is not None)
        assert "“The tide mill at Harrow Creek was built in 1742 by" in seen(app)
        assert "file changed since it was indexed" in seen(app)
        await pilot.press("enter")
        await until(app, "quote 1 of 2")
        text = seen(app)
        assert "▶ Nobody knows who laid the first stone of the mill. The tide mill" in text
        assert "Estuary Press · 2 Apr 2019 · /books/tides.md · current" in text
        await pilot.press("n")
        await until(app, "quote 2 of 2")
        assert "▶ built in 1742 by Ada Fenwick. It ground barley" in seen(app)
        await pilot.press("p", "p")
        await until(app, "quote 2 of 2")
        await pilot.press("c")
        assert app.clipboard.startswith("“It ground barley for the whole coast")
        assert "(Mills of the Tide, Estuary Press · 2 Apr 2019; /books/tides.md)" in app.clipboard
        await pilot.press("escape")
        await until(app, "Ask your documents")


async def test_narrow_screens_show_the_sources_on_their_own() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("2")
        await until(app, "[2]  The Parish Ledger")
        assert "› Ask your documents" not in seen(app)
        await pilot.press("enter")
        await until(app, "quote 1 of 1")
        await pilot.press("escape", "escape")
        await until(app, "Ask your documents")


async def test_a_nearest_passage_is_never_called_a_quote() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Which submarine?")
        await until(app, "Not in these documents.")
        await pilot.press("1", "enter")
        await until(app, "nearest passage 1 of 1")


async def test_find_goes_from_match_to_match_and_escape_back_to_the_quotes() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 2")
        await pilot.press("slash")
        await write(pilot, "WHEEL  was")
        await pilot.press("enter")
        await until(app, "“WHEEL was”: 1 of 1")
        await until(app, "▶ The wheel was four metres across")
        await pilot.press("slash")
        await write(pilot, "sheep")
        await pilot.press("enter")
        await until(app, "1 of 40")
        await pilot.press("p")
        await until(app, "40 of 40")
        await pilot.press("slash")
        await write(pilot, "[/x]")
        await pilot.press("enter")
        await until(app, "“[/x]”: nowhere")
        await pilot.press("escape")
        await until(app, "quote 1 of 2")


async def test_the_outline_leads_to_a_heading() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("o")
        await until(app, lambda: isinstance(app.focused, OptionList))
        await pilot.press("down", "down", "down", "enter")
        await until(app, lambda: isinstance(app.focused, Page))
        await until(app, lambda: "  Afterwards" in seen(app).splitlines()[3])


async def test_a_quote_that_the_document_no_longer_holds_is_said_to_be_gone() -> None:
    backend = FakeBackend()
    backend.shelf = (replace(DOCUMENTS[0], text="Rewritten."), *DOCUMENTS[1:])
    async with opened(backend, size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "the quote is no longer in this document")


async def test_a_document_that_is_gone_is_one_sentence() -> None:
    backend = FakeBackend()
    async with opened(backend, size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        backend.shelf = ()
        await pilot.press("1", "enter")
        await until(app, "No document is called tides")


async def test_the_library_narrows_down_as_one_types() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "3 documents")
        await until(app, "▶ Mills of the Tide")
        await write(pilot, "moor par")
        await until(app, "1 of 3 documents")
        await gone(app, "Mills of the Tide")
        await pilot.press("enter")
        await until(app, "From the parish ledger")
        await pilot.press("escape", "escape")
        await until(app, "▶ Mills of the Tide")
        await pilot.press("down", "down", "up")
        await until(app, "▶ The Parish Ledger")


async def test_a_document_of_thirty_megabytes_opens_at_its_last_words() -> None:
    paragraph = "The creek fills twice a day, and with it the pond behind the dam. " * 20 + "\n\n"
    text = paragraph * (30_000_000 // len(paragraph)) + "The needle lies here.\n"
    backend = FakeBackend()
    backend.shelf = (replace(DOCUMENTS[0], text=text, headings=()),)
    async with opened(backend, size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "Mills of the Tide")
        await pilot.press("enter")
        await until(app, "The creek fills twice a day")
        screen = app.screen
        assert isinstance(screen, ReadingScreen)
        screen.query_one(Page).reveal(len(text) - 5)
        await until(app, "The needle lies here.")


async def test_nothing_in_a_document_or_a_question_is_markup_or_an_escape() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Does [/x] nobody [red]matter[/red]?")
        await until(app, "Does [/x] nobody [red]matter[/red]?")
        await until(app, "“Notes [/x] of [red]nobody[/red].” ([/y]) [1]")
        await until(app, "[1]  notes [/x] and [red]")
        assert "nothing found on: [/z]" in seen(app)
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 1")
        assert "[31mThe bell [bold]rang[/bold] at noon." in seen(app)
        for character in "\x1b\x07":
            assert character not in seen(app)
