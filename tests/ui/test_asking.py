"""Asking: what a person sees from the first key to the last citation."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from qa.types import Marks
from qa.ui import messages
from qa.ui.composer import Composer
from qa.ui.conversation import Conversation
from qa.ui.scope import Scope
from qa.ui.sources import Card
from tests.ui.fake import DOCUMENTS, FakeBackend, mill
from tests.ui.screen import ask, gone, opened, seen, until, write
from tui import QuothApp


async def test_the_empty_conversation_says_what_is_indexed_and_offers_questions() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await until(app, "› Who built the tide mill?")
        assert "3 documents · 41 passages" in seen(app)
        assert app.focused is app.main.query_one(Composer)
        await pilot.click("Suggestion")
        await until(app, "“The tide mill at Harrow Creek was built in 1742 by Ada Fenwick.” [1]")


async def test_an_answer_comes_first_by_words_then_whole() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "… by words alone")
        assert "[1]" in seen(app)
        assert "It ground barley" not in seen(app)
        backend.go.set()
        await until(app, "It ground barley")
        assert "by words alone" not in seen(app)
        assert "≠ [1] and [2] differ: 1742 or 1745" in seen(app)
        assert "confidence high, 0.93 · from 2 documents · 41 ms" in seen(app)
        assert "understood as" not in seen(app)


async def test_a_refusal_is_not_told_before_the_meaning_was_searched() -> None:
    backend = FakeBackend()
    backend.early_refusal = True
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "… nothing by words alone; reading for the meaning · esc stops")
        assert "Not in these documents." not in seen(app)
        assert "Nearest by words so far:" in seen(app)
        assert "Mills of the Tide" in seen(app)
        backend.go.set()
        await until(app, "41 ms")


async def test_a_follow_up_knows_the_questions_before_and_says_what_was_understood() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built it?")
        await until(app, "41 ms")
        await ask(pilot, "And when?")
        await until(app, "understood as: When was the tide mill at Harrow Creek built?")
        assert backend.asked[-1] == ("And when?", ("Who built it?",))
        await pilot.press("ctrl+n")
        await ask(pilot, "Who?")
        await until(app, lambda: len(backend.asked) == 3)
        assert backend.asked[-1] == ("Who?", ())


async def test_a_refusal_is_plain_and_marks_the_nearest_as_no_answer() -> None:
    async with opened(FakeBackend(), size=(120, 40)) as (app, pilot):
        await ask(pilot, "Which wheel had the submarine?")
        await until(app, "Not in these documents.")
        assert "low, 0.07" in seen(app)
        assert "✓ the best passages hold: wheel" in seen(app)
        assert "✗ none of them holds: submarine" in seen(app)
        assert "Nearest passages; none surely answers it:" in seen(app)
        await until(app, "Nearest passages, not an answer")
        assert "nearest 1" in seen(app)


async def test_questions_asked_early_wait_visibly_until_the_index_is_open() -> None:
    backend, let = FakeBackend(), threading.Event()

    def slow() -> FakeBackend:
        let.wait(10)
        return backend

    app = QuothApp(slow)
    async with app.run_test() as pilot:
        await ask(pilot, "Who built the mill?")
        await until(app, "… waiting until the index is open")
        let.set()
        await until(app, "41 ms")


async def test_an_index_that_cannot_be_opened_is_told_in_place() -> None:
    tries = []

    def opener() -> FakeBackend:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("disk [/gone]")
        return FakeBackend()

    app = QuothApp(opener)
    async with app.run_test() as pilot:
        await until(app, "disk [/gone]")
        await until(app, "ctrl+r tries again")
        await pilot.press("ctrl+r")
        await until(app, "3 documents · 41 passages")


async def test_escape_stops_a_question_and_the_next_is_asked() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "by words alone")
        await ask(pilot, "Which submarine?")
        await until(app, "… waiting its turn")
        await pilot.press("escape")
        await until(app, lambda: len(backend.asked) == 2)
        backend.go.set()
        await until(app, "Not in these documents.")
        assert "It ground barley" not in seen(app)
        app.conversation.scroll_home(animate=False)
        await until(app, "stopped")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            RuntimeError("boom [/x]"),
            "! Something failed inside (RuntimeError: boom [/x]); try again",
        ),
        (ValueError(""), "! Something failed inside (ValueError: ); try again"),
    ],
)
async def test_a_crash_is_one_sentence_and_the_app_lives(error: Exception, sentence: str) -> None:
    backend = FakeBackend()
    backend.fail = error
    async with opened(backend, size=(110, 30)) as (app, pilot):
        await ask(pilot, "Who?")
        await until(app, sentence)
        backend.fail = None
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")


async def test_up_and_down_recall_former_questions_and_the_draft() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        composer = app.main.query_one(Composer)
        for question in ("one", "two\nlines"):
            await ask(pilot, question)
            await until(app, lambda asked=question: app.conversation.turns[-1].question == asked)
        await write(pilot, "dra")
        await pilot.press("up")
        assert composer.text == "two\nlines"
        await pilot.press("up")
        assert composer.text == "two\nlines"
        await pilot.press("up")
        assert composer.text == "one"
        await pilot.press("down", "down", "down")
        assert composer.text == "dra"


async def test_digits_go_to_cards_only_while_the_question_is_empty() -> None:
    async with opened(FakeBackend(), size=(140, 40)) as (app, pilot):
        composer = app.main.query_one(Composer)
        await write(pilot, "1742 was")
        assert composer.text == "1742 was"
        await pilot.press("enter")
        await until(app, "41 ms")
        await pilot.press("9")
        assert composer.text == "9"
        await pilot.press("backspace", "2")
        await until(app, lambda: isinstance(app.focused, Card))
        assert isinstance(app.focused, Card)
        assert app.focused.source.citation.number == 2
        await pilot.press("3")
        await until(app, lambda: app.focused is app.main.query(Card)[2])
        await write(pilot, "how?")
        assert app.focused is composer
        assert composer.text == "how?"


async def test_the_view_follows_unless_the_reader_scrolled_away() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        for number in range(3):
            await ask(pilot, f"Who built mill {number}?")
            await until(app, lambda: app.conversation.turns[-1].answer is not None)
        await until(app, "41 ms")
        backend.go.clear()
        await ask(pilot, "Who built the last?")
        await until(app, "by words alone")
        await pilot.press("pageup", "pageup")
        await gone(app, "by words alone")
        where = app.main.query_one(Conversation).scroll_y
        backend.go.set()
        await until(app, lambda: len(app.conversation.query(".point")) == 12)
        await until(app, "something new below")
        assert app.main.query_one(Conversation).scroll_y == where
        await pilot.press("end")
        await gone(app, "something new below")
        await until(app, "41 ms")
        await pilot.press("pageup")
        assert "something new below" not in seen(app)


async def test_slash_commands_complete_and_run() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await write(pilot, "/lib")
        await until(app, "/library")
        await pilot.press("tab", "enter")
        await until(app, "Mills of the Tide")
        await pilot.press("escape")
        await ask(pilot, "/nonsense")
        await until(app, "There is no command /nonsense")


async def test_answers_can_be_copied_and_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(FakeBackend(), size=(120, 40)) as (app, pilot):
        await pilot.press("f3")
        await until(app, "Nothing to copy yet")
        await ask(pilot, "Who wrote about nobody?")
        await until(app, "41 ms")
        await pilot.press("f3")
        assert r"> “Notes \[/x\] of \[red\]nobody\[/red\].” (\[/y\]) [1]" in app.clipboard
        await pilot.press("f4")
        await until(app, "Save “Who wrote about nobody?”")
        await pilot.press("enter")
        await until(app, "quoth-who-wrote-about-nobody.md")
        await ask(pilot, "/screenshot")
        await until(app, "quoth-screenshot.svg")


async def test_quotes_stand_for_points_where_there_are_none() -> None:
    backend = FakeBackend()
    backend.answer = lambda question: replace(mill(question), points=())
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who?")
        await until(app, "“It ground barley")


async def test_however_fast_one_types_from_anywhere_nothing_is_lost() -> None:
    async with opened(FakeBackend()) as (app, _pilot):
        app.screen.set_focus(None)
        text = "Who pays, and by 2016?"
        for character in text:  # all on their way before the first has got the focus
            app.post_message(events.Key("space" if character == " " else character, character))
        composer = app.main.query_one(Composer)
        await until(app, lambda: len(composer.text) >= len(text))
        assert composer.text == text


async def test_what_is_deleted_and_broken_while_typing_fast_is_so_in_its_turn() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        composer = app.main.query_one(Composer)
        keys = ("o", "n", "n", "backspace", "e", "ctrl+j", "t", "o", "o", "left", "w", "end", "!")
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await until(app, lambda: composer.text == "one\ntowo!")


async def test_what_arrives_while_the_app_closes_finds_no_screen_and_needs_none() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        answer = app.conversation.turns[0].answer
        assert answer is not None
        closing = asyncio.create_task(app._shutdown())
        while not closing.done():
            app.post_message(messages.Marked(1, Marks(), "Marked."))
            app.post_message(messages.Opened(backend, backend.status()))
            app.post_message(messages.Answering(1, answer))
            app.post_message(messages.OpeningFailed("The index has gone."))
            app.post_message(messages.Failed("Something failed."))
            app.post_message(messages.Fetched(DOCUMENTS[0]))
            app.post_message(messages.Submitted("/library"))
            await asyncio.sleep(0)
        assert app._exception is None


async def test_a_question_that_waits_is_asked_of_what_was_ticked_when_it_was_sent() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "by words alone")
        await ask(pilot, "When did the dam break?")
        await until(app, "waiting its turn")
        app.limit(Scope(frozenset({"ledger"}), 3))
        await ask(pilot, "Which barge sank?")
        app.limit(None)
        backend.go.set()
        await until(app, lambda: len(backend.scopes) == 3)
        assert backend.scopes == [None, None, frozenset({"ledger"})]
