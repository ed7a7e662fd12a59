"""What grows with the corpus: `python -m benchmarks.scale FOLDER [--passages N...]`.

Builds indexes of synthetic passages (`benchmarks.synthetic`) in FOLDER, from 1,000 to 1,000,000,
and asks each 200 questions from a fresh process. The embedder costs next to nothing when building,
so that all else is seen; questions pass the real one. Prints a table and the slopes of its columns
in log-log (1: grows as the corpus does; 0: does not grow), appended to `results/scale.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.synthetic import DOCUMENT, Corpus, SyntheticEmbedder

RESULTS = Path(__file__).parent / "results" / "scale.jsonl"
QUESTIONS = 200
SIZES = (1_000, 10_000, 100_000, 1_000_000)
COLUMNS = {
    "build_s": "build s",
    "build_mb": "build MB",
    "disk_mb": "disk MB",
    "add_s": "add one s",
    "open_ms": "open ms",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "ask_mb": "ask MB",
}


def build_index(folder: Path, documents: int) -> dict[str, float]:
    """Build an index of so many documents, then add one more."""
    from index.build import build

    corpus = Corpus()
    embedder = SyntheticEmbedder(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    corpus.write(folder / "corpus.jsonl", documents)
    roots = [folder / "corpus.jsonl"]
    taken = []
    for _ in range(2):
        began = perf_counter()
        for event in build(roots, folder / "index", embedder=embedder):
            if getattr(event, "stage", "") in ("read", "embed") and event.done % 6400 == 0:
                print(f"\r{event.stage} {event.done}/{event.total}", end="", file=sys.stderr)
        taken.append(perf_counter() - began)
        roots.append(folder / "one.txt")
        roots[-1].write_text(corpus.document(documents), encoding="utf-8")
    disk = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file())
    return {"build_s": taken[0], "add_s": taken[1], "build_mb": _peak(), "disk_mb": disk / 1e6}


def ask_index(folder: Path, documents: int) -> dict[str, float]:
    """Ask an index many questions, each once."""
    from index.embedding import open_embedder
    from index.opening import Models
    from index.search import Searcher
    from index.store import Store
    from qa.assistant import Assistant
    from qa.config import Settings

    corpus = Corpus()
    embedder = SyntheticEmbedder(corpus, open_embedder())
    questions = [corpus.question(number, documents) for number in range(QUESTIONS)]
    embedder.encode_query(questions[0])
    began = perf_counter()
    store = Store(folder / "index")
    searcher = Searcher(store, Models(store, embedder))
    with Assistant(searcher, Settings(index=folder / "index")) as assistant:
        with searcher.reading() as caches:
            opened = perf_counter() - began
            searching = caches.vectors.details["vector search"]
        assistant.ask("bababan?")
        taken = []
        for question in questions:
            began = perf_counter()
            assistant.ask(question)
            taken.append(perf_counter() - began)
    p50, p95 = np.percentile(taken, [50, 95]) * 1000
    print(searching, file=sys.stderr)
    return {"open_ms": 1000 * opened, "p50_ms": p50, "p95_ms": p95, "ask_mb": _peak()}


def _peak() -> float:
    """Megabytes that this process had resident at most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def child(action: str, folder: Path, documents: int) -> dict[str, float]:
    """Do one thing in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.scale", str(folder), action, str(documents)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(run.stdout.strip().rpartition("\n")[2])
    return found


def main() -> None:
    """Measure each size."""
    if len(sys.argv) == 4 and sys.argv[2] in ("build", "ask"):
        work = {"build": build_index, "ask": ask_index}[sys.argv[2]]
        print(json.dumps(work(Path(sys.argv[1]), int(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES)
    parser.add_argument("--keep", action="store_true", help="leave the indexes where they are")
    given = parser.parse_args()
    rows = []
    for passages in given.passages:
        folder, documents = given.folder / str(passages), max(1, passages // DOCUMENT)
        found = {}
        if not (folder / "index").exists():
            found = child("build", folder, documents)
        found |= child("ask", folder, documents)
        rows.append(
            {"passages": passages} | {name: round(value, 1) for name, value in found.items()}
        )
        print(rows[-1], file=sys.stderr)
        if not given.keep:
            shutil.rmtree(folder)
    columns = [name for name in COLUMNS if all(name in row for row in rows)]
    print(f"{'passages':>10}" + "".join(f"{COLUMNS[name]:>11}" for name in columns))
    for row in rows:
        print(f"{row['passages']:10,}" + "".join(f"{row[name]:11,.1f}" for name in columns))
    if len(rows) > 1:
        sizes = np.log([row["passages"] for row in rows])
        fits = [np.polyfit(sizes, np.log([row[n] + 1e-9 for row in rows]), 1)[0] for n in columns]
        print(f"{'slope':>10}" + "".join(f"{fit:11.2f}" for fit in fits))
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "rows": rows,
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
