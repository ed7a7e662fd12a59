"""Keys: one list of them all, made of the bindings themselves, which a user can change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.dom import DOMNode

from qa.config import default_config, load_settings
from qa.errors import SettingsError
from qa.ui import bindings
from qa.ui.keys import KeySheet
from tests.ui.fake import FakeBackend, mill
from tests.ui.screen import ask, gone, opened, seen, until, write
from tests.ui.test_layout import SCENES, staged
from tui import QuothApp, run_app


def _rows(app: QuothApp) -> dict[str, bindings.Key]:
    return {name: key for key in bindings.sheet(app, app.keymap) for name in key.names}


def _live(node: DOMNode) -> dict[str, str]:
    """What a node of ours binds: the keys of each binding, by name (or by key, without one)."""
    found: dict[str, str] = {}
    for base in type(node).__mro__:
        if base.__module__.startswith(("qa.ui.", "tui")) and issubclass(base, DOMNode):
            for binding in bindings.own(base):
                found[binding.id or f"no id: {base.__name__} {binding.key}"] = binding.key
    return found


async def test_the_sheet_has_every_key_of_every_screen_and_no_other() -> None:
    live: dict[str, str] = {}
    for steps in SCENES.values():
        app = QuothApp(FakeBackend)
        async with app.run_test(size=(80, 40), notifications=True) as pilot:
            await staged(*steps)(pilot)
            for width in (80, 120):
                await pilot.resize_terminal(width, 40)
                live |= _live(app)
                for screen in app.screen_stack:
                    for node in [screen, *screen.query("*")]:
                        live |= _live(node)
            rows = _rows(app)
    assert not [name for name in live if name.startswith("no id")]
    assert set(live) == set(rows)
    assert all(key in rows[name].keys for name, key in live.items())


async def test_the_sheet_shows_all_that_it_has() -> None:
    async with opened(FakeBackend(), size=(120, 320)) as (app, pilot):
        await pilot.press("f1")
        await until(app, "Editing text")
        shown = iter(seen(app).splitlines())  # each row is looked for below the one before
        section = ""
        for key in bindings.sheet(app, app.keymap):
            assert key.section == section or any(key.section in row for row in shown)
            section = key.section
            parts = bindings.listed(key.keys)[:18], key.purpose[:20], key.names[:1]
            assert any(
                parts[0].rstrip() in row
                and parts[1] in row
                and all(n[:17] in row for n in parts[2])
                for row in shown
            ), key


@pytest.mark.parametrize(
    ("steps", "section"),
    [
        ((), "Asking"),
        (("?Who built it?", "~41 ms", "1", "~[1]  Mills"), "Sources"),
        (("?Who built it?", "~41 ms", "1", "~[1]  Mills", "enter", "~quote 1"), "Reading"),
        (("ctrl+l", "~▶ [✓] Mills of the Tide"), "Library"),
    ],
)
async def test_the_sheet_opens_where_one_is(steps: tuple[str, ...], section: str) -> None:
    app = QuothApp(FakeBackend)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await staged(*steps)(pilot)
        await pilot.press("f1")
        await until(app, lambda: isinstance(app.screen, KeySheet))
        title = app.screen.query_one(".here")
        await until(app, lambda: 0 < title.region.y < 6)
        assert str(title.render()) == section
        await pilot.press("f1")
        await until(app, lambda: not isinstance(app.screen, KeySheet))


async def test_a_question_mark_is_text_in_a_question_and_help_elsewhere() -> None:
    async with opened(FakeBackend()) as (app, pilot):
        await write(pilot, "a?")
        assert not isinstance(app.screen, KeySheet)
        await pilot.press("backspace", "backspace", "question_mark")
        await until(app, lambda: isinstance(app.screen, KeySheet))
        await pilot.press("question_mark", "ctrl+l")
        await until(app, "▶ [✓] Mills of the Tide")
        await pilot.press("m", "question_mark")
        await until(app, "0 of 3 documents")


async def test_a_digit_is_a_source_only_while_nothing_is_typed_and_there_is_one() -> None:
    async with opened(FakeBackend(), size=(120, 40)) as (app, pilot):
        await write(pilot, "1745")
        await until(app, "1745")
        await pilot.press("ctrl+u")
        await ask(pilot, "Who built the mill?")
        await until(app, "41 ms")
        await pilot.press("3")
        await until(app, lambda: app.focused is not None and "card" in app.focused.classes)
        await pilot.press("escape", "9")
        await until(app, "› 9")


async def test_changed_keys_work_and_are_shown() -> None:
    keymap = bindings.keymap({"library": "ctrl+o, f8", "reading.next": ")"})
    app = QuothApp(FakeBackend, keymap=keymap)
    async with app.run_test(size=(100, 130), notifications=True) as pilot:
        await until(app, "^o Library")
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert app.screen is app.main
        await pilot.press("f1")
        await until(app, "ctrl+o, f8")
        assert ")   " in seen(app)
        await pilot.press("f1")
        await until(app, lambda: app.screen is app.main)
        hints = app.main.query_one("Hints")
        await pilot.click(hints, offset=(2 + seen(app).splitlines()[-1].strip().index("^o"), 0))
        await until(app, "▶ [✓] Mills of the Tide")
        await pilot.press("escape")
        await gone(app, "▶ [✓] Mills of the Tide")
        await pilot.press("f8")
        await until(app, "▶ [✓] Mills of the Tide")


async def test_sentences_name_the_keys_as_they_are_now() -> None:
    keys = {"cancel": "f10", "rebuild": "ctrl+b", "asking.alone": "x", "library.back": "f12"}
    backend = FakeBackend()
    backend.go.clear()
    backend.answer = lambda asked: mill(asked, "Who built the tide mill?")
    app = QuothApp(lambda: backend, keymap=keys)
    async with app.run_test(size=(160, 30), notifications=True) as pilot:
        await until(app, "3 documents")
        await ask(pilot, "Who built it?")
        await until(app, "for the meaning · f10 stops")
        backend.go.set()
        await until(app, "x asks it alone")
        backend.build_on.clear()
        await pilot.press("ctrl+b")
        await until(app, "ctrl+b stops")
        await pilot.press("ctrl+b")
        await until(app, "ctrl+b goes on from there · f10 closes this")
        backend.build_on.set()
        await pilot.press("f10", "ctrl+l")
        await until(app, "[✓] Mills")
        await write(pilot, "zeppelin")
        await until(app, "f12 empties it.")


async def test_quitting_can_have_another_key() -> None:
    app = QuothApp(FakeBackend, keymap={"quit": "ctrl+g"})
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("ctrl+q", "ctrl+c")
        await until(app, "ctrl+g")
        await pilot.press("ctrl+g")
        await until(app, lambda: app.return_code == 0)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"librarry": "f6"}, "'librarry', which names nothing that has a key; did you mean libr"),
        ({"xyzzy": "f6"}, "'xyzzy', which names nothing that has a key; the [?] sheet lists them"),
        ({"library": "ctrl+foo"}, "library to 'ctrl[+]foo', which is no key"),
        ({"library": "ctrl+s"}, "library to ctrl[+]s, which is sources already; choose another"),
        ({"reading.next": "p"}, "reading.next to p, which is reading.previous already"),
        ({"reading.next": "ctrl+l"}, "reading.next to ctrl[+]l, which is library already"),
        ({"library": "f6", "sources": "f6"}, "to f6, which is (library|sources) already"),
        ({"library": "l"}, "library to l, which is text in a question"),
        ({"library": "f7"}, "library to f7, which is “select all” wherever one types"),
    ],
)
def test_a_wrong_key_map_is_said_in_one_sentence(keys: dict[str, str], sentence: str) -> None:
    wrong = bindings.fault(QuothApp, bindings.keymap(keys))
    assert wrong.count(".") - sum(name.count(".") for name in (*keys, "reading.previous")) <= 1
    with pytest.raises(SettingsError, match=sentence):
        raise SettingsError(wrong)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"library": "ctrl+s", "sources": "ctrl+l"},
        {"reading.next": "n, right_parenthesis"},
        {"reading.next": "s"},
        {"reading.back": "escape, b"},
        {"help": "f1, !"},
    ],
)
def test_a_right_key_map_is_taken(keys: dict[str, str]) -> None:
    assert bindings.fault(QuothApp, bindings.keymap(keys)) == ""


def test_the_key_map_stands_in_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[keys]\nlibrary = "ctrl+o"\n"reading.next" = "f7"\ntheme = ""\n')
    assert load_settings(config=file, environment={}).keys == {
        "library": "ctrl+o",
        "reading.next": "f7",
    }


@pytest.mark.parametrize("text", ["keys = 3", "[keys]\nlibrary = 3"])
def test_a_key_map_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="which is not a table of names and keys"):
        load_settings(config=file, environment={})


def test_the_terminal_is_not_opened_with_a_wrong_key_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "quoth"
    folder.mkdir()
    (folder / "settings.toml").write_text('[keys]\nlibrary = "ctrl+s"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = load_settings(config=default_config(), environment={})
    with pytest.raises(SettingsError, match=r"library to ctrl[+]s, which is sources already"):
        run_app(settings, [])


def test_a_class_without_a_title_is_filed_under_its_own_name() -> None:
    named: Any = type("NoisyBrookScreen", (DOMNode,), {"__module__": __name__})
    assert bindings.section(named) == "Noisy brook"
