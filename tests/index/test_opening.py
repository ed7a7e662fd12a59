"""The models of an index are prepared, one after the other, and loaded aside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Event

import pytest

from index.build import build
from index.embedding import QueryEncoding
from index.errors import ModelError
from index.opening import Models
from index.store import Store
from index.types import Progress
from tests.fakes import FakeReader, HashEmbedder


class Preparing(HashEmbedder):
    """Notes when it is prepared and loaded."""

    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self.loaded = Event()
        self._happened = happened

    def prepare(self) -> Iterator[Progress]:
        for number in (1, 2):
            self._happened.append(f"model {number}")
            yield Progress("model", 0)

    def encode_query(self, text: str) -> QueryEncoding:
        self._happened.append(f"embed {text}")
        self.loaded.set()
        return super().encode_query(text)


class Slow(FakeReader):
    """Notes when it is prepared and loaded."""

    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self._happened = happened

    def prepare(self) -> Iterator[Progress]:
        self._happened.append("reader")
        yield Progress("reader", 0)

    def load(self, question: str) -> None:
        self._happened.append(f"load for {question}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "a.md").write_text("The toll is due at noon.")
    for _ in build([tmp_path / "a.md"], tmp_path / "index", embedder=HashEmbedder()):
        pass
    with Store(tmp_path / "index") as store:
        yield store


def test_each_model_is_prepared_then_loaded_once(store: Store) -> None:
    happened: list[str] = []
    models = Models(store, Preparing(happened), Slow(happened))
    assert [event.stage for event in models.prepare("Who?")] == ["model", "model", "reader"]
    assert list(models.prepare("Who else?")) == []  # they are being loaded
    models.wait()
    assert sorted(happened) == ["embed Who?", "load for Who?", "model 1", "model 2", "reader"]


def test_while_one_is_prepared_the_one_before_is_loaded_already(store: Store) -> None:
    happened: list[str] = []
    embedder = Preparing(happened)
    preparing = Models(store, embedder, Slow(happened)).prepare("Who?")
    assert [next(preparing).stage for _ in range(3)] == ["model", "model", "reader"]
    assert embedder.loaded.wait(60)
    assert "load for Who?" not in happened


def test_what_was_stopped_half_way_is_prepared_again(store: Store) -> None:
    happened: list[str] = []
    models = Models(store, Preparing(happened), Slow(happened))
    preparing = models.prepare("Who?")
    deque(islice(preparing, 3), maxlen=0)
    preparing.close()
    assert happened.count("reader") == 1
    deque(models.prepare("Who?"), maxlen=0)
    models.wait()
    assert happened.count("reader") == 2
    assert "load for Who?" in happened


def test_a_model_of_another_index_is_said_when_waited_for(store: Store) -> None:
    models = Models(store, HashEmbedder("other"))
    assert list(models.prepare("Who?")) == []
    with pytest.raises(ModelError, match="another version"):
        models.wait()


def test_what_could_not_be_loaded_is_tried_again_and_what_is_there_is_not(store: Store) -> None:
    class Mended(FakeReader):
        loads = 0

        def load(self, _question: str) -> None:
            self.loads += 1
            if self.loads == 1:
                raise ModelError("It is broken; use another.")

    reader = Mended()
    models = Models(store, HashEmbedder(), reader)
    deque(models.prepare("Who?"), maxlen=0)
    with pytest.raises(ModelError, match="It is broken"):
        models.wait()
    assert not models.ready
    for _ in range(2):
        deque(models.prepare("Who?"), maxlen=0)
        models.wait()
        assert models.ready
        assert reader.loads == 2


def test_openvino_comes_without_its_converter_which_can_be_imported_all_the_same() -> None:
    program = (
        "import json, sys; from index.compiled import import_openvino; import_openvino(); "
        "first = [name for name in sys.modules if name.startswith('openvino.tools.ovc')]; "
        "from openvino.tools.ovc import convert_model; "
        "print(json.dumps([first, callable(convert_model)]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(done.stdout) == [[], True]
