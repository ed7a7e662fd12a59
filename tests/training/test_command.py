"""What the commands have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.command import Clock, TrainingError, make, run


def test_a_clock_tells_the_time_left_once_something_is_done() -> None:
    clock = Clock(4_000)
    assert str(clock) == "0/4,000"
    clock.skip(1_500)
    assert str(clock) == "1,500/4,000"
    clock.add(2_500)
    assert str(clock) == "4,000/4,000, 0 s left"


def test_what_goes_wrong_is_a_sentence_and_exit_code_1() -> None:
    def fails(error: BaseException) -> None:
        raise error

    cases: list[tuple[BaseException, str]] = [
        (TrainingError("It is missing; make it."), "It is missing; make it."),
        (OSError(28, "No space left on device", "x.pt"), "x.pt: No space left on device"),
        (KeyboardInterrupt(), "Stopped"),
    ]
    for error, said in cases:
        with pytest.raises(SystemExit) as left:
            run(lambda error=error: fails(error))  # type: ignore[misc]
        assert str(left.value.code).startswith(said)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(TrainingError, match="file cannot be made a folder"):
        make(tmp_path / "file")
