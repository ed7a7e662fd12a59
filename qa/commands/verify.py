"""`quoth verify`: whether the citations of an exported conversation hold."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from index.errors import IndexMissingError
from index.store import Store
from qa.bundle import Json, load
from qa.commands.terminal import note, write, write_json
from qa.config import Settings
from qa.reports import skipped_line
from qa.verify import Check, Verified, alone, in_files, in_index

FAILED = 1


def verify(arguments: Namespace, settings: Settings) -> int:
    """Print a line for every citation; 1 where one does not hold, with one sentence."""
    found = _checked(load(Path(arguments.file)), arguments, settings)
    if arguments.json:
        write_json(found.to_dict())
    elif not settings.quiet:
        for problem in found.problems:
            write(f"{'tampered':<9} {problem}")
        for check in found.checks:
            write(_line(check))
    if found.ok:
        if not (arguments.json or settings.quiet):
            note(f"All {len(found.checks)} citations hold, checked against {found.against}.")
        return 0
    note(_verdict(found))
    return FAILED


def _checked(bundle: Json, arguments: Namespace, settings: Settings) -> Verified:
    if arguments.documents:
        return in_files(bundle, arguments.documents)
    if arguments.alone:
        return alone(bundle)
    try:
        with Store(settings.index) as store:
            return in_index(bundle, store)
    except IndexMissingError:
        if hasattr(arguments, "index"):
            raise
        return alone(bundle)


def _line(check: Check) -> str:
    where = f"{check.document}, characters {check.start} to {check.end}"
    name = f"{check.outcome:<9} question {check.question} [{check.number}] {where}"
    return skipped_line(name, check.detail)


def _verdict(found: Verified) -> str:
    bad = [check for check in found.checks if check.outcome != "holds"]
    if found.problems or any(check.outcome == "tampered" for check in bad):
        return "The bundle was tampered with: do not rely on it, and get it anew from its maker."
    if all(check.outcome == "missing" for check in bad):
        return (
            f"{len(bad)} of {len(found.checks)} citations are from documents that are not in "
            f"{found.against}; name them after the file, or check the bundle with --alone."
        )
    return (
        f"{len(bad)} of {len(found.checks)} citations do not hold in {found.against}: the "
        "documents have changed since; ask again."
    )
