"""The commands that a word beginning with a slash may become, in a list above the question."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from qa.ui.bindings import key_of, spoken
from qa.ui.commands import COMMANDS, Command, completions
from qa.ui.desk import desk
from qa.ui.messages import Submitted

NAMES = 2 + max(len(command.name) for command in COMMANDS)


class Completions(OptionList, can_focus=False):
    """What can be meant: the question's own keys move in it, a click runs what it hits."""

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__(markup=False)
        self.commands: list[Command] = []
        self._text = ""

    @property
    def chosen(self) -> Command | None:
        """The command under the cursor, while the list is on show."""
        return self.commands[self.highlighted or 0] if self.display and self.commands else None

    def offer(self, text: str) -> None:
        """Show what a text may become; nothing, where it is no command, or was hidden before."""
        if text == self._text:
            return
        self._text = text
        found = completions(text)
        if found != self.commands:
            self.commands = found
            self.clear_options()
            self.add_options([Option(self._line(command)) for command in found])
            self.highlighted = 0 if found else None
        self.display = bool(found)

    def hide(self) -> None:
        """Go away until something else is typed."""
        self.display = False

    def move(self, by: int) -> None:
        """Move the cursor, round and round."""
        self.highlighted = ((self.highlighted or 0) + by) % max(1, len(self.commands))

    def _line(self, command: Command) -> Content:
        name = f"/{command.name}".ljust(NAMES)
        key = spoken(key_of(self.app, desk(self).keymap, command.name)) if command.key else ""
        return Content.assemble((name, "bold"), key.ljust(8), command.about)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Run what was clicked."""
        event.stop()
        self.post_message(Submitted(f"/{self.commands[event.option_index].name}"))
