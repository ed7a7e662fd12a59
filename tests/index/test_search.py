"""Searching as a caller sees it: over real caches and a real store, which others may change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.build import build
from index.errors import ModelError
from index.search import Searcher
from index.store import Store
from index.types import Hit
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parents[2]
TEXTS = {
    "harbour.md": "The harbour master rings a brass bell at dawn. Boats answer with their horns.",
    "orchard.md": "Quinces ripen late in the walled orchard. The wasps know it before we do.",
    "mine.md": "Miners left chalk marks on the timber. Each mark is a day underground.",
    "ledger.md": "\n\n".join(
        f"Lot {n} was sold to bidder {n * 7}. It held {what} from {where}, packed in straw by "
        f"the porters of hall {n % 5} on the evening of day {n + 3}, and was weighed twice before "
        f"the clerk of bench {n * 3} entered {what} under folio {n + 200} of the yellow ledger."
        for n, (what, where) in enumerate(
            (what, where)
            for what in ("amber", "velvet", "cinnamon", "pewter", "parchment", "walnut", "copper")
            for where in ("Riga", "Lisbon", "Tunis", "Bergen")
        )
    ),
}
QUESTIONS = (
    "Who rings the bell?",
    "amber from Riga",
    "wasps",
    "the",
    "zzz qqq",
    "folio 212 lot 12",
)


def write(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def made(folder: Path, index: Path) -> Path:
    list(build([folder], index, embedder=HashEmbedder()))
    return index


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    return made(write(folder / "notes", TEXTS), folder / "index")


@pytest.fixture(scope="module")
def searcher(index: Path) -> Iterator[Searcher]:
    with Searcher.open(index, HashEmbedder()) as searcher:
        yield searcher


def where(hits: Sequence[Hit]) -> list[tuple[str, int, int]]:
    return [(hit.document.id, hit.passage.start, hit.passage.end) for hit in hits]


@pytest.mark.parametrize("words_only", [False, True])
@pytest.mark.parametrize("k", [1, 10, 1_000])
@pytest.mark.parametrize("question", QUESTIONS)
def test_hits_are_sorted_distinct_and_verbatim(
    searcher: Searcher, question: str, k: int, words_only: bool
) -> None:
    hits = searcher.search(question, k, words_only=words_only)
    scores = [hit.score for hit in hits]
    assert len(hits) <= k
    assert len(hits) > 0 or words_only
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 + 1e-6 for score in scores)
    assert len({hit.passage.id for hit in hits}) == len(hits)
    for hit in hits:
        passage = hit.passage
        assert hit.document.text[passage.start : passage.end] == passage.text
        assert passage.document_id == hit.document.id
        assert {"dense", "bm25", "hybrid"} <= hit.signals.keys()
        assert np.isfinite(list(hit.signals.values())).all()


@pytest.mark.parametrize("question", QUESTIONS)
def test_asking_for_fewer_is_the_beginning_of_asking_for_more(
    searcher: Searcher, question: str
) -> None:
    many = searcher.search(question, 40)
    assert where(searcher.search(question, 3)) == where(many)[:3]
    assert searcher.search(question, 40) == many
    assert searcher.search(question, 0) == []


def test_a_passages_own_words_find_it(searcher: Searcher) -> None:
    for passage in searcher.store.passages(searcher.store.passage_ids()):
        for words_only in (False, True):
            (best,) = searcher.search(passage.text, 1, words_only=words_only)
            assert best.passage == passage


def test_only_allowed_passages_are_found(searcher: Searcher) -> None:
    ids = searcher.store.passage_ids()
    for words_only in (False, True):
        every = searcher.search("amber from Riga", 1_000, words_only=words_only)
        best = every[0].passage.id
        some = np.setdiff1d(ids[::2], [best])
        hits = searcher.search("amber from Riga", 1_000, allowed=some, words_only=words_only)
        assert hits
        assert {hit.passage.id for hit in hits} <= set(some.tolist())
        none = np.empty(0, np.int64)
        assert searcher.search("amber", 10, allowed=none, words_only=words_only) == []
    only = np.array([ids[0], 10**9])  # an id that no passage has leaves the others
    assert [hit.passage.id for hit in searcher.search("wasps", 10, allowed=only)] == [ids[0]]


def test_passages_left_out_leave_room_for_others(searcher: Searcher) -> None:
    query = searcher.query("Who rings the bell?", searcher.encode("Who rings the bell?"))
    first = searcher.rank([(query, 1.0)], 3)
    out = frozenset(hit.passage.id for hit in first)
    second = searcher.rank([(query, 1.0)], 3, without=out)
    assert len(second) == 3
    assert not out & {hit.passage.id for hit in second}
    everything = frozenset(searcher.store.passage_ids().tolist())
    assert searcher.rank([(query, 1.0)], 3, without=everything) == []


def test_a_second_form_of_the_question_brings_its_own_candidates(searcher: Searcher) -> None:
    forms = [(searcher.query(text), 1.0) for text in ("wasps", "miners")]
    names = {hit.document.title for hit in searcher.rank(forms, 10)}
    assert names == {hit.document.title for f in forms for hit in searcher.rank([f], 10)}
    assert len(names) == 2


def test_words_alone_need_no_model(index: Path) -> None:
    with Searcher.open(index) as searcher:  # no model is called "hash"
        assert searcher.search("wasps", 1, words_only=True)[0].document.id.startswith("orchard")
        with pytest.raises(ModelError):
            searcher.search("wasps", 1)


def test_words_alone_import_no_encoder(index: Path) -> None:
    program = (
        "import sys\n"
        "from index.search import Searcher\n"
        "with Searcher.open(sys.argv[1]) as searcher:\n"
        "    assert searcher.search('wasps', 1, words_only=True)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(index)], capture_output=True, text=True, check=True
    )
    encoders = {"torch", "transformers", "sentence_transformers", "tokenizers", "openvino", "nncf"}
    assert not encoders & set(done.stdout.split())


def test_another_model_than_the_indexs_own_is_refused(index: Path) -> None:
    with (
        Searcher.open(index, HashEmbedder(dimension=16)) as searcher,
        pytest.raises(ModelError, match="quoth index rebuild"),
    ):
        searcher.search("wasps")


def test_an_index_brought_up_to_date_finds_what_a_new_one_finds(tmp_path: Path) -> None:
    folder, index = write(tmp_path / "notes", TEXTS), tmp_path / "updated"
    write(folder, {"old.md": "Wasps and amber were here once. The bell was cracked."})
    made(folder, index)
    (folder / "old.md").unlink()
    changed = TEXTS["ledger.md"].replace("amber from Riga", "quicksilver from Odessa")
    write(folder, {"ledger.md": changed, "new.md": "The ferry rope was tarred in spring."})
    made(folder, index)
    fresh = made(folder, tmp_path / "fresh")
    with Searcher.open(index, HashEmbedder()) as one, Searcher.open(fresh, HashEmbedder()) as other:
        for question in (*QUESTIONS, "quicksilver from Odessa", "Who tarred the rope?"):
            for words_only in (False, True):
                updated = one.search(question, 20, words_only=words_only)
                built = other.search(question, 20, words_only=words_only)
                assert [h.score for h in updated] == pytest.approx([h.score for h in built])
                assert sorted(where(updated)) == sorted(where(built))
                for hit, twin in zip(updated, built, strict=True):
                    assert hit.signals == pytest.approx(twin.signals, abs=1e-4)


def test_what_another_process_commits_is_found_by_the_next_question(tmp_path: Path) -> None:
    folder = write(tmp_path / "notes", {"a.md": TEXTS["mine.md"]})
    index = made(folder, tmp_path / "index")
    program = (
        "import sys\n"
        "from index.build import build\n"
        "from tests.fakes import HashEmbedder\n"
        "list(build([sys.argv[1]], sys.argv[2], embedder=HashEmbedder()))\n"
    )
    with Searcher.open(index, HashEmbedder()) as searcher:
        before = searcher.search("Quinces in the orchard")
        assert [hit.document.id for hit in before] == ["a.md"]
        with searcher.reading() as caches:
            write(folder, {"b.md": TEXTS["orchard.md"]})
            (folder / "a.md").unlink()
            subprocess.run(
                [sys.executable, "-c", program, folder, index],
                check=True,
                cwd=ROOT,
            )
            with Store(index) as store:
                assert store.generation == caches.generation + 1
            assert searcher.search("Quinces in the orchard") == before  # one question, one state
        assert [h.document.id for h in searcher.search("Quinces in the orchard")] == ["b.md"]
        assert searcher.idf("quinc") > 0
        assert searcher.idf("miner") == 0


def test_weights_of_words_come_from_the_passages(searcher: Searcher) -> None:
    assert searcher.idf("nowhere") == 0
    assert 0 < searcher.idf("ledger") < searcher.idf("wasp")
    query = searcher.query("wasps of nowhere", searcher.encode("wasps of nowhere"))
    assert query.weights is not None
    assert query.weights.sum() == pytest.approx(1)
    assert len(query.weights) == 2  # "of" has none
    assert searcher.query("wasps").pieces is None


def test_views_are_the_same_whether_they_were_kept_or_not(index: Path) -> None:
    with Searcher.open(index, HashEmbedder()) as searcher:
        passages = searcher.store.passages(searcher.store.passage_ids())
        backwards = searcher.views(passages[::-1])
        for view, again, passage in zip(
            searcher.views(passages), backwards[::-1], passages, strict=True
        ):
            assert view is again
            assert (view.id, view.document_id) == (passage.id, passage.document_id)
            assert all(passage.text[start:end].strip() for start, end in view.sentences)


def test_a_hit_is_never_changed_by_later_questions(searcher: Searcher) -> None:
    hits = searcher.search("amber from Riga", 5)
    copies = [replace(hit, signals=dict(hit.signals)) for hit in hits]
    searcher.search("wasps", 5)
    assert hits == copies
