"""Readers of others in place of our own: real ones, tiny and untrained, made here."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import ModelError
from index.foreign import AnsweringReader, CrossEncoderReader, open_foreign
from index.reading import open_reader, shares
from qa.cli import main
from tests.index.models import make_answering, make_cross_encoder

QUESTION = "Which ferry carries salt?"
PASSAGES = [
    "The ferry Alma carries salt into the harbour at dawn.",
    "salt",
    "🙂 Cafe\u0301: rope and tar are kept in the loft of the toll house.",
    "",
    "Casks were rolled up the slip by the crew of the fifth berth. " * 40,
]
NOTES = {
    "alma.md": "The ferry Alma carries salt. She leaves the northern quay at seven each morning.",
    "loft.md": "Rope and tar are kept in the loft. The warden has the only key to its door.",
    "eels.md": "Eels are smoked over alder. Their smell drifts to the chapel and stays for days.",
}

Quoth = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def scoring(folder: Path) -> Path:
    return make_cross_encoder(folder / "scoring")


@pytest.fixture(scope="module")
def answering(folder: Path) -> Path:
    return make_answering(folder / "answering")


@pytest.fixture(params=["scoring", "answering"])
def either(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def test_a_cross_encoder_orders_and_neither_points_nor_judges(scoring: Path) -> None:
    from sentence_transformers import CrossEncoder

    reader = open_reader(str(scoring))
    assert isinstance(reader, CrossEncoderReader)
    found = reader.read(QUESTION, PASSAGES)
    reference = CrossEncoder(str(scoring), device="cpu", local_files_only=True)
    expected = reference.predict(
        [(QUESTION, text) for text in PASSAGES],
        activation_fn=lambda logits: logits,
        show_progress_bar=False,
    )
    assert [reading.relevance for reading in found] == pytest.approx(expected, abs=1e-5)
    for reading in found:
        assert (reading.holds, reading.chance, reading.spans.shape) == (None, 1.0, (0, 2))
        assert reading.answer(0, 100) == (0, 0, 0.0)
        assert reading.within(0, 100) == 0


def test_an_answering_model_points_where_its_own_logits_do(answering: Path) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    reader = open_reader(str(answering))
    assert isinstance(reader, AnsweringReader)
    (found,) = reader.read(QUESTION, PASSAGES[:1])
    tokens = AutoTokenizer.from_pretrained(answering, local_files_only=True)(
        QUESTION, PASSAGES[0], return_tensors="pt"
    )
    original = AutoModelForQuestionAnswering.from_pretrained(answering, local_files_only=True)
    with torch.inference_mode():
        out = original.eval()(**tokens)
    own = np.flatnonzero(np.array(tokens.sequence_ids(0), object) == 1)
    for logits, chances in ((out.start_logits, found.starts), (out.end_logits, found.ends)):
        expected = torch.softmax(logits[0][own], 0).numpy()
        np.testing.assert_allclose(chances, expected, atol=1e-5)
    pairs = [
        float(out.start_logits[0, i] + out.end_logits[0, j]) for i in own for j in own if i <= j
    ]
    none = float(out.start_logits[0, 0] + out.end_logits[0, 0])
    assert found.holds == pytest.approx(max(pairs) - none, abs=1e-4)
    assert found.relevance == found.holds


def test_whatever_is_read_readings_are_whole_and_the_same_alone(either: Path) -> None:
    reader = open_foreign(str(either))
    found = reader.read(QUESTION, PASSAGES)
    assert len(found) == len(PASSAGES)
    for passage, reading in zip(PASSAGES, found, strict=True):
        (alone,) = reader.read(QUESTION, [passage])
        assert reading.relevance == pytest.approx(alone.relevance, abs=1e-4)
        assert np.isfinite(reading.relevance)
        assert reading.spans.shape == (len(reading.starts), 2)
        assert all(passage[start:end].strip() for start, end in reading.spans)
        start, end, chance = reading.answer(0, len(passage))
        assert passage[start:end] == passage[start:end].strip()
        assert 0 <= chance <= 1
    assert reader.read(QUESTION, []) == []
    assert list(reader.prepare()) == []
    assert reader.note == "PyTorch"


def test_other_weights_in_the_same_folder_are_another_reader(scoring: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(scoring, copy)
    before = open_foreign(str(copy)).fingerprint
    assert open_foreign(str(copy)).fingerprint == before
    assert open_foreign(str(scoring)).fingerprint != before
    with (copy / "model.safetensors").open("ab") as weights:
        weights.write(b" ")
    assert open_foreign(str(copy)).fingerprint != before


@pytest.mark.parametrize("name", ["no-such/reader", "not a name at all", "/nowhere/at/all", ""])
def test_a_name_that_is_nowhere_is_one_sentence(name: str) -> None:
    with pytest.raises(ModelError, match=r"nothing is fetched; name its folder, or .* off\.$"):
        open_reader(name)


@pytest.mark.parametrize(
    "content",
    [
        '{"architectures": ["BertModel"]}',
        "{}",
        '{"architectures": null}',
        "{ nothing of the kind",
        "[]",
        '{"architectures": 7}',
        "\udcff",
    ],
)
def test_a_model_of_neither_kind_is_one_sentence(tmp_path: Path, content: str) -> None:
    settings = content.encode("utf-8", "surrogateescape")
    (tmp_path / "config.json").write_bytes(settings)
    with pytest.raises(ModelError, match=r"^The model [^\n]*`--reader`, or [^\n]* off\.$"):
        open_reader(str(tmp_path))


@pytest.mark.parametrize("damaged", ["model.safetensors", "tokenizer.json"])
def test_a_damaged_model_is_one_sentence_when_it_first_reads(
    either: Path, tmp_path: Path, damaged: str
) -> None:
    copy = tmp_path / "model"
    shutil.copytree(either, copy)
    (copy / damaged).write_bytes(b"{ nothing of the kind")
    reader = open_foreign(str(copy))
    with pytest.raises(ModelError, match=r"^The model [^\n]*`--reader`[^\n]*\.$"):
        reader.read(QUESTION, PASSAGES)


def test_a_classifier_is_no_reader(tmp_path: Path) -> None:
    reader = open_foreign(str(make_cross_encoder(tmp_path / "classes", labels=3)))
    with pytest.raises(ModelError, match=r"3 scores .*`--reader`, or "):
        reader.read(QUESTION, PASSAGES)


# --- on the command line -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a reader, as an older index was."""
    folder = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("index") / "made"
    command = ["index", "build", str(folder), "--index", str(index), "--reader", "off", "--quiet"]
    assert main(command) == 0
    return index


