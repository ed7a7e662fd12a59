"""`quoth sessions`: the conversations that are kept, without opening any index."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from qa.bundle import make
from qa.commands.terminal import color, note, width, write, write_json
from qa.config import Settings
from qa.errors import SessionError
from qa.render import answer_to_dict, render_answer, render_table
from qa.sessions import SessionFile
from qa.types import Kept, Session
from qa.ui.export import markdown, save, stem
from qa.ui.webpage import webpage

SHORT = 8  # characters of an id: enough for millions of conversations


def listing(arguments: Namespace, settings: Settings) -> int:
    """List the conversations, the latest first."""
    found = SessionFile(settings.sessions).listed(" ".join(arguments.words))
    if arguments.json:
        write_json([{**asdict(session), "excerpt": _plain(session)} for session in found])
    elif found:
        header = ("id", "last", "turns", "title")
        write(render_table(header, [_row(session) for session in found]))
    elif not settings.quiet:
        note(f"No conversation {'holds that' if arguments.words else 'is kept yet'}.")
    return 0


def _plain(session: Session) -> str:
    return session.excerpt.replace("\ue000", "").replace("\ue001", "")


def _row(session: Session) -> tuple[object, ...]:
    when = f"{datetime.fromisoformat(session.changed).astimezone():%Y-%m-%d %H:%M}"
    return session.id[:SHORT], when, session.turns, " ".join(session.title.split())


def show(arguments: Namespace, settings: Settings) -> int:
    """Print a conversation as it was kept."""
    session, turns = _found(settings, arguments.session)
    if arguments.json:
        kept = [{"asked": turn.asked, **answer_to_dict(turn.answer)} for turn in turns]
        write_json({**asdict(session), "turns": kept})
        return 0
    for turn in turns:
        write(f"> {' '.join(turn.answer.question.split())}\n")
        write(f"{render_answer(turn.answer, width(), color(settings))}\n")
    return 0


def export(arguments: Namespace, settings: Settings) -> int:
    """Save a conversation in the current folder, under a name that is free."""
    session, turns = _found(settings, arguments.session)
    forms = {"markdown": (".md", markdown), "html": (".html", webpage), "bundle": (".json", make)}
    suffix, written = forms[arguments.form]
    try:
        path = save(stem(session.title), suffix, written(session.title, turns))
    except OSError as error:
        raise SessionError(
            f"Nothing can be saved here ({error.strerror}); run it in another folder."
        ) from None
    write(str(path))
    return 0


def _found(settings: Settings, name: str) -> tuple[Session, Sequence[Kept]]:
    file = SessionFile(settings.sessions)
    session = file.find(name)
    return session, file.turns(session.id)


def delete(arguments: Namespace, settings: Settings) -> int:
    """Delete conversations for good, after asking."""
    file = SessionFile(settings.sessions)
    found = [file.find(name) for name in arguments.sessions]
    for session in found:
        title = " ".join(session.title.split())
        if not arguments.yes and not _agreed(f"Delete “{title}” ({session.turns} turns)?"):
            note("Nothing more is deleted.")
            return 1
        file.delete(session.id)
        if not settings.quiet:
            note(f"Deleted {session.id[:SHORT]}, “{title}”.")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise SessionError(f"{question} Say so with --yes where there is no terminal to ask.")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
