"""`quoth eval`: question sets asked, scored and compared."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

from qa import __version__
from qa.commands.opening import opened, without_models
from qa.commands.terminal import note, track, write, write_json
from qa.config import Settings
from qa.errors import QuestionSetError
from qa.evaluation.compare import compare as compare_runs
from qa.evaluation.corpus import check as find_mistakes
from qa.evaluation.formats import load
from qa.evaluation.history import gate, parse_gate, render_comparison
from qa.evaluation.history import history as course
from qa.evaluation.questions import to_record
from qa.evaluation.report import write_report
from qa.evaluation.run import RunResult, deep_enough
from qa.evaluation.run import run as ask_all
from qa.evaluation.saved import list_runs, load_run, save, to_dict, write_answers, write_trec
from qa.evaluation.table import render_table


def run(arguments: Namespace, settings: Settings) -> int:
    """Ask every question and score the answers; 1 where a gate of --fail-under is not passed."""
    gates = [parse_gate(text) for text in arguments.fail_under]
    for path in (arguments.answers, arguments.trec, arguments.report):
        if path and not path.absolute().parent.is_dir():
            raise QuestionSetError(f"{path.parent} is no folder; make it first, then run again.")
    sets = [load(name, settings.index) for name in arguments.sets]
    recorded = {"threshold": settings.threshold, "quotes": settings.quotes}
    with opened(deep_enough(settings, arguments.k)) as assistant:
        events = ask_all(
            assistant, sets, arguments.k, recorded, __version__, assistant.former_ids()
        )
        (result,) = track(events, settings)
    failures = gate(result, gates)
    _keep(result, arguments, settings)
    if arguments.json:
        write_json(to_dict(result))
    else:
        write(render_table(result))
    for failure in failures:
        note(failure)
    return 1 if failures else 0


def _keep(result: RunResult, arguments: Namespace, settings: Settings) -> None:
    if arguments.answers:
        write_answers(result, arguments.answers)
    if arguments.trec:
        write_trec(result, arguments.trec)
    if arguments.save:
        save(result, settings.index, arguments.save)
    if arguments.report:
        write_report(result, arguments.report)


def compare(arguments: Namespace, settings: Settings) -> int:
    """Set two saved runs side by side: measures, what is really different, what flipped."""
    first, second = (load_run(settings.index, name) for name in arguments.names)
    comparison = compare_runs(first, second)
    if arguments.report:
        write_report(second, arguments.report, comparison)
    if arguments.json:
        write_json(comparison.to_dict())
    else:
        write(render_comparison(comparison))
    return 0


def check(arguments: Namespace, settings: Settings) -> int:
    """Find labels that the documents do not bear out; 1 where there are some."""
    with without_models(settings) as assistant:
        documents, former = assistant.documents(), assistant.former_ids()
        problems = find_mistakes(load(arguments.set, settings.index), documents, former)
    if arguments.json:
        write_json([asdict(problem) for problem in problems])
    else:
        told = [f"line {item.line}, {item.question_id}: {item.reason}" for item in problems]
        write("\n".join(told) or "Every label stands in the documents.")
    return 1 if problems else 0


def history(arguments: Namespace, settings: Settings) -> int:
    """Plot the saved runs of a set, oldest first."""
    runs = list_runs(settings.index, load(arguments.set, settings.index).name)
    if arguments.json:
        write_json(
            [
                {key: value for key, value in to_dict(run).items() if key != "questions"}
                for run in runs
            ]
        )
    else:
        write(course(runs))
    return 0


def propose(arguments: Namespace, settings: Settings) -> int:
    """Draft questions from the documents, one a line, to be corrected by hand into a set."""
    from qa.evaluation.propose import propose as draft

    with without_models(settings) as assistant:
        questions = draft(assistant.documents(), arguments.count)
    for question in questions:
        write_json(to_record(question), indent=None)
    return 0
