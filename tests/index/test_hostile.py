"""What strangers wrote is read within bounds, or left out with a sentence; nothing else happens."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import run, sample
from benchmarks.samples import SAMPLES
from index.sources import READERS
from index.types import Document

CASES = 500


def test_files_that_were_tampered_with_are_read_or_left_out_with_a_sentence() -> None:
    cases = list(run(2024, range(CASES)))
    assert [(case.number, case.suffix, case.problems) for case in cases if case.problems] == []
    assert {case.suffix for case in cases} == set(READERS)
    read = sum(any(isinstance(found, Document) for found in case.found) for case in cases)
    assert CASES / 4 < read < CASES  # neither all harmless nor all beyond reading


@pytest.mark.parametrize("suffix", sorted(READERS))
def test_every_format_has_a_whole_file_to_begin_with(suffix: str) -> None:
    assert suffix in SAMPLES
    assert sample(suffix)
