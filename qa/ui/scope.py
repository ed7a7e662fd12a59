"""Which documents count for the next questions, where not all do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from qa.ui import wording
from qa.ui.desk import desk

NAMED = 3  # documents that are named where few count


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids of the documents that count, of how many there are; `names` are some titles."""

    ids: frozenset[str]
    total: int
    names: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Say how many count, and which as far as there is room."""
        count = len(self.ids)
        line = f"Asking only {count:,} of {wording.counted(self.total, 'document')}"
        return f"{line}: {', '.join(self.names)}{', …' if count > len(self.names) else ''}"


class ScopeBar(Widget, can_focus=True):
    """Says above the question that not all documents count, and lets all count again."""

    BINDING_GROUP_TITLE = "Asking"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,delete", "app.all_documents", "Ask all documents again", id="scope.clear"),
    ]

    def on_mount(self) -> None:
        """Show what counts, now and whenever it changes."""
        desk(self).scoped.subscribe(self, self.show)
        self.show(desk(self).scope)

    def show(self, scope: Scope | None) -> None:
        """Show it, or nothing where all count."""
        if scope is None and self.has_focus:
            self.screen.focus_next()
        self.display = scope is not None
        self.refresh()

    def render(self) -> Content:
        """Write one line; the way back to all stays whole."""
        scope = desk(self).scope
        if scope is None:
            return Content("")
        width = self.content_size.width
        key = desk(self).key("all")
        back = f"{key} asks all" if width >= 60 else f"{key.replace('ctrl+', '^')} all"
        room = width - len(back) - 2
        said = Content(f"◐ {scope.line}").truncate(max(room, 8), ellipsis=True)
        clear = Content(back).stylize("bold $accent")
        clear = clear.stylize(Style.from_meta({"@click": "app.all_documents"}))
        gap = max(2, width - said.cell_length - len(back))
        return Content.assemble(said, " " * gap, clear)

    async def on_click(self, event: events.Click) -> None:
        """Open the library, where it can be changed."""
        if "@click" not in event.style.meta:
            await self.run_action("app.library")
