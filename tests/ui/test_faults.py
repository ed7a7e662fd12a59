"""Whatever fails in the background is told where one looks, and everything else goes on."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.dom import DOMNode
from textual.message import Message

from qa.ui import messages
from qa.ui.jobs import Job
from tests.ui.fake import FakeBackend
from tests.ui.screen import act, ask, said, until
from tests.ui.shelf import FakeSessions
from tui import QuothApp

ROOT = Path(__file__).parents[2]
BOOM = "Something failed inside (ZeroDivisionError: boom [/x]); try again, or run `quoth doctor`."
READ = ("?Who built it?", "~41 ms", "1", "~[1]  Mills", "enter", "~quote 1")
SESSIONS = ("?Who built it?", "~41 ms", "ctrl+o", "~1 conversation")
RESUMING = (*SESSIONS, "escape", "ctrl+n", "ctrl+o", "~1 conversation")


class Broken:
    """What it is, but for the methods in `broken`, which raise an error that nobody foresaw."""

    broken: set[str]

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in super().__getattribute__("broken"):
            return _boom
        return found


def _boom(*_: object) -> None:
    raise ZeroDivisionError("boom [/x]")


class BrokenSessions(Broken, FakeSessions):
    def __init__(self) -> None:
        self.broken = set()
        super().__init__()


class BrokenBackend(Broken, FakeBackend):
    def __init__(self) -> None:
        self.broken = set()
        super().__init__()
        self.sessions = BrokenSessions()


class Watched(QuothApp):
    """The app, which remembers who started work in the background."""

    CSS_PATH = ROOT / "qa/ui/ui.tcss"

    def __init__(self, *arguments: Any) -> None:
        self.started: set[str] = set()
        super().__init__(*arguments)

    def start(
        self,
        work: Callable[[Job], None],
        failed: Callable[[str], Message] = messages.Failed,
        to: DOMNode | None = None,
    ) -> Job:
        code = sys._getframe(1).f_code
        self.started.add(f"{Path(code.co_filename).stem}.{code.co_name}")
        return super().start(work, failed, to)


# Who starts the work, which method raises under it, the way there, and the way into it.
JOBS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "tui._ask": ("stream", (), ("?Why?",)),
    "tui._tell_marks": ("mark", (*READ[:4],), ("plus",)),
    "tui._fetch": ("document", READ[:4], ("enter",)),
    "main.welcome": ("suggestions", (), ("ctrl+r",)),
    "desk.change": ("update", (), ("ctrl+r",)),
    "keeping._keep": ("sessions.keep", (), ("?Why?",)),
    "keeping.on_opened": ("sessions.questions", (), ("ctrl+r",)),
    "keeping._look_up_marks": ("marks", RESUMING, ("enter",)),
    "keeping._export": ("sessions.bundle", (*READ[:2], "f4", "~free"), ("b",)),
    "details.on_mount": ("state", READ, ("i",)),
    "folders.on_mount": ("status", ("ctrl+l", "~▶ [✓] Mills"), ("ctrl+d",)),
    "folders.on_input_changed": (
        "complete",
        ("ctrl+l", "~▶ [✓] Mills", "ctrl+d", "~3 documents"),
        ("=a",),
    ),
    "leftout.on_resize": ("status", (), ("f9",)),
    "library._fetch": ("library", (), ("ctrl+l",)),
    "reading._check": ("state", READ[:4], ("enter",)),
    "reading._locate": ("locate", READ, ("e",)),
    "sessions._fetch": ("sessions.listed", READ[:2], ("ctrl+o",)),
    "sessions.on_input_submitted": ("sessions.rename", SESSIONS, ("r", "=x", "enter")),
    "sessions.on_option_list_option_selected": (
        "sessions.turns",
        RESUMING,
        ("enter",),
    ),
    "sessions.action_delete": ("sessions.delete", SESSIONS, ("d",)),
    "sessions.action_undo": ("sessions.restore", SESSIONS, ("u",)),
    "sessions._export": ("sessions.turns", (*SESSIONS, "e", "~free"), ("m",)),
    "sources._check": ("state", (), ("?Why?",)),
    "why.on_mount": ("why", READ[:4], ("w",)),
    "palette.search": ("documents", ("ctrl+p", "~Everything that can be done"), ("=zz",)),
}
# These are tried where they belong: opening, warming, leaving for an editor, copying in tmux.
ELSEWHERE = {"tui._open_index", "tui.warm", "elsewhere.leave_for", "keeping.copy_to_clipboard"}
ELSEWHERE |= {"current.look", "current.toggle"}


async def _go(app: QuothApp, pilot: Any, steps: tuple[str, ...]) -> None:
    for step in steps:
        await act(app, pilot, step)


def _told(app: QuothApp) -> str:
    return "".join(" ".join([said(app), *(note.message for note in app._notifications)]).split())


@pytest.mark.parametrize("job", JOBS)
async def test_what_fails_is_told_and_the_next_question_is_answered(
    job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend = BrokenBackend()
    app = Watched(lambda: backend)
    method, before, then = JOBS[job]
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(app, lambda: app.backend is not None and app.main.query("Suggestion"))
        await _go(app, pilot, before)
        app.started.clear()
        broken = backend.sessions.broken if method.startswith("sessions.") else backend.broken
        broken.add(method.split(".")[-1])
        await _go(app, pilot, then)
        await until(app, lambda: "".join(BOOM.split()) in _told(app))
        assert job in app.started or job == "palette.search"
        broken.clear()
        app.clear_notifications()
        while app.screen is not app.main:
            await pilot.press("escape")
            await pilot.pause()
        await pilot.press("escape")
        await ask(pilot, "And when?")
        await until(app, lambda: "And when?" in {turn.question for turn in app.conversation.turns})
        await until(app, lambda: app.conversation.turns[-1].answer is not None)
        assert not app.conversation.turns[-1].error


def _starts(path: Path) -> set[str]:
    found = set()
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and call.args:
                    named = isinstance(call.func, ast.Attribute) and call.func.attr == "start"
                    awaited = isinstance(call.func, ast.Name) and call.func.id == "result"
                    found |= {f"{path.stem}.{function.name}"} if named or awaited else set()
    return found


def test_every_work_in_the_background_is_tried_here_or_where_it_belongs() -> None:
    paths = [ROOT / "tui.py", *(ROOT / "qa/ui").glob("*.py")]
    assert set().union(*map(_starts, paths)) == {*JOBS, *ELSEWHERE}


async def test_the_model_that_does_not_load_is_told_and_asking_goes_on() -> None:
    backend = FakeBackend()
    app = Watched(lambda: backend)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(app, lambda: app.backend is not None)
        app.warm(_boom)
        await until(app, lambda: "".join(BOOM.split()) in _told(app))
        await ask(pilot, "Who built it?")
        await until(app, "41 ms")
