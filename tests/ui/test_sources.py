"""Sources: cards beside the conversation or on their own, and how to get about among them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.types import Answer, Conflict, Point
from qa.ui.sources import Card, SourcesPane, SourcesScreen
from tests.ui.fake import BUILT, DOCUMENTS, GROUND, RECORDED, FakeBackend, citation, mill
from tests.ui.screen import ask, gone, opened, seen, until
from tui import QuothApp

WIDE, NARROW = (140, 60), (80, 24)


def at(app: QuothApp) -> int:
    """The number of the card in focus; 0 if none is."""
    return app.focused.source.citation.number if isinstance(app.focused, Card) else 0


def agreeing(question: str) -> Answer:
    """An answer whose first point is said by two documents, and contradicted by a third."""
    tides, ledger, hostile = DOCUMENTS
    cited = (
        citation(1, tides, BUILT, confidence=0.91),
        citation(2, hostile, "rang[/bold] at noon."),
        citation(3, ledger, RECORDED, confidence=0.4),
    )
    return replace(
        mill(question),
        citations=(cited[2], cited[0], cited[1]),
        points=(Point(BUILT, (1, 2)), Point(RECORDED, (3,))),
        conflicts=(Conflict((1, 3), "number"),),
    )


def many(question: str) -> Answer:
    """An answer with thirteen citations."""
    words = TIDE_WORDS
    cited = tuple(citation(n, DOCUMENTS[0], words[n % len(words)]) for n in range(1, 14))
    points = tuple(Point(c.quote.text, (c.number,)) for c in cited)
    return replace(mill(question), citations=cited, points=points, conflicts=())


TIDE_WORDS = (BUILT, GROUND, "Nobody knows who laid the first stone of the mill.")


async def asked(backend: FakeBackend, app: QuothApp, pilot: object) -> None:
    await ask(pilot, "Who built the mill?")  # type: ignore[arg-type]
    await until(app, "41 ms")


async def test_cards_tell_all_that_there_is_to_tell_in_the_order_of_their_numbers() -> None:
    backend = FakeBackend()
    backend.answer = agreeing
    async with opened(backend, size=WIDE) as (app, pilot):
        await asked(backend, app, pilot)
        await until(app, "✗ file missing now")
        shown = seen(app)
        order = ("[1]  Mills of the Tide", "[2]  notes [/x] and [red]", "[3]  The Parish Ledger")
        places = [shown.index(words) for words in order]
        assert places == sorted(places)
        for words in (
            "Estuary Press · 2 Apr 2019",
            "The millers",
            "“The tide mill at Harrow Creek was built in 1742 by",
            "confidence high, 0.91 · ✓ current",
            "confidence low, 0.40 · ! file changed since",
            "= same in [2]",
            "= same in [1]",
            "≠ differs from [3]: number",
            "≠ differs from [1]: number",
        ):
            assert words in shown


async def test_a_click_on_a_number_goes_to_that_card_and_opens_nothing() -> None:
    backend = FakeBackend()
    backend.answer = agreeing
    async with opened(backend, size=WIDE) as (app, pilot):
        await asked(backend, app, pilot)
        await until(app, "≠ differs from [3]")
        rows = seen(app).splitlines()
        row = next(n for n, line in enumerate(rows) if "≠ differs from [3]" in line)
        await pilot.click(offset=(rows[row].index("from [3]") + 6, row))
        await until(app, lambda: at(app) == 3)
        assert app.screen is app.main


async def test_the_state_is_the_one_by_now_not_the_one_when_it_was_answered() -> None:
    backend = FakeBackend()
    async with opened(backend, size=NARROW) as (app, pilot):
        await asked(backend, app, pilot)
        backend.files["tides"] = "missing"
        await pilot.press("1")
        await until(app, "· ✗ file missing now")


async def test_nearest_passages_have_a_state_and_claim_no_confidence() -> None:
    backend = FakeBackend()
    backend.files["tides"] = "changed"
    async with opened(backend, size=WIDE) as (app, pilot):
        await ask(pilot, "Which submarine?")
        await until(app, "nearest 1  Mills of the Tide")
        await until(app, "! file changed since it was indexed")
        pane = app.main.query_one(SourcesPane)
        assert "confidence" not in "".join(str(card.render()) for card in pane.query(Card))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_digits_lead_to_every_source_also_beyond_the_ninth(size: tuple[int, int]) -> None:
    backend = FakeBackend()
    backend.answer = many
    async with opened(backend, size=size) as (app, pilot):
        await asked(backend, app, pilot)
        app.main.query_one(SourcesPane).pause = 1e9
        await pilot.press("1", "2")
        await until(app, lambda: at(app) == 12)
        for pane in (*app.main.query(SourcesPane), *app.screen.query(SourcesPane)):
            pane.pause = 1e9
        await pilot.press("7")  # there is no 127
        await until(app, lambda: at(app) == 7)
        await pilot.press("1", "0")
        await until(app, lambda: at(app) == 10)
        await pilot.press("1", "3")
        await until(app, lambda: at(app) == 13)
        for pane in (*app.main.query(SourcesPane), *app.screen.query(SourcesPane)):
            pane.pause = 0
        await pilot.press("1", "3")
        await until(app, lambda: at(app) == 3)
        assert "[3]" in seen(app)


async def test_a_first_zero_is_no_source_but_text() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("0")
        await until(app, "› 0")


async def test_a_resize_keeps_the_source_one_is_at() -> None:
    backend = FakeBackend()
    backend.answer = many
    async with opened(backend, size=WIDE) as (app, pilot):
        await asked(backend, app, pilot)
        await pilot.press("8")
        await until(app, lambda: at(app) == 8)
        await pilot.resize_terminal(*NARROW)
        await until(app, lambda: isinstance(app.screen, SourcesScreen) and at(app) == 8)
        await until(app, "[8]")
        await pilot.press("down")
        await until(app, lambda: at(app) == 9)
        await pilot.resize_terminal(*WIDE)
        await until(app, lambda: app.screen is app.main and at(app) == 9)
        await until(app, "[9]")
        await pilot.press("enter")
        await until(app, "[9] quote")
        await pilot.resize_terminal(*NARROW)
        await until(app, "[9] quote")
        await pilot.press("escape")
        await until(app, lambda: isinstance(app.screen, SourcesScreen) and at(app) == 9)
        await pilot.press("enter")
        await until(app, "[9] quote")
        await pilot.resize_terminal(*WIDE)
        await pilot.press("escape")
        await until(app, lambda: app.screen is app.main and at(app) == 9)


async def test_a_resize_away_from_the_sources_stays_where_one_types() -> None:
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        await until(app, lambda: at(app) == 1)
        await pilot.press("escape")
        await until(app, lambda: at(app) == 0)
        await pilot.resize_terminal(*NARROW)
        await gone(app, "[2]  The Parish Ledger")
        assert app.screen is app.main
