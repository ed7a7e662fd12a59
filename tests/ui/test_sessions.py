"""Former conversations: kept as they are held, found again, resumed, renamed, deleted, saved."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from textual.widgets import Input

from qa.sessions import SessionFile
from qa.types import Answer, Kept
from qa.ui.composer import Composer
from qa.ui.keeping import MOST_COPIED
from qa.ui.turn import TurnView
from tests.ui.fake import BUILT, FakeBackend, hostile, mill
from tests.ui.screen import ask, gone, opened, seen, until, write


def shelf(*questions: str) -> FakeBackend:
    """A backend with a former conversation of one turn for each question."""
    backend = FakeBackend()
    for number, question in enumerate(questions, 1):
        backend.sessions.keep(f"former{number}", 1, backend.answer(question))
    return backend


async def test_every_whole_answer_is_kept_at_once_and_no_other() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "by words alone")
        assert backend.sessions.kept == {}
        backend.go.set()
        await until(app, lambda: backend.sessions.kept)
        await ask(pilot, "And when?")
        await until(app, lambda: [*map(len, backend.sessions.kept.values())] == [2])
        await pilot.press("ctrl+n")
        await ask(pilot, "Which submarine?")
        await until(app, lambda: [*map(len, backend.sessions.kept.values())] == [2, 1])


async def test_a_stopped_question_is_not_kept() -> None:
    backend = FakeBackend()
    backend.go.clear()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "by words alone")
        await pilot.press("escape")
        await until(app, "stopped")
        backend.go.set()
        await ask(pilot, "Which submarine?")
        await until(app, lambda: backend.sessions.kept)
        (turns,) = backend.sessions.kept.values()
        assert [kept.answer.question for kept in turns.values()] == ["Which submarine?"]


async def test_answers_are_kept_off_the_event_loop() -> None:
    backend, threads = FakeBackend(), list[threading.Thread]()
    keep = backend.sessions.keep

    def noted(session: str, place: int, answer: Answer) -> Kept:
        threads.append(threading.current_thread())
        return keep(session, place, answer)

    backend.sessions.keep = noted  # type: ignore[method-assign]
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who?")
        await until(app, lambda: threads)
        assert threads[0] is not threading.main_thread()


async def test_what_cannot_be_kept_is_said_once_and_kept_when_it_can_be() -> None:
    backend = FakeBackend()
    backend.sessions.fail = "No room in [/here]."
    async with opened(backend) as (app, pilot):
        await until(app, "No room in [/here].")
        app.clear_notifications()
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await until(app, lambda: not app.working)
        await pilot.pause()
        assert "No room" not in seen(app)
        backend.sessions.fail = ""
        await ask(pilot, "And when?")
        await until(app, lambda: [*map(len, backend.sessions.kept.values())] == [2])


async def test_up_recalls_the_questions_of_former_conversations() -> None:
    async with opened(shelf("Who was Ada?", "Which dam broke?")) as (app, pilot):
        composer = app.main.query_one(Composer)
        await until(app, lambda: len(composer.asked) == 2)
        await pilot.press("up")
        assert composer.text == "Which dam broke?"
        await pilot.press("up")
        assert composer.text == "Who was Ada?"
        await pilot.press("down", "down")
        assert composer.text == ""


async def test_a_conversation_is_found_resumed_and_gone_on_with() -> None:
    backend = shelf("Who was Ada?", "Which dam broke?")
    backend.sessions.indexes["former1"] = "/elsewhere/notes"
    async with opened(backend, size=(100, 40)) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "Which dam broke?")
        assert "2 Jan 2026 · 1 question · this index" in seen(app)
        assert "over notes" in seen(app)
        assert "Kept until you delete them, in /home/reader/sessions.sqlite" in seen(app)
        await pilot.press("slash")
        await write(pilot, "ada?")
        await until(app, "1 conversation with “ada?”")
        await until(app, "…for ada? [/x] it…")
        await pilot.press("enter", "enter")
        await until(app, "Quoth · Who was Ada?")
        await until(app, "over another index,")
        await until(app, "/elsewhere/notes")
        await until(app, "“The tide mill at Harrow Creek was built in 1742")
        await until(app, "answered 2 Jan 2026")
        await until(app, "The Parish Ledger")
        await ask(pilot, "And when?")
        await until(app, "understood as")
        assert backend.asked == [("And when?", ("Who was Ada?",))]
        await until(app, lambda: len(backend.sessions.kept["former1"]) == 2)
        assert backend.sessions.kept["former1"][2].answer.question == "And when?"


@pytest.mark.parametrize("size", [(40, 15), (80, 24)])
async def test_a_resumed_conversation_is_followed_from_its_newest_turn(
    size: tuple[int, int],
) -> None:
    backend = FakeBackend()
    for place in range(1, 60):
        backend.sessions.keep("former", place, backend.answer(f"Question {place}?"))
    async with opened(backend, size=size) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "59 questions")
        await pilot.press("enter")
        await until(app, "answered 2 Jan 2026")
        assert "something new below" not in seen(app)
        await ask(pilot, "Which submarine?")
        await until(app, "Nearest passages; none")
        await until(app, lambda: app.conversation.scroll_y == app.conversation.max_scroll_y)
        assert app.conversation.following


async def test_quotes_that_no_longer_stand_in_the_index_are_said_to_be_so() -> None:
    backend = shelf("Who was Ada?")
    backend.sessions.lost = (BUILT,)
    async with opened(backend, size=(120, 40)) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "Who was Ada?")
        await pilot.press("enter")
        await until(app, "! [1] no longer stands in the")
        await until(app, "index where it stood")


async def test_a_long_conversation_comes_back_whole_and_is_saved_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend = FakeBackend()
    for place in range(1, 301):
        backend.sessions.keep("long", place, mill(f"Question {place}?"))
    async with opened(backend, size=(100, 30)) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "300 questions")
        await pilot.press("enter")
        await until(app, "Question 300?")
        assert len(app.conversation.turns) == 300
        assert len(app.main.query(TurnView)) < 60
        await until(app, lambda: app.conversation.scroll_y == app.conversation.max_scroll_y > 0)
        await pilot.press("f4")
        await until(app, "In this folder")
        await pilot.press("m")
        await until(app, "quoth-question-1.md")
        assert (tmp_path / "quoth-question-1.md").read_text().count("\n## Question") == 300


async def test_a_conversation_is_renamed() -> None:
    backend = shelf("Who was Ada?")
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "Who was Ada?")
        await pilot.press("r", "escape")
        assert backend.sessions.titles == {}
        await pilot.press("r")
        app.screen.query_one("#name", Input).value = ""
        await write(pilot, "My [/mill]")
        await pilot.press("enter")
        await until(app, "My [/mill]")
        assert backend.sessions.titles == {"former1": "My [/mill]"}
        assert not app.screen.query_one("#name").display


async def test_a_conversation_is_deleted_and_brought_back() -> None:
    backend = shelf("Who was Ada?", "Which dam broke?")
    async with opened(backend) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "Which dam broke?")
        await pilot.press("d")
        await until(app, "Deleted “Which dam broke?”; u brings it back")
        await until(app, "1 conversation")
        assert [*backend.sessions.kept] == ["former1"]
        await pilot.press("u")
        await until(app, "2 conversations")
        assert [*backend.sessions.kept] == ["former1", "former2"]


async def test_deleting_the_conversation_on_the_screen_begins_a_new_one() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, lambda: backend.sessions.kept)
        await pilot.press("ctrl+o")
        await until(app, "1 conversation")
        await pilot.press("d", "escape")
        await until(app, "Ask your documents")
        assert app.conversation.turns == []
        await ask(pilot, "And when?")
        await until(app, lambda: backend.sessions.kept)
        assert backend.asked[-1] == ("And when?", ())


async def test_a_conversation_in_the_list_is_saved_in_any_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(shelf("What of nobody?"), size=(100, 30)) as (app, pilot):
        for form in "mhb":
            await pilot.press(*(["ctrl+o"] if form == "m" else []))
            await until(app, "What of nobody?")
            await pilot.press("e")
            await until(app, "In this folder")
            await pilot.press(form)
            await gone(app, "In this folder")
        await until(app, "quoth-what-of-nobody.json")
    assert "[red\\]nobody" in (tmp_path / "quoth-what-of-nobody.md").read_text()
    assert "[red]nobody[/red]" in (tmp_path / "quoth-what-of-nobody.html").read_text()
    assert json.loads((tmp_path / "quoth-what-of-nobody.json").read_text())["turns"]


async def test_conversations_that_cannot_be_read_are_told_in_place() -> None:
    backend = FakeBackend()
    async with opened(backend) as (app, pilot):
        backend.sessions.fail = "The file [/x] is damaged; move it away."
        await pilot.press("ctrl+o")
        await until(app, "! The file [/x] is damaged; move it away.")
        await pilot.press("escape")
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")


async def test_an_empty_list_says_what_will_be_kept() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await ask(pilot, "/sessions")
        await until(app, "None is kept yet: every answer is, as soon as it is whole.")
        await pilot.press("r", "d", "e", "u", "enter", "escape")
        await until(app, "You might ask")


async def test_a_click_resumes() -> None:
    async with opened(shelf("Who was Ada?")) as (app, pilot):
        await pilot.press("ctrl+o")
        await until(app, "Who was Ada?")
        await pilot.click("SessionsScreen OptionList", offset=(6, 0))
        await until(app, "Quoth · Who was Ada?")


async def test_a_copy_too_large_for_some_terminals_is_said_to_be_so() -> None:
    backend = FakeBackend()
    backend.answer = lambda question: mill(question + "?" * MOST_COPIED)
    async with opened(backend, size=(100, 40)) as (app, pilot):
        await ask(pilot, "Who?")
        await until(app, "41 ms")
        await pilot.press("f3")
        await until(app, "more than some")
        assert "Answer and references copied" not in seen(app)


async def test_a_copy_goes_through_tmux_where_that_is_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    fake = tmp_path / "tmux"
    fake.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "load-buffer -w -" ] && cat > {said}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/nowhere,1,0")
    async with opened(FakeBackend()) as (app, _pilot):
        app.copy_to_clipboard("the mill \ud83d")
        await until(app, lambda: said.exists() and not app.working)
        assert said.read_text() == "the mill ?"
        fake.write_text("#!/bin/sh\nexit 1\n")
        app.copy_to_clipboard("the mill")
        await until(app, "set-clipboard on")


async def test_leaving_at_once_loses_no_finished_turn(tmp_path: Path) -> None:
    backend = FakeBackend()
    file = SessionFile(tmp_path / "sessions.sqlite")
    slow = threading.Event()

    def keep(session: str, place: int, answer: Answer) -> Kept:
        slow.wait(0.3)
        return file.keep(session, place, answer)

    backend.sessions.keep = keep  # type: ignore[method-assign]
    async with opened(backend) as (app, pilot):
        await ask(pilot, "What of nobody?")
        await until(app, "41 ms")
        await pilot.press("ctrl+q")
    app.settle()
    (session,) = file.listed()
    assert [kept.answer.question for kept in file.turns(session.id)] == ["What of nobody?"]
    assert file.turns(session.id)[0].answer.points == hostile("What of nobody?").points
