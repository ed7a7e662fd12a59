"""Text on the screen that is only text."""

from __future__ import annotations

from typing import Self

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Text that is never read as markup."""

    def __init__(self, content: Content | str = "", *, classes: str = "") -> None:
        """Show text as it is."""
        super().__init__(content, markup=False, classes=classes)

    def become(self, other: Self) -> None:
        """Show what another of the same kind would, without a new widget: focus stays."""
        self.update(other.content)
