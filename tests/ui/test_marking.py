"""Marking: passages as right or wrong, and questions as not in the documents."""

from __future__ import annotations

from qa.errors import QuestionSetError
from qa.types import Marks
from qa.ui.sources import Card
from tests.ui.fake import BUILT, RECORDED, FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write


def said(backend: FakeBackend) -> Marks:
    (marks,) = backend.marked.values()
    return marks


async def test_keys_on_a_card_mark_it_and_take_it_back() -> None:
    backend = FakeBackend()
    async with opened(backend, size=(140, 44)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1")
        await until(app, lambda: isinstance(app.focused, Card))
        await pilot.press("plus")
        await until(app, "✓ marked right")
        await until(app, "Marked: right. Kept in /sets/marked.jsonl")
        await pilot.press("down", "minus")
        await until(app, "✗ marked wrong")
        marks = said(backend)
        assert (marks.right, marks.wrong) == ((("tides", BUILT),), (("ledger", RECORDED),))
        await pilot.press("minus")
        await until(app, "No longer marked: wrong.")
        assert "marked wrong" not in seen(app).replace("No longer marked: wrong", "")
        assert said(backend).wrong == ()


async def test_a_narrow_terminal_marks_on_the_screen_of_the_sources() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Which wheel had the submarine?")
        await until(app, "Nearest passages")
        await pilot.press("1")
        await until(app, "+ Right   - Wrong")
        await pilot.press("plus")
        await until(app, "✓ marked right")
        ((document, words),) = said(backend).right
        assert document == "tides"
        assert "The wheel was four metres across" in words
        await pilot.press("escape")
        await until(app, "Ask your documents")
        await pilot.press("1")
        await until(app, "✓ marked right")


async def test_a_question_is_marked_as_not_in_the_documents() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await pilot.press("f5")
        await until(app, "Nothing to mark yet")
        await ask(pilot, "Which submarine?")
        await until(app, "Not in these documents.")
        await pilot.press("f5")
        await until(app, "✗ marked not in the documents")
        assert said(backend).absent
        await ask(pilot, "/absent")
        await gone(app, "✗ marked not in the documents")
        assert not said(backend).absent
        await pilot.press("ctrl+p")
        await write(pilot, "not in the doc")
        await pilot.press("enter")
        await until(app, "✗ marked not in the documents")


async def test_what_was_marked_before_is_shown_when_it_is_asked_again() -> None:
    backend = FakeBackend()
    backend.marked["Who?", ()] = Marks(right=(("tides", BUILT),), path="/sets/marked.jsonl")
    async with opened(backend, size=(140, 44)) as (app, pilot):
        await ask(pilot, "Who?")
        await until(app, "✓ marked right")
        assert "Kept in" not in seen(app)


async def test_a_mark_that_cannot_be_kept_is_one_sentence() -> None:
    backend = FakeBackend()
    async with opened(backend, size=(140, 44)) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        backend.fail = QuestionSetError("/sets/[/x] cannot be written; free its folder.")
        await pilot.press("1", "plus")
        await until(app, "/sets/[/x] cannot be written; free its folder.")
        assert "marked right" not in seen(app)
