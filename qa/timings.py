"""Where the time of a first question goes, cold: `python -m qa.timings INDEX READER THREADS`.

The stages are timed one after the other, so that each can be told apart; asking does some of them
side by side and takes less than their sum.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from qa.config import Settings
from qa.errors import QuothError

QUESTION = "Who said what?"
RUNS = 3


def timings(settings: Settings, runs: int = RUNS) -> dict[str, float]:
    """Milliseconds of each stage of a first question, and of the whole command; medians of `runs`.

    Raises:
        QuothError: there is no index to ask, or asking it fails.
    """
    found: list[dict[str, float]] = []
    index = str(settings.index)
    for _ in range(runs):
        bare = _seconds([sys.executable, "-c", "pass"])[0]
        asking = ["qa.cli", "--index", index, "--reader", settings.reader, "ask", QUESTION]
        whole = _seconds([sys.executable, "-m", *asking])
        staged = ["qa.timings", index, settings.reader, str(settings.threads)]
        _, said = _seconds([sys.executable, "-m", *staged])
        stages = {"start Python": bare, **json.loads(said), "quoth ask, all in all": whole[0]}
        found.append({name: 1000 * float(seconds) for name, seconds in stages.items()})
    return {name: median(run[name] for run in found) for name in found[0]}


def _seconds(command: list[str]) -> tuple[float, str]:
    """How long a command takes, and what it prints."""
    began = perf_counter()
    done = subprocess.run(  # noqa: S603 - ourselves
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent
    )
    if done.returncode not in (0, 3):
        said = done.stderr.strip().rpartition("\n")[2].removeprefix("quoth: ")
        raise QuothError(said or f"{' '.join(command[:3])} ended with {done.returncode}.")
    return perf_counter() - began, done.stdout


def stages(settings: Settings) -> dict[str, float]:
    """Seconds of each stage in this process, which must be a fresh one to mean anything."""
    taken: dict[str, float] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        began = perf_counter()
        yield
        taken[stage] = perf_counter() - began

    with timed("import Quoth and NumPy"):
        from index.approximate import library
        from qa.assistant import Assistant
    with timed("open the store"):
        assistant = Assistant.open(settings.index, settings)
    with assistant:
        with timed("open vectors and words"), assistant.searcher.reading():
            library()
        with timed("load the model"):
            assistant.searcher.embedder.encode_query("first")
        if (reader := assistant.searcher.reader) is not None:
            with timed("load the reader"):
                reader.load("first")
        assistant.warm()  # so that nothing is loaded once more when it answers
        with timed("embed the question"):
            assistant.searcher.encode(QUESTION)
        with timed("answer"):
            assistant.ask(QUESTION)
    return taken


if __name__ == "__main__":
    asked = Settings(Path(sys.argv[1]), reader=sys.argv[2], threads=int(sys.argv[3]))
    sys.stdout.write(json.dumps(stages(asked)))
