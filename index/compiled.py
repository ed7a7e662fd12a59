"""Our models compiled for this processor: over twice as fast in int8, and no torch to load.

Each is compiled once, in a process of its own (`index.conversion`), and kept in the user's cache;
what has not been used for a month then makes room. Where that cannot be done the original is used.
The fingerprints of int8, fp32 and the original differ, so that their vectors never meet in one
index.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

from index.digests import sha256_of
from index.embedding import Floats, Ids, SentenceEmbedder
from index.private import make_folder
from index.states import STATES
from index.types import Progress
from index.words import WEIGHTS, Arrays, looked_up

if TYPE_CHECKING:
    from openvino import CompiledModel

RECIPE = "2"  # to be raised when what `index.conversion` makes of a model changes
ROOT = Path(__file__).resolve().parents[1]
MANIFEST, BLOB = "manifest.json", "model.blob"
MAKING, MADE = ".making-", "made"
BATCH_TOKENS = 1024
POLL_SECONDS = 0.25
CONVERTER = "openvino.tools.ovc"
PREPARING = "preparing it for this machine, once; about a minute"
UNUSED_SECONDS = 30 * 24 * 3600
OURS = re.compile(rf"(auto|fp32)-[0-9a-f]{{32}}-[0-9a-f]{{8}}|{re.escape(MAKING)}\w+")


@dataclass(frozen=True, slots=True)
class Compilation:
    """A compiled model: `kind` is int8 or fp32, and `reason` why it is not int8.

    `mean` and `least` are the cosines of its vectors to the original's; `sha256` is the blob's.
    """

    kind: str
    reason: str
    dimension: int
    mean: float
    least: float
    sha256: str

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """What is in `folder`, or nothing where it is missing or damaged."""
        try:
            found = cls(**json.loads((folder / MANIFEST).read_bytes()))
            return found if sha256_of(folder / BLOB) == found.sha256 else None
        except (OSError, ValueError, TypeError):
            return None


class Order(NamedTuple):
    """What to compile: "model" or "reader", and the name, folder and SHA-256 of its encoder."""

    what: Literal["model", "reader"]
    name: str
    folder: str
    weights: str


def sweep(cache: Path) -> None:
    """Remove models that nobody has used for a month: of an older recipe, or half-made."""
    for folder in cache.iterdir():
        if not OURS.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
            continue
        if time.time() - folder.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def settle(made: Path, place: Path) -> None:
    """Move a compiled model to its place, whole, unless another process was quicker."""
    try:
        made.rename(place)
    except OSError:  # the place is taken
        if Compilation.read(place) is None:
            shutil.rmtree(place)
            made.rename(place)


def seeds() -> list[Path]:
    """The shipped documents: what int8 is calibrated on."""
    return sorted((ROOT / "seeds").glob("*.md"))


_making = RLock()


def import_openvino() -> Any:
    """OpenVINO without what reports its use, and without what converts models of other kinds.

    These take longer to import than all the rest, and it does without where they are not there. The
    converter can be imported by its own name afterwards.
    """
    with _making:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
        hides = "openvino" not in sys.modules
        if hides:
            sys.modules[CONVERTER] = None  # type: ignore[assignment]
        try:
            import openvino
        finally:
            if hides:
                del sys.modules[CONVERTER]
    return openvino


@cache
def _core() -> Any:
    return import_openvino().Core()


def core() -> Any:
    """OpenVINO's core, which takes a while to make and serves all models of a process."""
    with _making:
        return _core()


def configuration(threads: int) -> dict[str, Any]:
    """How OpenVINO is to run: one batch after the other, by all cores or by `threads`."""
    # Where there is AMX the default is bf16: vectors would depend on the processor.
    chosen = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    return chosen | ({"INFERENCE_NUM_THREADS": threads} if threads else {})


