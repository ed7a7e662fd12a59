"""Leaving for another program with a file, and what to say of it before and after."""

from __future__ import annotations

import re
from pathlib import Path

from textual.app import SuspendNotSupported

from qa.ui import wording
from qa.ui.desk import Desk
from qa.ui.jobs import Job
from qa.ui.messages import Failed, ForBrowser, Located
from qa.ui.opening import Launch, OpeningError, editor, run_apart, run_in_terminal, viewer


def leave_for(app: Desk, message: Located) -> None:
    """Open the file that was located in the editor or the viewer, or say why nothing can."""
    location = message.location
    where = wording.located(location, message.what, app.key("rebuild"))
    if location.state == "missing":
        app.say(where, wrong=True)
        return
    if message.viewer and app.is_web:  # a desktop may be there, but nobody sits at it
        path = Path(location.path)
        app.post_message(ForBrowser(re.sub(r"[^\w.]+", "-", path.name, flags=re.ASCII), path))
        return
    if not message.viewer and not location.line:
        key = app.key("reading.view")
        app.say(
            f"An editor cannot show this file as it was read; {key} opens it in its viewer. {where}"
        )
        return
    try:
        if message.viewer:
            launch = viewer(location.path, page=location.sheet)
        else:
            launch = editor(location.path, location.line)
    except OpeningError as error:
        other = f" {app.key('reading.edit')} opens it in your editor."
        if not message.viewer or not location.line:
            other = f" {where}" if message.viewer else ""
        app.say(f"{error}{other}", wrong=True)
        return
    if launch.terminal:
        changed = location.state == "changed"
        _in_terminal(app, launch, where, quiet=launch.at_line and not changed)
    else:
        app.say(f"Opening in {wording.flow(launch.name)}. {where}")
        app.start(lambda job: _apart(job, launch))


def _in_terminal(app: Desk, launch: Launch, where: str, *, quiet: bool) -> None:
    name, failure = wording.flow(launch.name), ""
    try:
        with app.suspend():
            try:
                if code := run_in_terminal(launch):
                    failure = f"{name} ended with exit code {code}."
            except OSError as error:  # raised further, it would leave the app suspended
                failure = f"{name} cannot be run ({error.strerror}); set EDITOR to another."
    except SuspendNotSupported:
        view = f"{app.key('reading.view')} {'hands you' if app.is_web else 'may show'} the file"
        failure = f"{name} needs a terminal of its own, and none is here; {view}."
    if failure or not quiet:
        app.say(f"{failure} {where}".strip(), wrong=bool(failure))


def _apart(job: Job, launch: Launch) -> None:
    name = wording.flow(launch.name)
    try:
        code = run_apart(launch)
    except OSError as error:
        job.tell(Failed(f"{name} cannot be run ({error.strerror}); set EDITOR to another."))
        return
    if code:
        job.tell(Failed(f"{name} could not open the file (exit code {code}); open it yourself."))
