"""Pages on the screen: on cards, between the lines of the reading view, and in a viewer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.types import Location, Page
from qa.ui import wording
from qa.ui.opening import viewer
from qa.ui.wrapping import Layout, blocks
from tests.ui.fake import BUILT, DOCUMENTS, FakeBackend, citation, mill
from tests.ui.screen import ask, opened, seen, until
from tests.ui.test_opening import program, tools

WIDE = (140, 40)
__all__ = ["tools"]


def paged(kind: str = "page") -> FakeBackend:
    """A backend whose document has pages: one begins in the middle of the quoted sentence."""
    tides = DOCUMENTS[0]
    turn = tides.text.index("in 1742 by")
    starts = (0, tides.text.index("Nobody"), turn)
    pages = tuple(Page(start, f"{kind} {n}") for n, start in enumerate(starts, start=1))
    document = replace(tides, path="/books/tides.pdf", pages=pages)
    backend = FakeBackend()
    backend.shelf = (document, *DOCUMENTS[1:])
    cited = (citation(1, document, BUILT, confidence=0.91),)
    answer = replace(mill("?"), citations=cited, hits=(cited[0].hit,), conflicts=())
    backend.answer = lambda question: replace(answer, question=question, points=answer.points[:1])
    return backend


async def test_a_card_and_the_copied_quote_have_the_page_and_reading_shows_where_each_begins() -> (
    None
):
    async with opened(paged(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        await until(app, "pages 2-3")
        await pilot.press("c")
        assert "pages 2-3; /books/tides.pdf" in app.clipboard
        await pilot.press("enter")
        await until(app, "quote 1 of 1")
        await until(app, "── page 3 ──")
        await until(app, "page 1 · ")
        await until(app, "pages 2-3 · /books/tides.pdf")
        await pilot.press("home")
        await until(app, "── page 1 ──")


async def test_rows_of_a_table_are_named_without_a_rule_over_each() -> None:
    async with opened(paged("row"), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        await until(app, "rows 2-3")
        await pilot.press("enter")
        await until(app, "quote 1 of 1")
        await until(app, "row 1 · ")
        assert "── row" not in seen(app)


def test_a_break_takes_a_row_of_its_own_and_moves_no_offset() -> None:
    text = "one two three four five six seven"
    layout = Layout(text, 12, blocks(text), [0, 8])
    layout.settle(0, 10)
    spans = [layout.span(row) for row in range(layout.height)]
    rows = [text[start:end].rstrip() for start, end in spans]
    assert rows == ["", "one two", "", "three four", "five six", "seven"]
    assert layout.row_of(8) == 3
    assert layout.row_of(0) == 1


async def test_e_says_that_an_editor_cannot_show_it_and_v_opens_it_at_the_page(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tools / "told"
    program(tools, "xdg-mime", "echo org.gnome.Evince.desktop")
    program(tools, "xdg-open", "exit 9")
    program(tools, "evince", f'echo "$@" > {told}.part; mv {told}.part {told}')
    for variable in ("WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(variable, raising=False)
    backend = paged()
    backend.location = Location("/books/tides.pdf", 0, "current", "whole", "page 2", 2)
    async with opened(backend, size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("v")
        await until(app, "There is no desktop here to show")
        monkeypatch.setenv("DISPLAY", ":0")
        await pilot.press("e")
        await until(app, "An editor cannot show")
        await pilot.press("v")
        await until(app, "Opening in evince. What is in view: page 2.")
        await until(app, told.exists)
        assert told.read_text() == "--page-index=2 /books/tides.pdf\n"


@pytest.mark.parametrize(
    ("default", "arguments"),
    [
        ("okularApplication_pdf.desktop", ("okular", "-p", "7", "/a b.pdf")),
        ("org.kde.okular.desktop", ("okular", "-p", "7", "/a b.pdf")),
        ("org.pwmt.zathura-pdf-poppler.desktop", ("zathura", "-P", "7", "/a b.pdf")),
        ("firefox-esr.desktop", ("firefox", "file:///a%20b.pdf#page=7")),
        ("org.gnome.Papers.desktop", ("papers", "--page-index=7", "/a b.pdf")),
        ("somebody-elses.desktop", ("xdg-open", "/a b.pdf")),
    ],
)
def test_viewers_are_told_the_page_in_their_own_way(
    tools: Path, default: str, arguments: tuple[str, ...]
) -> None:
    program(tools, "xdg-mime", f"echo {default}")
    there = {"xdg-mime": str(tools / "xdg-mime")} | dict.fromkeys(
        ("xdg-open", "okular", "zathura", "firefox", "papers"), "x"
    )
    launch = viewer("/a b.pdf", {"DISPLAY": ":0"}, there.get, "linux", page=7)
    assert launch.arguments == arguments


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (Location("/b.pdf", 0, "current", "whole", "page iv", 4), "The quote: page iv."),
        (Location("/b.docx", 0, "current", "whole"), "The quote: /b.docx."),
        (Location("/b.pdf", 0, "changed", "whole", "page 3", 3), "the quote stands on page 3 now."),
        (Location("/b.docx", 0, "changed", "part"), "only part of the quote is still in it."),
        (Location("/b.pdf", 0, "changed", "nothing"), "the quote is no longer in it."),
    ],
)
def test_where_the_quote_stands_is_said_by_its_page(location: Location, said: str) -> None:
    assert wording.located(location, "the quote", "ctrl+r").endswith(said)
