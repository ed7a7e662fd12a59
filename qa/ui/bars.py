"""The lines at the top and the bottom of every screen."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from qa.ui import wording
from qa.ui.bindings import key_of
from qa.ui.desk import desk

KEYS = {
    "enter": "⏎",
    "escape": "esc",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "equals_sign": "=",
    "greater_than_sign": ">",
    "delete": "del",
}


def _name(key: str) -> str:
    return KEYS.get(key, key.replace("ctrl+", "^"))


class TitleBar(Widget):
    """A title on the left, and on the right how things stand."""

    def __init__(self, title: str, state: str = "") -> None:
        """Show both."""
        super().__init__()
        self._title = title
        self._state = state

    def say(self, state: str) -> None:
        """Say how things stand now."""
        self._state = state
        self.refresh()

    def entitle(self, title: str) -> None:
        """Have another title."""
        self._title = title
        self.refresh()

    def render(self) -> Content:
        """Fit the line into the width; the title gives way last."""
        width = self.content_size.width
        left = (
            Content(wording.flow(self._title))
            .stylize("bold $accent")
            .truncate(width, ellipsis=True)
        )
        room = width - left.cell_length - 2
        right = Content(wording.flow(self._state)).stylize("$dim")
        if room < 8:
            return left
        right = right.truncate(room, ellipsis=True)
        gap = width - left.cell_length - right.cell_length
        return Content.assemble(left, " " * gap, right)


class Hints(Widget):
    """The few keys that matter most here: as many as fit; a click works as the key does."""

    def __init__(self, *keys: tuple[str, str]) -> None:
        """Show pairs of a binding's name (or a key, where it has none) and what it does."""
        super().__init__()
        self._keys = keys

    def on_mount(self) -> None:
        """Find the keys that the bindings have now."""
        keymap = desk(self).keymap
        self._keys = tuple((key_of(self.app, keymap, name), label) for name, label in self._keys)

    def render(self) -> Content:
        """Write keys while there is room for them whole."""
        parts: list[Content | str | tuple[str, str]] = []
        room = self.content_size.width
        for key, label in self._keys:
            text = f"{_name(key)} {label}"
            room -= cell_len(text) + (3 if parts else 0)
            if room < 0:
                break
            click = Style.from_meta({"@click": f"app.simulate_key('{key}')"})
            hint = Content.assemble((_name(key), "bold $accent"), (f" {label}", "$dim"))
            parts += ["   "] if parts else []
            parts.append(hint.stylize(click))
        return Content.assemble(*parts)
