"""What stands where nothing was asked yet."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from qa.types import IndexStatus
from qa.ui import wording
from qa.ui.desk import desk
from qa.ui.messages import Submitted, Suggested
from qa.ui.words import Words


class Suggestion(Words, can_focus=True):
    """A question to begin with: Enter or a click asks it."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "ask", "Ask what is suggested", id="asking.suggestion"),
        Binding("down,j", "app.focus_next", "Next suggestion", show=False, id="asking.lower"),
        Binding("up,k", "app.focus_previous", "Suggestion before", show=False, id="asking.upper"),
    ]

    def __init__(self, question: str) -> None:
        """Remember what to ask."""
        super().__init__(f"› {wording.flow(question)}")
        self._question = question

    def on_click(self) -> None:
        """Ask."""
        self.action_ask()

    def action_ask(self) -> None:
        """Ask."""
        self.post_message(Submitted(self._question))


class Welcome(Vertical):
    """The name, what is indexed, and a way to begin."""

    def compose(self) -> ComposeResult:
        """Show the name at once; the rest when it is known."""
        yield Words("Quoth", classes="name")
        yield Words("Answers in your documents' own words.", classes="motto")
        yield Words("Opening the index… you can type already.", classes="state")
        yield Vertical(classes="suggestions")

    def show(self, status: IndexStatus) -> None:
        """Say what is indexed."""
        if not status.documents:
            library, folders = desk(self).key("library"), desk(self).key("library.folders")
            self.say(f"The index is empty: {library}, then {folders}, adds a folder of documents.")
        else:
            self.say(wording.holdings(status))

    def on_suggested(self, message: Suggested) -> None:
        """Offer questions to begin with."""
        questions = message.questions
        offered = self.query_one(".suggestions")
        offered.remove_children()
        if questions:
            offered.mount(Words("You might ask", classes="aside"))
        offered.mount_all([Suggestion(question) for question in questions[:4]])

    def say(self, sentence: str) -> None:
        """Say how things stand."""
        self.query_one(".state", Words).update(Content(wording.plain(sentence)))
