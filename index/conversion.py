"""Compile one of our models: `python -m index.conversion`, run by `index.compiled`.

torch traces the model, nncf rounds weights and activations to int8 by what the shipped documents
make them be (post-training quantisation), and OpenVINO compiles it for this processor. int8 is
kept only where the processor multiplies bytes and the vectors stay those of the original.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from index.compiled import (
    BLOB,
    MADE,
    MANIFEST,
    Compilation,
    configuration,
    import_openvino,
    seeds,
)
from index.digests import sha256_of
from index.embedding import SentenceEmbedder, packaged_folder, padded
from index.reader import PackagedReader
from index.reading import Floats
from index.words import Arrays, looked_up

if TYPE_CHECKING:
    import torch
    from openvino import CompiledModel, Model

Text = TypeVar("Text", str, tuple[str, str])

MEAN, LEAST = 0.99, 0.97  # below these cosines to the original, int8 is not used
CALIBRATION_BATCHES = 6
CALIBRATION_PIECES = ((40, 80), (6, 48), (1, 40))  # words in a piece, and from one to the next
PASSAGES = ((80, 90),)  # the same, for pairs of question and passage
SMOOTHING = 0.7  # Xiao et al. 2023; at nncf's own .95 short questions stray to a cosine of .90
BYTE_PRODUCTS = ("avx512_vnni", "avx_vnni", "amx_int8")  # instructions, without which int8 is slow
HELD_OUT = (
    "When does the ferry leave?",
    "basalt columns",
    "1987",
    "Who was elected to chair the parish council after the flood of 1953?",
    "Basalt cools from the top and from the bottom, and where it shrinks it cracks into columns.",
    "The ferry leaves the island at seven, and it waits for nobody but the doctor.",
    "Invoices are paid within thirty days; a reminder costs four euros.",
    "Press both buttons until the lamp blinks twice, then let go of the left one first.",
    "Le phare de l’île est éteint depuis 1974, mais la lampe est encore là.",
    "Each evening she counted swifts from the bridge: ninety in June, and in August not one.",
    "def area(width, height): return width * height",
    "Patients on the lower dose slept longer (7.4 against 6.1 hours, p < .01).",
    "The choir rehearses on Thursdays. Bring a pencil and the green book; newcomers borrow one.",
    "No.",
    "Why?",
)


class Original(Protocol):
    """A model as it is, to be traced and to compare with."""

    def traced(self) -> Model:
        """The model in OpenVINO's terms."""
        ...

    def calibration(self) -> list[Arrays]:
        """Batches of what the model is like to see, made of the shipped documents."""
        ...

    def likeness(self, network: CompiledModel) -> Floats:
        """Cosines to the original, float32 (n,), over texts that calibration has not seen."""
        ...


