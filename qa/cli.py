"""The command `quoth`: arguments in, exit code out. Each command is imported when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

FAILED, INTERRUPTED, CLOSED_PIPE = 1, 130, 141

_USAGE = """quoth [DOCUMENTS...] [--exclude PATTERN]...
       quoth ask QUESTION [--history Q]... [--json]
       quoth ask --from FILE.jsonl
       quoth search QUERY [-k N] [--explain] [--json]
       quoth search QUERY --why DOCUMENT[:START-END] [--json]
       quoth show DOCUMENT [--start N --end N]
       quoth index build DOCUMENTS... [--exclude PATTERN]...
       quoth index watch [DOCUMENTS...] [--exclude PATTERN]... [--json]
       quoth index rebuild [--check SET [--fail-under METRIC=VALUE]...]
       quoth index undo [GENERATION]
       quoth index {status,log,verify,repair,list,remove} [DOCUMENT...] [--json]
       quoth eval run SET... [--save NAME] [--report FILE.html] [--json]
       quoth eval {compare,check,history,propose} ...
       quoth sessions {list,show,export,delete} ...
       quoth verify FILE [DOCUMENTS...] [--alone] [--json]
       quoth doctor [--timings]"""
_ABOUT = """Answers questions over your own documents, in the documents' own words.

