"""Making an index and keeping it up to date, as a user sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.build import build, rebuild, remove, status
from index.caches import open_caches
from index.embedding import Encoded
from index.errors import (
    DocumentNotFoundError,
    IndexLockedError,
    IndexMissingError,
    SourceError,
)
from index.lock import locked
from index.store import Store
from index.types import BuildReport, Progress
from index.verify import verify
from tests.fakes import HashEmbedder

TEXTS = {
    "harbour.md": "The harbour master rings a brass bell at dawn. Boats answer with their horns.",
    "orchard.md": "Quinces ripen late in the walled orchard. The wasps know it before we do.",
    "deep/mine.md": "Miners left chalk marks on the timber. Each mark is a day underground.",
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    for name, text in TEXTS.items():
        write(folder / name, text)
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def report(
    paths: Sequence[Path], directory: Path, embedder: HashEmbedder, excludes: Sequence[str] = ()
) -> BuildReport:
    last = list(build(paths, directory, embedder=embedder, excludes=excludes))[-1]
    assert isinstance(last, BuildReport)
    return last


def found(directory: Path, text: str, k: int = 1) -> list[str]:
    """The texts of the best passages by their words, checked against what vectors find."""
    with Store(directory) as store:
        vectors, lexical = open_caches(directory, store)
        assert sorted(vectors.ids()) == sorted(lexical.ids()) == list(store.passage_ids())
        return [passage.text for passage in store.passages(i for i, _ in lexical.search(text, k))]


def test_a_build_says_how_far_it_is_and_what_it_did(notes: Path, tmp_path: Path) -> None:
    events = list(build([notes], tmp_path / "index", embedder=HashEmbedder()))
    stages = list(dict.fromkeys(event.stage for event in events if isinstance(event, Progress)))
    assert stages == ["scan", "read", "embed", "write"]
    embed = [e for e in events if isinstance(e, Progress) and e.stage == "embed"]
    assert (embed[0].done, embed[-1].done) == (0, embed[-1].total)
    last = events[-1]
    assert isinstance(last, BuildReport)
    assert (last.generation, last.added, last.documents, last.skipped) == (1, 3, 3, ())
    assert last.embedded == last.passages == 3
    assert "brass bell" in found(tmp_path / "index", "bells in the harbour")[0]
    assert verify(tmp_path / "index") == []


def test_the_index_is_the_users_own(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    assert index.stat().st_mode & 0o777 == 0o700
    for name in ("lexical", "vectors"):
        assert (index / name).stat().st_mode & 0o777 == 0o700
    for name in ("store.sqlite", "vectors/stamp.json", "lock"):
        assert (index / name).stat().st_mode & 0o777 == 0o600


def test_only_what_changed_is_embedded(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    embedder = HashEmbedder()
    write(notes / "orchard.md", "Quinces ripen late in the orchard by the river.")
    write(notes / "new.md", "A heron stands in the mill race.")
    (notes / "harbour.md").unlink()
    last = report([notes], index, embedder)
    assert sorted(embedder.embedded) == [
        "A heron stands in the mill race.",
        "Quinces ripen late in the orchard by the river.",
    ]
    assert (last.added, last.changed, last.removed, last.unchanged) == (1, 1, 1, 1)
    assert (last.generation, last.embedded, last.documents) == (2, 2, 3)
    assert found(index, "harbour bell") == []
    assert found(index, "heron") == ["A heron stands in the mill race."]
    assert verify(index) == []


def test_nothing_changed_is_no_new_generation_and_loads_no_model(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    os.utime(notes / "orchard.md", (1, 1))
    embedder = HashEmbedder()
    last = report([], index, embedder)
    assert (last.generation, last.unchanged, last.embedded) == (1, 3, 0)
    assert embedder.embedded == []
    with Store(index) as store:
        assert store.source_of("orchard.md").mtime_ns == 1_000_000_000


def test_a_renamed_file_and_a_text_twice_are_not_embedded_again(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    (notes / "orchard.md").rename(notes / "quinces.md")
    write(notes / "copy.md", TEXTS["harbour.md"])
    embedder = HashEmbedder()
    last = report([notes], index, embedder)
    assert embedder.embedded == []
    assert (last.added, last.renamed, last.removed, last.documents) == (1, 1, 0, 4)
    assert verify(index) == []


def test_one_line_of_a_collection_changes_alone(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    lines = [{"_id": f"d{i}", "title": f"T{i}", "text": f"Fact number {i} is here."} for i in "123"]
    write(path, "\n".join(map(json.dumps, lines)))
    report([path], tmp_path / "index", HashEmbedder())
    with Store(tmp_path / "index") as store:
        before = {p.text: p.id for p in store.passages(store.passage_ids())}
    lines[1]["text"] = "Fact number two is another."
    write(path, "\n".join(map(json.dumps, lines)))
    embedder = HashEmbedder()
    last = report([path], tmp_path / "index", embedder)
    assert embedder.embedded == ["Fact number two is another."]
    assert (last.changed, last.unchanged) == (1, 2)
    with Store(tmp_path / "index") as store:
        after = {p.text: p.id for p in store.passages(store.passage_ids())}
    assert after["Fact number two is another."] > max(before.values())
    del before["Fact number 2 is here."], after["Fact number two is another."]
    assert before == after


def test_a_bad_file_is_listed_and_the_rest_goes_on(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    (notes / "orchard.md").write_bytes(b"")
    write(notes / "some.jsonl", '{"_id": "a", "text": "A fine line."}\n{nonsense\n')
    for _ in range(2):
        last = report([notes], index, HashEmbedder())
        skipped = {Path(item.path).name for item in last.skipped}
        assert skipped == {"orchard.md", "some.jsonl:2"}
        assert all(item.reason for item in last.skipped)
        assert last.documents == 3
    assert status(index).skipped == last.skipped
    write(notes / "orchard.md", TEXTS["orchard.md"])
    assert len(report([notes], index, HashEmbedder()).skipped) == 1


def test_an_id_that_is_taken_is_said_and_tried_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write(first, '{"_id": "same", "text": "The first holds the name."}')
    write(second, '{"_id": "same", "text": "The second wants it too."}')
    index = tmp_path / "index"
    last = report([first, second], index, HashEmbedder())
    assert last.documents == 1
    assert "'same' is already that of a document in" in last.skipped[0].reason
    last = report([second], index, HashEmbedder())
    assert last.skipped == ()
    assert found(index, "second") == ["The second wants it too."]


def test_the_roots_given_become_the_index(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    last = report([notes / "harbour.md"], index, HashEmbedder())
    assert (last.removed, last.documents) == (2, 1)
    assert status(index).sources == (str(notes / "harbour.md"),)


@pytest.mark.parametrize("left", ["nothing", "unreadable"])
def test_nothing_to_index_is_refused_and_the_former_index_stays(
    left: str, notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    empty = tmp_path / "empty"
    empty.mkdir()
    if left == "unreadable":
        (empty / "hollow.md").write_bytes(b"")
    with pytest.raises(SourceError, match="name files or folders"):
        report([empty], index, HashEmbedder())
    assert status(index).generation == 1
    assert found(index, "quinces")
    with pytest.raises(SourceError):
        report([empty], tmp_path / "other", HashEmbedder())
    with pytest.raises(IndexMissingError, match="quoth index build"):
        status(tmp_path / "other")


def test_another_model_embeds_everything_and_says_so(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    other = HashEmbedder("other", dimension=16)
    events = list(build([], index, embedder=other))
    assert isinstance(events[0], Progress)
    assert "model changed" in events[0].detail
    assert len(other.embedded) == 3
    assert status(index).model == "other"
    with Store(index) as store:
        assert store.dimension == 16
        assert store.count("embeddings") == 6  # the former model's are kept for undo
    assert found(index, "quinces")
    assert verify(index) == []


def test_a_changed_rule_of_cutting_is_noticed(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    with Store(index, write=True) as store:
        store.set_meta("chunking", "an older one")
    embedder = HashEmbedder()
    events = list(build([], index, embedder=embedder))
    assert isinstance(events[0], Progress)
    assert "chunking rules changed" in events[0].detail
    assert embedder.embedded == []
    assert status(index).generation == 2
    assert verify(index) == []


def test_rebuild_reads_all_and_embeds_nothing(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    remove(index, ["orchard.md"])
    embedder = HashEmbedder()
    last = list(rebuild(index, embedder=embedder))[-1]
    assert isinstance(last, BuildReport)
    assert (last.changed, last.added, last.documents) == (2, 1, 3)
    assert embedder.embedded == []  # what was removed is kept for undo
    with pytest.raises(IndexMissingError):
        list(rebuild(tmp_path / "nowhere", embedder=embedder))
    assert not (tmp_path / "nowhere").exists()


def test_a_removed_document_stays_out_until_its_file_changes(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    with pytest.raises(DocumentNotFoundError):
        remove(index, ["orchard.md", "no such"])
    last = remove(index, ["Orchard", "mine.md"])
    assert (last.removed, last.documents, last.generation) == (2, 1, 2)
    assert found(index, "quinces") == []
    assert verify(index) == []
    assert report([], index, HashEmbedder()).documents == 1
    write(notes / "orchard.md", "Quinces again.")
    assert report([], index, HashEmbedder()).documents == 2
    with pytest.raises(SourceError, match="delete the folder"):
        remove(index, ["orchard.md", "harbour.md"])


def test_a_second_builder_is_told_who_is_at_work(notes: Path, tmp_path: Path) -> None:
    with (
        locked(tmp_path / "index"),
        pytest.raises(IndexLockedError, match=rf"process {os.getpid()}; wait"),
    ):
        report([notes], tmp_path / "index", HashEmbedder())
    assert report([notes], tmp_path / "index", HashEmbedder()).documents == 3


def test_closing_the_iterator_leaves_the_former_generation(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    write(notes / "new.md", "A heron stands in the mill race.")
    for stage in ("scan", "read", "embed", "write"):
        events = build([notes], index, embedder=HashEmbedder())
        next(event for event in events if isinstance(event, Progress) and event.stage == stage)
        events.close()  # type: ignore[attr-defined]
        assert status(index).generation == 1
        assert found(index, "heron") == []
    assert report([notes], index, HashEmbedder()).embedded <= 1


CHILD = """
import os, signal, sys
from index.build import build
from tests.fakes import HashEmbedder

