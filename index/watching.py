"""Following the files of an index: one generation for each burst of changes, soon after it.

What the system tells of changes only says when to look; what has changed a build finds, as ever.
So a change that was never told is found with the next one, or within a minute. Roots that are not
there just now, or are empty as an unmounted folder is, are waited for, and what was read of them
stays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from index.errors import IndexingError, IndexLockedError, IndexMissingError
from index.sources import READERS
from index.sources.files import shown
from index.sources.walking import patterns
from index.store import Store
from index.types import BuildReport, Notice, Progress

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

STEP_MS = 200  # a burst is over once nothing has been told for so long,
BURST_MS = 1_000  # and is looked at after so long at the latest
LOOK_MS = 500  # how often roots are looked for
POLL_MS = 800  # how often files are looked at where no system tells of changes
AGAIN = 60.0  # seconds after which everything is looked through whatever was told
GRACE = 1.0  # seconds that a root may be away without a word: editors replace files
RETRY = 5.0  # seconds after which a build that failed is tried again
# File systems whose changes on other machines are not told of.
REMOTE = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "fuse.", "vboxsf", "drvfs", "davfs", "lustre")

Update = Callable[[Collection[str]], Iterator[Progress | BuildReport]]
Told = Progress | BuildReport | Notice
Look = Mapping[str, tuple[int, ...]]  # what each root that is there is known by


def watch(directory: str | Path, update: Update, stop: Event | None = None) -> Iterator[Told]:
    """Keep the index in `directory` up to date with what it is built of, until `stop` is set.

    Args:
        directory: that of the index. Other processes may change it meanwhile, and what it is
            built of as well.
        update: builds it, given those roots that are not there; its events are passed on, but for
            reports of builds that changed nothing.
        stop: ends it, within about half a second.

    Raises:
        IndexMissingError: there is no index.
    """
    yield from _Watch(Path(directory), update, stop or Event()).run()


def patient(events: Callable[[], Iterator[Progress | BuildReport]], stop: Event) -> Iterator[Told]:
    """The events of a build that waits, and says so, while another process changes the index."""
    told = False
    while not stop.is_set():
        try:
            yield from events()
        except IndexLockedError as error:
            if not told:
                yield Notice("locked", str(error))
            told = True
            stop.wait(LOOK_MS / 1000)
        else:
            return


class _Watch:
    """What is known between two looks."""

    def __init__(self, directory: Path, update: Update, stop: Event) -> None:
        self._directory = directory
        self._update = update
        self._stop = stop
        self._polls = False
        self._since: dict[str, float] = {}  # when a root was first seen to be away
        self._away: set[str] = set()  # of the roots, as was told
        self._failed = self._said = ""
        self._due = 0.0  # when the index is to be looked through next
        with Store(directory) as store:
            self._last = store.generation, store.skipped()

    def run(self) -> Iterator[Told]:
        """Watch the roots that are there; begin anew where others are."""
        while not self._stop.is_set():
            roots, excludes = self._built_of()
            here, self._due = _look(roots), 0.0  # what came before it is watched is not told
            watched = _folders(here)
            self._polls = self._polls or any(map(_remote, watched))
            yield from self._tell_watching(roots)
            relevant = _Relevant(list(watched), self._directory, excludes)
            for told in self._changes(list(watched)):
                now = _look(roots)
                if now != here or any(map(relevant, told)):
                    here, self._due = now, 0.0
                yield from self._tell_away(roots, here)
                if _folders(here) != watched:
                    break
                if monotonic() >= self._due:
                    yield from self._bring_up_to_date(roots, here)
                    if self._built_of() != (roots, excludes):
                        break

    def _built_of(self) -> tuple[Sequence[str], Sequence[str]]:
        with Store(self._directory) as store:
            return store.roots, store.excludes

    def _tell_watching(self, roots: Sequence[str]) -> Iterator[Notice]:
        how = ", looking at each file from time to time" if self._polls else ""
        sentence = f"Watching {', '.join(map(shown, roots))}{how}."
        if sentence != self._said:
            yield Notice("watching", sentence)
        self._said = sentence

    def _changes(self, folders: Sequence[str]) -> Iterator[Collection[str]]:
        """The paths of what has changed, burst by burst; none from time to time."""
        if not folders:
            while not self._stop.wait(LOOK_MS / 1000):
                yield ()
            return
        from watchfiles import watch as follow

        try:
            for changes in follow(
                *folders,
                watch_filter=None,
                debounce=BURST_MS,
                step=STEP_MS,
                stop_event=self._stop,
                rust_timeout=LOOK_MS,
                yield_on_timeout=True,
                force_polling=self._polls or None,
                poll_delay_ms=POLL_MS,
                ignore_permission_denied=True,
            ):
                yield [path for _, path in changes]
        except (OSError, RuntimeError):
            # A root has gone meanwhile, or the system tells of no more folders than it does.
            self._polls = self._polls or all(map(os.path.isdir, folders))
            self._stop.wait(LOOK_MS / 1000)
            yield folders

    def _bring_up_to_date(self, roots: Sequence[str], here: Look) -> Iterator[Told]:
        self._due = monotonic() + AGAIN
        away = [root for root in roots if root not in here]
        if not here:
            return
        try:
            for event in patient(lambda: self._update(away), self._stop):
                if not isinstance(event, BuildReport):
                    yield event
                elif (event.generation, event.skipped) != self._last:
                    self._last = event.generation, event.skipped
                    yield event
            self._failed = ""
        except IndexMissingError:
            raise
        except IndexingError as error:
            self._due = monotonic() + RETRY
            if str(error) != self._failed:
                yield Notice("failed", str(error))
            self._failed = str(error)

    def _tell_away(self, roots: Sequence[str], here: Look) -> Iterator[Notice]:
        away, now = {root for root in roots if root not in here}, monotonic()
        self._since = {root: self._since.get(root, now) for root in away}
        for root in roots:
            if root in away - self._away and now - self._since[root] >= GRACE:
                self._away.add(root)
                yield Notice(
                    "away",
                    f"{shown(root)} is not there, or empty; what was read of it stays in the index "
                    "until it is back.",
                )
            elif root in self._away - away:
                self._away.remove(root)
                yield Notice("back", f"{shown(root)} is there again.")


class _Relevant:
    """Whether a path that was told of may be that of a document, or of a folder with some."""

    def __init__(self, folders: Sequence[str], index: Path, excludes: Sequence[str]) -> None:
        self._folders = [os.path.join(folder, "") for folder in folders]  # noqa: PTH118
        self._index = os.path.join(index.absolute(), "")  # noqa: PTH118
        self._spec: GitIgnoreSpec | None = patterns(excludes)

    def __call__(self, path: str) -> bool:
        if f"{path}{os.sep}".startswith(self._index):
            return False
        root = max((f for f in self._folders if path.startswith(f)), key=len, default="")
        relative = path[len(root) :].replace(os.sep, "/") if root else ""
        if any(part.startswith(".") for part in relative.split("/")):
            return False
        if self._spec and relative and self._spec.match_file(relative):
            return False
        # What is no file may have been a folder, which none of its files is told of.
        return os.path.splitext(path)[1].lower() in READERS or not os.path.isfile(path)  # noqa: PTH113, PTH122


def _look(roots: Sequence[str]) -> Look:
    """The roots that are there, and what tells each from another of its name: folders by their
    number, files by their date and size as well."""
    found: dict[str, tuple[int, ...]] = {}
    for root in roots:
        try:
            info = os.stat(root)  # noqa: PTH116
            found[root] = (info.st_dev, info.st_ino)
            if not stat.S_ISDIR(info.st_mode):
                found[root] += (info.st_mtime_ns, info.st_size)
            else:
                with os.scandir(root) as entries:
                    if next(entries, None) is None:
                        del found[root]
        except OSError:
            found.pop(root, None)
    return found


def _folders(here: Look) -> dict[str, tuple[int, ...]]:
    return {root: known for root, known in here.items() if len(known) == 2}


def _remote(root: str) -> bool:
    """Whether a path is on another machine, as far as the system tells."""
    try:
        mounts = Path("/proc/self/mounts").read_bytes().decode(errors="surrogateescape")
    except OSError:
        return False
    real, best = os.path.realpath(root), ("", "")
    for line in mounts.splitlines():
        _, place, kind, *_ = line.split(" ")
        place = place.encode("latin-1", "backslashreplace").decode("unicode_escape")
        if Path(real).is_relative_to(place) and len(place) >= len(best[0]):
            best = place, kind
    return best[1].startswith(REMOTE)
