"""Text on the screen that is only text."""

from __future__ import annotations

from typing import Self

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Input, Static

from qa.ui import wording


class Words(Static):
    """Text that is never read as markup."""

    def __init__(self, content: Content | str = "", *, classes: str = "") -> None:
        """Show text as it is."""
        super().__init__(content, markup=False, classes=classes)

    def become(self, other: Self) -> None:
        """Show what another of the same kind would, without a new widget: focus stays."""
        self.update(other.content)


class Brief(Words):
    """Text in no more rows than it is given; an ellipsis tells that there is more of it."""

    @property
    def _whole(self) -> Content:
        content = self.content
        return content if isinstance(content, Content) else Content(str(content))

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """As many rows as the whole text would like."""
        return len(self._whole.wrap(width)) if width else 0

    def render(self) -> Content:
        """Write what there is room for."""
        whole, (width, height) = self._whole, self.content_size
        lines = whole.wrap(width) if width else [whole]
        if len(lines) <= height:
            return whole
        last = Content.assemble(lines[height - 1].rstrip(), " …") if height else Content("")
        return Content("\n").join([*lines[: height - 1], last.truncate(width, ellipsis=True)])


class Line(Input):
    """A line to type in, where control characters are shown as such, as `plain` does.

    What it says while it is empty is never cut without an ellipsis.
    """

    def __init__(self, hint: str, *, name: str | None = None, select: bool = True) -> None:
        """Say `hint` while nothing is typed; with `select`, getting the focus selects it all."""
        super().__init__(placeholder=hint, compact=True, id=name, select_on_focus=select)
        self._hint = Content(hint)

    def validate_value(self, value: str) -> str:
        """Take nothing that a terminal would act upon."""
        return wording.plain(value)

    def on_resize(self) -> None:
        """Fit the hint."""
        self.placeholder = self._hint.truncate(self.content_size.width - 1, ellipsis=True).plain
