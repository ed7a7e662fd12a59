"""`quoth sessions`: the conversations that are kept, from the command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qa.bundle import load
from qa.sessions import SessionFile
from qa.types import Kept
from qa.ui.export import markdown, save, stem
from qa.ui.webpage import webpage
from tests import test_cli
from tests.test_cli import Quoth, process
from tests.ui.fake import hostile, mill, refusal

quoth = test_cli.quoth  # the fixture
ROOT = Path(__file__).parents[1]
WHEN = "2026-01-02T03:04:05.000+00:00"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionFile:
    """Two conversations, in the file that the command is told of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUOTH_SESSIONS", str(tmp_path / "sessions.sqlite"))
    file = SessionFile(tmp_path / "sessions.sqlite")
    file.keep("aaa1" * 8, 1, hostile("What of [nobody]\x1b?"))
    file.keep("bbb2" * 8, 1, mill("Who built the mill?"))
    file.keep("bbb2" * 8, 2, refusal("Which submarine?"))
    return file


def test_conversations_are_listed_and_searched(quoth: Quoth, file: SessionFile) -> None:
    lines = quoth("sessions", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", "bbb2bbb2", "aaa1aaa1"]
    assert "\x1b" not in quoth("sessions", "list").out
    found = quoth("sessions", "list", "submarine", "--json").json
    assert [(s["title"], s["turns"]) for s in found] == [("Who built the mill?", 2)]
    nothing = quoth("sessions", "list", "zebra")
    assert (nothing.code, nothing.out) == (0, "")
    assert "No conversation holds that" in nothing.err


def test_a_conversation_is_shown(quoth: Quoth, file: SessionFile) -> None:
    shown = quoth("sessions", "show", "bbb2").out
    assert shown.index("> Who built the mill?") < shown.index("> Which submarine?")
    assert "1742 by Ada Fenwick" in shown
    turns = quoth("sessions", "show", "bbb2", "--json").json["turns"]
    assert [turn["status"] for turn in turns] == ["answered", "not_found"]
    unknown = quoth("sessions", "show", "zz")
    assert (unknown.code, unknown.out) == (1, "")
    assert "No conversation begins with 'zz'" in unknown.err


def test_a_conversation_is_exported_and_nothing_overwritten(
    quoth: Quoth, file: SessionFile, tmp_path: Path
) -> None:
    for form, name in (
        ("markdown", "quoth-who-built-the-mill.md"),
        ("html", "quoth-who-built-the-mill.html"),
        ("bundle", "quoth-who-built-the-mill.json"),
        ("bundle", "quoth-who-built-the-mill-2.json"),
    ):
        done = quoth("sessions", "export", "bbb2", "--as", form)
        assert (done.code, done.out.strip()) == (0, str(tmp_path / name))
    assert len(load(tmp_path / "quoth-who-built-the-mill.json")["turns"]) == 2


def test_a_conversation_is_deleted_only_when_that_is_agreed_to(
    quoth: Quoth, file: SessionFile
) -> None:
    refused = process("sessions", "delete", "bbb2", env={"PYTHONPATH": str(ROOT)})
    assert refused.returncode == 1
    assert b"Say so with --yes" in refused.stderr
    assert len(file.listed()) == 2
    assert quoth("sessions", "delete", "bbb2", "aaa1", "--yes").code == 0
    assert file.listed() == []


@pytest.mark.parametrize(("said", "left"), [(b"y\n", 1), (b"\n", 2), (b"no\n", 2)])
def test_a_terminal_is_asked_first(file: SessionFile, said: bytes, left: int) -> None:
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "sessions", "delete", "bbb2"],
        stdin=slave,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as asking:
        os.write(master, said)
        _, err = asking.communicate(timeout=60)
    os.close(master)
    os.close(slave)
    assert "Delete “Who built the mill?” (2 turns)? [y/N]".encode() in err
    assert len(file.listed()) == left


def test_a_damaged_file_is_one_sentence(quoth: Quoth, file: SessionFile, tmp_path: Path) -> None:
    file.close()
    (tmp_path / "sessions.sqlite").write_bytes(b"no database at all" * 500)
    done = quoth("sessions", "list")
    assert (done.code, done.out) == (1, "")
    assert "Conversations cannot be kept or read" in done.err


# What is exported


class _Page(HTMLParser):
    """Every tag, with the text that stands in none of them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.links: dict[str, list[str]] = {"href": [], "id": [], "src": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.links.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(text: str) -> _Page:
    parser = _Page()
    parser.feed(text)
    return parser


def test_a_page_stands_alone_and_its_markers_lead_to_their_references() -> None:
    found = page(webpage("Mills", [Kept(mill("Who?"), WHEN), Kept(refusal("Why?"), WHEN)]))
    assert {link.removeprefix("#") for link in found.links["href"]} == set(found.links["id"])
    assert found.links["src"] == []
    assert "script" not in found.tags
    style = "".join(found.words)
    for needed in ("prefers-color-scheme: dark", "@media print", "Not in these documents."):
        assert needed in style
    assert "url(" not in style
    assert "0" * 64 in style


def test_nothing_that_is_exported_is_read_as_markup() -> None:
    bad = "<script>alert(1)</script> & \"x\" 'y' \x1b[31m # [a](b) | `c` ![d](e)"
    answer = hostile(bad)
    document = answer.citations[0].hit.document
    for text in (webpage(bad, [Kept(answer, bad)]), markdown(bad, [Kept(answer, bad)])):
        assert "<script>" not in text
        assert "\x1b" not in text
        assert "\x07" not in text
    assert "\x1b" in document.title
    assert set(page(webpage(bad, [Kept(answer, bad)])).tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "article",
        "blockquote", "span", "p", "a", "ol", "li", "b", "br", "code", "footer",
    }  # fmt: skip
    assert r"\# \[a\](b)" in markdown(bad, [Kept(answer, bad)])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Who built the mill?", "quoth-who-built-the-mill"),
        ("../../etc/passwd", "quoth-etc-passwd"),
        ("Что это?", "quoth-conversation"),
        ("a " * 200, "quoth-" + "a-" * 19 + "a"),
        ("", "quoth-conversation"),
    ],
)
def test_files_are_named_by_plain_letters(title: str, name: str) -> None:
    assert stem(title) == name


def test_saving_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quoth-a.md").symlink_to(tmp_path / "elsewhere")
    paths = [save("quoth-a", ".md", f"{n}\ud83d\n") for n in range(3)]
    assert [path.name for path in paths] == ["quoth-a-2.md", "quoth-a-3.md", "quoth-a-4.md"]
    assert [path.read_text() for path in paths] == ["0?\n", "1?\n", "2?\n"]
    assert not (tmp_path / "elsewhere").exists()
