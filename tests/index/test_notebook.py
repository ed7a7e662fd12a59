"""Notebooks are read cell by cell: text, code, and what it printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.sources import SourceFile, find, locate, read, state
from index.sources.notebook import PRINTED
from index.types import Document, Skipped

TABLE = "<table><tr><th>day<th>level<tr><td>Mon<td>3.1</table>"
CELLS = [
    {
        "cell_type": "markdown",
        "source": ["# Tides of Harrow\n", "\n", "We measured the *tide* daily.\n", "\n", "- one\n"],
    },
    {
        "cell_type": "code",
        "source": "print(mean(levels))",
        "outputs": [
            {"output_type": "stream", "text": ["The \x1b[31mmean\x1b[0m level is 3.42 metres.\n"]},
            {
                "output_type": "display_data",
                "data": {"image/png": "iVBORw0KGgo=", "text/plain": ["<Figure size 640x480>"]},
            },
            {"output_type": "execute_result", "data": {"text/html": TABLE, "text/plain": "day"}},
        ],
    },
    {
        "cell_type": "code",
        "source": ["1 / 0"],
        "outputs": [{"output_type": "error", "ename": "E", "traceback": ["a trace of it"]}],
    },
    {"cell_type": "raw", "source": "Raw words."},
]


def found(path: Path, record: object) -> Document | Skipped:
    path.write_text(record if isinstance(record, str) else json.dumps(record, indent=1))
    [source] = find([path])
    assert isinstance(source, SourceFile)
    [entry] = read(source)
    return entry


def test_cells_and_what_they_printed_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "tides.ipynb"
    about = {"authors": [{"name": "Ada Ash"}], "kernelspec": {"name": "python3"}}
    document = found(path, {"nbformat": 4, "metadata": about, "cells": CELLS})
    assert isinstance(document, Document)
    assert document.text.split("\n\n") == [
        "Tides of Harrow",
        "We measured the tide daily.",
        "- one",
        "print(mean(levels))",
        "The mean level is 3.42 metres.",
        "day: Mon; level: 3.1",
        "1 / 0",
        "Raw words.",
    ]
    assert (document.title, document.authors) == ("Tides of Harrow", ("Ada Ash",))
    places = {
        word: document.page_at(document.text.index(word)) for word in ("tide ", "3.42", "1 /")
    }
    assert places == {"tide ": "cell 1", "3.42": "cell 2", "1 /": "cell 3"}
    assert state(document) == "current"
    start = document.text.index("We measured")
    line = path.read_text().split("\n")[locate(document, start, start + 27).line - 1]
    assert "We measured" in line


def test_the_version_before_is_read_as_well(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Tides"},
        {
            "cell_type": "code",
            "input": ["mean(levels)"],
            "outputs": [
                {"output_type": "pyout", "text": ["3.42"], "png": "iVBORw0KGgo="},
                {"output_type": "pyerr", "traceback": ["a trace of it"]},
            ],
        },
    ]
    document = found(tmp_path / "a.ipynb", {"nbformat": 3, "worksheets": [{"cells": cells}]})
    assert isinstance(document, Document)
    assert document.text == "Tides\n\nmean(levels)\n\n3.42"
    assert document.headings[0].level == 2


def test_of_what_a_loop_prints_the_beginning_is_enough(tmp_path: Path) -> None:
    output = {"output_type": "stream", "text": [f"step {n}\n" for n in range(100_000)]}
    cells = [{"cell_type": "code", "source": "train()", "outputs": [output]}]
    document = found(tmp_path / "a.ipynb", {"cells": cells})
    assert isinstance(document, Document)
    assert PRINTED - 100 < len(document.text) < PRINTED + 20
    assert document.text.startswith("train()\n\nstep 0\nstep 1\n")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("", "not written in JSON"),
        ('{"cells": [', "not written in JSON"),
        ("[" * 100_000, "not written in JSON"),
        ("[]", "has no cells"),
        ({"cells": 3, "worksheets": 4}, "has no cells"),
        ({"cells": [None, 3, {"source": 7}, {"cell_type": "code", "outputs": 5}]}, "has no text"),
    ],
)
def test_what_is_no_notebook_is_a_sentence(tmp_path: Path, record: object, reason: str) -> None:
    skipped = found(tmp_path / "a.ipynb", record)
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason
