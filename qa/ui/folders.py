"""The files and folders that the index is made of: adding others, and taking some out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from qa.types import Backend, Place
from qa.ui import wording
from qa.ui.bars import Hints
from qa.ui.confirm import Confirm
from qa.ui.desk import desk
from qa.ui.jobs import Job
from qa.ui.messages import Unavailable
from qa.ui.sheet import Sheet
from qa.ui.words import Line, Words

HINT = "Type or paste a path: ~/notes, /srv/papers, report.md"


@dataclass
class RootsFound(Message):
    """The files and folders that the index is made of."""

    roots: Sequence[str]


@dataclass
class PlaceFound(Message):
    """What the path typed so far leads to, and may become."""

    typed: str
    place: Place | None
    offered: Sequence[str]


def inside(path: str, root: str) -> bool:
    """Whether a file is what was named, or lies below it."""
    return path == root or path.startswith(root.rstrip("/\\") + "/")


def going(root: str, roots: Sequence[str], paths: Sequence[str]) -> int:
    """How many documents go with a root: those that lie in no other."""
    others = [other for other in roots if other != root]
    return sum(
        inside(path, root) and not any(inside(path, other) for other in others) for path in paths
    )


def common_beginning(texts: Sequence[str]) -> str:
    """As much as all of them begin with."""
    first, last = min(texts), max(texts)
    agree = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(one for one, _ in agree)


class PathInput(Line):
    """A path; Tab completes it."""

    BINDING_GROUP_TITLE = "Files and folders"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete the path", id="folders.complete"),
        Binding("down", "offered", "To what is offered", show=False, id="folders.offered"),
    ]

    class Offered(Message):
        """The first of what is offered is wanted."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(HINT, select=False)
        self.offered: Sequence[str] = ()

    def action_complete(self) -> None:
        """Go on as far as all that is offered agrees; else to that, for one to be chosen."""
        if not self.offered:
            self.screen.focus_next()
            return
        common = common_beginning(self.offered)
        if len(common) >= len(self.value) and common != self.value:
            self.value = common
            self.cursor_position = len(common)
        else:
            self.post_message(self.Offered())

    def action_offered(self) -> None:
        """Go down to what is offered."""
        self.post_message(self.Offered())