class OriginalEmbedder(SentenceEmbedder):
    """The embedding model: words and mask to unit vectors and states."""

    def traced(self) -> Model:
        """The model in OpenVINO's terms."""
        import torch

        encoder: Any = self._model[0].auto_model
        pooling = self._model[1]

        class Pass(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.encoder = encoder
                self.pooling = pooling

            def forward(
                self, inputs_embeds: torch.Tensor, attention_mask: torch.Tensor
            ) -> tuple[torch.Tensor, torch.Tensor]:
                out = self.encoder(inputs_embeds=inputs_embeds, attention_mask=attention_mask)
                states = out.last_hidden_state
                given = {"token_embeddings": states, "attention_mask": attention_mask}
                pooled = self.pooling(given)["sentence_embedding"]
                return torch.nn.functional.normalize(pooled, dim=1), states

        return _converted(Pass(), self.dimension, ("attention_mask",))

    def calibration(self) -> list[Arrays]:
        """The shipped documents cut to passages, phrases and words, for questions may be short."""
        return [self.taken(texts) for texts in _rounds(_pieces(CALIBRATION_PIECES))]

    def taken(self, texts: Sequence[str]) -> Arrays:
        """What the compiled model takes of these texts."""
        ids, mask = padded(self._cutter.encode_batch(texts))
        return looked_up(self._folder, {"input_ids": ids, "attention_mask": mask})

    def likeness(self, network: CompiledModel) -> Floats:
        """Cosines of the vectors."""
        vectors = np.vstack([network(self.taken([text]))[0] for text in HELD_OUT])
        found: Floats = np.einsum("nd,nd->n", vectors, self.encode(HELD_OUT).vectors)
        return found


class OriginalReader(PackagedReader):
    """The reader: words, mask and segments of pairs to what it thinks of them."""

    def traced(self) -> Model:
        """The model in OpenVINO's terms."""
        import torch

        network = self._model

        class Pass(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.network = network

            def forward(
                self,
                inputs_embeds: torch.Tensor,
                attention_mask: torch.Tensor,
                token_type_ids: torch.Tensor,
            ) -> tuple[torch.Tensor, torch.Tensor]:
                return self.network.judged(inputs_embeds, attention_mask, token_type_ids)

        size = network.judge.in_features
        return _converted(Pass(), size, ("attention_mask", "token_type_ids"))

    def calibration(self) -> list[Arrays]:
        """Passages of the shipped documents, each with words of its own and of the next one."""
        passages = _pieces(PASSAGES)
        asked = [" ".join(passage.split()[9:18]) for passage in passages]
        pairs = [*zip(asked, passages, strict=True), *zip(asked[1:], passages, strict=False)]
        return [looked_up(packaged_folder(), self.inputs(found)[1]) for found in _rounds(pairs)]

    def likeness(self, network: CompiledModel) -> Floats:
        """Cosines of all that is said of a pair: its verdicts, and where its answer may lie."""
        pairs = [(asked, passage) for asked in HELD_OUT[:4] for passage in HELD_OUT[4:]]
        _, inputs = self.inputs(pairs)
        passage = (inputs["token_type_ids"] == 1)[..., None]
        said = []
        out = network(looked_up(packaged_folder(), inputs))
        for judged, pointed in (out[0], out[1]), self._pass(inputs):
            places = np.where(passage, pointed, 0).reshape(len(pairs), -1)
            said.append(np.concatenate([judged, places], axis=1))
        one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in said)
        found: Floats = np.einsum("nd,nd->n", one, other)
        return found


def _converted(module: torch.nn.Module, size: int, names: Sequence[str]) -> Model:
    """A module of words' embeddings (n, t, `size`) and of `names`, (n, t) each, as OpenVINO's."""
    import_openvino()  # without reporting its use
    import torch
    from openvino.tools.ovc import convert_model

    ones = torch.ones((2, 16), dtype=torch.long)
    return convert_model(
        module,
        example_input={"inputs_embeds": torch.ones((2, 16, size)), **dict.fromkeys(names, ones)},
        input=[
            ("inputs_embeds", [-1, -1, size], np.float32),
            *[(name, [-1, -1], np.int64) for name in names],
        ],
    )


def _pieces(cuts: Sequence[tuple[int, int]]) -> list[str]:
    """The shipped documents cut to pieces of so many words, so many words apart."""
    words = [path.read_text(encoding="utf-8").split() for path in seeds()]
    return [
        " ".join(found[first : first + length])
        for length, step in cuts
        for found in words
        for first in range(0, len(found), step)
    ]


def _rounds(texts: Sequence[Text]) -> list[list[Text]]:
    """Batches of texts, or pairs of them, of every length."""
    ordered = sorted(texts, key=lambda text: len("".join(text)))
    return [ordered[first::CALIBRATION_BATCHES] for first in range(CALIBRATION_BATCHES)]


def quantised(original: Original, model: Model) -> Model:
    """The model with weights and activations in int8."""
    import nncf

    batches = original.calibration()
    return nncf.quantize(
        model,
        nncf.Dataset(batches),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(batches),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(matmul=SMOOTHING)
        ),
    )


def dimension(network: CompiledModel) -> int:
    """The length of what comes out for a text."""
    return int(network.outputs[0].get_partial_shape()[1].get_length())


def multiplies_bytes() -> bool:
    """Whether the processor has instructions for int8."""
    import torch

    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in BYTE_PRODUCTS)


def compiled(original: Original, kind: str, threads: int) -> tuple[CompiledModel, Compilation]:
    """The model in int8 where `kind` is auto and that is of use, else in fp32."""
    reason = ""
    kinds = ["int8", "fp32"] if kind == "auto" else [kind]
    if "int8" in kinds and not multiplies_bytes():
        reason = "this processor has no instructions for int8"
        kinds.remove("int8")
    for kind in kinds:
        model = original.traced()
        if kind == "int8":
            model = quantised(original, model)
        network = import_openvino().Core().compile_model(model, "CPU", configuration(threads))
        cosines = original.likeness(network)
        mean, least = float(cosines.mean()), float(cosines.min())
        if mean >= MEAN and least >= LEAST:
            return network, Compilation(kind, reason, dimension(network), mean, least, "")
        reason = f"{kind} strays too far from the original (cosine {mean:.3f}, least {least:.3f})"
    raise RuntimeError(reason)


def leave_with_parent(making: Path) -> None:
    """Wait until our standard input ends, as it does with the parent; then clear up and go."""
    while os.read(0, 1):  # not sys.stdin, whose lock would be held when the interpreter ends
        continue
    shutil.rmtree(making, ignore_errors=True)
    os._exit(1)


def main(
    what: str, name: str, folder: str, weights: str, kind: str, making: str, threads: str
) -> None:
    """Compile the model in `folder`, and leave it in a folder in `making`."""
    Thread(target=leave_with_parent, args=(Path(making),), daemon=True).start()
    original: Original = (
        OriginalReader(int(threads))
        if what == "reader"
        else OriginalEmbedder(name, Path(folder), int(threads), weights)
    )
    network, found = compiled(original, kind, int(threads))
    made = Path(making) / MADE
    made.mkdir(mode=0o700)
    for name in (BLOB, MANIFEST):
        (made / name).touch(0o600)
    (made / BLOB).write_bytes(network.export_model().getvalue())
    found = replace(found, sha256=sha256_of(made / BLOB))
    (made / MANIFEST).write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
