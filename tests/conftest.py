"""What all tests share: one cache for the compiled model, apart from the user's own, one index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from index.build import build
from index.reading import open_reader
from qa import Assistant
from qa.upkeep import calibrated

SEEDS = Path(__file__).parents[1] / "seeds"


def pytest_configure(config: pytest.Config) -> None:
    """Compile into pytest's cache: once, and not again in the next run."""
    if config.cache is not None:
        os.environ.setdefault("QUOTH_CACHE", str(config.cache.mkdir("quoth")))
        # Never the user's own conversations, whatever a test starts.
        os.environ["QUOTH_SESSIONS"] = str(config.cache.mkdir("sessions") / "sessions.sqlite")
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant over the shipped documents, which no test may change, with the real models."""
    index = tmp_path_factory.mktemp("seeds")
    list(calibrated(build([SEEDS], index), index, reader=open_reader()))
    with Assistant.open(index) as assistant:
        assistant.warm()
        yield assistant
