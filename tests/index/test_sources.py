"""Files and folders become documents; what cannot be read is said, and nothing else is lost."""

import codecs
import json
import os
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from index.errors import SourceError
from index.sources import EXTRAS, READERS, SourceFile, find, read, state
from index.types import Document, Skipped

PROSE = "The ferry leaves the quay at nine every morning and is back well before noon."


def found(*paths: Path, excludes: tuple[str, ...] = ()) -> list[str]:
    return [s.id for s in find(paths, excludes) if isinstance(s, SourceFile)]


def everything(*paths: Path) -> list[Document | Skipped]:
    entries: list[Document | Skipped] = []
    for source in find(paths):
        entries += [source] if isinstance(source, Skipped) else read(source)
    return entries


def only(path: Path) -> Document:
    [document] = everything(path)
    assert isinstance(document, Document), document
    return document


def reason(path: Path) -> str:
    [skipped] = everything(path)
    assert isinstance(skipped, Skipped)
    return skipped.reason


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PROSE)


def test_a_folder_is_walked_in_order_without_hidden_excluded_and_unknown_files(
    tmp_path: Path,
) -> None:
    write(tmp_path, "b.txt", "a/z.md", "a/b.TXT", ".hidden.txt", ".git/c.txt", "d.bin", "old/e.txt")
    assert found(tmp_path) == ["a/b.TXT", "a/z.md", "b.txt", "old/e.txt"]
    assert found(tmp_path, excludes=("old/", "*.md")) == ["a/b.TXT", "b.txt"]
    assert [s for s in find([tmp_path]) if isinstance(s, Skipped)] == []


