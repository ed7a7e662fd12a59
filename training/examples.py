"""The examples that the reader learns from, and the file they are kept in."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from training.command import TrainingError

FILE = "examples.jsonl.gz"
HELD = 40  # one passage in so many is held back, with its questions


@dataclass
class Example:
    """A question, the passage that answers it, where its answer stands, and what does not.

    `passage[slice(*span)]` is an answer; `answers` are all that are known, which need not stand in
    this passage.
    """

    question: str
    passage: str
    span: tuple[int, int] | None
    source: str
    answers: list[str]
    negatives: list[str] = field(default_factory=list)
    impossible: str = ""  # a like question that the passage does not answer
    named: list[str] = field(default_factory=list)  # negatives that the source or text gives
    whole: str = ""  # the text that the passage is cut from


_PASSING = ("named", "whole")  # fields of use in the making only
_KEPT = [kept.name for kept in fields(Example) if kept.name not in _PASSING]


def save(examples: Sequence[Example], path: Path) -> None:
    """Write examples, one JSON object a line, gzipped; the file is whole or not there."""
    part = path.with_suffix(".part")
    with gzip.open(part, "wt", encoding="utf-8", compresslevel=3) as file:
        for example in examples:
            row = {name: getattr(example, name) for name in _KEPT}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    part.replace(path)


def load(folder: Path) -> list[Example]:
    """The examples in a folder.

    Raises:
        TrainingError: there are none, or they cannot be read.
    """
    path, found = folder / FILE, []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = {name: value for name, value in json.loads(line).items() if name in _KEPT}
                example = Example(**row)
                example.span = (example.span[0], example.span[1]) if example.span else None
                found.append(example)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise TrainingError(
            f"{folder} holds no {FILE}; make it with `python -m training.data SOURCES {folder}`."
        ) from error
    except (OSError, EOFError, ValueError, TypeError, AttributeError, zlib.error) as error:
        raise TrainingError(
            f"{path} cannot be read ({error}); make it again with `python -m training.data`."
        ) from error
    return found


def held(example: Example) -> bool:
    """Whether an example is kept from training; all questions of a passage are, or none."""
    return zlib.crc32(example.passage.encode()) % HELD == 0
