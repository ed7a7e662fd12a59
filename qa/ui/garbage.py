"""Looking for garbage between other work, never in the middle of it.

Python looks for it whenever enough has been made: with models loaded that takes 80 ms, in the
midst of drawing the screen as likely as not.
"""

from __future__ import annotations

import gc

from textual.app import App

YOUNG, OLD = 1.0, 15.0  # seconds between looking through what is new (2 ms), and through it all


def look_between(app: App[None]) -> None:
    """Look for garbage when nothing else is to do, until `as_ever`."""
    keep()
    gc.disable()
    app.set_interval(YOUNG, lambda: _collect(1))
    app.set_interval(OLD, lambda: _collect(2))


def _collect(generation: int) -> None:
    gc.collect(generation)


def keep() -> None:
    """Never look through what is there by now: what is loaded stays."""
    gc.freeze()


def as_ever() -> None:
    """Look for garbage as Python does."""
    gc.enable()
