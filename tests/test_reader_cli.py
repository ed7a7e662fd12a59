"""Choosing the reader on the command line, in the settings file and in the environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.reading import DEFAULT_READER, open_reader
from index.store import Store
from qa.cli import main
from qa.confidence import calibration_of
from qa.config import Settings, load_settings

QUESTION = "Who was the first keeper of the lamp?"
KEEPERS = (
    "Ada Holm", "Jonas Reed", "Inga Solberg", "Old Berit", "Per Lund", "Ruth Askew", "Tom Varr",
    "Nils Ek", "Eva Brandt", "Olaf Moe", "Greta Quist", "Hans Ravn",
)  # fmt: skip
NOTES = {
    f"{number}.md": f"In the year {1871 + 3 * number} the lamp on rock {number} was given to "
    f"{name}, who stayed for {number + 2} winters and wrote down every ship that passed it. The "
    f"first keeper of the lamp on that rock was {name} of the village with {number * 7} hearths."
    for number, name in enumerate(KEEPERS)
}

Quoth = Callable[..., Any]


def built(folder: Path, *options: str) -> Path:
    (folder / "notes").mkdir(exist_ok=True)
    for name, text in NOTES.items():
        (folder / "notes" / name).write_text(text, encoding="utf-8")
    command = ["index", "build", str(folder / "notes"), "--index", str(folder / "index")]
    assert main([*command, "--quiet", *options]) == 0
    return folder / "index"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that was built with no reader."""
    return built(tmp_path_factory.mktemp("reader"), "--reader", "off")


@pytest.fixture
def quoth(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Quoth:
    """Run a command that must succeed; what it prints as JSON."""
    monkeypatch.delenv("QUOTH_READER", raising=False)

    def run(*arguments: object) -> Any:
        capfd.readouterr()
        assert main([*map(str, arguments), "--json"]) in (0, 3)
        out, err = capfd.readouterr()
        assert err == ""
        return json.loads(out)

    return run


def reads(found: Any) -> bool:
    """Whether a reader had a say in what was found; all hits agree on it."""
    (one,) = {"reader" in hit["signals"] for hit in found["hits"]}
    return bool(one)


def test_settings_choose_the_reader_in_the_usual_order(tmp_path: Path) -> None:
    file = tmp_path / "quoth.toml"
    file.write_text('reader = "off"\n', encoding="utf-8")
    assert Settings(index=tmp_path).reader == DEFAULT_READER
    assert load_settings(environment={}).reader == DEFAULT_READER
    assert load_settings(config=file, environment={}).reader == "off"
    named = {"QUOTH_READER": "of/others"}
    assert load_settings(config=file, environment=named).reader == "of/others"
    flags = {"reader": "by-flag"}
    assert load_settings(flags, config=file, environment=named).reader == "by-flag"


def test_help_names_the_reader(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["--help"], ["ask", "--help"], ["index", "build", "--help"]):
        with pytest.raises(SystemExit) as left:
            main(command)
        assert left.value.code == 0
        assert "--reader NAME" in capsys.readouterr().out


@pytest.mark.model
def test_each_way_of_switching_it_off_does(
    quoth: Quoth, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("ask", QUESTION, "--index", index)
    assert reads(quoth(*asked))
    assert not reads(quoth(*asked, "--reader", "off"))
    assert not reads(quoth("--reader", "off", *asked))
    (tmp_path / "quoth.toml").write_text('reader = "off"\n', encoding="utf-8")
    assert not reads(quoth(*asked, "--config", tmp_path / "quoth.toml"))
    monkeypatch.setenv("QUOTH_READER", "off")
    assert not reads(quoth(*asked))
    assert reads(quoth(*asked, "--reader", DEFAULT_READER))
    search = ("search", QUESTION, "--explain", "--index", index)
    assert not any("reader" in hit["explain"] for hit in quoth(*search)["hits"])
    explained = quoth(*search, "--reader", DEFAULT_READER)["hits"]
    assert all("reader" in hit["explain"] for hit in explained)


@pytest.mark.model
def test_an_index_built_without_one_is_asked_with_one_and_calibrated_by_the_next_build(
    quoth: Quoth, tmp_path: Path
) -> None:
    index = built(tmp_path, "--reader", "off")
    reader = open_reader()
    assert reader is not None
    with Store(index) as store:
        base = calibration_of(store)
        assert calibration_of(store, reader) == base
        assert "slope" in (store.meta("calibration") or "")
    answer = quoth("ask", QUESTION, "--index", index)
    assert reads(answer)
    assert 0 < answer["confidence"] < 1
    built(tmp_path)
    with Store(index) as store:
        assert calibration_of(store, reader).reads
        kept = store.meta("calibration")
    assert reads(quoth("ask", QUESTION, "--index", index))
    built(tmp_path, "--reader", "off")
    with Store(index) as store:
        assert store.meta("calibration") == kept


@pytest.mark.model
def test_what_needs_no_reader_looks_for_none(quoth: Quoth, index: Path) -> None:
    nowhere = ("--reader", "no-such/reader", "--index", index)
    assert quoth("index", "status", *nowhere)["documents"] == len(NOTES)
    assert len(quoth("index", "list", *nowhere)) == len(NOTES)
    assert main(["show", "1.md", *map(str, nowhere)]) == 0


@pytest.mark.model
@pytest.mark.parametrize(
    ("named", "code", "told"),
    [
        (DEFAULT_READER, 0, "Reader: compiled to"),
        ("off", 0, "Reader: off"),
        ("no-such/reader", 1, "Reader: The model no-such/reader is neither"),
    ],
)
def test_doctor_tells_how_passages_are_read(
    index: Path, capfd: pytest.CaptureFixture[str], named: str, code: int, told: str
) -> None:
    assert main(["doctor", "--index", str(index), "--reader", named]) == code
    (line,) = [line for line in capfd.readouterr().out.splitlines() if "Reader:" in line]
    assert told in line
    assert line.startswith("fail" if code else "ok")
