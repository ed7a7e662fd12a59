"""The key sheet."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from qa.ui.commands import COMMANDS
from qa.ui.conversation import Words

ASKING = (
    ("enter", "Ask"),
    ("ctrl+j, shift+enter", "New line"),
    ("up, down", "Former questions"),
    ("page up, page down", "Scroll the conversation"),
    ("1 to 9", "Go to a source (while the question is empty)"),
    ("/", "Commands, completed by tab"),
    ("escape", "Stop the question, close a notice"),
    ("tab", "On to answers, sources and suggestions"),
    ("ctrl+p", "All commands"),
)
READING = (
    ("enter", "On a source: read it where it stands"),
    ("n, p", "Next and previous mark"),
    ("/", "Find"),
    ("o", "Outline"),
    ("c", "Copy the quote with its reference"),
    ("escape", "Back"),
)


def sheet() -> Content:
    """Write the sheet."""
    everywhere = [
        (command.key or f"/{command.name}", f"{command.title}. {command.purpose}")
        for command in COMMANDS
    ]
    lines: list[Content] = []
    for title, rows in (("Asking", ASKING), ("Everywhere", everywhere), ("Reading", READING)):
        lines.append(Content(f"{title}").stylize("bold $accent"))
        lines += [Content.assemble((f"{key:<21}", "bold"), text) for key, text in rows]
        lines.append(Content(""))
    return Content("\n").join(lines)


class KeySheet(ModalScreen[None]):
    """Every key and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll():
            yield Words(sheet())
            yield Words(
                "Slash commands: " + "  ".join(f"/{c.name}" for c in COMMANDS), classes="aside"
            )
