"""Paths that are typed to add documents from: what they may become, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.places import complete, examine


@pytest.fixture
def shelves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with something of everything."""
    for name in ("Notes/deep/mine.md", "Notes/orchard.txt", "Notes/plan.psd", "notebook.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Some words.", encoding="utf-8")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "nothing").mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("~", ["~/"]),
        ("~/", ["~/Notes/", "~/nothing/", "~/notebook.md"]),
        ("~/no", ["~/nothing/", "~/notebook.md"]),
        ("~/Not", ["~/Notes/"]),
        ("~/NOT", ["~/Notes/", "~/nothing/", "~/notebook.md"]),
        ("~/Notes/", ["~/Notes/deep/", "~/Notes/orchard.txt"]),
        ("~/.h", ["~/.hidden/"]),
        ("~/nowhere/", []),
        ("~nobody-of-that-name/x", []),
    ],
)
def test_what_is_typed_is_completed(shelves: Path, typed: str, offered: list[str]) -> None:
    assert complete(typed) == offered


def test_absolute_paths_are_completed_and_unshowable_names_are_not(shelves: Path) -> None:
    (shelves / "nope\x1b[31m").mkdir()
    assert complete(f"{shelves}/no") == [f"{shelves}/nothing/", f"{shelves}/notebook.md"]


def test_a_folder_and_a_file_are_taken_and_counted(shelves: Path) -> None:
    folder = examine("~/Notes")
    assert (folder.path, folder.folder, folder.documents) == (str(shelves / "Notes"), True, 2)
    file = examine("~/notebook.md")
    assert (file.path, file.folder, file.documents) == (str(shelves / "notebook.md"), False, 1)
    assert folder.fault == file.fault == ""


def test_a_path_is_taken_as_a_terminal_drops_it(shelves: Path) -> None:
    (shelves / "my notes").mkdir()
    (shelves / "my notes" / "a.md").write_text("Words.", encoding="utf-8")
    for typed in (f"'{shelves}/my notes'", f"{shelves}/my\\ notes/", f"  {shelves}/my notes "):
        assert examine(typed).path == str(shelves / "my notes")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("~/Nots", "There is no Nots in {home}; did you mean Notes?"),
        ("~/zzz/deep", "There is no zzz in {home}; check its name."),
        ("~/photo.jpg", "photo.jpg is of no kind that can be read; these are: .csv"),
        ("~/nothing", "nothing holds no files of a kind that can be read; these are: .csv"),
        ("~/dangling", "dangling is a link to nothing"),
        ("~/notebook.md/x", "notebook.md is a file, not a folder"),
        ("~nobody-of-that-name/x", "names no place here"),
        ("~/bell\a", "There is no bell\\x07 in {home}; check its name."),
    ],
)
def test_what_is_wrong_is_said(shelves: Path, typed: str, fault: str) -> None:
    (shelves / "dangling").symlink_to("nowhere")
    assert fault.format(home=shelves) in examine(typed).fault


def test_what_is_in_the_index_already_is_said(shelves: Path) -> None:
    known = {str(shelves / "Notes/deep/mine.md"), str(shelves / "notebook.md")}
    assert examine("~/Notes", known).documents == 1
    assert "in the index already" in examine("~/notebook.md", known).fault
    assert "in the index already" in examine("~/Notes/deep", known).fault
