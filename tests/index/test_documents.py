"""Files that LibreOffice and pandoc wrote of the same words are read as the same words.

The rules of the harbour were written in Markdown, made an OpenDocument text and a Word document by
pandoc, and from the former a Word document, an RTF text and an old Word document by LibreOffice,
as were the workbook and the presentation from ones of openpyxl and python-pptx.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import build
from index.search import Searcher
from index.types import BuildReport
from tests.fakes import HashEmbedder
from tests.index.packages import headings, only, reason

DOCUMENTS = Path(__file__).parent / "documents"
RULES = [
    "Rules of Coquet Harbour",
    "Ada Ash",
    "Bo Oak",
    "Lights",
    (
        "Every boat in the harbour shows a white light from dusk to dawn.[1] The harbour master "
        "may send away a boat that shows none."
    ),
    "[1] Dusk is the minute at which the lamp of the mole is lit, and not the setting of the sun.",
    "Dues",
    "The dues are paid at the kiosk on the north quay before a boat ties up.",
    "Table 1: Dues for one night",
    (
        "Kind of boat: Yawl; Winter: £12.50; Summer: £20.00\n"
        "Kind of boat: Ketch; Winter: £15.00; Summer: £24.00\n"
        "Kind of boat: Motor boat; Winter: £18.00; Summer: £31.00"
    ),
    "Boarding the ferry",
    "Passengers do three things before they board:",
    (
        "1. They buy a ticket at the kiosk.\n2. They ring the bell:\n"
        "  a. once if they go to the island,\n  b. twice if they go to Amble.\n"
        "3. They stand behind the yellow line until the ferryman waves."
    ),
    "Nobody may bring:",
    "- dogs without a lead\n- bicycles longer than two metres",
]


@pytest.mark.parametrize("name", ["harbour.docx", "rules.docx", "harbour.odt", "harbour.rtf"])
def test_texts_of_all_formats_are_the_same(name: str) -> None:
    document = only(DOCUMENTS / name)
    assert document.text.split("\n\n") == RULES
    assert headings(document) == [
        ("Rules of Coquet Harbour", 1),
        ("Lights", 1),
        ("Dues", 1),
        ("Boarding the ferry", 1),
    ]
    assert (document.title, document.authors) == ("Rules of Coquet Harbour", ("Ada Ash", "Bo Oak"))


def test_a_book_has_the_same_words_and_its_chapters() -> None:
    document = only(DOCUMENTS / "harbour.epub")
    expected = "\n\n".join(RULES).replace("\n  a. ", "\n  1. ").replace("\n  b. ", "\n  2. ")
    assert document.text.replace("\n\n1. Dusk", "\n\n[1] Dusk") == expected
    assert document.page_at(document.text.index("Yawl")) == "Dues"


@pytest.mark.parametrize("name", ["repairs.xlsx", "repairs.ods"])
def test_sheets_of_both_kinds_are_the_same(name: str) -> None:
    document = only(DOCUMENTS / name)
    assert document.text.split("\n\n") == [
        "Repairs",
        "Repairs of the ferries, 2021",
        (
            "Boat: Petrel; Work: New pump; Day: 14 March 2021; Cost: £4,310.50\n"
            "Boat: Petrel; Work: Paint; Day: 2 May 2021; Cost: £860.00\n"
            "Boat: Gannet; Work: Rudder; Day: 30 September 2021; Cost: £12,999.00"
        ),
    ]
    assert document.page_at(len(document.text)) == "sheet Repairs, row 6"


@pytest.mark.parametrize("name", ["talk.pptx", "talk.odp"])
def test_slides_of_both_kinds_are_the_same(name: str) -> None:
    document = only(DOCUMENTS / name)
    assert document.text.split("\n\n") == [
        "The island ferry in numbers",
        "A talk for the parish council, by Cy Elm",
        "Why crossings were cancelled",
        (
            "- Fog cancelled 31 crossings\n  - most of them in October\n"
            "- A broken pump cancelled nine crossings"
        ),
        "Why crossings were cancelled (speaker notes)",
        "Mention that the new pump was paid for by the lottery.",
    ]
    assert [page.label for page in document.pages] == ["slide 1", "slide 2", "slide 2, notes"]


def test_an_old_word_document_is_named() -> None:
    assert reason(DOCUMENTS / "harbour.doc").endswith("save it as .docx")


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("office")
    names = ("harbour.docx", "harbour.doc", "harbour.epub", "repairs.xlsx", "talk.pptx")
    report = list(build([DOCUMENTS / n for n in names], folder, embedder=HashEmbedder()))[-1]
    assert isinstance(report, BuildReport)
    assert (report.added, [Path(each.path).name for each in report.skipped]) == (4, ["harbour.doc"])
    with Searcher.open(folder, HashEmbedder()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "name", "page", "words"),
    [
        (
            "rudder of the Gannet",
            "repairs.xlsx",
            "sheet Repairs, row 6",
            "Work: Rudder; Day: 30 Sep",
        ),
        ("fog cancelled crossings", "talk.pptx", "slide 2", "Fog cancelled 31"),
        ("pump paid for by the lottery", "talk.pptx", "slide 2, notes", "by the lottery"),
        ("Ketch Winter Summer", "harbour.epub", "Dues", "Kind of boat: Ketch; Winter: £15.00"),
        ("minute the lamp is lit", "harbour.docx", "", "[1] Dusk is the minute"),
        ("ring the bell twice to Amble", "harbour.docx", "", "b. twice if they go to Amble"),
    ],
)
def test_rows_slides_notes_and_items_are_found_and_cited_where_they_stand(
    searcher: Searcher, question: str, name: str, page: str, words: str
) -> None:
    hits = [hit for hit in searcher.search(question) if hit.document.id == name]
    passage, document = hits[0].passage, hits[0].document
    assert words in passage.text
    assert document.text[passage.start : passage.end] == passage.text
    assert document.page_at(document.text.index(words)) == page
