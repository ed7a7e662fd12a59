"""Reading: from a marker to the words in their document, and through the library."""

from __future__ import annotations

from dataclasses import replace

from qa.ui.outline import Outline
from qa.ui.page import Page
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
        assert "! file changed" in seen(app)
        await pilot.press("enter")
        await until(app, "quote 1 of 2")
        text = seen(app)
        assert "▶ Nobody knows who laid the first stone of the mill. The tide mill" in text
        await until(app, "✓ current · Estuary Press · 2 Apr 2019 · /books/tides.md")
        assert "[1] quote 1 of 2" in text
        await pilot.press("n")
        await until(app, "[3] quote 2 of 2")
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


async def test_find_counts_as_one_types_and_goes_from_place_to_place() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 2")
        await pilot.press("slash")
        await write(pilot, "WHEEL  was")
        await until(app, "1 of 1")
        await until(app, "▶ The wheel was four metres across")
        await pilot.press("enter", "home", "slash")
        await write(pilot, "sheep")  # what stood there is typed over
        await until(app, "1 of 40")
        await pilot.press("up")
        await until(app, "40 of 40")
        await pilot.press("enter", "n", "n")
        await until(app, "2 of 40")
        await pilot.press("p", "N")
        await until(app, "40 of 40")
        assert "• " in seen(app)
        await pilot.press("slash")
        await write(pilot, "[/x]")
        await until(app, "nowhere")
        await pilot.press("escape")
        await until(app, lambda: "nowhere" not in seen(app))
        assert "quote 1 of 2" in seen(app)


async def test_what_was_sought_last_is_sought_again_when_finding_is_opened_again() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("slash")
        await write(pilot, "sheep")
        await until(app, "1 of 40")
        await pilot.press("escape")
        await gone(app, "1 of 40")
        await pilot.press("slash")
        await until(app, "of 40")


async def test_finding_begins_where_one_reads_and_the_quotes_stay_marked() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("3", "enter")
        await until(app, "[3] quote 2 of 2")
        await pilot.press("slash")
        await write(pilot, "twice")
        await until(app, "1 of 40")
        await pilot.press("enter", "escape", "n", "n")
        await until(app, "[3] quote 2 of 2")
        await pilot.press("slash")
        await write(pilot, "ground")
        await until(app, "1 of 1")
        assert "▏ Nobody knows who laid" in seen(app)  # the other quote
        await pilot.press(*["backspace"] * 6)
        await gone(app, "1 of 1")


async def test_the_outline_leads_to_a_heading() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("o")
        await until(app, lambda: isinstance(app.focused, Outline))
        await pilot.press("down", "down", "down", "enter")
        await until(app, lambda: isinstance(app.focused, Page))
        await until(app, lambda: "  Afterwards" in seen(app).splitlines()[3])
        await until(app, "▶   Afterwards")
        row = next(n for n, line in enumerate(seen(app).splitlines()) if "A history" in line)
        await pilot.click(offset=(6, row))
        await until(app, lambda: "  A history of the place" in seen(app).splitlines()[3][44:])
        await pilot.press("escape")
        await gone(app, "▶")


async def test_a_narrow_outline_covers_the_page_until_a_heading_is_picked() -> None:
    async with opened(FakeBackend(), size=(40, 15)) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("o")
        await gone(app, "The creek fills")
        await pilot.press("down", "down", "enter")
        await until(app, lambda: "  The millers" in seen(app).splitlines()[2])


async def test_details_tell_all_that_is_known() -> None:
    backend = FakeBackend()
    more = {"doi": "10.1000/[/x]", "line_offset": "77", "line": "3"}
    backend.shelf = (replace(DOCUMENTS[0], metadata=more), *DOCUMENTS[1:])
    backend.files["tides"] = "missing"
    async with opened(backend, size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "✗ file missing now")
        await pilot.press("i")
        await until(app, "About this document")
        await until(app, f"{len(DOCUMENTS[0].text.split()):,}")
        await until(app, lambda: seen(app).count("✗ file missing now") == 2)
        shown = seen(app)
        for words in ("Mills of the Tide", "Ines Moor", "Estuary Press", "2 Apr 2019"):
            assert words in shown
        for words in ("/books/tides.md", "0" * 60, "doi", "10.1000/[/x]", "line"):
            assert words in shown
        assert "line_offset" not in shown
        await pilot.press("i")
        await gone(app, "About this document")


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
        await until(app, "▶ [✓] Mills of the Tide")
        await write(pilot, "moor par")
        await until(app, "1 of 3 documents")
        await gone(app, "] Mills of the Tide")
        await pilot.press("enter")
        await until(app, "From the parish ledger")
        await pilot.press("escape", "escape")
        await until(app, "▶ [✓] The Parish Ledger")
        await until(app, "] Mills of the Tide")
        await pilot.press("home", "down", "up")
        await until(app, "▶ [✓] Mills of the Tide")


async def test_a_document_of_thirty_megabytes_is_read_without_wrapping_it_all() -> None:
    paragraph = "The creek fills twice a day, and with it the pond behind the dam. " * 20 + "\n\n"
    text = paragraph * (30_000_000 // len(paragraph)) + "The needle lies here.\n"
    backend = FakeBackend()
    backend.shelf = (replace(DOCUMENTS[0], text=text, headings=()),)
    async with opened(backend, size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "Mills of the Tide")
        await pilot.press("enter")
        await until(app, "The creek fills twice a day")
        page = app.screen.query_one(Page)
        await pilot.press("end")
        await until(app, "The needle lies here.")
        assert seen(app).splitlines()[0].endswith("100%")
        await pilot.press("pageup", "pageup", "pagedown", "pagedown", "down")
        await until(app, "The needle lies here.")
        before = page.in_view()[0]
        await pilot.resize_terminal(60, 30)
        await pilot.pause()
        assert abs(page.in_view()[0] - before) < 2_000
        page.reveal(len(text) // 2, above=0)
        await until(app, lambda: page.in_view()[0] <= len(text) // 2 < page.in_view()[1])
        assert page._rows is not None
        assert page._rows.wrapped < 12


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