def test_links_may_not_leave_the_folder_and_circles_end(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(inside, "sub/a.txt", ".store/b.txt")
    write(outside, "secret.txt")
    (inside / "away.txt").symlink_to(outside / "secret.txt")
    (inside / "away").symlink_to(outside)
    (inside / "sub/circle").symlink_to(inside)
    (inside / "0.txt").symlink_to(inside / "sub/a.txt")
    (inside / "kept.txt").symlink_to(inside / ".store/b.txt")
    assert found(inside) == ["sub/a.txt", "kept.txt"]


def test_ids_are_unique_and_each_file_comes_once(tmp_path: Path) -> None:
    write(tmp_path, "one/a.txt", "two/a.txt", "two/b.txt")
    assert found(tmp_path / "one", tmp_path / "two") == ["a.txt", "two/a.txt", "b.txt"]
    assert found(tmp_path / "two/b.txt", tmp_path / "two") == ["b.txt", "a.txt"]


def test_what_is_named_and_cannot_be_read_is_said(tmp_path: Path) -> None:
    write(tmp_path, "picture.png")
    assert "of no kind that can be read" in reason(tmp_path / "picture.png")
    with pytest.raises(SourceError, match="no file or folder"):
        list(find([tmp_path / "absent"]))


def test_names_with_escapes_are_shown_safely_and_still_lead_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a\n\x1b[31mb.txt"
    path.write_text(PROSE)
    odd = path.rename(os.fsdecode(os.fsencode(path) + b"\xff.txt"))
    document = only(tmp_path)
    assert document.id == "a\\n\\x1b[31mb.txt\\udcff.txt"
    assert (document.path.isprintable(), state(document)) == (True, "current")
    odd.unlink()
    assert state(document) == "missing"


@pytest.mark.parametrize(
    "data",
    [
        "Café “au lait” costs £3 — a bargain.".encode(),
        codecs.BOM_UTF8 + "Café “au lait” costs £3 — a bargain.".encode(),
        "Café “au lait” costs £3 — a bargain.".encode("utf-16"),
        "Café “au lait” costs £3 — a bargain.".encode("cp1252"),
    ],
)
def test_text_is_decoded(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert only(tmp_path / "a.txt").text == "Café “au lait” costs £3 — a bargain."


def test_one_bad_file_is_a_reason_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02")
    (tmp_path / "empty.md").write_text("---\ntitle: T\n---\n")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    write(tmp_path, "good.txt")
    reasons = {Path(e.path).name: e.reason for e in everything(tmp_path) if isinstance(e, Skipped)}
    assert reasons["binary.txt"] == "is binary, not text"
    assert reasons["empty.md"] == "has no text"
    assert "cannot be read" in reasons["gone.txt"]
    assert [e.id for e in everything(tmp_path) if isinstance(e, Document)] == ["good.txt"]


def test_a_text_file_knows_its_bytes_and_what_becomes_of_them(tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text(f"Ferry sails again\n\nBy Ada Ash\n\n{PROSE}")
    document = only(path)
    assert (document.title, document.authors) == ("Ferry sails again", ("Ada Ash",))
    assert (document.path, document.sha256) == (str(path), sha256(path.read_bytes()).hexdigest())
    assert state(document) == "current"
    path.write_text("Another text altogether.")
    assert state(document) == "changed"


MARKDOWN = """---
title: "Ferries: a report"
authors: [Ada Ash, Bo Oak]
date: 2016-11-30
source: https://example.org/ferries
tags: [sea, ice]
---
# In *winter*

The [ferry](https://example.org) leaves **early**
and `returns` late.

## Fares

- adults
- children
  - under *five*

| Age | Fare |
|-----|------|
| 5   | free |

```python
if ice:
    stay()
```
"""


def test_markdown_reads_as_its_rendered_page(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(MARKDOWN)
    document = only(tmp_path / "a.md")
    assert document.text.split("\n\n") == [
        "In winter",
        "The ferry leaves early and returns late.",
        "Fares",
        "- adults\n- children\n  - under five",
        "Age: 5; Fare: free",
        "if ice:\n    stay()",
    ]
    assert [(document.text[h.start : h.end], h.level) for h in document.headings] == [
        ("In winter", 1),
        ("Fares", 2),
    ]
    assert (document.title, document.authors, document.published) == (
        "Ferries: a report",
        ("Ada Ash", "Bo Oak"),
        "2016-11-30",
    )
    assert document.metadata["source"] == "https://example.org/ferries"
    assert document.metadata["tags"] == '["sea", "ice"]'


@pytest.mark.parametrize("front", ["a: [", "a: &x [1]\nb: *x", "date: 2016-13-45", "- a list"])
def test_front_matter_that_is_none_stays_text(tmp_path: Path, front: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{front}\n---\n\n{PROSE}\n")
    assert PROSE in only(tmp_path / "a.md").text


def test_a_collection_is_a_document_a_line(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    lines = [
        json.dumps(
            {"_id": "n1", "title": "Ferries", "text": PROSE, "url": "https://example.org", "n": 3}
        ),
        "{broken",
        "",
        json.dumps(["text"]),
        json.dumps({"text": " "}),
        json.dumps({"text": PROSE, "authors": "Ada Ash, Bo Oak", "published": "3 May 2020"}),
    ]
    path.write_text("\n".join(lines))
    entries = everything(path)
    documents = [entry for entry in entries if isinstance(entry, Document)]
    assert [document.id for document in documents] == ["n1", "news.jsonl:6"]
    assert [entry.path for entry in entries if isinstance(entry, Skipped)] == [
        f"{path}:{number}" for number in (2, 4, 5)
    ]
    first, last = documents
    assert (first.title, first.metadata["url"], first.metadata["n"]) == (
        "Ferries",
        "https://example.org",
        "3",
    )
    assert first.sha256 == sha256(lines[0].encode()).hexdigest()
    assert (last.authors, last.published) == (("Ada Ash", "Bo Oak"), "2020-05-03")
    assert [state(document) for document in documents] == ["current", "current"]
    path.write_text("\n".join([*lines[:-1], json.dumps({"text": "Changed."})]))
    assert [state(document) for document in documents] == ["current", "changed"]


def test_a_document_cannot_say_which_file_it_came_from(tmp_path: Path) -> None:
    write(tmp_path, "other.txt")
    names = {"raw_path": str(tmp_path / "other.txt"), "body_start": "none", "line_offset": "x"}
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": PROSE, **names}))
    front = "\n".join(f"{name}: {value}" for name, value in names.items())
    (tmp_path / "b.md").write_text(f"---\n{front}\n---\n\n{PROSE}\n")
    for document in (only(tmp_path / "a.jsonl"), only(tmp_path / "b.md")):
        assert state(document) == "current"
        assert not {"raw_path", "body_start"} & set(document.metadata)


def test_every_suffix_has_a_reader() -> None:
    for suffix, name in READERS.items():
        assert callable(import_module(f"index.sources.{name}").read), suffix
    assert set(EXTRAS) <= set(READERS.values())


def test_a_line_of_many_megabytes_is_left_out_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_text("word " * 2_100_000)
    (tmp_path / "note.txt").write_text("The mill burned down in 1901.\n")
    found = [item for source in find([tmp_path]) for item in read(source)]
    skipped = [item for item in found if isinstance(item, Skipped)]
    assert [Path(item.path).name for item in skipped] == ["dump.txt"]
    assert "10,500,000 characters" in skipped[0].reason
    assert len(found) == 2
