"""Everything that can be done, once: keys, slash commands and the palette are made of this list."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do: its app action, its `/name`, its key (or none), and what it is for."""

    action: str
    name: str
    key: str
    title: str
    purpose: str

    @property
    def about(self) -> str:
        """Title and purpose, in one line."""
        return f"{self.title}: {self.purpose[0].lower()}{self.purpose[1:]}"


COMMANDS = (
    Command("help", "help", "f1,question_mark", "Keys", "What every key does"),
    Command("command_palette", "commands", "ctrl+p", "Commands", "Everything that can be done"),
    Command("sources", "sources", "ctrl+s", "Sources", "The passages behind the answer"),
    Command("library", "library", "ctrl+l", "Library", "All documents, to filter and read"),
    Command("rebuild", "rebuild", "ctrl+r", "Rebuild", "Update the index, or stop that"),
    Command("watch", "watch", "", "Watch files", "Keep the index up to date, or no more"),
    Command("left_out", "left-out", "f9", "Files left out", "Which, and why"),
    Command(
        "all_documents", "all", "ctrl+g", "Ask all documents", "Not only those that are ticked"
    ),
    Command("clear", "clear", "ctrl+n", "New conversation", "The one before is kept"),
    Command("sessions", "sessions", "ctrl+o", "Conversations", "Former ones, to search and resume"),
    Command("copy_answer", "copy", "f3", "Copy answer", "The last one, with references"),
    Command("absent", "absent", "f5", "Not in the documents", "Mark the question so, or undo that"),
    Command("alone", "alone", "f8", "Ask alone", "Without the questions before, or with them"),
    Command("theme", "theme", "f2", "Light or dark", "Daylight and lamplight"),
    Command("export", "export", "f4", "Save conversation", "To read, print or verify"),
    Command("save_screenshot", "screenshot", "", "Save screenshot", "As an SVG, in this folder"),
    Command("quit", "quit", "ctrl+q", "Quit", "At once, even while work goes on"),
)

BINDINGS = [
    Binding(
        command.key,
        command.action,
        command.title,
        id=command.name,
        tooltip=command.about,
        priority=command.name in ("quit", "commands"),  # over every sheet, too
    )
    for command in COMMANDS
    if command.key
]


def completions(text: str) -> list[Command]:
    """The commands that a text beginning with a slash may become."""
    if not text.startswith("/"):
        return []
    return [command for command in COMMANDS if command.name.startswith(text[1:].lower())]
