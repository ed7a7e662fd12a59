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
        "dim": "#a79e8f",
        "rule": "#4a443b",
        "mark-background": "#4d3d1f",
        "mark-foreground": "#fbf3e2",
        "input-cursor-background": "#d9a95f",
        "input-cursor-foreground": "#171614",
        "block-cursor-background": "#4d3d1f",
        "block-cursor-foreground": "#fbf3e2",
        "scrollbar": "#3a352e",
        "scrollbar-hover": "#5a5247",
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
        "rule": "#c9bfad",
        "mark-background": "#f5dfae",
        "mark-foreground": "#2b2008",
        "input-cursor-background": "#8a4a12",
        "input-cursor-foreground": "#faf7f0",
        "block-cursor-background": "#f5dfae",
        "block-cursor-foreground": "#2b2008",
        "scrollbar": "#d8cfbe",
        "scrollbar-hover": "#b9ad97",
        "scrollbar-active": "#8a4a12",
        "scrollbar-background": "#faf7f0",
        "scrollbar-background-hover": "#faf7f0",
        "scrollbar-background-active": "#faf7f0",
        "scrollbar-corner-color": "#faf7f0",
    },
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
