"""Every key of every screen, read off the classes that bind it: for the sheet, hints and key map.

A class is filed under its `BINDING_GROUP_TITLE`, or else under that of another class of its
module, or else under its own name: so a new binding is in the sheet as soon as it exists.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from textual.app import App
from textual.binding import Binding
from textual.containers import ScrollableContainer
from textual.dom import DOMNode
from textual.keys import Keys, format_key
from textual.screen import Screen
from textual.widgets import Input, TextArea

EVERYWHERE = "Everywhere"
ORDER = (
    "Asking",
    EVERYWHERE,
    "Sources",
    "Reading",
    "Why",
    "Library",
    "Files and folders",
    "Sessions",
)
MOVING, EDITING = "Moving about", "Editing text"
# What Textual binds itself: without names, as it gives none by which they could be changed.
TEXTUAL: tuple[tuple[str, type[DOMNode]], ...] = (
    (MOVING, Screen),
    (MOVING, ScrollableContainer),
    (EDITING, TextArea),
    (EDITING, Input),
)
MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
SPOKEN = {"escape": "esc", "pageup": "page up", "pagedown": "page down"}
SPOKEN |= {name: name for name in ("enter", "up", "down", "left", "right", "tab", "space")}
DIGITS = "0123456789"
EMPTY = r"help$|asking\.source-\d$"  # what a letter may call while no question is typed


@dataclass(frozen=True, slots=True)
class Key:
    """What one key (or several) does in a section of the sheet, by the name of its binding."""

    section: str
    keys: tuple[str, ...]
    purpose: str
    names: tuple[str, ...]


def spoken(key: str) -> str:
    """Write a key as people do: "ctrl+s", "?", "page up"."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, SPOKEN.get(last) or format_key(last)])


def listed(keys: Iterable[str]) -> str:
    """Write several keys: "esc, q", "1 to 9"."""
    names = [spoken(key) for key in keys]
    if names == list(DIGITS):
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names)


def purpose(binding: Binding) -> str:
    """What a binding is for, in its own words."""
    return binding.tooltip or binding.description.capitalize()


def _subclasses(cls: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in cls.__subclasses__():
        yield each
        yield from _subclasses(each)


def own(cls: type[DOMNode]) -> list[Binding]:
    """The bindings that a class itself adds, one for each key."""
    return list(Binding.make_bindings(vars(cls).get("BINDINGS", ())))


@cache
def load() -> None:
    """Import every module of the screens: what is not open yet binds keys, too."""
    package = sys.modules[__package__ or ""]
    for module in iter_modules(package.__path__):
        import_module(f"{__package__}.{module.name}")


def _ours(app: type[App[None]]) -> list[type[DOMNode]]:
    found = dict.fromkeys(
        cls for cls in _subclasses(DOMNode) if cls.__module__.startswith(f"{__package__}.")
    )
    return [app, *found]


def section(cls: type[DOMNode]) -> str:
    """The section of the sheet that a class belongs to."""
    if issubclass(cls, App):
        return EVERYWHERE
    module = vars(sys.modules[cls.__module__]).values()
    near = [cls, *(other for other in module if isinstance(other, type))]
    for other in near:
        title = vars(other).get("BINDING_GROUP_TITLE")
        if other.__module__ == cls.__module__ and isinstance(title, str):
            return title
    name = re.sub("(Screen|Pane|View)$", "", cls.__name__)
    return " ".join(re.findall("[A-Z][a-z0-9]*", name)).capitalize() or cls.__name__


def section_of(node: DOMNode) -> str:
    """The section of the sheet for where one is: of the nearest class that has keys of its own."""
    for each in node.ancestors_with_self:
        if type(each).__module__.startswith(f"{__package__}.") and own(type(each)):
            return section(type(each))
    return EVERYWHERE


def _bound(app: type[App[None]]) -> Iterator[tuple[str, Binding]]:
    for cls in _ours(app):
        title = section(cls)
        yield from ((title, binding) for binding in own(cls))


def sheet(app: App[None], keymap: Mapping[str, str]) -> list[Key]:
    """Every key of every screen as it is now, by sections."""
    rows: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}

    def add(title: str, why: str, keys: Iterable[str], name: str | None) -> None:
        held, names = rows.setdefault((title, why), ({}, {}))
        held.update(dict.fromkeys(keys))
        if name:
            names[name] = None

    load()
    for title, binding in _bound(type(app)):
        changed = keymap.get(binding.id or "")
        add(title, purpose(binding), changed.split(",") if changed else (binding.key,), binding.id)
    known: set[tuple[str, str]] = set()
    for title, cls in TEXTUAL:
        for binding in own(cls):
            if (title, binding.key) not in known and not binding.key.startswith("super+"):
                known.add((title, binding.key))
                add(title, purpose(binding), (binding.key,), None)
    keys = [Key(title, tuple(k), why, tuple(n)) for (title, why), (k, n) in rows.items()]
    return sorted(keys, key=lambda key: _rank(key.section))


