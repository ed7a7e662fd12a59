"""The key sheet."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen

from qa.ui.commands import COMMANDS
from qa.ui.conversation import Words

ASKING = (
    ("enter", "Ask"),
    ("ctrl+j", "New line (in most terminals shift+enter too)"),
    ("up, down", "Former questions"),
    ("page up, down", "Scroll the conversation"),
    ("1 to 9", "Go to a source (while the question is empty)"),
    ("/", "Commands, completed by tab"),
    ("escape", "Stop the question, close a notice"),
    ("tab", "On to answers, sources and suggestions"),
    ("ctrl+p", "All commands"),
    ("?", "This sheet (while the question is empty)"),
)
READING = (
    ("enter", "On a source: read it where it stands"),
    ("n, p", "Next and previous mark"),
    ("/", "Find"),
    ("o", "Outline"),
    ("c", "Copy the quote with its reference"),
    ("+, -", "On a source: mark it as right or wrong; again takes it back"),
    ("escape", "Back"),
)


class KeySheet(ModalScreen[None]):
    """Every key and what it does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        everywhere = [
            (command.key or f"/{command.name}", f"{command.title}: {command.purpose.lower()}")
            for command in COMMANDS
        ]
        with VerticalScroll():
            for title, rows in (
                ("Asking", ASKING),
                ("Everywhere", everywhere),
                ("Reading", READING),
            ):
                yield Words(title, classes="title")
                for keys, purpose in rows:
                    with Horizontal():
                        yield Words(keys, classes="keys")
                        yield Words(purpose, classes="purpose")
            names = "  ".join(f"/{command.name}" for command in COMMANDS)
            yield Words(f"As slash commands: {names}", classes="aside gap")