@pytest.fixture
def quoth(index: Path, capfd: pytest.CaptureFixture[str]) -> Quoth:
    def run(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments), "--index", str(index)])
        return code, *capfd.readouterr()

    return run


def _hits(printed: str) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = json.loads(printed)["hits"]
    return hits


@pytest.mark.model
def test_the_commands_take_either_kind(quoth: Quoth, either: Path) -> None:
    code, printed, said = quoth("ask", QUESTION, "--reader", either, "--json")
    assert (code in (0, 3), said) == (True, "")
    assert all("reader" in hit["signals"] for hit in _hits(printed))
    code, printed, said = quoth("search", QUESTION, "--explain", "--json", "--reader", either)
    assert (code, said) == (0, "")
    for hit in _hits(printed):
        assert sum(part["contribution"] for part in hit["explain"].values()) == pytest.approx(
            hit["score"], abs=1e-3
        )
        assert hit["explain"]["reader"]["weight"] > 0
    texts = [hit["passage"]["text"] for hit in _hits(printed)]
    relevance = [r.relevance for r in open_foreign(str(either)).read(QUESTION, texts)]
    assert [hit["signals"]["reader"] for hit in _hits(printed)] == pytest.approx(
        shares(np.array(relevance, np.float32)).tolist(), abs=1e-4
    )


@pytest.mark.model
def test_what_cannot_be_a_reader_is_one_line_and_exit_1(
    quoth: Quoth, scoring: Path, tmp_path: Path
) -> None:
    shutil.copytree(scoring, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"nothing of the kind")
    (tmp_path / "neither").mkdir()
    (tmp_path / "neither" / "config.json").write_text("{}", encoding="utf-8")
    for named in ("no-such/reader", tmp_path / "damaged", tmp_path / "neither"):
        code, printed, said = quoth("ask", QUESTION, "--reader", named)
        assert (code, printed, said.count("\n")) == (1, "", 1)
        assert said.startswith("quoth: ")
        assert str(named) in said
        assert "--reader" in said or "off" in said
        assert "unforeseen" not in said
