"""Compile a sentence-transformers model: `python -m index.conversion`, run by `index.compiled`.

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
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
from index.embedding import SentenceEmbedder, padded

if TYPE_CHECKING:
    from openvino import CompiledModel, Model

MEAN, LEAST = 0.99, 0.97  # below these cosines to the original, int8 is not used
CALIBRATION_BATCHES = 6
CALIBRATION_PIECES = ((40, 80), (6, 48), (1, 40))  # words in a piece, and from one to the next
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


class Original(SentenceEmbedder):
    """The model as it is, to be traced and to compare with."""

    def traced(self) -> Model:
        """The model in OpenVINO's terms: token ids and mask to unit vectors and states."""
        openvino = import_openvino()
        import torch

        class Pass(torch.nn.Module):
            def __init__(self, model: torch.nn.Module) -> None:
                super().__init__()
                self.model = model

            def forward(
                self, input_ids: torch.Tensor, attention_mask: torch.Tensor
            ) -> tuple[torch.Tensor, torch.Tensor]:
                out = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
                vectors = torch.nn.functional.normalize(out["sentence_embedding"], dim=1)
                return vectors, out["token_embeddings"]

        ones = torch.ones((2, 16), dtype=torch.long)
        names = ("input_ids", "attention_mask")
        return openvino.convert_model(
            Pass(self._model),
            example_input=dict.fromkeys(names, ones),
            input=[(name, [-1, -1], np.int64) for name in names],
        )

    def calibration(self) -> list[dict[str, NDArray[np.int64]]]:
        """The shipped documents cut to passages, phrases and words, for questions may be short."""
        words = [path.read_text(encoding="utf-8").split() for path in seeds()]
        pieces = [
            " ".join(found[first : first + length])
            for length, step in CALIBRATION_PIECES
            for found in words
            for first in range(0, len(found), step)
        ]
        pieces.sort(key=len)
        rounds = (pieces[first::CALIBRATION_BATCHES] for first in range(CALIBRATION_BATCHES))
        return [self.inputs(texts) for texts in rounds]

    def inputs(self, texts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """What the model takes of these texts."""
        ids, mask = padded(self._cutter.encode_batch(texts))
        return {"input_ids": ids, "attention_mask": mask}

    def cosines(self, network: CompiledModel) -> tuple[float, float]:
        """Mean and least cosine to the original, over texts that calibration has not seen."""
        vectors = np.vstack([network(self.inputs([text]))[0] for text in HELD_OUT])
        found = np.einsum("nd,nd->n", vectors, self.encode(HELD_OUT).vectors)
        return float(found.mean()), float(found.min())


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
        mean, least = original.cosines(network)
        if mean >= MEAN and least >= LEAST:
            return network, Compilation(kind, reason, original.dimension, mean, least, "")
        reason = f"{kind} strays too far from the original (cosine {mean:.3f}, least {least:.3f})"
    raise RuntimeError(reason)


def leave_with_parent(making: Path) -> None:
    """Wait until our standard input ends, as it does with the parent; then clear up and go."""
    while os.read(0, 1):  # not sys.stdin, whose lock would be held when the interpreter ends
        continue
    shutil.rmtree(making, ignore_errors=True)
    os._exit(1)


def main(name: str, folder: str, weights: str, kind: str, making: str, threads: str) -> None:
    """Compile the model in `folder`, and leave it in a folder in `making`."""
    Thread(target=leave_with_parent, args=(Path(making),), daemon=True).start()
    original = Original(name, Path(folder), int(threads), weights)
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
