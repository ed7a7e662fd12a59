"""Where questions are typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import TextArea

from qa.ui.bindings import keys_of
from qa.ui.commands import completions
from qa.ui.completion import Completions
from qa.ui.desk import desk
from qa.ui.messages import Submitted
from qa.ui.sources import SourcesPane

HINTS = ("Ask your documents (/ for commands)", "Ask (/ for commands)", "Ask", "")


class Composer(TextArea):
    """A question of one or more lines, with recall of former ones."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Ask", id="asking.send", show=False),
        Binding(
            "shift+enter,ctrl+j,alt+enter", "newline", "New line", id="asking.newline", show=False
        ),
        Binding("tab", "complete", "Complete a command; go on", id="asking.complete", show=False),
        Binding("escape", "hide", "Hide the commands", id="asking.hide", show=False),
        Binding("up", "cursor_up", "Former question", id="asking.former", show=False),
        Binding("down", "cursor_down", "Next question", id="asking.next", show=False),
        Binding("end", "end", "End of the line; newest turn", id="asking.end", show=False),
        Binding("pageup", "cursor_page_up", "Scroll up", id="asking.up", show=False),
        Binding("pagedown", "cursor_page_down", "Scroll down", id="asking.down", show=False),
    ]

    def __init__(self, completions: Completions) -> None:
        """Start empty; what a slash may mean is shown in `completions`."""
        super().__init__(
            placeholder=HINTS[0],
            compact=True,
            highlight_cursor_line=False,
            soft_wrap=True,
            show_line_numbers=False,
        )
        self.completions = completions
        self.asked: list[str] = []
        self._help: Sequence[str] = ()
        self._digits: Sequence[Sequence[str]] = ()
        self._place = 0
        self._draft = ""

    def on_mount(self) -> None:
        """Find the keys that the bindings have now."""
        self._help = keys_of(self.app, desk(self).keymap, "help")
        self._digits = [
            keys_of(self.app, desk(self).keymap, f"asking.source-{n}") for n in range(10)
        ]

    def on_resize(self, event: events.Resize) -> None:
        """Say what can be typed as far as there is room to say it."""
        self.placeholder = next(hint for hint in HINTS if len(hint) <= event.size.width)

    async def on_key(self, event: events.Key) -> None:
        """Send, edit; and while nothing is typed, go to a source or show the keys.

        All in its turn among what is typed, however fast that comes: left to the app, a key that
        is bound would come after the letters behind it, or with priority before those ahead.
        """
        called = [digit for digit, keys in enumerate(self._digits) if event.key in keys]
        if not event.is_printable:
            bound = self.screen.active_bindings.get(event.key)
            if bound is None or bound.node is not self or not bound.enabled:
                return
            await self.run_action(bound.binding.action)
        elif self.text.strip():
            return
        elif event.key in self._help:
            await self.app.run_action("help")
        elif called and self.screen.query_one(SourcesPane).takes(called[0]):
            await self.screen.run_action(f"source({called[0]})")
        else:
            return
        event.stop()
        event.prevent_default()

    def action_send(self) -> None:
        """Ask what is typed, or run it if it is a command."""
        self.on_text_area_changed()
        command = self.completions.chosen
        text = f"/{command.name}" if command else self.text.strip()
        if text:
            self.post_message(Submitted(text))
        if command or not text.startswith("/"):
            self.text = ""  # at once: what is typed next belongs to the next question

    def on_text_area_changed(self) -> None:
        """Show what a slash may mean, unless it is recalled: then the arrows recall on."""
        self.completions.offer(self.text if self._place == len(self.asked) else "")

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Escape is the commands' only while they are on show."""
        return action != "hide" or self.completions.display

    def action_hide(self) -> None:
        """Hide the commands."""
        self.completions.hide()

    def accept(self, text: str) -> None:
        """Remember what was sent; empty the line, unless more has been typed since."""
        if not self.asked or self.asked[-1] != text:
            self.asked.append(text)
        self._place = len(self.asked)
        self._draft = ""
        typed = self.text.strip()
        if typed == text or (typed.startswith("/") and text.startswith(typed)):
            self.text = ""

    def recall(self, earlier: Sequence[str]) -> None:
        """Let Up go on to what was asked in former conversations, oldest first."""
        self.asked[:0] = earlier
        self._place += len(earlier)

    def update_suggestion(self) -> None:
        """Suggest the rest of a slash command."""
        found = completions(self.text)
        self.suggestion = found[0].name[len(self.text) - 1 :] if found and self.text != "/" else ""

    def action_newline(self) -> None:
        """Begin another line."""
        self.insert("\n")

    def action_copy(self) -> None:
        """Copy what is selected; else tell how to quit, which the key does in other programs."""
        if self.selected_text:
            super().action_copy()
        else:
            self.app.action_help_quit()

    def action_complete(self) -> None:
        """Complete a slash command; else move on, as Tab does everywhere."""
        if command := self.completions.chosen:
            self.text = f"/{command.name}"
            self.move_cursor(self.document.end)
        else:
            self.screen.focus_next()

    def action_cursor_up(self, select: bool = False) -> None:
        """Recall the question before, from the first line."""
        if self.completions.chosen:
            self.completions.move(-1)
        elif select or not self.navigator.is_first_wrapped_line(self.cursor_location):
            super().action_cursor_up(select)
        elif self._place > 0:
            if self._place == len(self.asked):
                self._draft = self.text
            self._recall(self._place - 1)

    def action_cursor_down(self, select: bool = False) -> None:
        """Recall the next question, and at last what was being typed."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if self.completions.chosen:
            self.completions.move(1)
        elif select or not last or self._place >= len(self.asked):
            super().action_cursor_down(select)
        else:
            self._recall(self._place + 1)

    def action_end(self) -> None:
        """Go to the end of the line; from there, to the newest turn."""
        if self.cursor_at_end_of_line:
            self.screen.query_one("Conversation", VerticalScroll).action_scroll_end()
        else:
            self.action_cursor_line_end()

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