class Dying(HashEmbedder):
    def encode(self, texts):
        if len(self.embedded) >= int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().encode(texts)

list(build([sys.argv[1]], sys.argv[2], embedder=Dying()))
"""


def test_a_build_that_is_killed_resumes_where_it_was(tmp_path: Path) -> None:
    notes, index = tmp_path / "notes", tmp_path / "index"
    write(notes / "old.md", "The lighthouse keeper wrote every night.")
    report([notes], index, HashEmbedder())
    for number in range(200):
        write(notes / f"{number}.md", f"Entry {number} tells of ship {number * 7}.")
    killed = subprocess.run(
        [sys.executable, "-c", CHILD, str(notes), str(index), "100"], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert status(index).generation == 1
    assert found(index, "lighthouse") == ["The lighthouse keeper wrote every night."]
    assert verify(index) == []
    embedder = HashEmbedder()
    last = report([notes], index, embedder)
    assert (last.documents, last.embedded) == (201, len(embedder.embedded))
    assert 0 < last.embedded <= 136  # a batch is embedded ahead of the one that is written
    assert verify(index) == []


def test_a_model_that_breaks_down_leaves_what_was_done(notes: Path, tmp_path: Path) -> None:
    class Failing(HashEmbedder):
        def encode(self, texts: Sequence[str]) -> Encoded:
            raise MemoryError(len(texts))

    with pytest.raises(MemoryError):
        report([notes], tmp_path / "index", Failing())
    assert report([notes], tmp_path / "index", HashEmbedder()).embedded == 3


def test_a_reader_sees_one_generation_while_the_next_is_committed(
    notes: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    report([notes], index, HashEmbedder())
    with Store(index) as store:
        with store.snapshot() as generation:
            ids = store.passage_ids()
            (notes / "orchard.md").unlink()
            assert report([notes], index, HashEmbedder()).generation == 2
            assert (store.generation, generation) == (1, 1)
            assert any("Quinces" in passage.text for passage in store.passages(ids))
            vectors, lexical = open_caches(index, store)
            assert len(vectors.ids()) == lexical.count == 3
        assert store.generation == 2
        assert len(store.passage_ids()) == 2


def test_building_what_is_up_to_date_imports_no_model(tmp_path: Path) -> None:
    code = (
        "import sys; from index import build; a = sys.argv; list(build([a[1]], a[2]));"
        "print(','.join({'torch', 'transformers', 'sentence_transformers', 'faiss', 'tantivy'}"
        " & set(sys.modules)))"
    )
    write(tmp_path / "notes" / "one.md", TEXTS["harbour.md"])
    command = [sys.executable, "-c", code, str(tmp_path / "notes"), str(tmp_path / "index")]
    outputs = [
        subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(2)
    ]
    assert "tantivy" in outputs[0].stdout.strip().split(",")
    assert [outputs[1].stdout, outputs[0].stderr, outputs[1].stderr] == ["\n", "", ""]


NAMES = st.sampled_from(["a.md", "b.md", "c/d.md"])
SENTENCES = st.lists(
    st.sampled_from(["The owl hunts.", "A fox sleeps.", "Rain fell on the fox.", "Owls rest."]),
    min_size=1,
    max_size=3,
).map(" ".join)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    before=st.dictionaries(NAMES, SENTENCES, min_size=1),
    after=st.dictionaries(NAMES, SENTENCES, min_size=1),
)
def test_update_then_search_is_build_then_search(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str]
) -> None:
    base = tmp_path_factory.mktemp("property")
    notes = base / "notes"
    for texts in (before, after):
        for path in sorted(notes.rglob("*.md")):
            path.unlink()
        for name, text in texts.items():
            write(notes / name, text)
        report([notes], base / "updated", HashEmbedder())
    report([notes], base / "built", HashEmbedder())
    assert verify(base / "updated") == []
    results = []
    for index in (base / "updated", base / "built"):
        with Store(index) as store:
            vectors, lexical = open_caches(index, store)
            by_word = lexical.search("foxes and owls", 10)
            query = HashEmbedder().encode_query("the fox").vector[None]
            scores, ids = vectors.search(query, 10)
            by_vector = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
            results.append(
                [
                    sorted(
                        (store.passages([i])[0].document_id, store.passages([i])[0].text, score)
                        for i, score in ranked
                    )
                    for ranked in (by_word, by_vector)
                ]
            )
    assert results[0][0] == pytest.approx(results[1][0])
    assert results[0][1] == pytest.approx(results[1][1])


def test_a_text_that_stands_in_many_documents_is_embedded_once(tmp_path: Path) -> None:
    """Also while the batch that it is in is still in the making, and others follow."""
    for number in range(40):
        texts = [f"Line {number} {place} tells of something else." for place in range(30)]
        body = "\n\n".join(f"# {place}\n\n{text}" for place, text in enumerate(texts))
        write(tmp_path / "notes" / f"{number:02}.md", f"{body}\n\n# End\n\nAll rights are ours.")
    embedder = HashEmbedder()
    last = report([tmp_path / "notes"], tmp_path / "index", embedder)
    assert last.embedded == len(embedder.embedded) == len(set(embedder.embedded)) > 1_024
