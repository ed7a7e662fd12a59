"""Answers written as JSON and read back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from qa import Assistant
from qa.errors import SessionError
from qa.types import Answer
from qa.wire import VERSION, dump, load
from tests.ui.fake import hostile, mill, refusal


def light(answer: Answer) -> Answer:
    """The answer without its documents' texts, which are not kept."""

    def bare(hit):  # type: ignore[no-untyped-def]
        return replace(hit, document=replace(hit.document, text="", headings=()))

    return replace(
        answer,
        hits=tuple(bare(hit) for hit in answer.hits),
        citations=tuple(replace(c, hit=bare(c.hit)) for c in answer.citations),
    )


@pytest.mark.parametrize("make", [mill, refusal, hostile])
def test_an_answer_comes_back_as_it_was(make) -> None:  # type: ignore[no-untyped-def]
    answer = replace(make("Who?"), history=("And before?",), generation=7, model="m", passages=9)
    assert load(dump(answer)) == light(answer)


def test_real_answers_come_back_as_they_were(assistant: Assistant) -> None:
    answer = assistant.ask("Who leads the Nuffield Trust?")
    assert load(dump(answer)) == light(answer)
    documents = json.loads(dump(answer))["documents"].values()
    assert documents
    assert all("text" not in document for document in documents)


def test_a_document_is_written_once() -> None:
    assert dump(mill("Who?")).count("Mills of the Tide") == 1


def test_numbers_of_numpy_and_halves_of_characters_are_written() -> None:
    answer = replace(mill("\ud83d?"), confidence=np.float32(0.5))
    assert load(dump(answer)).confidence == 0.5
    assert load(dump(answer)).question == "??"


def test_a_field_that_an_older_record_lacks_has_its_default() -> None:
    record = json.loads(dump(mill("Who?")))
    del record["answer"]["coverage"]
    record["answer"]["unheard"] = 1
    assert load(json.dumps(record)) == replace(light(mill("Who?")), coverage=())


def test_a_newer_version_is_not_guessed_at() -> None:
    record = {**json.loads(dump(mill("Who?"))), "version": VERSION + 1}
    with pytest.raises(SessionError, match="newer version"):
        load(json.dumps(record))


def _spoiled() -> list[str]:
    texts = ["", "[]", "{}", "null", '{"version": true}', "[" * 100_000]
    for path, value in (
        (("answer", "status"), "perhaps"),
        (("answer", "confidence"), "high"),
        (("answer", "citations"), {}),
        (("answer", "conflicts"), [{"citations": [1, 2, 3], "about": "x"}]),
        (("answer", "hits"), [{"document": "unheard"}]),
        (("answer", "question"), None),
        (("documents",), []),
    ):
        record = json.loads(dump(mill("Who?")))
        place = record
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        texts.append(json.dumps(record))
    return texts


@pytest.mark.parametrize("text", _spoiled(), ids=range(len(_spoiled())))
def test_what_cannot_be_read_is_one_sentence(text: str) -> None:
    with pytest.raises(SessionError, match=r"cannot be read .*; delete its conversation"):
        load(text)
