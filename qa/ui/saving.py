"""Saving a conversation to a file, in the form that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
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
from qa.ui.messages import Failed, ForBrowser, Saved
from qa.ui.sheet import Sheet
from qa.ui.webpage import webpage
from qa.ui.words import Words

FORMS = (
    ("m", "Markdown", "text, to read and to edit"),
    ("h", "Page", "one HTML file, to read and to print"),
    ("b", "Bundle", "JSON with proof of every quote; quoth verify checks it"),
)
HERE = "In this folder, under a name that is free."


def write(
    backend: Backend | None, form: str, title: str, turns: Sequence[Kept], *, web: bool
) -> Message:
    """Write a conversation; blocks, as files do."""
    name = stem(title)
    if form == "b" and backend is not None:
        return put(name, ".json", backend.sessions.bundle(title, turns), web=web)
    if form == "h":
        return put(name, ".html", webpage(title, turns), web=web)
    return put(name, ".md", markdown(title, turns), web=web)


def put(stem: str, suffix: str, text: str, *, web: bool) -> Message:
    """Write a text into the current folder, or have the browser that shows the app save it."""
    if web:
        return ForBrowser(f"{stem}{suffix}", text.encode(errors="replace"))
    try:
        path = save(stem, suffix, text)
    except OSError as error:
        return Failed(
            f"Nothing can be saved here ({error.strerror}); start Quoth in another folder."
        )
    check = f" Check it with `quoth verify {path.name}`." if suffix == ".json" else ""
    return Saved(f"Saved as {path}.{check}")


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
            here = "Your browser saves it." if self.app.is_web else HERE
            yield Words(here, classes="aside")

    def on_mount(self) -> None:
        """Tell how to leave."""
        self.offer_way_out(self.query_one(VerticalScroll), "saving.back")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the form under the cursor."""
        self.dismiss(event.option_id)

    def action_choose(self, form: str) -> None:
        """Take a form by its letter."""
        self.dismiss(form)
