"""Why a passage is in an answer or not, from every place where one may ask it."""

from __future__ import annotations

import pytest

from qa.errors import QuestionError
from qa.ui.why import WhyScreen, bar
from tests.ui.fake import FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write

SIZES = [(40, 15), (80, 24), (140, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_w_on_a_source_tells_what_put_it_there(size: tuple[int, int]) -> None:
    async with opened(FakeBackend(), size=size) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        await until(app, lambda: getattr(app.focused, "source", None) is not None)
        await pilot.press("w")
        await until(app, "In the answer, as [1]")
        await until(app, "0.35 the 1st")
        assert "█" in seen(app)
        await pilot.press("end")
        await until(app, "Not in it: [/x]")
        await pilot.press("escape")
        await gone(app, "the 1st")


async def test_w_on_a_nearest_passage_tells_the_stage_that_lost_it() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Which submarine?")
        await until(app, "Not in these documents.")
        await pilot.press("1")
        await until(app, lambda: getattr(app.focused, "source", None) is not None)
        await pilot.press("w")
        await until(app, "✗ Ranking: lost here: It came 9th of 25")
        assert "· Quotes: not reached" in seen(app)
        assert "✓ Filters: There is no filter." in seen(app)


async def test_w_while_reading_asks_about_what_was_found_or_is_in_view() -> None:
    async with opened(FakeBackend(), size=(140, 40)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 2")
        await pilot.press("w")
        await until(app, "In the answer, as [1]")
        await pilot.press("escape", "slash")
        await write(pilot, "wheel")
        await until(app, "1 of 1")
        await pilot.press("enter", "w")
        await until(app, "Lost at the ranking")
        assert "Not in it: [/x]" in seen(app)


async def test_without_a_question_there_is_nothing_to_tell() -> None:
    async with opened(FakeBackend(), size=(140, 40)) as (app, pilot):
        await pilot.press("ctrl+l")
        await until(app, "▶ [✓] Mills of the Tide")
        await pilot.press("enter")
        await until(app, "The creek fills twice a day")
        await pilot.press("w")
        await until(app, "Ask something first")
        assert not isinstance(app.screen, WhyScreen)


async def test_what_cannot_be_told_is_one_sentence_in_place() -> None:
    backend = FakeBackend()
    async with opened(backend, size=(140, 40)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        backend.fail = QuestionError("There is no [/x] any more; ask again.")
        await pilot.press("w")
        await until(app, "There is no [/x] any more; ask again.")


@pytest.mark.parametrize(
    ("amount", "drawn"), [(0, ""), (0.001, "▌"), (0.5, "█████"), (0.55, "█████▌"), (1, "█" * 10)]
)
def test_a_bar_is_as_long_as_its_share(amount: float, drawn: str) -> None:
    assert bar(amount, 1, 10) == drawn


def test_a_bar_of_nothing_is_empty() -> None:
    assert bar(0, 0, 10) == ""
