"""Leaving for an editor or a viewer."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from index.types import Location
from qa.ui import wording
from qa.ui.opening import OpeningError, editor, viewer
from tests.ui.fake import BUILT, FakeBackend
from tests.ui.screen import ask, gone, opened, seen, until, write

WIDE = (140, 40)
FILE = "/books/a b.md"


def everything(name: str) -> str | None:
    return f"/bin/{name}"


def nothing(_name: str) -> str | None:
    return None


@pytest.mark.parametrize(
    ("command", "arguments", "terminal"),
    [
        ("vim", ("vim", "+7", FILE), True),
        ("/usr/bin/vim.basic -n", ("/usr/bin/vim.basic", "-n", "+7", FILE), True),
        ("nvim", ("nvim", "+7", FILE), True),
        ("nano", ("nano", "+7", FILE), True),
        ("emacs-29.3 -nw", ("emacs-29.3", "-nw", "+7", FILE), True),
        ("emacsclient -t", ("emacsclient", "-t", "+7", FILE), True),
        ("less", ("less", "+7", FILE), True),
        ("code --wait", ("code", "--wait", "-g", f"{FILE}:7"), False),
        ("code-insiders", ("code-insiders", "-g", f"{FILE}:7"), False),
        ("'/opt/my editors/subl' -n", ("/opt/my editors/subl", "-n", f"{FILE}:7"), False),
        ("hx", ("hx", f"{FILE}:7"), True),
        ("kate", ("kate", "-l", "7", FILE), False),
        ("ed", ("ed", FILE), True),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(
    command: str, arguments: tuple[str, ...], terminal: bool
) -> None:
    launch = editor(FILE, 7, {"EDITOR": command}, everything)
    assert (launch.arguments, launch.terminal) == (arguments, terminal)
    assert launch.at_line == (command != "ed")


def test_visual_comes_before_editor_and_both_before_what_is_there() -> None:
    both = {"VISUAL": "nvim", "EDITOR": "nano"}
    assert editor(FILE, 1, both, everything).name == "nvim"
    assert editor(FILE, 1, {"VISUAL": " ", "EDITOR": "nano"}, everything).name == "nano"
    only_vi = {"vi": "/bin/vi"}.get
    assert editor(FILE, 9, {}, only_vi).arguments == ("vi", "+9", FILE)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, "No editor was found; name yours in the variable EDITOR."),
        ({"EDITOR": "[/x]"}, "EDITOR names [/x], which is not on this machine; set it"),
        ({"VISUAL": "vim '"}, "VISUAL cannot be read (vim '); check its quotation marks."),
    ],
)
def test_where_no_editor_can_be_run_it_says_why(environ: dict[str, str], why: str) -> None:
    with pytest.raises(OpeningError) as error:
        editor(FILE, 1, environ, nothing)
    assert why in str(error.value)


def test_each_desktop_opens_files_in_its_own_way() -> None:
    assert viewer(FILE, {}, everything, "darwin").arguments == ("open", FILE)
    windows = viewer(FILE, {}, everything, "win32").arguments
    assert windows == ("rundll32", "url.dll,FileProtocolHandler", FILE)
    screen = {"WAYLAND_DISPLAY": "wayland-0"}
    assert viewer(FILE, screen, everything, "linux").arguments == ("xdg-open", FILE)
    assert viewer(FILE, screen, {"gio": "x"}.get, "linux").arguments == ("gio", "open", FILE)
    linux_on_windows = {"WSL_DISTRO_NAME": "Debian"}
    assert viewer(FILE, linux_on_windows, everything, "linux").arguments == ("wslview", FILE)
    with pytest.raises(OpeningError, match="no desktop here"):
        viewer(FILE, {}, everything, "linux")
    with pytest.raises(OpeningError, match="xdg-open and gio are missing"):
        viewer(FILE, screen, nothing, "linux")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        (Location("/b.md", 7, "current", "whole"), "The quote: line 7."),
        (
            Location("/b.md", 1_007, "changed", "whole"),
            "The file has changed since it was indexed: the quote stands at line 1,007 now.",
        ),
        (
            Location("/b.md", 7, "changed", "part"),
            (
                "The file has changed since it was indexed: only part of the quote is still in "
                "it, at line 7."
            ),
        ),
        (
            Location("/b.md", 7, "changed", "nothing"),
            (
                "The file has changed since it was indexed: the quote is no longer in it; line 7 "
                "is near where it stood."
            ),
        ),
        (
            Location("/b.md", 0, "missing", "nothing"),
            (
                "/b.md is missing now: moved, renamed or deleted since it was indexed. ctrl+r "
                "brings the index up to date."
            ),
        ),
    ],
)
def test_where_the_quote_stands_by_now_is_said(location: Location, said: str) -> None:
    assert wording.located(location, "the quote", "ctrl+r") == said


def program(folder: Path, name: str, script: str) -> None:
    """A program on the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the path, but for the shell's own."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("VISUAL", raising=False)
    return tmp_path


