"""What is installed: the wheel holds all it needs, and every package is pinned."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

from index.sources import EXTRAS
from qa import doctor

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return {_canonical(name): version for name, version in (line.split("==") for line in lines)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `pip install .` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_documents_styles_question_sets_and_weights(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    seeds = {f"seeds/{file.name}" for file in (ROOT / "seeds").iterdir()}
    assert seeds
    assert seeds <= names
    assert {"tui.py", "qa/ui/ui.tcss", "qa/evaluation/sets/seeds.jsonl"} <= names
    assert "index/reader.safetensors" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"qa", "index", "seeds", "tui.py", f"quoth-{PROJECT['version']}.dist-info"}


def test_the_installed_command_finds_its_seeds(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "quoth = qa.cli:main" in archive.read(entry).decode()
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import qa.commands.open as o; "
    program += "print(o.SEEDS, len(list(o.SEEDS.iterdir())))"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == [
        str(tmp_path / "seeds"),
        str(len(list((ROOT / "seeds").iterdir()))),
    ]


def test_every_dependency_is_pinned_and_what_they_bring_along_too() -> None:
    pins = _pins()
    assert pins["torch"] == "2.13.0"
    extras = PROJECT["optional-dependencies"].values()
    named = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    wanted = [re.split(r"[<>=]", line)[0] for line in named if not line.startswith("quoth[")]
    seen: set[str] = set()
    while wanted:
        name = _canonical(wanted.pop())
        if name in seen:
            continue
        seen.add(name)
        # What stands behind a marker may be meant for another platform or for an extra.
        brought = [line for line in requires(name) or [] if ";" not in line]
        wanted += [re.split(r"[\s<>=!~\[(]", line)[0] for line in brought]
    assert seen <= set(pins)


def test_readme_and_changelog_tell_of_this_version_and_its_dependencies() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme.split("\n\n")[1]
    assert "make test" in readme.split("\n\n")[1]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    formats = ("pdf", "web", "office", "rst")
    extras = [line for name in formats for line in PROJECT["optional-dependencies"][name]]
    for line in (*PROJECT["dependencies"], *extras):
        assert re.split(r"[<>=-]", line)[0] in readme.lower(), line
    for shown in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / shown).exists(), shown


def test_doctor_knows_every_extra_that_brings_formats() -> None:
    extras = PROJECT["optional-dependencies"]
    assert set(doctor._EXTRAS) == set(EXTRAS.values())
    for extra, modules in doctor._EXTRAS.items():
        assert len(extras[extra]) == len(modules)


def test_doctor_names_the_command_that_brings_a_missing_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(doctor._EXTRAS, "pdf", ("a_module_that_is_nowhere",))
    readable, missing = doctor._formats()
    assert ".pdf" not in readable.finding.split()
    assert (missing.outcome, missing.repair) == ("warn", "pip install 'quoth[pdf]'")
    assert missing.finding == "not .pdf"
