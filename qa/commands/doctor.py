"""`quoth doctor`: one line for everything that was looked at, and what repairs it."""

from __future__ import annotations

from argparse import Namespace

from qa.commands.terminal import track, write
from qa.config import Settings
from qa.doctor import checks
from qa.render import render_table
from qa.reports import skipped_line
from qa.timings import RUNS, timings


def report(arguments: Namespace, settings: Settings) -> int:
    """Print every check as it is done; 1 where something fails. Or where the time goes."""
    if arguments.timings:
        found = timings(settings)
        rows = [(stage, round(taken)) for stage, taken in found.items()]
        write(render_table((f"A first question, median of {RUNS}", "ms"), rows))
        return 0
    failed = False
    for check in track(checks(settings), settings):
        failed = failed or check.outcome == "fail"
        write(f"{check.outcome:<4}  {skipped_line(check.name, check.finding)}")
        if check.repair:
            write(f"      repair: {check.repair}")
    return 1 if failed else 0
