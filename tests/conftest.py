"""What all tests share: one cache for the compiled model, apart from the user's own."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Compile into pytest's cache: once, and not again in the next run."""
    if config.cache is not None:
        os.environ.setdefault("QUOTH_CACHE", str(config.cache.mkdir("quoth")))
