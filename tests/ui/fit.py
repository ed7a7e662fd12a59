"""What does not fit on the screen: words that are cut, texts without room, focus out of sight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from tui import QuothApp

# Frames, rules, thumbs of scroll bars and other shapes, which end no word.
_SHAPES = re.compile("[\u2500-\u25ff\u2190-\u21ff]")
_SHARE = re.compile(r"\d+%")  # how far one has read depends on the size of the screen


def _lines(app: QuothApp, area: Region) -> list[str]:
    strips = app.screen._compositor.render_strips()
    rows = (strips[y].crop(area.x, area.right) for y in range(area.y, area.bottom))
    return [_SHAPES.sub(" ", "".join(segment.text for segment in row)).rstrip() for row in rows]


def words(app: QuothApp) -> set[str]:
    """Every word on the screen."""
    return set(chain.from_iterable(line.split() for line in _lines(app, app.screen.region)))


def _leaves(app: QuothApp) -> Iterator[tuple[Widget, Region, Region]]:
    """What is on the screen and holds nothing else: where it is, and as far as it is in view."""
    for widget, geometry in app.screen._compositor.full_map.items():
        if widget.displayed_children or widget.screen is not app.screen:
            continue
        if widget.visible and not widget.__class__.__name__.startswith("ScrollBar"):
            yield widget, geometry.region, geometry.region.intersection(geometry.clip)


def ends(app: QuothApp) -> Iterator[tuple[str, str]]:
    """The last word of each line of each part of the screen, and all that stands in that part."""
    for _, region, shown in _leaves(app):
        lines = _lines(app, shown) if shown else []
        joined = _run(lines)
        for line in lines[:-1] if shown.bottom < region.bottom else lines:  # the last goes on below
            if line.strip() and not line.endswith("…"):
                yield line.split()[-1], joined


def cut(found: list[tuple[str, str]], known: set[str]) -> set[str]:
    """The ends of lines that are no whole word, and of no word that goes on in the next line."""
    return {
        end
        for end, joined in found
        if end not in known
        and not _SHARE.fullmatch(end)
        and not any(end in word and word in joined for word in known)
    }


def _holds(widget: Widget) -> bool:
    return isinstance(widget, Static) and bool(str(widget.content).strip())


def without_room(app: QuothApp) -> list[str]:
    """The parts of the screen that reach out of what holds them, where nothing scrolls to them."""
    found = []
    for widget, region, shown in _leaves(app):
        around = widget.parent
        assert isinstance(around, Widget)
        holding = app.screen._compositor.full_map.get(around)
        box = holding.region.shrink(around.gutter) if holding else app.screen.region
        wide = region.x < box.x or region.right > box.right
        high = around.styles.overflow_y == "hidden" and region.bottom > box.bottom
        if wide or high or (_holds(widget) and not region):
            found.append(f"{widget} at {region} in {around} at {box}")
        elif _holds(widget) and shown and (needed := _height(widget)) > widget.content_size.height:
            if not _lines(app, shown)[-1].endswith("…"):
                found.append(f"{widget} has {widget.content_size.height} of {needed} rows")
        elif (wanted := _wanted(widget)) and wanted not in (text := _run(_lines(app, shown))):
            found += [] if text.endswith("…") else [f"{widget} shows {text} of {wanted}"]
    return found


def _run(lines: Iterable[str]) -> str:
    return "".join("".join(line.split()) for line in lines)


def _wanted(widget: Widget) -> str:
    """What stands where nothing is typed yet."""
    if isinstance(widget, Input) and not widget.value:
        return _run([widget.placeholder])
    if isinstance(widget, TextArea) and not widget.text:
        return _run([str(widget.placeholder)])
    return ""


def _height(widget: Widget) -> int:
    size = widget.content_size
    return widget.get_content_height(size, widget.screen.size, size.width)


def out_of_sight(app: QuothApp) -> Widget | None:
    """What has the focus, where it is not in view."""
    focused = app.screen.focused
    if focused is None or app.screen.find_widget(focused).visible_region:
        return None
    return focused
