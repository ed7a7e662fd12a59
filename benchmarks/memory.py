"""Peak memory of a build by the number of passages: `python -m benchmarks.memory 10000 100000`.

The documents are synthetic, 100 passages each, and so is the embedder, which takes no time: what is
measured is all the rest. Each size is built by a process of its own. Results go to
`benchmarks/results/memory.jsonl`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from index.build import build
from index.embedding import Encoded, QueryEncoding
from index.states import pack
from index.types import BuildReport, Progress

PASSAGES = 100  # of each document
DIMENSION = 64
RESULTS = Path(__file__).parent / "results" / "memory.jsonl"
WORDS = ("harbour", "lamp", "orchard", "mine", "kiln", "ferry", "quarry", "chapel", "weir")


class Synthetic:
    """Vectors drawn from a checksum of the text, with the states of one word-piece."""

    name = fingerprint = "synthetic"
    dimension = DIMENSION
    max_tokens = 24
    note = "synthetic"

    def recognises(self, fingerprint: str) -> bool:
        """Whether vectors of this fingerprint are its own."""
        return fingerprint == self.fingerprint

    def prepare(self) -> Iterator[Progress]:
        """There is nothing to prepare."""
        yield from ()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Draw a vector for each text."""
        chance = np.random.default_rng(zlib.crc32("".join(texts).encode()))
        vectors = chance.standard_normal((len(texts), DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        spans = np.array([[0, 1]], np.int32)
        return Encoded(vectors, tuple(pack(vector[None], spans) for vector in vectors))

    def encode_query(self, text: str) -> QueryEncoding:
        """Draw a vector for a question."""
        return QueryEncoding(self.encode([text]).vectors[0], (), np.empty((0, DIMENSION)))


def write_documents(folder: Path, passages: int) -> None:
    """Write documents of 100 passages, in folders of 100 documents."""
    for number in range(passages // PASSAGES):
        path = folder / str(number // 100) / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            f"Entry {number}.{line}: the {WORDS[line % 9]} by the {WORDS[number % 8]} was seen "
            f"{number * line % 977} times that year, and the {WORDS[(number + line) % 9]} once."
            for line in range(PASSAGES)
        )
        path.write_text("\n\n".join(lines), encoding="utf-8")


def measure(passages: int, folder: Path) -> dict[str, object]:
    """Build in this process, and say what it took at most."""
    write_documents(folder / "notes", passages)
    anonymous = [0]
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.1):
            anonymous[0] = max(anonymous[0], _anonymous())

    threading.Thread(target=sample, daemon=True).start()
    before, started = _anonymous(), time.monotonic()
    *_, report = build([folder / "notes"], folder / "index", embedder=Synthetic())
    over.set()
    assert isinstance(report, BuildReport)  # noqa: S101 - the last event is the report
    return {
        "passages": report.passages,
        "documents": report.documents,
        "seconds": round(time.monotonic() - started, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "peak_anonymous_mb": round(anonymous[0] / 1024),
        "before_mb": round(before / 1024),
        "index_mb": round(sum(p.stat().st_size for p in (folder / "index").rglob("*")) / 1e6),
    }


def _anonymous() -> int:
    """Kilobytes that this process holds itself, without pages of files that it has mapped."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def main() -> None:
    """Measure each size in a process of its own; with a folder, be that process."""
    if os.environ.get("QUOTH_MEASURED"):
        print(json.dumps(measure(int(sys.argv[1]), Path(os.environ["QUOTH_MEASURED"]))))
        return
    for size in sys.argv[1:] or ["10000", "100000", "1000000"]:
        folder = tempfile.mkdtemp(prefix="quoth-memory-")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.memory", size],
                env=os.environ | {"QUOTH_MEASURED": folder},
                check=True,
                stdout=subprocess.PIPE,
            )
        finally:
            shutil.rmtree(folder)
        print(done.stdout.decode().strip(), flush=True)
        with RESULTS.open("ab") as file:
            file.write(done.stdout)


if __name__ == "__main__":
    main()
