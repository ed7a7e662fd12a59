"""Our own reader: the packaged encoder trained on as `training/README.md` tells, in one pass.

Its weights beside the encoder's embeddings lie in `reader.safetensors`; `reader.md` is its card.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.compiled import Compiled, Order
from index.digests import sha256_of
from index.embedding import ALTERED, PACKAGED_SHA256, packaged_folder, read_tokenizer
from index.errors import ModelError
from index.models import loading
from index.reading import DEFAULT_READER, FIRST, Floats, Reading, passage_pieces, softmax
from index.types import Progress
from index.words import Arrays

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from index.network import Network

Ids = NDArray[np.int64]

WEIGHTS = Path(__file__).with_name("reader.safetensors")
TOKENS = 256  # of question and passage together; the longer of the two is cut
# Pairs are filled up to a multiple of it, and as many pass at once as are read at once: a number
# and length not seen before takes the compiled 25 ms.
MULTIPLE = 32
_FIELDS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}


class PackagedReader:
    """Our own reader, by PyTorch."""

    def __init__(self, threads: int = 0) -> None:
        """Read by so many threads; 0: all cores. It is loaded when it first reads."""
        self.name = DEFAULT_READER
        self._threads = threads
        self._lock = Lock()  # one pass at a time: each takes all cores

    @cached_property
    def fingerprint(self) -> str:
        """Digest of what was learned.

        Raises:
            ModelError: it is not there.
        """
        try:
            return sha256_of(WEIGHTS)[:32]
        except OSError as error:
            raise ModelError(
                f"The reader {self.name} has no weights that can be read in {WEIGHTS.parent}; "
                "reinstall Quoth, or read nothing with `--reader off`."
            ) from error

    @property
    def note(self) -> str:
        """By what passages are read here."""
        return "PyTorch"

    def prepare(self) -> Iterator[Progress]:
        """There is nothing to prepare."""
        yield from ()

    def load(self, question: str) -> None:
        """Load the model now.

        Raises:
            ModelError: it is not there, or has been altered.
        """
        self.read(question, [question])

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Read each passage, in order."""
        if not passages:
            return []
        encodings, inputs = self.inputs([(question, passage) for passage in passages])
        lengths = filled(inputs["attention_mask"].sum(axis=1))
        found: dict[int, Reading] = {}
        for rows in _batches(lengths):
            longest = int(lengths[rows].max())
            judged, pointed = self._pass({n: v[rows, :longest] for n, v in inputs.items()})
            for row, verdict, points in zip(rows, judged, pointed, strict=True):
                found[row] = reading(encodings[row], verdict, points)
        return [found[place] for place in range(len(passages))]

    def inputs(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[Encoding], Arrays]:
        """Pairs as the model takes them: ids, mask and segments, int64 (n, longest) each."""
        encodings = self._tokenizer.encode_batch(list(pairs))
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        return encodings, padded_pairs(encodings, int(filled(lengths).max()))

    def _pass(self, inputs: Arrays) -> tuple[Floats, Floats]:
        """Logits float32 (n, 2) and (n, t, 2), as `index.network.Network` gives them."""
        import torch

        with self._lock, torch.inference_mode():
            judged, pointed = self._model(
                **{name: torch.from_numpy(rows) for name, rows in inputs.items()}
            )
        return judged.numpy(), pointed.numpy()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = read_tokenizer(packaged_folder(), self.name)
        tokenizer.no_padding()
        tokenizer.enable_truncation(TOKENS, strategy="longest_first")
        return tokenizer

    @cached_property
    def _model(self) -> Network:
        folder = packaged_folder()
        with loading(self.name, folder, "--reader", self._threads):
            if sha256_of(folder / "model.safetensors") != PACKAGED_SHA256:
                raise ModelError(ALTERED)
            from safetensors.torch import load_file

            from index.network import Network

            network = Network(folder)
            network.load({name: value.float() for name, value in load_file(WEIGHTS).items()})
        return network.eval()


class CompiledReader(PackagedReader):
    """Our own reader, compiled where that can be done; `kind` is auto or fp32."""

    def __init__(self, threads: int, kind: str) -> None:
        """Read by so many threads; 0: all cores. It is compiled, once, and loaded when needed."""
        super().__init__(threads)
        order = Order("reader", self.name, str(packaged_folder()), PACKAGED_SHA256)
        self._compiled = Compiled(order, lambda: [self.fingerprint], kind, threads)

    def prepare(self) -> Iterator[Progress]:
        """Compile if that is still to do; closing the iterator stops it and leaves nothing."""
        return self._compiled.prepare()

    @property
    def note(self) -> str:
        """How passages are read here, and why not faster where that is so."""
        return self._compiled.note

    def _pass(self, inputs: Arrays) -> tuple[Floats, Floats]:
        return self._compiled.run(inputs) or super()._pass(inputs)


def padded_pairs(encodings: Sequence[Encoding], length: int) -> Arrays:
    """Ids, mask and segments of pairs, int64 (n, length) each, filled up with noughts."""
    inputs = {name: np.zeros((len(encodings), length), np.int64) for name in _FIELDS}
    for row, encoding in enumerate(encodings):
        for name, attribute in _FIELDS.items():
            inputs[name][row, : len(encoding.ids)] = getattr(encoding, attribute)
    return inputs


def filled(lengths: Ids) -> Ids:
    """The lengths that pairs of these lengths are given, int64 (n,)."""
    longer: Ids = -(-lengths // MULTIPLE) * MULTIPLE
    return longer


def _batches(lengths: Ids) -> list[list[int]]:
    """Rows of like length together, as many as are read at once."""
    order = np.argsort(lengths, kind="stable").tolist()
    return [order[first : first + FIRST] for first in range(0, len(order), FIRST)]


def reading(encoding: Encoding, judged: Floats, pointed: Floats) -> Reading:
    """What a pair's logits say, float32 (2,) and (t or more, 2), as the network gives them."""
    own, spans = passage_pieces(encoding)
    starts, ends = softmax(pointed[own, 0]), softmax(pointed[own, 1])
    return Reading(float(judged[0]), float(judged[1]), spans, starts, ends)
