"""Bundles: what `quoth verify` says of them, whole, stale, forged, truncated and hostile."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.build import build
from index.store import Store
from qa.bundle import LARGEST, digest, digest_of, load, make
from qa.errors import BundleError
from qa.types import Answer, Kept
from qa.verify import Verified, alone, in_files, in_index
from tests import test_cli
from tests.fakes import HashEmbedder
from tests.test_cli import Quoth
from tests.ui.fake import citation, hostile, mill, refusal

FIRST, SECOND = "The creek fills twice a day [sic].", "Nobody knows who laid the first stone."
TEXT = f"{FIRST} {SECOND}\n"
quoth = test_cli.quoth  # the fixture
WHEN = "2026-01-02T03:04:05.000+00:00"
Json = dict[str, Any]


@pytest.fixture
def books(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "creek.txt").write_text(TEXT)
    (folder / "other.txt").write_text("Sheep refuse to cross the footbridge in the evening.\n")
    return folder


@pytest.fixture
def index(tmp_path: Path, books: Path) -> Path:
    list(build([books], tmp_path / "index", embedder=HashEmbedder()))
    return tmp_path / "index"


def answer(store: Store) -> Answer:
    """An answer with two true quotes, one of which has brackets of its own."""
    document = store.document("creek.txt")
    cited = citation(1, document, FIRST), citation(2, document, SECOND)
    points = mill("").points[:2]
    points = (
        replace(points[0], text=FIRST, context="in “Creeks [9]”"),
        replace(points[1], text=SECOND),
    )
    return replace(
        mill("Who laid the stone?"),
        citations=cited,
        hits=tuple(c.hit for c in cited),
        points=points,
        text="\n".join(point.line for point in points),
        short_answer="Nobody",
        conflicts=(),
    )


@pytest.fixture
def bundle(index: Path) -> Json:
    with Store(index) as store:
        turns = [Kept(answer(store), WHEN, "f" * 64), Kept(refusal("Which submarine?"), WHEN)]
        content: Json = json.loads(make("Stones", turns))
        return content


def again(content: Json) -> Json:
    """Forge: the digest over all is made anew."""
    return {**content, "sha256": digest_of(content)}


def outcomes(found: Verified) -> list[str]:
    return [check.outcome for check in found.checks]


def test_a_bundle_names_all_that_can_be_checked(bundle: Json) -> None:
    turn = bundle["turns"][0]
    cited = turn["citations"][1]
    assert turn["index"].keys() == {"fingerprint", "generation", "passages", "model"}
    assert cited["quote"] == SECOND == TEXT[cited["start"] : cited["end"]]
    assert cited["quote_sha256"] == digest(SECOND)
    assert len(cited["document"]["sha256"]) == 64
    assert bundle["sha256"] == digest_of(bundle)


def test_a_whole_bundle_holds_by_itself_in_its_index_and_in_its_files(
    bundle: Json, index: Path, books: Path
) -> None:
    with Store(index) as store:
        for found in (alone(bundle), in_index(bundle, store), in_files(bundle, [str(books)])):
            assert found.ok
            assert outcomes(found) == ["holds", "holds"]
            assert found.to_dict()["ok"] is True


@pytest.mark.parametrize("make_answer", [mill, hostile])
def test_bundles_of_what_the_screens_show_hold(make_answer: Callable[[str], Answer]) -> None:
    given = make_answer("Who \ud83d?")
    points = tuple(
        replace(p, text=given.citations[p.citations[0] - 1].quote.text) for p in given.points
    )
    text = "\n".join(point.line for point in points)
    short = None
    whole = replace(given, points=points, text=text, short_answer=short)
    content = json.loads(make("T", [Kept(whole, WHEN)]))
    assert alone(content).problems == ()


def test_the_same_index_is_recognised(index: Path) -> None:
    from qa.resuming import fingerprint_of

    with Store(index) as store:
        kept = Kept(answer(store), WHEN, fingerprint_of(store))
        assert in_index(json.loads(make("T", [kept])), store).same_index is True
        store_other = replace(kept, fingerprint="0" * 64)
        assert in_index(json.loads(make("T", [store_other])), store).same_index is False


def _quote(content: Json) -> None:
    content["turns"][0]["citations"][1]["quote"] = SECOND.replace("Nobody", "Jane B")


def _place(content: Json) -> None:
    cited = content["turns"][0]["citations"][1]
    cited["start"], cited["end"] = cited["start"] + 1, cited["end"] + 1


def _answer(content: Json) -> None:
    content["turns"][0]["answer"] += "\nAnd the mayor agrees [2]."


def _number(content: Json) -> None:
    content["turns"][0]["citations"][1]["number"] = 3


def _short(content: Json) -> None:
    content["turns"][0]["short_answer"] = "Somebody"


def _point(content: Json) -> None:
    content["turns"][0]["points"][0]["text"] = "The creek is dry."


def _dropped(content: Json) -> None:
    del content["turns"][0]["citations"][1]


@pytest.mark.parametrize("forge", [_quote, _place, _answer, _number, _short, _point, _dropped])
def test_anything_altered_is_noticed_without_any_document(bundle: Json, forge: Any) -> None:
    forge(bundle)
    assert not alone(bundle).ok
    assert alone(bundle).problems


@pytest.mark.parametrize("forge", [_number, _short, _point, _dropped])
def test_contradictions_are_noticed_though_the_digest_was_made_anew(
    bundle: Json, forge: Any
) -> None:
    forge(bundle)
    assert not alone(again(bundle)).ok


def test_a_forger_who_makes_every_digest_anew_is_caught_by_the_document(
    bundle: Json, index: Path, books: Path
) -> None:
    cited, point = bundle["turns"][0]["citations"][1], bundle["turns"][0]["points"][1]
    false = SECOND.replace("Nobody", "Jane B")
    bundle["turns"][0]["answer"] = bundle["turns"][0]["answer"].replace(SECOND, false)
    bundle["turns"][0]["short_answer"] = None
    cited["quote"] = point["text"] = false
    cited["quote_sha256"] = digest(false)
    forged = again(bundle)
    assert alone(forged).ok
    with Store(index) as store:
        assert outcomes(in_index(forged, store)) == ["holds", "tampered"]
    assert outcomes(in_files(forged, [str(books)])) == ["holds", "tampered"]


def test_changed_and_missing_documents_are_told_apart(
    bundle: Json, tmp_path: Path, books: Path
) -> None:
    (books / "creek.txt").write_text(TEXT.replace("stone", "brick"))
    found = in_files(bundle, [str(books)])
    assert outcomes(found) == ["changed", "changed"]
    assert [check.detail for check in found.checks] == [
        "the document has changed; the words still stand there",
        "the document has changed; the words no longer stand there",
    ]
    assert outcomes(in_files(bundle, [str(books / "other.txt")])) == ["missing", "missing"]


def test_a_renamed_file_is_known_by_its_digest(bundle: Json, books: Path) -> None:
    (books / "creek.txt").rename(books / "brook.md.txt")
    assert in_files(bundle, [str(books)]).ok


# What may come from anywhere


def _written(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "bundle.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "data",
    ["", "null", "[]", "{}", "{" * 50_000, "[" * 200_000, b"\xff\xfe\x00", "\ufeff{}",
     '"quoth-bundle"', '{"format": "quoth-bundle"}',
     '{"format": "quoth-bundle", "version": 1, "turns": {}}',
     '{"format": "quoth-bundle", "version": 1, "turns": [], "sha256": 5}',
     '{"format": "quoth-bundle", "version": true, "turns": [], "sha256": ""}',
     '{"format": "quoth-bundle", "version": 1, "turns": [7], "sha256": ""}',
     '{"format": "quoth-bundle", "version": 1, "turns": [], "turns": [], "sha256": ""}',
     '{"format": "quoth-bundle", "version": NaN, "turns": [], "sha256": ""}',
     '{"format": "quoth-bundle", "version": 1, "title": "\\ud83d", "turns": [], "sha256": ""}',
     f'{{"format": "quoth-bundle", "version": {"9" * 5_000}, "turns": [], "sha256": ""}}'],
)  # fmt: skip
def test_what_is_no_bundle_is_one_sentence(
    tmp_path: Path,
    quoth: Quoth,
    data: str | bytes,
) -> None:
    path = _written(tmp_path, data)
    with pytest.raises(BundleError, match=r"is no bundle that could be checked \("):
        load(path)
    done = quoth("verify", path, "--alone")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"quoth: {path} is no bundle")
    assert done.err.count("\n") == 1


def test_a_truncated_bundle_is_one_sentence_wherever_it_ends(tmp_path: Path, bundle: Json) -> None:
    whole = json.dumps(bundle)
    for end in range(0, len(whole), 97):
        with pytest.raises(BundleError):
            load(_written(tmp_path, whole[:end]))


@pytest.mark.parametrize("value", [None, True, -1, 2**70, "x", [], {}, [[]], [None], [True]])
def test_any_part_of_another_kind_is_one_sentence_or_does_not_hold(
    tmp_path: Path, bundle: Json, value: object
) -> None:
    def parts(place: Any) -> Any:
        for key in list(place) if isinstance(place, dict) else range(len(place)):
            yield place, key
            if isinstance(place[key], dict | list):
                yield from parts(place[key])

    for place, key in list(parts(bundle)):
        former, place[key] = place[key], value
        try:
            found = alone(load(_written(tmp_path, json.dumps(bundle))))
        except BundleError:
            pass
        else:
            assert not found.ok or former == value
        place[key] = former


def test_a_newer_bundle_and_a_huge_one_are_said_to_be_so(tmp_path: Path, bundle: Json) -> None:
    with pytest.raises(BundleError, match="newer version"):
        load(_written(tmp_path, json.dumps({**bundle, "version": 2})))
    path = _written(tmp_path, "")
    os.truncate(path, LARGEST + 1)
    with pytest.raises(BundleError, match="larger than 64 MB"):
        load(path)
    with pytest.raises(BundleError, match="cannot be read"):
        load(tmp_path)


# The command


@pytest.fixture
def file(tmp_path: Path, bundle: Json) -> Path:
    return _written(tmp_path, json.dumps(bundle))


def test_verify_prints_a_line_for_every_citation(
    quoth: Quoth,
    file: Path,
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUOTH_INDEX", str(tmp_path / "none"))
    done = quoth("verify", file, "--index", index)
    assert done.code == 0
    assert done.out.splitlines() == [
        "holds     question 1 [1] creek, characters 0 to 34: stands there, in the same document",
        "holds     question 1 [2] creek, characters 35 to 73: stands there, in the same document",
    ]
    assert "All 2 citations hold" in done.err
    assert "its own digests alone" in quoth("verify", file).err
    assert quoth("verify", file, "--index", tmp_path / "none").code == 1
    assert quoth("verify", file, "--quiet").err == ""
    assert quoth("verify", file, "--json", "--alone").json["checks"][1]["outcome"] == "holds"


def test_verify_says_in_one_sentence_why_not_all_holds(
    quoth: Quoth,
    file: Path,
    books: Path,
    bundle: Json,
    tmp_path: Path,
) -> None:
    other = quoth("verify", file, books / "other.txt")
    assert (other.code, other.out.count("missing ")) == (1, 2)
    assert "name them after the file" in other.err
    (books / "creek.txt").write_text(TEXT.replace("stone", "brick"))
    changed = quoth("verify", file, books)
    assert (changed.code, changed.out.count("changed ")) == (1, 2)
    assert "2 of 2 citations do not hold" in changed.err
    _short(bundle)
    forged = quoth("verify", _written(tmp_path, json.dumps(bundle)), books, "--json")
    assert (forged.code, forged.json["ok"]) == (1, False)
    assert "tampered with" in forged.err
    assert quoth("verify", file, books / "nowhere").code == 1


def test_nothing_in_a_bundle_reaches_the_terminal_as_an_escape(
    quoth: Quoth,
    tmp_path: Path,
    bundle: Json,
) -> None:
    bundle["turns"][0]["citations"][0]["document"]["title"] = "\x1b]0;gone\x07\x1b[31m\nholds"
    done = quoth("verify", _written(tmp_path, json.dumps(again(bundle))), "--alone")
    assert "\x1b" not in done.out
    assert len(done.out.splitlines()) == 2
