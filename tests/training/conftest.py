"""One tiny encoder for all tests of training, which leave no trace in the process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.training.tiny import tiny_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave the other tests as many threads as they had."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
