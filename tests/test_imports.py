"""What is not imported: help and the first frame come before the seconds that torch takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"torch", "sentence_transformers", "transformers", "sklearn", "pandas"}
AT_HELP = HEAVY | {"numpy", "faiss", "tantivy", "textual", "tokenizers", "platformdirs"}

HELP = """
import json, sys
from qa.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    print()
    print(json.dumps(list(sys.modules)))
"""

FIRST_FRAME = """
import asyncio, json, sys, threading
from tui import QuothApp

async def show():
    index_opens = threading.Event().wait
    async with QuothApp(index_opens).run_test(size=(80, 24)):
        return list(sys.modules)

print(json.dumps(asyncio.run(show())))
"""


def _imported(program: str, *arguments: str) -> set[str]:
    """Run a program that prints what it imported on its last line."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ask", "--help"], ["index", "build", "--help"], ["--version"], ["ask"]],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not _imported(HELP, *arguments) & AT_HELP


def test_the_packages_themselves_import_nothing_heavy() -> None:
    program = "import index, qa, qa.types, json, sys; print(json.dumps(list(sys.modules)))"
    assert not _imported(program) & HEAVY


def test_the_first_frame_imports_nothing_heavy() -> None:
    assert not _imported(FIRST_FRAME) & HEAVY


def test_opening_the_terminal_ui_imports_nothing_heavy_before_it() -> None:
    program = "import qa.commands.open, json, sys; print(json.dumps(list(sys.modules)))"
    assert not _imported(program) & HEAVY


def test_choosing_a_reader_imports_nothing_heavy_until_it_reads() -> None:
    program = (
        "from index.reading import open_reader; import json, sys; "
        "assert open_reader('off') is None; assert open_reader().name; "
        "print(json.dumps(list(sys.modules)))"
    )
    assert not _imported(program) & (HEAVY | {"openvino", "nncf", "tokenizers", "safetensors"})
