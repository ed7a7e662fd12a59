"""Where questions are typed."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from qa.ui.commands import completions
from qa.ui.messages import Submitted


class Composer(TextArea):
    """A question of one or more lines, with recall of former ones."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+enter,ctrl+j,alt+enter", "newline", "New line", show=False),
        Binding("tab", "complete", "Complete the command", show=False),
    ]

    class Key(Message):
        """A key that means something else than text, as the question is empty."""

        def __init__(self, character: str) -> None:
            """Remember which."""
            super().__init__()
            self.character = character

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(
            placeholder="Ask your documents",
            compact=True,
            highlight_cursor_line=False,
            soft_wrap=True,
            show_line_numbers=False,
        )
        self.asked: list[str] = []
        self.sources = 0
        self._place = 0
        self._draft = ""

    def on_key(self, event: events.Key) -> None:
        """Send on Enter; while empty, pass on `?` and the digits of the sources on show."""
        character = event.character or ""
        if event.key == "enter":
            self._send()
        elif not self.text.strip() and (
            character == "?" or (character.isdecimal() and 0 < int(character) <= self.sources)
        ):
            self.post_message(self.Key(character))
        else:
            return
        event.stop()
        event.prevent_default()

    def _send(self) -> None:
        text = self.text.strip()
        if text:
            self.post_message(Submitted(text))

    def accept(self, text: str) -> None:
        """Remember what was sent, and empty the line for the next."""
        if not self.asked or self.asked[-1] != text:
            self.asked.append(text)
        self._place = len(self.asked)
        self._draft = ""
        self.text = ""

    def update_suggestion(self) -> None:
        """Suggest the rest of a slash command."""
        found = completions(self.text)
        self.suggestion = found[0].name[len(self.text) - 1 :] if found and self.text != "/" else ""

    def action_newline(self) -> None:
        """Begin another line."""
        self.insert("\n")

    def action_complete(self) -> None:
        """Complete a slash command; else move on, as Tab does everywhere."""
        if self.suggestion:
            self.insert(self.suggestion)
        else:
            self.screen.focus_next()

    def action_cursor_up(self, select: bool = False) -> None:
        """Recall the question before, from the first line."""
        if select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        elif self._place > 0:
            if self._place == len(self.asked):
                self._draft = self.text
            self._recall(self._place - 1)

    def action_cursor_down(self, select: bool = False) -> None:
        """Recall the next question, and at last what was being typed."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not last or self._place >= len(self.asked):
            super().action_cursor_down(select)
        else:
            self._recall(self._place + 1)

    def _recall(self, place: int) -> None:
        self._place = place
        self.text = self.asked[place] if place < len(self.asked) else self._draft
        self.move_cursor(self.document.end)

    def action_cursor_page_up(self) -> None:
        """Scroll the conversation, which has more pages than a question."""
        self.screen.query_one("Conversation").scroll_page_up()

    def action_cursor_page_down(self) -> None:
        """Scroll the conversation."""
        self.screen.query_one("Conversation").scroll_page_down()
