"""The lines at the top and the bottom of every screen."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from qa.ui import wording
from qa.ui.bindings import holder, key_of
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
GAP = 3  # cells between two hints
KEPT = (".back", ".close", "commands")  # how the names end that have their hint at any width


def shown_key(key: str) -> str:
    """A key as it stands in a hint: short."""
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
    """The few keys that matter most here: as many as fit; a click does what the key does.

    The way back, and the way to all that is not shown here, are there however little room there is.
    """

    def __init__(self, *keys: tuple[str, str], id: str | None = None) -> None:  # noqa: A002
        """Show pairs of a binding's name (or a key, where it has none) and what it does."""
        super().__init__(id=id)
        self._names = keys
        self._hints: list[tuple[str, Content]] = []

    def on_mount(self) -> None:
        """Find the keys that the bindings have now."""
        keymap = desk(self).keymap
        for name, label in self._names:
            key = shown_key(key_of(self.app, keymap, name))
            hint = Content.assemble((key, "bold $accent"), (f" {label}", "$dim"))
            click = Style.from_meta({"@click": f"press('{name}')"})
            self._hints.append((name, hint.stylize(click)))

    def render(self) -> Content:
        """Write keys while there is room for them whole."""
        room = self.content_size.width + GAP
        kept = [hint for name, hint in self._hints if name.endswith(KEPT)]
        room -= sum(hint.cell_length + GAP for hint in kept)
        shown = []
        for name, hint in self._hints:
            if not name.endswith(KEPT):
                room -= hint.cell_length + GAP
                if room < 0:
                    continue
            shown.append(hint)
        return Content(" " * GAP).join(shown)

    async def action_press(self, name: str) -> None:
        """Do what the key does, whatever has the focus: a line one types in would take the key."""
        if (found := holder(self.screen, name)) is not None:
            node, binding = found
            await self.app.run_action(binding.action, node)
        else:
            self.app.simulate_key(name)