class FoldersScreen(Sheet[None]):
    """What the index is made of; type a path to add, Delete takes out what is highlighted."""

    AUTO_FOCUS = "PathInput"
    BINDING_GROUP_TITLE = "Files and folders"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", id="folders.back"),
        Binding("delete", "remove", "Take out a file or folder", id="folders.remove"),
    ]

    def __init__(self, backend: Backend, paths: Sequence[str]) -> None:
        """Prepare; `paths` are those of the documents in the index."""
        super().__init__()
        self._backend = backend
        self._paths = paths
        self._roots: Sequence[str] = ()
        self._place: Place | None = None
        self._job: Job | None = None

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical():
            yield Words("Files and folders in the index", classes="title")
            yield OptionList(id="roots", markup=False, compact=True)
            yield Words("Add a file or folder", classes="title gap")
            yield PathInput()
            yield Words(classes="said")
            yield OptionList(id="offered", markup=False, compact=True)
            yield Hints(
                ("enter", "Add"),
                ("folders.complete", "Complete"),
                ("folders.remove", "Take out"),
                ("folders.back", "Back"),
                ("commands", "More"),
            )

    def on_mount(self) -> None:
        """Find out what there is."""
        self.query_one("#offered").display = False

        def work(job: Job) -> None:
            job.tell(RootsFound(self._backend.status().sources))

        desk(self).start(work, Unavailable, to=self)

    def on_roots_found(self, message: RootsFound) -> None:
        """Show the files and folders, with how many documents come of each."""
        self._roots = message.roots
        listed = self.query_one("#roots", OptionList)
        listed.clear_options()
        for root in message.roots:
            count = sum(inside(path, root) for path in self._paths)
            said = Content.assemble(
                wording.flow(root), (f"  {wording.counted(count, 'document')}", "$dim")
            )
            listed.add_option(Option(said))

    def on_unavailable(self, message: Unavailable) -> None:
        """Say why it cannot be told what there is, or what a path leads to."""
        self._fault(message.sentence)

    def _fault(self, sentence: str) -> None:
        said = Content(f"! {wording.flow(sentence)}").stylize("$error")
        self.query_one(".said", Words).update(said)

    # Adding

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look what the path leads to, in the background."""
        typed = event.value

        def work(job: Job) -> None:
            offered = self._backend.complete(typed) if typed.strip() else ()
            job.tell(PlaceFound(typed, None, offered))
            if typed.strip() and not job.cancelled:
                job.tell(PlaceFound(typed, self._backend.examine(typed), offered))

        if self._job is not None:
            self._job.cancelled = True
        self._place = None
        self._job = desk(self).start(work, Unavailable, to=self)

    def on_place_found(self, message: PlaceFound) -> None:
        """Say what it leads to, and offer what it may become."""
        box = self.query_one(PathInput)
        if message.typed != box.value:
            return
        box.offered = message.offered
        self._place = message.place
        listed = self.query_one("#offered", OptionList)
        if message.place is None:
            listed.clear_options()
            listed.add_options([Option(Content(wording.flow(path))) for path in message.offered])
            listed.display = bool(message.offered)
        self._say(message)

    def _say(self, message: PlaceFound) -> None:
        place, key = message.place, desk(self).key
        if not message.typed.strip():
            said = Content("")
        elif place is None:
            said = Content("looking…").stylize("$dim")
        elif place.fault and message.offered:
            complete, choose = key("folders.complete"), key("folders.offered")
            said = Content(f"… goes on below · {complete} completes, {choose} chooses")
            said = said.stylize("$dim")
        elif place.fault:
            said = Content(f"! {wording.flow(place.fault)}").stylize("$error")
        else:
            more = "more than " if place.more else ""
            count = wording.counted(place.documents, "new file" if place.folder else "file")
            kind = "a folder" if place.folder else "a file"
            said = Content(f"✓ {kind}, {more}{count} to read · enter adds")
        self.query_one(".said", Words).update(said)

    def on_path_input_offered(self) -> None:
        """Go to what is offered."""
        listed = self.query_one("#offered", OptionList)
        if listed.display:
            listed.focus()
            listed.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what is offered into the path."""
        if event.option_list.id != "offered":
            return
        box = self.query_one(PathInput)
        box.value = box.offered[event.option_index]
        box.cursor_position = len(box.value)
        box.focus()

    def on_input_submitted(self) -> None:
        """Add it, if it can be."""
        place = self._place
        if place is None:  # still looking, or nothing typed
            return
        if place.fault:
            self._fault(place.fault)
            return
        roots = [*self._roots, place.path]
        desk(self).change(lambda backend: backend.update(roots))
        self.dismiss()

    # Taking out

    def action_remove(self) -> None:
        """Take the file or folder that is highlighted out of the index, once confirmed."""
        row = self.query_one("#roots", OptionList).highlighted
        if row is None:
            self.query_one("#roots").focus()
            return
        root = self._roots[row]
        left = [other for other in self._roots if other != root]
        if not left:
            self._fault("This is all there is; add another folder first.")
            return
        count = wording.counted(going(root, self._roots, self._paths), "document")
        self.app.push_screen(
            Confirm(
                f"Take {root} out of the index?",
                f"Its {count} go: no question finds them any more. The files on the disk stay as "
                "they are, and adding the folder again brings them back.",
                "Take it out",
                "Keep it",
            ),
            lambda yes: self._take_out(left) if yes else None,
        )

    def _take_out(self, left: Sequence[str]) -> None:
        desk(self).change(lambda backend: backend.update(left))
        self.dismiss()