async def test_e_opens_the_file_in_the_editor_at_the_quote(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tools / "told"
    program(tools, "code", f'echo "$@" > {told}.part; mv {told}.part {told}')
    monkeypatch.setenv("EDITOR", "code")
    backend = FakeBackend()
    async with opened(backend, size=WIDE) as (app, pilot):
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("1", "enter")
        await until(app, "quote 1 of 2")
        await pilot.press("e")
        await until(app, "Opening in code. The quote: line 7.")
        await until(app, told.exists)
        assert told.read_text() == "-g /books/tides.md:7\n"
        assert backend.located == [BUILT]
        await pilot.press("slash")
        await write(pilot, "dam broke")
        await until(app, "1 of 1")
        await pilot.press("enter", "e")
        await until(app, "What was found: line 7.")
        await pilot.press("escape", "home", "e")
        await until(app, "What is in view: line 7.")
        assert [words.split("\n")[0] for words in backend.located] == [
            BUILT, "dam broke", "The mill at Harrow Creek",
        ]  # fmt: skip


async def test_e_says_what_has_become_of_the_file_and_why_nothing_opens_it(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "no-such-editor")
    backend = FakeBackend()
    async with opened(backend, size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("e")
        await until(app, "EDITOR names no-such-editor")
        program(tools, "code", "exit 3")
        monkeypatch.setenv("EDITOR", "code")
        await pilot.press("e")
        await until(app, "code could not open the file")
        backend.location = Location("/books/tides.md", 9, "changed", "part")
        await pilot.press("e")
        await until(app, "only part of what")
        backend.location = Location("/books/[/x].md", 0, "missing", "nothing")
        backend.files["tides"] = "missing"
        await pilot.press("e")
        await until(app, "/books/[/x].md is missing now")
        await until(app, "✗ file missing now")


async def test_v_opens_the_file_as_the_desktop_does(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tools / "told"
    program(tools, "xdg-open", f'echo "$@" > {told}.part; mv {told}.part {told}')
    for variable in ("WAYLAND_DISPLAY", "DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(variable, raising=False)
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("v")
        await until(app, "There is no desktop here")
        monkeypatch.setenv("DISPLAY", ":0")
        await pilot.press("v")
        await until(app, "Opening in xdg-open. What is in view: line 7.")
        await until(app, told.exists)
        assert told.read_text() == "/books/tides.md\n"


async def test_an_editor_that_needs_a_terminal_is_not_run_where_there_is_none(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tools / "told"
    program(tools, "vim", f"touch {told}")
    monkeypatch.setenv("EDITOR", "vim")
    async with opened(FakeBackend(), size=WIDE) as (app, pilot):
        await pilot.press("ctrl+l", "enter")
        await until(app, "The creek fills")
        await pilot.press("e")
        await until(app, "vim needs a terminal of its own")
        assert not told.exists()
        app.clear_notifications()
        await gone(app, "vim needs")
        assert "The creek fills" in seen(app)
