"""Turns: what can be done about an answer where it stands, and that many turns stay light."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot

from qa.types import Part
from qa.ui.composer import Composer
from qa.ui.conversation import AT_ONCE, SLACK, Conversation, Gap, News
from qa.ui.reading import ReadingScreen
from qa.ui.sources import SourcesPane
from qa.ui.turn import Nearest, TurnView, Understood
from qa.ui.words import Words
from tests.ui.fake import FakeBackend, mill, refusal
from tests.ui.screen import ask, gone, opened, seen, until
from tui import QuothApp

FOLLOW_UP = "understood as: When was the tide mill at Harrow Creek built?"
ALONE = "asked alone, without the questions before"


class Leaning(FakeBackend):
    """Takes "And when?" on from the question before it, if it is told of one."""

    def stream(self, question, history=(), scope=None):  # type: ignore[no-untyped-def]
        self.answer = lambda asked: (
            mill(asked, "When was the tide mill at Harrow Creek built?") if history else mill(asked)
        )
        return super().stream(question, history, scope)


async def test_quotes_stand_under_what_they_answer_of_several_things_asked_at_once() -> None:
    backend = FakeBackend()
    parts = Part("Who built the mill", (1, 2)), Part("when was it built", (1,)), Part("why [/x]")
    backend.answer = lambda asked: replace(mill(asked), parts=parts)
    async with opened(backend, size=(120, 40)) as (app, pilot):
        await ask(pilot, "Who built the mill, when was it built, and why [/x]?")
        await until(app, "41 ms")
        told = "on “Who built the mill”:", "“The tide mill at Harrow Creek", "“the mill at Harrow"
        told += "on “when was it built”: see [1]", "✗ no quote speaks of “why [/x]”"
        told += "beside that:", "“It ground barley"
        shown = seen(app)
        places = [shown.index(words) for words in told]
        assert places == sorted(places)


async def _follow_up(app: QuothApp, pilot: Pilot[None]) -> None:
    await ask(pilot, "Who built it?")
    await until(app, "41 ms")
    await ask(pilot, "And when?")
    await until(app, FOLLOW_UP)


@pytest.mark.parametrize("way", ["key", "click", "command"])
async def test_a_follow_up_is_asked_alone_in_place_and_back_again(way: str) -> None:
    backend = Leaning()
    async with opened(backend, size=(98, 40)) as (app, pilot):
        await _follow_up(app, pilot)
        for there in (ALONE, FOLLOW_UP):
            if way == "key":
                app.main.query_one(Understood).focus()
                await pilot.press("u")
            elif way == "click":
                await pilot.click(Understood)
            else:
                await pilot.press("f8")
            await until(app, there)
            await until(app, lambda: not app.conversation.turns[-1].waits)
        assert [question for question, _ in backend.asked] == ["Who built it?"] + 3 * ["And when?"]
        assert [len(history) for _, history in backend.asked] == [0, 1, 0, 1]
        assert len(app.conversation.turns) == 2


async def test_a_question_asked_alone_and_stopped_is_still_what_it_was() -> None:
    backend = Leaning()
    async with opened(backend, size=(98, 40)) as (app, pilot):
        await _follow_up(app, pilot)
        backend.fail = RuntimeError("boom")
        await pilot.press("f8")
        await until(app, "! Something failed inside")
        assert FOLLOW_UP in seen(app)
        backend.fail = None
        await pilot.press("f8")
        await until(app, ALONE)
        await gone(app, "! Something failed inside")


async def test_a_question_that_leans_on_nothing_has_nothing_to_undo() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Who built it?")
        await until(app, "41 ms")
        await pilot.press("f8")
        await until(app, "Nothing to undo")


@pytest.mark.parametrize("way", ["key", "click"])
async def test_the_nearest_passages_of_a_refusal_can_be_read(way: str) -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Which wheel had the submarine?")
        await until(app, "none surely answers it")
        assert len(app.main.query(Nearest)) == 2
        if way == "click":
            await pilot.click(Nearest)
        else:
            await pilot.press("shift+tab")
            assert app.focused is app.main.query(Nearest)[1]
            await pilot.press("up", "enter")
        await until(app, lambda: isinstance(app.screen, ReadingScreen))
        await until(app, "nearest passage 1 of 1")


async def test_an_answer_is_refined_in_place() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "by words alone")
        first = app.main.query(".point").first(Words)
        backend.go.set()
        await until(app, lambda: len(app.main.query(".point")) == 3)
        assert app.main.query(".point").first() is first


async def _many(app: QuothApp, number: int) -> Conversation:
    """So many turns, answered."""
    questions = [f"Question {place + 1}?" for place in range(number)]
    answers = [mill(q) if place % 2 else refusal(q) for place, q in enumerate(questions)]
    await app.conversation.resume([(next(app._numbers), answer) for answer in answers])
    return app.conversation


@pytest.mark.parametrize("turns", [AT_ONCE, 2_000])
async def test_a_long_conversation_is_as_light_as_a_short_one(turns: int) -> None:
    async with opened(FakeBackend()) as (app, pilot):
        conversation = await _many(app, turns)
        for _ in range(SLACK + 2):
            turn = await conversation.ask(next(app._numbers), "And then?")
            turn.show(mill(turn.question))
        await pilot.pause()
        assert len(conversation.turns) == turns + SLACK + 2
        assert len(app.main.query(TurnView)) <= AT_ONCE + SLACK
        assert len(app.main.query("*")) < 450
        assert "“It ground barley" in seen(app)
        assert conversation.virtual_size.height > turns * 8


async def test_turns_far_above_come_back_where_they_were() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        app.animation_level = "none"  # a key is pressed again when it has scrolled
        conversation = await _many(app, 36)
        await pilot.pause()
        numbers = [36]  # its answer fills the screen
        for _ in range(400):
            await pilot.press("pageup")
            await until(app, lambda: not conversation._moving)
            numbers += [
                int(line.split()[1][:-1])
                for line in seen(app).splitlines()
                if line.strip().startswith("Question ")
            ]
            if conversation.scroll_y == 0:
                break
        assert set(numbers) == set(range(1, 37))
        assert len(app.main.query(TurnView)) <= AT_ONCE + SLACK
        await pilot.press("end")
        await until(app, "41 ms")
        assert app.main.query(TurnView).last().exchange.number == 36


async def test_a_jump_into_the_middle_shows_what_stands_there() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        conversation = await _many(app, 2_000)
        await pilot.pause()
        conversation.scroll_to(y=conversation.max_scroll_y // 2, animate=False)
        await until(app, lambda: 800 < app.main.query(TurnView).first().exchange.number < 1_100)
        await until(app, "Question ")
        assert all(gap.rows for gap in conversation.query(Gap))


async def test_asking_from_far_above_goes_to_the_new_turn() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        conversation = await _many(app, 50)
        await pilot.pause()
        conversation.scroll_to(y=0, animate=False)
        await until(app, "Question 1?")
        await conversation.ask(next(app._numbers), "And the last?")
        await until(app, "And the last?")
        assert len(app.main.query(TurnView)) <= AT_ONCE + SLACK


async def test_news_below_are_told_and_a_click_goes_there() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await _many(app, 3)
        backend.go.clear()
        await ask(pilot, "Who built the last?")
        await until(app, "by words alone")
        await pilot.press("pageup", "pageup")
        backend.go.set()
        await until(app, "something new below")
        await pilot.click(News)
        await gone(app, "something new below")
        assert app.conversation.following


async def test_a_conversation_that_is_cleared_begins_anew() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await _many(app, 60)
        await pilot.press("ctrl+n")
        await until(app, "You might ask")
        assert not app.main.query(TurnView)
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        assert len(app.main.query(TurnView)) == 1


async def test_keys_that_come_all_at_once_are_text_and_then_a_question() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, lambda: len(app.main.query_one(SourcesPane).sources) == 3)
        for key in ("W", "1", "question_mark", "enter"):
            character = {"question_mark": "?", "enter": "\r"}.get(key, key)
            app.post_message(events.Key(key, character))
        await until(app, lambda: len(app.conversation.turns) == 2)
        assert app.conversation.turns[-1].question == "W1?"


async def test_up_recalls_what_was_asked_in_former_conversations() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        composer = app.main.query_one(Composer)
        composer.recall(["Who laid the stone?", "Why?"])
        await ask(pilot, "Who built the mill?")
        await pilot.press("up", "up", "up")
        assert composer.text == "Who laid the stone?"
        await pilot.press("up")
        assert composer.text == "Who laid the stone?"
