"""`quoth ask`: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from qa.commands.opening import opened
from qa.commands.terminal import color, width, write, write_json
from qa.config import Settings
from qa.errors import QuestionError

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from qa.render import Json

NOT_FOUND = 3


def ask(arguments: Namespace, settings: Settings) -> int:
    """Answer, and return 3 where the documents do not hold the answer."""
    if arguments.source is not None:
        return _ask_all(arguments.source, settings)
    with opened(settings, arguments.question) as assistant:
        from qa.render import answer_to_dict, render_answer  # while the models load

        answer = assistant.ask(arguments.question, history=arguments.history)
    if arguments.json:
        write_json(answer_to_dict(answer))
    else:
        write(render_answer(answer, width(), color(settings)))
    return 0 if answer.status == "answered" else NOT_FOUND


def _ask_all(source: str, settings: Settings) -> int:
    with _open(source) as lines, opened(settings) as assistant:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                write_json(_answer_line(assistant, line, number), indent=None)
    return 0


def _open(source: str) -> IO[bytes]:
    if source == "-":
        return sys.stdin.buffer
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise QuestionError(
            f"{source} cannot be read ({error.strerror}); name a file with one question object "
            'a line, such as {"question": "..."}.'
        ) from None


def _answer_line(assistant: Assistant, line: bytes, number: int) -> Json:
    from qa.render import answer_to_dict

    try:
        asked = _question(line)
        answer = assistant.ask(asked["question"], history=asked.get("history") or [])
    except QuestionError as error:
        return {"error": str(error), "line": number}
    label = {"id": asked["id"]} if "id" in asked else {}
    return {**label, **answer_to_dict(answer)}


def _question(line: bytes) -> Json:
    try:
        # Deep nesting is a RecursionError; half of a surrogate pair cannot be encoded again.
        asked = json.loads(line.decode("utf-8-sig"))
        json.dumps(asked, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"This line is not JSON in UTF-8 ({error}); correct it.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
        raise QuestionError('This line has no text under "question"; write {"question": "..."}.')
    history = asked.get("history") or []
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise QuestionError('"history" is no list of texts; write ["an earlier question"].')
    return asked
