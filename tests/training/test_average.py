"""Averaging readers: the mean by shares, of readers of one kind only."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from training.average import average, main
from training.command import TrainingError


def _reader(path: Path, value: float, size: int = 2) -> Path:
    weights = {"judge.bias": torch.full((size,), value), "point.weight": torch.tensor([[-value]])}
    save_file({name: weight.half() for name, weight in weights.items()}, path)
    return path


def test_each_has_its_share(tmp_path: Path) -> None:
    one, other = _reader(tmp_path / "one", 1), _reader(tmp_path / "a=b", 6)
    main([str(tmp_path / "out"), f"{one}=2", f"{other}=3"])
    found = load_file(tmp_path / "out")
    assert found["judge.bias"].tolist() == [4, 4]
    assert found["point.weight"].tolist() == [[-4]]
    assert found["judge.bias"].dtype == torch.float16
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a=b", "one", "out"]


def test_a_checkpoint_counts_as_the_reader_that_it_is_on_the_way_to(tmp_path: Path) -> None:
    one = _reader(tmp_path / "one", 1)
    torch.save({"network": {n: 3 * w for n, w in load_file(one).items()}}, tmp_path / "5-of-9.pt")
    found = average([(one, 1), (tmp_path / "5-of-9.pt", 1)])
    assert found["judge.bias"].tolist() == [2, 2]


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=4))
def test_the_mean_of_one_and_the_same_is_itself(
    tmp_path_factory: pytest.TempPathFactory, shares: list[float]
) -> None:
    path = _reader(tmp_path_factory.getbasetemp() / "same", 0.7)
    for name, weight in average([(path, share) for share in shares]).items():
        torch.testing.assert_close(weight, load_file(path)[name])


def test_what_cannot_be_averaged_is_told(tmp_path: Path) -> None:
    one, other = _reader(tmp_path / "one", 1), _reader(tmp_path / "other", 1, size=3)
    (tmp_path / "broken").write_bytes(b"no weights of anything")
    with pytest.raises(TrainingError, match=r"other is of another network than .*one\.$"):
        average([(one, 1), (other, 1)])
    torch.save({"step": 3}, tmp_path / "other.pt")
    (tmp_path / "broken.pt").write_bytes(b"no weights of anything")
    for name in ("broken", "missing", "broken.pt", "other.pt", "missing.pt"):
        with pytest.raises(TrainingError, match=f"{name} cannot be read as a reader's weights"):
            average([(one, 1), (tmp_path / name, 1)])
    with pytest.raises(TrainingError, match=r"cannot be written; name another file\.$"):
        main([str(tmp_path / "missing" / "out"), f"{one}=1"])


@pytest.mark.parametrize("given", ["reader", "reader=", "=1", "reader=0", "reader=nan", "r=inf"])
def test_a_share_is_a_number_over_nought(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["out", given])
    assert stopped.value.code == 2
    assert f"{given!r} is no READER=SHARE" in capsys.readouterr().err
