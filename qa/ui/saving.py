"""Saving a conversation to a file, in the form that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from qa.types import Backend, Kept
from qa.ui import wording
from qa.ui.export import markdown, save, stem
from qa.ui.sheet import Sheet
from qa.ui.webpage import webpage
from qa.ui.words import Words

FORMS = (
    ("m", "Markdown", "text, to read and to edit"),
    ("h", "Page", "one HTML file, to read and to print"),
    ("b", "Bundle", "JSON with proof of every quote; quoth verify checks it"),
)


@dataclass
class Saved(Message):
    """A file was written; `sentence` says which."""

    sentence: str


def write(backend: Backend | None, form: str, title: str, turns: Sequence[Kept]) -> Saved:
    """Write a conversation into the current folder; blocks, as files do."""
    name = stem(title)
    try:
        if form == "b" and backend is not None:
            path = save(name, ".json", backend.sessions.bundle(title, turns))
            return Saved(f"Saved as {path}. Check it with `quoth verify {path.name}`.")
        if form == "h":
            return Saved(f"Saved as {save(name, '.html', webpage(title, turns))}.")
        return Saved(f"Saved as {save(name, '.md', markdown(title, turns))}.")
    except OSError as error:
        return Saved(
            f"Nothing can be saved here ({error.strerror}); start Quoth in another folder."
        )


class SaveSheet(Sheet[str]):
    """Asks in which form to save."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="saving.back"),
        *(
            Binding(key, f"choose('{key}')", f"As {name}", id=f"saving.{name.lower()}")
            for key, name, _ in FORMS
        ),
    ]

    def __init__(self, title: str) -> None:
        """Ask for the conversation of that title."""
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Lay out."""
        with VerticalScroll(can_focus=False):
            yield Words(f"Save “{wording.shorten(self._title, 60)}”", classes="title")
            options = (
                Option(
                    Content.assemble((f"{key}  ", "bold $accent"), f"{name}: ", (about, "$dim")),
                    id=key,
                )
                for key, name, about in FORMS
            )
            yield OptionList(*options, markup=False)
            yield Words("In this folder, under a name that is free.", classes="aside")

    def on_mount(self) -> None:
        """Tell how to leave."""
        self.offer_way_out(self.query_one(VerticalScroll), "saving.back")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the form under the cursor."""
        self.dismiss(event.option_id)

    def action_choose(self, form: str) -> None:
        """Take a form by its letter."""
        self.dismiss(form)