def _rank(title: str) -> int:
    last = {MOVING: 1, EDITING: 2}
    return ORDER.index(title) if title in ORDER else len(ORDER) + last.get(title, 0)


def keys_of(app: App[None], keymap: Mapping[str, str], name: str) -> list[str]:
    """The keys of a binding as they are now; none where nothing has that name."""
    if name in keymap:
        return keymap[name].split(",")
    if name not in (found := _named(type(app), everywhere=False)):
        found = _named(type(app), everywhere=True)
    return found.get(name, [])


@cache
def _named(app: type[App[None]], *, everywhere: bool) -> dict[str, list[str]]:
    """The keys of every binding that has a name, `everywhere` or in what is imported by now."""
    if everywhere:
        load()
    found: dict[str, list[str]] = {}
    for _, binding in _bound(app):
        if binding.id:
            found.setdefault(binding.id, []).append(binding.key)
    return found


def key_of(app: App[None], keymap: Mapping[str, str], name: str) -> str:
    """The first key of a binding as it is now; `name` itself where it names none."""
    return next(iter(keys_of(app, keymap, name)), name)


def holder(screen: Screen[object], name: str) -> tuple[DOMNode, Binding] | None:
    """Whom a binding acts on where one is, nearest the focus first, and the binding."""
    for node in (*(screen.focused or screen).ancestors_with_self, *screen.walk_children()):
        for cls in type(node).__mro__:
            for binding in own(cls) if issubclass(cls, DOMNode) else ():
                if binding.id == name:
                    return node, binding
    return None


def known_key(key: str) -> bool:
    """Whether a terminal could ever send it: one character, or a name, after its modifiers."""
    *modifiers, last = key.split("+")
    names = {each.value for each in Keys} | {f"f{n}" for n in range(1, 25)}
    single = len(last) == 1 or len(format_key(last)) == 1
    return set(modifiers) <= MODIFIERS and (single or last in names)


def fault(app: type[App[None]], keymap: Mapping[str, str]) -> str:
    """Say in one sentence what is wrong with a key map; empty where nothing is."""
    if not keymap:
        return ""
    load()
    bound = list(_bound(app))
    names = {binding.id for _, binding in bound if binding.id}
    for name, keys in keymap.items():
        if name not in names:
            near = get_close_matches(name, names, 3, 0.4)
            offer = f"did you mean {' or '.join(near)}?" if near else "the ? sheet lists them."
            return f"keys sets {name!r}, which names nothing that has a key; {offer}"
        for key in keys.split(","):
            if not known_key(key):
                return f"keys sets {name} to {key!r}, which is no key; write it like ctrl+o or f6."
    return _clash(bound, keymap) or _text(bound, keymap)


def _text(bound: list[tuple[str, Binding]], keymap: Mapping[str, str]) -> str:
    editing = {each.key: purpose(each) for cls in (TextArea, Input) for each in own(cls)}
    for title, binding in bound:
        name = binding.id or ""
        for key in keymap.get(name, "").split(","):
            if title == EVERYWHERE and key in editing:
                return (
                    f"keys sets {binding.id} to {spoken(key)}, which is "
                    f"“{editing[key].lower()}” wherever one types; choose another key."
                )
            typed = "+" not in key and len(format_key(key)) == 1
            if typed and title in (EVERYWHERE, ORDER[0]) and not re.match(EMPTY, name):
                return (
                    f"keys sets {binding.id} to {spoken(key)}, which is text in a question; "
                    "choose one with ctrl or alt, or a function key."
                )
    return ""


def keymap(wanted: Mapping[str, str]) -> dict[str, str]:
    """A key map as a user writes it, with the names that Textual has for the keys."""
    return {
        name: ",".join(each.key for each in Binding.make_bindings([Binding(keys, "")]))
        for name, keys in wanted.items()
    }


def _clash(bound: list[tuple[str, Binding]], keymap: Mapping[str, str]) -> str:
    taken: dict[str, dict[tuple[str, str], None]] = {}
    for title, binding in bound:
        name = binding.id or binding.action
        keys = keymap[name].split(",") if name in keymap else [binding.key]
        for key in keys:
            taken.setdefault(key, {})[title, name] = None
    former = {(binding.id, binding.key) for _, binding in bound}
    for key, holders in taken.items():
        for title, name in holders:
            for other, second in holders:
                meet = title == other or EVERYWHERE in (title, other)
                new = name in keymap and (name, key) not in former
                if meet and name != second and new:
                    return (
                        f"keys sets {name} to {spoken(key)}, which is {second} already; "
                        "choose another key for one of them."
                    )
    return ""
