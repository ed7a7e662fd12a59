"""The encoder's word embeddings, read where they lie."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from index.compiled import Compiled, Order
from index.embedding import PACKAGED_SHA256, packaged_folder
from index.errors import ModelError
from index.words import TABLE, WEIGHTS, looked_up, word_embeddings


def test_every_row_is_the_packaged_models() -> None:
    expected = load_file(packaged_folder() / WEIGHTS)[TABLE]
    np.testing.assert_array_equal(word_embeddings(packaged_folder()), expected)


@pytest.mark.parametrize("before", [0, 1, 5])
def test_rows_are_found_behind_other_weights(tmp_path: Path, before: int) -> None:
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    others = {f"a{n}": np.ones(n + 1, np.float32) for n in range(before)}
    save_file({**others, TABLE: table, "z": np.ones(2, np.float32)}, tmp_path / WEIGHTS)
    ids, mask = np.array([[3, 0], [1, 1]]), np.array([[1, 1], [1, 0]])
    inputs = {"input_ids": ids, "attention_mask": mask}
    found = looked_up(tmp_path, inputs)
    assert set(found) == {"inputs_embeds", "attention_mask"}
    np.testing.assert_array_equal(found["inputs_embeds"], table[ids])
    assert found["attention_mask"] is mask
    assert inputs["input_ids"] is ids, "what was given stays as it was"


def _header(**table: object) -> bytes:
    text = json.dumps({TABLE: table}).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no weights of anything",
        b"\xff" * 64,
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        _header(dtype="F16", shape=[2, 2], data_offsets=[0, 8]) + bytes(8),
        _header(dtype="F32", shape=[2, 2], data_offsets=[0, 16]) + bytes(8),
        _header(dtype="F32", shape=[2, -2], data_offsets=[0, 16]) + bytes(16),
        _header(dtype="F32", shape="many", data_offsets=[0, 16]) + bytes(16),
        _header(dtype="F32", shape=[2, 2]) + bytes(16),
    ],
)
def test_what_holds_none_is_said_in_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match=r"no word embeddings [^\n]*install the package[^\n]*\.$"):
        word_embeddings(tmp_path)


def test_a_model_is_compiled_anew_when_its_encoder_was_installed_anew(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(packaged_folder(), tmp_path / "copy"))

    def place() -> Path:
        order = Order("model", "of a test", str(folder), PACKAGED_SHA256)
        return Compiled(order, list, "auto", 0).place

    before = place()
    assert place() == before
    os.utime(folder / WEIGHTS, (1, 1))
    assert place() != before