class Compiled:
    """A network compiled where that can be done: made once for a processor, kept in the cache."""

    def __init__(
        self, order: Order, says: Callable[[], Sequence[str]], kind: str, threads: int
    ) -> None:
        """Compile what `order` names; `kind` is auto or fp32.

        `says` tells what has a say in what comes out, beside the recipe, the compiler, the model's
        settings and the documents that int8 is calibrated on; weights are checked when compiling.
        """
        self._order, self._says, self._kind, self._threads = order, says, kind, threads
        self._outcome: Compilation | str = ""  # the compiled model, or why there is none
        self._network: CompiledModel | None = None
        self._working, self._loading = Lock(), Lock()
        self._running = Lock()  # one pass at a time: each takes all cores

    def prepare(self) -> Iterator[Progress]:
        """Compile if that is still to do; closing the iterator stops it and leaves nothing.

        While another thread does, this one waits, lest two compile the same.
        """
        while not self._outcome:
            if not self._working.acquire(timeout=POLL_SECONDS):
                yield Progress(self._order.what, 0, detail=PREPARING)
                continue
            try:
                yield from self._settle()
            finally:
                self._working.release()

    def _settle(self) -> Iterator[Progress]:
        """Find the compiled model, or make it, unless another thread was quicker."""
        if self._outcome:
            return
        try:
            found = Compilation.read(self.place)
            if found:
                with suppress(PermissionError):  # somebody else's cache serves as well
                    os.utime(self.place)  # it is in use: `sweep` leaves it
            self._outcome = found or (yield from self._compile())
        except PackageNotFoundError as error:
            self._outcome = f"{error.name} is not installed"
        except (ImportError, OSError, RuntimeError) as error:
            self._outcome = " ".join(str(error).split())[-200:] or type(error).__name__

    @property
    def found(self) -> Compilation | str:
        """The compiled model, made if need be, or why there is none."""
        deque(self.prepare(), maxlen=0)
        return self._outcome

    @property
    def note(self) -> str:
        """What runs here, and why nothing faster where that is so."""
        found = self.found
        if isinstance(found, str):
            return f"not compiled: {found}"
        said = f"compiled to {found.kind}, cosine to the original {found.mean:.4f}"
        return f"{said}; {found.reason}" if found.reason else said

    @property
    def usual(self) -> str:
        """The kind that comes out nearly everywhere."""
        return "int8" if self._kind == "auto" else self._kind

    @property
    def network(self) -> CompiledModel | None:
        """What runs, or None where nothing is compiled."""
        if isinstance(self.found, str):
            return None
        with self._loading:
            if self._network is None:
                blob = import_openvino().Tensor(np.memmap(self.place / BLOB, np.uint8, "r"))
                self._network = core().import_model(blob, "CPU", configuration(self._threads))
            return self._network

    def run(self, inputs: Arrays) -> tuple[Floats, Floats] | None:
        """Both outputs for ids, mask and the like, (n, t) each; nothing where none is compiled."""
        network = self.network
        if network is None:
            return None
        taken = looked_up(Path(self._order.folder), inputs)
        with self._running:
            out = network(taken)
        return out[0], out[1]

    @cached_property
    def key(self) -> str:
        """Digest of all that has a say in what comes out."""
        said = [RECIPE, *self._says(), version("openvino"), version("nncf"), self._order.weights]
        folder = Path(self._order.folder)
        said += [sha256_of(path) for path in [*sorted(folder.rglob("*.json")), *seeds()]]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]

    @cached_property
    def place(self) -> Path:
        """The folder of this model, compiled for this processor and the encoder that is installed.

        The weights are checked when compiling, and their words are read ever after: if the file
        has changed since, that is to be done again.
        """
        from platformdirs import user_cache_path

        names = ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")
        said: list[object] = [core().get_property("CPU", name) for name in names]
        weights = (Path(self._order.folder) / WEIGHTS).stat()
        said += [weights.st_size, weights.st_mtime_ns]
        made_for = hashlib.sha256(str(said).encode()).hexdigest()[:8]
        named = os.environ.get("QUOTH_CACHE")
        cache = Path(named) if named else user_cache_path("quoth", appauthor=False)
        return cache.expanduser().absolute() / f"{self._kind}-{self.key}-{made_for}"

    def _compile(self) -> Generator[Progress, None, Compilation]:
        """Compile in another process: it says much, warns, and leaves half a gigabyte behind."""
        cache = self.place.parent
        make_folder(cache)
        sweep(cache)
        with TemporaryDirectory(prefix=MAKING, dir=cache) as making, TemporaryFile() as errors:
            order = [*self._order, self._kind, making, str(self._threads)]
            with _child(order, errors.fileno()) as child:
                started = time.monotonic()
                while child.poll() is None:
                    so_far = f"{time.monotonic() - started:.0f} s"
                    detail = f"{PREPARING} ({so_far})"
                    yield Progress(self._order.what, 0, detail=detail)
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(POLL_SECONDS)
            made = Path(making) / MADE
            if found := Compilation.read(made):
                settle(made, self.place)
                return found
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise RuntimeError(said or f"exit {child.returncode}")


class CompiledEmbedder(SentenceEmbedder):
    """A sentence-transformers model, compiled where that can be done; `kind` is auto or fp32."""

    def __init__(self, name: str, folder: Path, threads: int, weights: str, kind: str) -> None:
        """Use the model in `folder`; `weights` is the SHA-256 its safetensors file must have."""
        super().__init__(name, folder, threads, weights)
        order = Order("model", name, str(folder), weights)
        self._compiled = Compiled(order, lambda: [STATES], kind, threads)

    def prepare(self) -> Iterator[Progress]:
        """Compile if that is still to do; closing the iterator stops it and leaves nothing."""
        return self._compiled.prepare()

    @property
    def note(self) -> str:
        """How texts are embedded here, and why not faster where that is so."""
        return self._compiled.note

    @cached_property
    def fingerprint(self) -> str:
        """Identifies model, compiler, calibration and packing; compiles if that is still to do."""
        found = self._compiled.found
        key = self._compiled.key
        return super().fingerprint if isinstance(found, str) else f"{found.kind}-{key}"

    def recognises(self, fingerprint: str) -> bool:
        """Whether it is that of these weights, compiled by this recipe as nearly everywhere.

        Whether they are so on this machine is not looked at: that would take OpenVINO.
        """
        with suppress(PackageNotFoundError, OSError):
            return fingerprint == f"{self._compiled.usual}-{self._compiled.key}"
        return False

    @cached_property
    def dimension(self) -> int:
        """Length of a vector."""
        found = self._compiled.found
        return super().dimension if isinstance(found, str) else found.dimension

    def _run(self, ids: Ids, mask: Ids) -> tuple[Floats, Floats]:
        parts = []
        step = max(1, BATCH_TOKENS // ids.shape[1])
        for first in range(0, len(ids), step):
            rows = slice(first, first + step)
            out = self._compiled.run({"input_ids": ids[rows], "attention_mask": mask[rows]})
            if out is None:
                return super()._run(ids, mask)
            parts.append(out)
        vectors, states = zip(*parts, strict=True)
        return np.concatenate(vectors), np.concatenate(states)


@contextmanager
def _child(order: list[str], errors: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `index.conversion`, which is killed when this is left, and ends when its input does."""
    with subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-W", "ignore", "-m", "index.conversion", *order],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,  # Ctrl-C is for us
    ) as child:
        try:
            yield child
        finally:
            child.kill()
