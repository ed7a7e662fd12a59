"""The page of a quote, from the file to whoever asks: text, JSON, exports, bundles, sessions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.sources import find, locate, read
from index.store import Store
from index.types import Document, Page
from qa.bundle import make
from qa.render import answer_to_dict, render_answer, render_hits
from qa.types import Answer, Kept
from qa.ui import wording
from qa.ui.export import answers
from qa.ui.webpage import webpage
from qa.wire import dump, load
from tests.fakes import HashEmbedder
from tests.index.pdfs import Writer
from tests.ui.fake import DOCUMENTS, RECORDED, citation, mill

ONE = "The creek fills twice a day, and with it the pond behind the dam of the old mill."
TWO = "Nobody knows who laid the first stone, but the"
THREE = "miller who came last is known to all: she kept a ledger."


def write(path: Path, *, first: str = ONE) -> None:
    with Writer(path) as pdf:
        pdf.page()
        pdf.text(50, 100, first)
        pdf.page()
        pdf.text(50, 100, "The third year")
        pdf.text(50, 700, TWO)
        pdf.page()
        pdf.text(50, 100, THREE)


@pytest.fixture
def book(tmp_path: Path) -> Document:
    """A document of three pages as an index holds it."""
    (tmp_path / "books").mkdir()
    write(tmp_path / "books" / "mill.pdf")
    list(build([tmp_path / "books"], tmp_path / "index", embedder=HashEmbedder()))
    with Store(tmp_path / "index") as store:
        return store.document("mill.pdf")


@pytest.fixture
def answer(book: Document) -> Answer:
    """An answer with a quote on one page, one on two, and one of a text without pages."""
    cited = (
        citation(1, book, ONE),
        citation(2, book, f"{TWO} {THREE}"),
        citation(3, DOCUMENTS[1], RECORDED),
    )
    return replace(mill("Who?"), citations=cited, hits=tuple(each.hit for each in cited))


def test_spans_are_named_by_the_pages_that_they_stand_on() -> None:
    pages = (Page(0, "page iv"), Page(10, "page v"), Page(20, "sheet Costs"), Page(30, "sheet A-1"))
    document = replace(DOCUMENTS[0], text="x" * 40, pages=pages)
    assert document.pages_at(0, 10) == "page iv"
    assert document.pages_at(9, 11) == "pages iv-v"
    assert document.pages_at(12, 25) == "page v to sheet Costs"
    assert document.pages_at(22, 35) == "sheet Costs to sheet A-1"
    assert document.pages_at(10, 10) == "page v"
    assert DOCUMENTS[0].pages_at(3, 9) == ""


def test_only_what_is_counted_is_said_as_a_range() -> None:
    labels = ("The Calm", "The Storm", "sheet Costs, row 3", "sheet Costs, row 4")
    pages = tuple(Page(10 * at, label) for at, label in enumerate(labels))
    document = replace(DOCUMENTS[0], text="x" * 40, pages=pages)
    assert document.pages_at(5, 15) == "The Calm to The Storm"
    assert document.pages_at(25, 35) == "sheet Costs, rows 3-4"


def test_objects_have_pages_where_the_document_has(answer: Answer) -> None:
    first, second, third = answer_to_dict(answer)["citations"]
    assert (first["quote"]["page"], first["passage"]["page"]) == ("page 1", "pages 1-3")
    assert second["quote"]["page"] == "pages 2-3"
    assert "page" not in third["quote"]
    assert "page" not in third["passage"]
    assert answer_to_dict(answer)["hits"][0]["passage"]["page"] == "pages 1-3"


def test_texts_name_the_page(answer: Answer) -> None:
    told = render_answer(answer)
    assert "mill.pdf, page 1, characters 0 to" in told
    assert "mill.pdf, pages 2-3, characters" in told
    assert f"{DOCUMENTS[1].path}, characters" in told
    assert "mill.pdf, pages 1-3, characters" in render_hits(answer.hits)


def test_references_and_exports_name_the_page(answer: Answer) -> None:
    assert "pages 2-3; /" in wording.reference(answer.citations[1])
    assert "mill.pdf, pages 2-3, characters" in answers([answer])
    short = replace(answer, status="answered", short_answer="12 sails")
    assert "\n\n**12 sails**\n\n" in answers([short])
    page = webpage("Mills", [Kept(answer, "2026-01-02T03:04:05+00:00")])
    assert "mill.pdf · pages 2-3 · characters" in page
    bundled = json.loads(make("Mills", [Kept(answer, "2026-01-02T03:04:05+00:00")]))
    cited = bundled["turns"][0]["citations"]
    assert [each.get("page") for each in cited] == ["page 1", "pages 2-3", None]


def test_a_kept_answer_knows_its_pages_and_no_others(answer: Answer) -> None:
    document = answer.citations[0].hit.document
    many = tuple(Page(2_000 + at, f"page {at}") for at in range(4, 1_004))
    longer = replace(document, pages=(*document.pages, *many))
    cited = tuple(
        replace(each, hit=replace(each.hit, document=longer)) if each.number < 3 else each
        for each in answer.citations
    )
    written = dump(replace(answer, citations=cited, hits=tuple(each.hit for each in cited)))
    assert len(written) < 6_000
    again = load(written)
    assert [wording.page(each) for each in again.citations] == ["page 1", "pages 2-3", ""]


def test_words_are_found_on_their_page_now(book: Document) -> None:
    start = book.text.index(TWO)
    here = locate(book, start, len(book.text))
    assert (here.state, here.held, here.line) == ("current", "whole", 0)
    assert (here.page, here.sheet) == ("pages 2-3", 2)
    path = Path(book.path)
    with Writer(path) as pdf:
        pdf.page()
        pdf.text(50, 100, "A page that was put before the others.")
        pdf.page()
        pdf.text(50, 100, f"{TWO} {THREE[:20]}")
        pdf.text(50, 200, ONE)
    moved = locate(book, book.text.index(ONE), book.text.index(ONE) + len(ONE))
    assert (moved.state, moved.held, moved.page, moved.sheet) == ("changed", "whole", "page 2", 2)
    less = locate(book, start, len(book.text))
    assert (less.held, less.page) == ("part", "page 2")
    path.write_bytes(b"%PDF-1.4 torn")
    assert locate(book, start, len(book.text)).held == "nothing"
    path.unlink()
    assert locate(book, start, len(book.text)).state == "missing"


def test_pages_are_stored_and_an_unchanged_file_keeps_them(book: Document) -> None:
    (source,) = find([book.path])
    (again,) = read(source)  # type: ignore[arg-type]
    assert isinstance(again, Document)
    assert again.pages == book.pages
    assert [page.label for page in book.pages] == ["page 1", "page 2", "page 3"]