Without a command: opens the terminal UI over DOCUMENTS (files and folders), bringing the index
up to date first. A document that is called like a command is named with its folder: ./ask
"""
_WATCHING = """Each burst of changes becomes one generation, told in one line of standard error.
A folder that is not there for a while, or empty as an unmounted one is, is waited for; what was
read of it stays in the index. On network file systems files are looked at from time to time.
Another process that changes the index is waited for. Questions can be asked all the while."""
_EXITS = """exit codes: 0 done; 1 failed; 2 wrong usage; 3 ask: not in the documents;
4 index build, rebuild, repair: done, but some files could not be read; 130 interrupted"""

Parsers = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: importlib.metadata takes longer than help."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from qa import __version__

        parser.exit(0, f"quoth {__version__}\n")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _globals() -> argparse.ArgumentParser:
    """Options that stand before or after the command; absent ones leave no trace."""
    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    group = parser.add_argument_group("everywhere")
    group.add_argument("--index", metavar="DIR", help="folder of the index (or QUOTH_INDEX)")
    group.add_argument("--config", metavar="FILE", type=Path, help="another settings file (TOML)")
    group.add_argument("--model", metavar="NAME", help="embedding model to build with")
    group.add_argument("--reader", metavar="NAME", help="model that reads passages; off is none")
    group.add_argument("--reranker", metavar="NAME", help="cross-encoder to rank with; '' is none")
    group.add_argument("--quiet", action="store_true", help="no progress, summaries or hints")
    group.add_argument("--no-color", action="store_true", help="plain text (or NO_COLOR)")
    group.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    return parser


class _Builder:
    """Adds commands that all take the global options."""

    def __init__(self, commands: Parsers[argparse.ArgumentParser]) -> None:
        self._commands = commands

    def add(
        self, name: str, about: str, run: str = "", json: bool = False
    ) -> argparse.ArgumentParser:
        parser = self._commands.add_parser(
            name, help=about, description=about, parents=[_globals()], allow_abbrev=False
        )
        if run:
            parser.set_defaults(run=run)
        if json:
            parser.add_argument("--json", action="store_true", help="print one JSON document")
        return parser

    def group(self, name: str, about: str) -> _Builder:
        parser = self.add(name, about)
        return _Builder(parser.add_subparsers(metavar="ACTION", required=True))


def _add_asking(commands: _Builder) -> None:
    ask = commands.add(
        "ask", "answer a question with quotes from the documents", "ask:ask", json=True
    )
    asked = ask.add_mutually_exclusive_group(required=True)
    asked.add_argument("question", nargs="?", metavar="QUESTION")
    asked.add_argument(
        "--from", dest="source", metavar="FILE.jsonl", help="one question object a line; - is stdin"
    )
    ask.add_argument(
        "--history",
        metavar="Q",
        action="append",
        default=[],
        help="an earlier question, oldest first",
    )
    search = commands.add(
        "search", "list the passages nearest to a query", "search:search", json=True
    )
    search.add_argument("query", metavar="QUERY")
    search.add_argument("-k", type=_count, default=10, metavar="N", help="how many (10)")
    search.add_argument("--explain", action="store_true", help="tell how each score came about")
    search.add_argument(
        "--why",
        metavar="DOCUMENT[:START-END]",
        help="tell why this is in the answer to the query, or which stage lost it",
    )
    show = commands.add(
        "show", "print the stored text of a document, or a span of it", "search:show"
    )
    show.add_argument("document", metavar="DOCUMENT", help="its id, path, path suffix or title")
    show.add_argument("--start", type=int, metavar="N", help="first character, from 0")
    show.add_argument("--end", type=int, metavar="N", help="the character after the last")


def _add_index(commands: _Builder) -> None:
    index = commands.group("index", "build and look after the index")
    build = index.add("build", "build, or bring up to date what changed", "index:build", json=True)
    build.add_argument(
        "documents",
        nargs="+",
        metavar="DOCUMENTS",
        help="all that the index is to hold; what it holds of others is removed",
    )
    _add_exclude(build)
    watch = index.add(
        "watch", "build, then follow changes within two seconds, until ctrl+c", "watch:watch"
    )
    watch.add_argument(
        "documents", nargs="*", metavar="DOCUMENTS", help="without any, what the index is built of"
    )
    watch.add_argument(
        "--json", action="store_true", help="print one JSON object a line: generations and notices"
    )
    watch.epilog = _WATCHING
    _add_exclude(watch)
    index.add("status", "summarise the index", "index:status", json=True)
    index.add("verify", "check the store and what is derived from it", "index:verify", json=True)
    index.add("repair", "put right whatever `verify` finds wrong", "index:repair", json=True)
    rebuild = index.add(
        "rebuild", "make everything anew, beside the present index", "index:rebuild", json=True
    )
    rebuild.add_argument(
        "--check", metavar="SET", action="append", default=[], help="swap only if SET fares as well"
    )
    _add_gates(rebuild)
    index.add(
        "log", "list the generations: when, what changed, what is kept", "index:log", json=True
    )
    undo = index.add(
        "undo",
        "go back to before the last build, rebuild or removal, or to a GENERATION of the log; "
        "that makes a new generation, so that undoing it returns",
        "index:undo",
        json=True,
    )
    undo.add_argument("generation", nargs="?", type=_count, metavar="GENERATION")
    index.add("list", "list the documents", "index:documents", json=True)
    remove = index.add("remove", "take documents out of the index", "index:remove", json=True)
    remove.add_argument("documents", nargs="+", metavar="DOCUMENT")


def _add_gates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fail-under", metavar="METRIC=VALUE", action="append", default=[], help="fail if worse"
    )


def _add_exclude(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exclude",
        metavar="PATTERN",
        action="append",
        default=[],
        help="leave out, as in .gitignore",
    )


def _add_evaluation(commands: _Builder) -> None:
    evaluation = commands.group("eval", "measure answers on question sets")
    run = evaluation.add(
        "run", "ask every question of a set and score it", "evaluate:run", json=True
    )
    run.add_argument(
        "sets", nargs="+", metavar="SET", help="a file, a folder (BEIR, TREC), seeds or marked"
    )
    run.add_argument("-k", type=_count, default=10, metavar="N", help="depth of ranking (10)")
    run.add_argument("--save", metavar="NAME", help="keep the run for compare and history")
    run.add_argument("--answers", metavar="FILE", type=Path, help="write the answer objects")
    run.add_argument("--run", dest="trec", metavar="FILE", type=Path, help="write a TREC run")
    run.add_argument("--report", metavar="FILE.html", type=Path, help="write a report to read")
    _add_gates(run)
    compare = evaluation.add(
        "compare", "set two saved runs side by side", "evaluate:compare", json=True
    )
    compare.add_argument("names", nargs=2, metavar="NAME")
    compare.add_argument("--report", metavar="FILE.html", type=Path, help="write it to read")
    check = evaluation.add("check", "find mistakes in a question set", "evaluate:check", json=True)
    check.add_argument("set", metavar="SET")
    history = evaluation.add(
        "history", "list the saved runs of a set", "evaluate:history", json=True
    )
    history.add_argument("set", metavar="SET")
    propose = evaluation.add("propose", "draft questions from the documents", "evaluate:propose")
    propose.add_argument(
        "-n", dest="count", type=_count, default=40, metavar="N", help="how many (40)"
    )


def _add_sessions(commands: _Builder) -> None:
    sessions = commands.group("sessions", "look after the conversations that are kept")
    listing = sessions.add(
        "list", "list them, or those that hold WORDS", "sessions:listing", json=True
    )
    listing.add_argument("words", nargs="*", metavar="WORDS")
    show = sessions.add("show", "print a conversation", "sessions:show", json=True)
    show.add_argument("session", metavar="ID", help="as `list` shows it, or how it begins")
    export = sessions.add("export", "save a conversation in this folder", "sessions:export")
    export.add_argument("session", metavar="ID")
    export.add_argument(
        "--as",
        dest="form",
        choices=("markdown", "html", "bundle"),
        default="markdown",
        help="text to read (markdown), a page, or a file that `quoth verify` checks",
    )
    delete = sessions.add("delete", "delete conversations for good", "sessions:delete")
    delete.add_argument("sessions", nargs="+", metavar="ID")
    delete.add_argument("--yes", action="store_true", help="do not ask first")
    verify = commands.add(
        "verify", "check the citations of an exported bundle", "verify:verify", json=True
    )
    verify.add_argument("file", metavar="FILE", help="a bundle that was exported")
    verify.add_argument(
        "documents", nargs="*", metavar="DOCUMENTS", help="files and folders to look in"
    )
    verify.add_argument(
        "--alone", action="store_true", help="check the bundle by itself, whatever index is here"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quoth",
        usage=_USAGE,
        description=_ABOUT,
        epilog=_EXITS,
        parents=[_globals()],
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = _Builder(parser.add_subparsers(title="commands", metavar="COMMAND", prog="quoth"))
    _add_asking(commands)
    _add_index(commands)
    _add_evaluation(commands)
    _add_sessions(commands)
    doctor = commands.add(
        "doctor", "tell what works here and what repairs the rest", "doctor:report"
    )
    doctor.add_argument(
        "--timings",
        action="store_true",
        help="tell instead where the time of a first question goes",
    )
    return parser


def _open_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quoth", usage=_USAGE, parents=[_globals()], allow_abbrev=False
    )
    parser.add_argument("documents", nargs="*", metavar="DOCUMENTS")
    _add_exclude(parser)
    parser.set_defaults(run="open:open_ui")
    return parser


FLAGS = ("index", "model", "reader", "reranker", "quiet")
COMMANDS = ("ask", "search", "show", "index", "eval", "sessions", "verify", "doctor")


def _first_word(arguments: Sequence[str]) -> str:
    """Find the first word that is neither an option nor an option's value; -- ends options."""
    words = iter(arguments)
    for word in words:
        if word in ("--index", "--config", "--model", "--reader", "--reranker", "--exclude"):
            next(words, "")
        elif not word.startswith("-") or word in ("--", "-h", "--help"):
            return word
    return ""


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    if _first_word(arguments) in (*COMMANDS, "-h", "--help"):
        return _parser().parse_args(arguments)
    return _open_parser().parse_args(arguments)


