"""What the store keeps, how it is asked, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.draft import Draft
from index.embedding import Encoded
from index.errors import (
    DocumentNotFoundError,
    IndexDamagedError,
    IndexMissingError,
    IndexVersionError,
)
from index.store import Source, Store, embedding_key
from index.types import Document, Heading, Passage, Skipped

SOURCE = Source("/notes/a.md", "/notes", "a.md", 10, 20, "hash")
DOCUMENTS = [
    Document(
        id="trees/ash.md",
        path="/notes/trees/ash.md",
        title="The Ash",
        authors=("Ada Byrne", "Émile Roux"),
        published="2021-05",
        publisher="Grove Press",
        text="Ash\n\nAshes 😀 bud late. They drop their leaves early.",
        sha256="aa",
        metadata={"url": "somewhere"},
        headings=(Heading(0, 3, 1),),
    ),
    Document("ponds.md", "/notes/ponds.md", "Ponds", ("Cy Doe",), "2023", None, "Newts swim.", "b"),
    Document("more/ponds.md", "/notes/more/ponds.md", "Lakes", (), None, None, "Pike lurk.", "c"),
]


def cut(document: Document, *spans: tuple[int, int]) -> list[Passage]:
    return [
        Passage(0, document.id, i, 0, start, end, "Ash", document.text[start:end])
        for i, (start, end) in enumerate(spans)
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    with Store(tmp_path / "index", write=True) as writer:
        draft = Draft(writer, "model")
        draft.source(SOURCE)
        draft.skip(Skipped("/notes/b.md", "is empty"))
        for document in DOCUMENTS:
            start = document.text.rfind("\n") + 1
            spans = [(start, start + 18), (start + 19, len(document.text))] if start else [(0, 9)]
            draft.add(SOURCE.path, document, cut(document, *spans))
        for batch in draft.batches(2):
            vectors = np.eye(4, dtype=np.float32)[[len(text) % 4 for text in batch.values()]]
            draft.embed(batch, Encoded(vectors, tuple(map(str.encode, batch.values()))))
        draft.commit([], [], {"generation": "1", "fingerprint": "model"})
    with Store(tmp_path / "index") as opened:
        yield opened


def test_documents_come_back_as_they_went_in(store: Store) -> None:
    for document in DOCUMENTS:
        assert store.document(document.id) == document
    assert [document.title for document in store.documents()] == ["Lakes", "Ponds", "The Ash"]
    light = store.documents(texts=False)
    assert [document.id for document in light] == [document.id for document in store.documents()]
    assert {document.text for document in light} == {""}
    assert store.source_of("ponds.md") == SOURCE
    assert store.skipped() == (Skipped("/notes/b.md", "is empty"),)


def test_passages_are_spans_of_their_documents(store: Store) -> None:
    ids = store.passage_ids()
    assert (ids.dtype, list(ids)) == (np.int64, [1, 2, 3, 4])
    passages = store.passages([2, 4, 1])
    assert [p.id for p in passages] == [2, 4, 1]
    for passage in passages:
        assert store.document(passage.document_id).text[passage.start : passage.end] == passage.text
    assert [p.text for p in store.passages_of("trees/ash.md")] == [
        "Ashes 😀 bud late. ",
        "hey drop their leaves early.",
    ]
    assert store.document_ids_of([4, 1]) == ["more/ponds.md", "trees/ash.md"]
    assert store.passages_of("nothing") == []


def test_vectors_and_states_follow_the_order_asked(store: Store) -> None:
    texts = {p.id: p.text for p in store.passages(store.passage_ids())}
    ids = [4, 2, 1]
    expected = np.eye(4, dtype=np.float32)[[len(texts[i]) % 4 for i in ids]]
    np.testing.assert_array_equal(store.vectors(ids), expected)
    assert store.states(ids) == [texts[i].encode() for i in ids]
    assert store.vectors([]).shape == (0, store.dimension) == (0, 4)


def test_an_id_that_is_gone_is_never_passed_over(store: Store) -> None:
    for ask in (store.passages, store.vectors, store.states, store.document_ids_of):
        with pytest.raises(IndexDamagedError, match="lacks"):
            ask([1, 77])


def test_a_key_is_of_model_and_text() -> None:
    keys = {embedding_key(model, text) for model in ("m", "n") for text in ("a", "b")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {16}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ponds.md", "ponds.md"),
        ("/notes/ponds.md", "ponds.md"),
        ("ash.md", "trees/ash.md"),
        ("trees\\ash.md", "trees/ash.md"),
        ("./trees/ash.md", "trees/ash.md"),
        ("the ash", "trees/ash.md"),
        ("LAKES", "more/ponds.md"),
    ],
)
def test_a_document_is_found_by_any_of_its_names(store: Store, name: str, found: str) -> None:
    assert store.find_document(name).id == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pnods.md", "did you mean 'ponds.md'"),
        ("lake", "did you mean 'Lakes'"),
        ("onds.md", "quoth index list"),
        ("", "quoth index list"),
        ("%", "quoth index list"),
    ],
)
def test_what_is_not_found_names_what_comes_near(store: Store, name: str, said: str) -> None:
    with pytest.raises(DocumentNotFoundError, match=said):
        store.find_document(name)


def test_an_ambiguous_name_is_not_guessed(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "index", write=True) as writer:
        writer.rows("UPDATE documents SET title = 'Water' WHERE title <> 'The Ash'")
    with pytest.raises(DocumentNotFoundError, match=r"may mean 2 documents.*more/ponds\.md"):
        store.find_document("water")


def test_passages_are_found_by_their_documents(store: Store) -> None:
    assert list(store.passages_in(["more/ponds.md", "trees/ash.md", "none such"])) == [1, 2, 4]
    assert list(store.passages_in([])) == []


def test_many_threads_may_ask_at_once(store: Store) -> None:
    def ask(number: int) -> str:
        with store.snapshot() as generation:
            assert generation == 1
            return store.passages([1 + number % 4])[0].text

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(ask, range(400)))
    assert texts == [store.passages([1 + number % 4])[0].text for number in range(400)]


def test_named_values_are_kept(store: Store, tmp_path: Path) -> None:
    with Store(tmp_path / "index", write=True) as writer:
        writer.set_meta("calibration", "{}")
        writer.set_meta("calibration", "[1]")
    assert store.meta("calibration") == "[1]"
    assert store.meta("none such") is None


def test_what_fails_half_way_leaves_nothing(store: Store, tmp_path: Path) -> None:
    def fail(writer: Store) -> None:
        with writer.transaction():
            writer.rows("DELETE FROM documents")
            raise KeyboardInterrupt

    with Store(tmp_path / "index", write=True) as writer, pytest.raises(KeyboardInterrupt):
        fail(writer)
    assert len(store.passage_ids()) == 4


def test_no_index_is_said_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="quoth index build"):
        Store(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "store.sqlite").touch()
    with pytest.raises(IndexMissingError, match="never finished"):
        Store(tmp_path)
    Store(tmp_path, write=True).close()
    with pytest.raises(IndexMissingError, match="never finished"):
        Store(tmp_path)


def test_another_version_is_said(store: Store, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "index" / "store.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for write in (False, True):
        with pytest.raises(IndexVersionError, match="newer version"):
            Store(tmp_path / "index", write=write)


@pytest.mark.parametrize("write", [False, True])
def test_a_damaged_store_is_said(store: Store, tmp_path: Path, write: bool) -> None:
    store.close()
    path = tmp_path / "index" / "store.sqlite"
    path.write_bytes(b"This is no database. " * 400)
    with pytest.raises(IndexDamagedError, match="quoth index repair"):
        Store(tmp_path / "index", write=write)


def test_a_store_that_nobody_can_write_can_be_read(store: Store, tmp_path: Path) -> None:
    store.close()
    folder = tmp_path / "index"
    (folder / "store.sqlite").chmod(0o400)
    folder.chmod(0o500)
    try:
        with Store(folder) as opened:
            assert len(opened.documents()) == 3
    finally:
        folder.chmod(0o700)
