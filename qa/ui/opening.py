"""Opening a file elsewhere: in the reader's editor at a line, or in what the desktop shows it with.

Which editor it is stands in `VISUAL` or `EDITOR`, as for git; which viewer, the desktop knows. How
each is told the line or the page is known of the common ones.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa.ui.wording import flow

_PLUS = {"vi", "vim", "nvim", "view", "gvim", "mvim", "nano", "pico", "emacs", "emacsclient", "kak"}
_PLUS |= {"less", "more", "most", "micro", "joe", "jmacs", "mg", "jove", "ne", "mcedit", "editor"}
_PLUS |= {"gedit", "pluma", "xed", "geany", "bbedit", "ee", "zile", "vis", "neovide"}
_COLON = {"subl", "sublime_text", "hx", "helix", "zed", "zeditor", "lapce", "lite-xl", "pulsar"}
_GOTO = {"code", "code-insiders", "code-oss", "codium", "vscodium", "cursor", "windsurf"}
_OPTION = {"kate": "-l", "kwrite": "-l", "mate": "-l", "idea": "--line", "pycharm": "--line"}
_OPTION |= {"webstorm": "--line", "goland": "--line", "clion": "--line", "phpstorm": "--line"}
# These have a window of their own; all others need the terminal.
_WINDOWED = (_COLON - {"hx", "helix"}) | _GOTO | set(_OPTION)
_WINDOWED |= {"gvim", "mvim", "neovide", "gedit", "pluma", "xed", "geany", "bbedit", "notepad"}
_USUAL = ("editor", "nano", "vim", "nvim", "vi", "micro", "hx", "emacs", "less", "notepad")

# How viewers of PDF are told a page, by the name that the desktop has for them.
_PAGED = {
    "evince": ("evince", "--page-index={page}", "{path}"),
    "papers": ("papers", "--page-index={page}", "{path}"),
    "atril": ("atril", "--page-index={page}", "{path}"),
    "xreader": ("xreader", "--page-index={page}", "{path}"),
    "okular": ("okular", "-p", "{page}", "{path}"),
    "zathura": ("zathura", "-P", "{page}", "{path}"),
    "xpdf": ("xpdf", "{path}", "{page}"),
    "mupdf": ("mupdf", "{path}", "{page}"),
    "sioyek": ("sioyek", "--page", "{page}", "{path}"),
    "qpdfview": ("qpdfview", "--unique", "{path}#{page}"),
}
_BROWSERS = ("firefox", "chromium", "google-chrome", "brave-browser", "microsoft-edge", "vivaldi")
_PAGED |= {name: (name, "{uri}#page={page}") for name in _BROWSERS}

Which = Callable[[str], str | None]


class OpeningError(Exception):
    """Nothing can open the file; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run, the name it goes by, whether it needs the terminal and is told the line."""

    arguments: tuple[str, ...]
    name: str
    terminal: bool
    at_line: bool


def editor(
    path: str, line: int, environ: Mapping[str, str] = os.environ, which: Which = shutil.which
) -> Launch:
    """How the reader's editor opens a file at a line.

    Raises:
        OpeningError: none is named and none found, or the one named is not there.
    """
    variable = next((name for name in ("VISUAL", "EDITOR") if environ.get(name, "").strip()), "")
    if variable:
        words = _words(environ[variable], variable)
        if which(words[0]) is None:
            raise OpeningError(
                f"{variable} names {flow(words[0])}, which is not on this machine; set it to "
                "an editor that is."
            )
    else:
        found = next((name for name in _USUAL if which(name)), "")
        if not found:
            raise OpeningError("No editor was found; name yours in the variable EDITOR.")
        words = [found]
    name = _known(Path(words[0].replace("\\", "/")).name.lower())
    arguments, at_line = (*words, *_place(name, path, line)), name in _PLUS | _COLON | _GOTO
    return Launch(arguments, name, name not in _WINDOWED, at_line or name in _OPTION)


def _words(command: str, variable: str) -> list[str]:
    """The words of a command line; a path with spaces that is there is one word."""
    if Path(command).is_file():
        return [command]
    try:
        return shlex.split(command, posix=os.name != "nt")
    except ValueError:
        raise OpeningError(
            f"{variable} cannot be read ({flow(command)}); check its quotation marks."
        ) from None


def _known(name: str) -> str:
    """The common name of a program: "vim" for vim.basic, "emacs" for emacs-29.3."""
    everyone = _PLUS | _COLON | _GOTO | _WINDOWED
    names = (name, name.rsplit(".", 1)[0], re.split(r"[-.\d]", name)[0])
    return next((short for short in names if short in everyone), name)


def _place(name: str, path: str, line: int) -> tuple[str, ...]:
    """How the editor of this name is told a file and a line; an unknown one only the file."""
    if name in _PLUS:
        return f"+{line}", path
    if name in _COLON:
        return (f"{path}:{line}",)
    if name in _GOTO:
        return "-g", f"{path}:{line}"
    if name in _OPTION:
        return _OPTION[name], str(line), path
    return (path,)


def viewer(
    path: str,
    environ: Mapping[str, str] = os.environ,
    which: Which = shutil.which,
    platform: str = sys.platform,
    page: int = 0,
) -> Launch:
    """How the desktop opens a file, a PDF at its `page` (from 1) where the viewer can.

    Raises:
        OpeningError: there is no desktop, or nothing that opens files.
    """
    if platform == "darwin":
        return Launch(("open", path), "open", terminal=False, at_line=False)
    if platform == "win32":  # not `start`, which a shell would have to read the path for
        arguments = ("rundll32", "url.dll,FileProtocolHandler", path)
        return Launch(arguments, "start", terminal=False, at_line=False)
    names = ["wslview"] if environ.get("WSL_DISTRO_NAME") else []
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        names += ["xdg-open", "gio"]
    elif not names:
        raise OpeningError("There is no desktop here to show the file.")
    found = next((name for name in names if which(name)), "")
    if not found:
        raise OpeningError(f"Nothing here opens files ({' and '.join(names)} are missing).")
    if page and (told := _paged(path, page, which)):
        return Launch(told, told[0], terminal=False, at_line=True)
    opening = (found, "open", path) if found == "gio" else (found, path)
    return Launch(opening, found, terminal=False, at_line=False)


def _paged(path: str, page: int, which: Which) -> tuple[str, ...]:
    """How the desktop's viewer of PDF is told a page; nothing where it is not known how."""
    asking = which("xdg-mime")
    if asking is None:
        return ()
    try:
        said = subprocess.run(  # noqa: S603 - the desktop's
            (asking, "query", "default", "application/pdf"),
            check=False,
            capture_output=True,
            text=True,
            timeout=5,
        ).stdout
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ()
    names = re.split(r"[._]", said.strip().lower().removesuffix(".desktop"))
    for known in _PAGED:
        own = next((name for name in names if name.startswith(known)), "")
        program = next((name for name in (known, own) if own and which(name)), "")
        if program:
            uri = Path(path).absolute().as_uri()
            told = (part.format(page=page, path=path, uri=uri) for part in _PAGED[known][1:])
            return program, *told
    return ()


def run_in_terminal(launch: Launch) -> int:
    """Run to its end, with the terminal to itself, and return its exit code.

    Raises:
        OSError: it cannot be run.
    """
    with _uninterrupted():
        return subprocess.run(launch.arguments, check=False).returncode  # noqa: S603 - the reader's


def run_apart(launch: Launch) -> int:
    """Run without the terminal, and return the exit code; call it in a thread.

    Raises:
        OSError: it cannot be run.
    """
    quiet = subprocess.DEVNULL
    return subprocess.run(  # noqa: S603 - the reader's own editor, or the desktop's
        launch.arguments,
        check=False,
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
    ).returncode


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Leave ctrl+c to the program in the foreground: it would end this one as well."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