def _execute(arguments: argparse.Namespace) -> int:
    from qa.config import default_config, load_settings

    flags = {
        **{name: getattr(arguments, name, None) for name in FLAGS},
        "color": False if hasattr(arguments, "no_color") else None,
    }
    settings = load_settings(flags, config=getattr(arguments, "config", None) or default_config())
    module, function = arguments.run.split(":")
    code: int = getattr(import_module(f"qa.commands.{module}"), function)(arguments, settings)
    sys.stdout.flush()
    return code


def _fail(sentence: str) -> int:
    print(f"quoth: {sentence}", file=sys.stderr)
    return FAILED


def _unexpected(error: Exception) -> int:
    if os.environ.get("QUOTH_DEBUG"):
        raise error
    return _fail(
        f"something unforeseen happened ({type(error).__name__}: {error}); "
        "set QUOTH_DEBUG=1, run the command again and report what it prints."
    )


def _let_go_of_stdout() -> int:
    """Point standard output at nothing, so that the interpreter's last flush stays quiet too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED_PIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `quoth` and return its exit code; wrong usage raises SystemExit(2), as argparse does."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A lone surrogate, written as \udXXX, is what JSON would write for it, too.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    # NumPy multiplies nothing large here: threads of its own only fight with the encoder's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return _execute(_parse(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _let_go_of_stdout()
    except Exception as error:
        from index.errors import IndexingError
        from qa.errors import QuothError

        if isinstance(error, IndexingError | QuothError):
            return _fail(str(error))
        return _unexpected(error)


if __name__ == "__main__":
    sys.exit(main())
