"""Two themes of one reading room: by lamplight and by daylight, with a single accent."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="quoth-dark",
    dark=True,
    primary="#d9a95f",
    secondary="#d9a95f",
    accent="#d9a95f",
    foreground="#e8e2d8",
    background="#171614",
    surface="#1f1d1a",
    panel="#2a2723",
    success="#a3b98a",
    warning="#d9a95f",
    error="#e89a84",
    variables={
        "dim": "#b5ac9d",
        "rule": "#787063",
        "mark-background": "#4d3d1f",
        "mark-foreground": "#fbf3e2",
        "input-cursor-background": "#d9a95f",
        "input-cursor-foreground": "#171614",
        "block-cursor-background": "#4d3d1f",
        "block-cursor-foreground": "#fbf3e2",
        "scrollbar": "#787063",
        "scrollbar-hover": "#9a9080",
        "scrollbar-active": "#d9a95f",
        "scrollbar-background": "#171614",
        "scrollbar-background-hover": "#171614",
        "scrollbar-background-active": "#171614",
        "scrollbar-corner-color": "#171614",
    },
)

LIGHT = Theme(
    name="quoth-light",
    dark=False,
    primary="#8a4a12",
    secondary="#8a4a12",
    accent="#8a4a12",
    foreground="#2b2722",
    background="#faf7f0",
    surface="#f2ede2",
    panel="#e8e1d3",
    success="#4a6130",
    warning="#8a4a12",
    error="#9c2f1c",
    variables={
        "dim": "#635a4d",
        "rule": "#877d6b",
        "mark-background": "#f5dfae",
        "mark-foreground": "#2b2008",
        "input-cursor-background": "#8a4a12",
        "input-cursor-foreground": "#faf7f0",
        "block-cursor-background": "#f5dfae",
        "block-cursor-foreground": "#2b2008",
        "scrollbar": "#877d6b",
        "scrollbar-hover": "#6e6555",
        "scrollbar-active": "#8a4a12",
        "scrollbar-background": "#faf7f0",
        "scrollbar-background-hover": "#faf7f0",
        "scrollbar-background-active": "#faf7f0",
        "scrollbar-corner-color": "#faf7f0",
    },
)

# The terminal's own colours, where it has but 16 or none is wanted: its text on its ground, which
# stand out whatever they are, and what is chosen black on yellow or, without colour, reversed.
TERMINAL = Theme(
    name="quoth-terminal",
    ansi=True,
    dark=True,
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_red",
    variables={
        "dim": "ansi_default",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "block-hover-background": "ansi_default",
        "rule": "ansi_default",
        **{
            f"{name}-{part}": colour
            for name in ("mark", "input-cursor", "block-cursor", "block-cursor-blurred")
            for part, colour in (("foreground", "ansi_black"), ("background", "ansi_yellow"))
        },
        "input-selection-foreground": "ansi_black",
        "input-selection-background": "ansi_yellow",
        "screen-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_yellow",
        "scrollbar": "ansi_default",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def fitting(theme: str, colours: str | None, *, color: bool = True) -> str:
    """The theme for a terminal with so many colours ("truecolor", "256", "standard" or None)."""
    return theme if color and colours in ("truecolor", "256") else TERMINAL.name
