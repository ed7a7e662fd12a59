"""PDF files come out as people read them: columns, tables, notes, pages; and nothing hidden."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.sources import find, locate, read
from index.sources.pdf.about import about
from index.sources.pdf.flow import joined
from index.types import Document, Skipped
from tests.index.documents.make_pdfs import SENTENCES
from tests.index.pdfs import Writer

LINES = [
    "The harbour office counted every boat that came in",
    "before the first bell of the morning, and wrote the",
    "number down in a green book that nobody else might",
    "open; at the end of the year the sum was read aloud.",
]
WORDS = ["river", "stone", "lantern", "meadow", "winter", "harbour"]
WORDS += ["copper", "signal", "orchard", "sea", "administration", "at", "of", "lighthouses"]


def everything(path: Path) -> list[Document | Skipped]:
    entries: list[Document | Skipped] = []
    for source in find([path]):
        entries += [source] if isinstance(source, Skipped) else [*read(source)]
    return entries


def only(path: Path) -> Document:
    [document] = everything(path)
    assert isinstance(document, Document), document
    return document


def blocks(path: Path) -> list[str]:
    return only(path).text.split("\n\n")


def numbered(count: int, first: int = 0) -> list[str]:
    """Words that tell their place, so that the order can be read off."""
    return [
        f"{WORDS[(3 * at + at * at // 5) % len(WORDS)]}{at}" for at in range(first, first + count)
    ]


def set_in_columns(
    pdf: Writer,
    words: list[str],
    *,
    columns: int,
    gutter: float,
    size: float,
    justified: bool,
    top: float,
    shift: float,
    by_row: bool,
) -> None:
    """Lay words into columns, each of as many lines; drawn column by column, or across."""
    width = (495 - gutter * (columns - 1)) / columns
    lines = [line.split() for line in pdf.wrapped(" ".join(words), width, size)]
    depth = -(-len(lines) // columns)
    places = [(at // depth, at % depth, line) for at, line in enumerate(lines)]
    if by_row:
        places.sort(key=lambda place: (place[1], place[0]))
    for column, row, line in places:
        x, y = 50 + column * (width + gutter), top + column * shift + row * 1.25 * size
        if justified and column * depth + row + 1 < len(lines):
            pdf.justified(x, y, line, width, size)
        else:
            pdf.text(x, y, " ".join(line), size)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    columns=st.integers(1, 3),
    gutter=st.floats(12, 40),
    size=st.sampled_from([8.0, 9.5, 11.0]),
    justified=st.booleans(),
    count=st.integers(90, 260),
    shift=st.sampled_from([0.0, 1.5, 4.0]),
    by_row=st.booleans(),
    titled=st.booleans(),
)
def test_words_come_out_in_the_order_in_which_they_were_laid(
    tmp_path: Path,
    columns: int,
    gutter: float,
    size: float,
    justified: bool,
    count: int,
    shift: float,
    by_row: bool,
    titled: bool,
) -> None:
    if by_row:  # three columns of two words each, drawn across, are a table to anyone
        columns = min(columns, 2)
    words = numbered(count)
    with Writer(tmp_path / "laid.pdf") as pdf:
        pdf.page()
        if titled:
            pdf.text(50, 80, "A Title That Reaches Over The Columns", 20, "Helvetica-Bold")
        set_in_columns(
            pdf,
            words,
            columns=columns,
            gutter=gutter,
            size=size,
            justified=justified,
            top=120,
            shift=shift,
            by_row=by_row,
        )
    text = only(tmp_path / "laid.pdf").text
    found = text.removeprefix("A Title That Reaches Over The Columns").split()
    assert found == words


def test_a_title_over_columns_comes_first_and_parts_what_it_stands_between(tmp_path: Path) -> None:
    with Writer(tmp_path / "parted.pdf") as pdf:
        pdf.page()
        pdf.text(180, 70, "Of Harbours And Rivers", 20, "Helvetica-Bold")
        for x, word in ((50, "first"), (310, "second")):
            pdf.lines(x, 120, [f"{word} {line}"[:48] for line in LINES])
        pdf.text(150, 250, "Another Heading Over Both Columns", 14, "Helvetica-Bold")
        for x, word in ((50, "third"), (310, "fourth")):
            pdf.lines(x, 290, [f"{word} {line}"[:48] for line in LINES])
    text = only(tmp_path / "parted.pdf").text
    order = [
        text.index(word) for word in ("Of Harb", "first", "second", "Another", "third", "four")
    ]
    assert order == sorted(order)


def test_hyphens_at_line_ends_go_unless_the_word_has_one(tmp_path: Path) -> None:
    with Writer(tmp_path / "hyphens.pdf") as pdf:
        pdf.page()
        pdf.lines(
            50,
            100,
            [
                "The municipality paid for its well-known lighthouse, and the mu-",
                "nicipality was proud of it. Engineers came to look at the infra-",
                "structure of the island, and wrote that the house was as well-",
                "known as any; all its instruments were of brass, and were self-",
                "made in winter.",
            ],
        )
    text = only(tmp_path / "hyphens.pdf").text
    for word in ("the municipality was", "the infrastructure of", "as well-known as", "self-made"):
        assert word in text
    assert joined("all of it soft\u00ad", "ened by rain", ())[0] == "all of it softened by rain"


def test_a_paragraph_goes_on_over_columns_and_pages_and_its_pages_are_known(tmp_path: Path) -> None:
    with Writer(tmp_path / "on.pdf") as pdf:
        pdf.page()
        pdf.lines(50, 700, LINES[:2])
        pdf.page()
        pdf.lines(50, 100, LINES[2:])
    document = only(tmp_path / "on.pdf")
    assert document.text == " ".join(LINES)
    assert document.page_at(document.text.index("wrote")) == "page 1"
    assert document.page_at(document.text.index("number")) == "page 2"


def test_running_heads_and_page_numbers_go_and_sentences_stay(tmp_path: Path) -> None:
    with Writer(tmp_path / "running.pdf") as pdf:
        for number in range(1, 7):
            pdf.page()
            pdf.text(50, 40, "Annals of the Harbour", 9)
            pdf.text(480, 40, f"Page {number} of 6", 9)
            pdf.text(50, 120, "Every vessel pays the toll.")
            pdf.text(50, 300, f"On this page it was {numbered(1, number)[0]} that came.")
            pdf.text(50, 800, f"Sum: {number * number * 7}")
    text = only(tmp_path / "running.pdf").text
    assert "Annals" not in text
    assert "of 6" not in text
    assert text.count("Every vessel pays the toll.") == 6
    assert "Sum: 252" in text
    assert text.count("On this page") == 6


def test_rows_of_ruled_and_of_unruled_tables_come_with_their_heads(tmp_path: Path) -> None:
    rows = [("Port", "Boats", "Year"), ("Northby", "120", "1881"), ("Southby", "98", "1882")]
    with Writer(tmp_path / "tables.pdf") as pdf:
        pdf.page()
        pdf.lines(50, 60, LINES)
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                x, y = 60 + 90 * across, 150 + 20 * down
                pdf.box(x, y, x + 90, y + 20)
                pdf.text(x + 5, y + 14, cell)
        pdf.lines(50, 260, LINES)
        for down, row in enumerate([*rows, ("Westby", "", "1883")]):
            for across, cell in enumerate(row):
                if cell:
                    pdf.text(60 + 110 * across, 350 + 16 * down, cell)
        pdf.lines(50, 450, LINES)
    found = blocks(tmp_path / "tables.pdf")
    ruled = "Port: Northby; Boats: 120; Year: 1881\nPort: Southby; Boats: 98; Year: 1882"
    prose = " ".join(LINES)
    assert found == [prose, ruled, prose, f"{ruled}\nPort: Westby; Year: 1883", prose]


def test_notes_come_after_the_text_and_their_marks_are_raised(tmp_path: Path) -> None:
    with Writer(tmp_path / "notes.pdf") as pdf:
        pdf.page()
        end = pdf.text(50, 588, "At first the harbour office counted every single boat")
        pdf.text(end, 584, "1", 6)
        pdf.lines(50, 600, LINES[1:3])
        pdf.box(50, 700, 150, 700.5, fill=(0, 0, 0))
        pdf.text(50, 712, "1", 5)
        pdf.text(54, 715, "The book is kept in the tower.", 8)
        pdf.page()
        pdf.text(50, 100, "open; at the end of the year the sum was read aloud.")
    document = only(tmp_path / "notes.pdf")
    assert document.text == (
        "¹ The book is kept in the tower.\n\n"
        "At first the harbour office counted every single boat¹ "
        f"{LINES[1]} {LINES[2]} {LINES[3]}"
    )
    assert [page.label for page in document.pages] == ["page 1", "page 2"]


def test_a_side_box_is_read_as_a_whole(tmp_path: Path) -> None:
    with Writer(tmp_path / "box.pdf") as pdf:
        pdf.page()
        pdf.lines(50, 100, LINES)
        pdf.box(50, 160, 300, 200, fill=(225, 225, 225))
        pdf.lines(
            60, 175, ["The bell was cast in 1790 and cracked", "in 1844. It hangs in the tower."]
        )
        pdf.lines(50, 220, LINES)
    assert "The bell was cast in 1790 and cracked in 1844. It hangs in the tower." in blocks(
        tmp_path / "box.pdf"
    )


def test_headings_have_levels_by_their_letters(tmp_path: Path) -> None:
    with Writer(tmp_path / "headings.pdf") as pdf:
        pdf.page()
        pdf.text(50, 60, "Of Harbours", 20, "Helvetica-Bold")
        pdf.lines(50, 90, LINES)
        pdf.text(50, 160, "Counting boats", 14, "Helvetica-Bold")
        pdf.lines(50, 180, LINES)
        pdf.text(50, 250, "By night", 10, "Helvetica-Bold")
        pdf.lines(50, 264, LINES)
    document = only(tmp_path / "headings.pdf")
    told = [(document.text[h.start : h.end], h.level) for h in document.headings]
    assert told == [("Of Harbours", 1), ("Counting boats", 2), ("By night", 3)]
    assert document.title == "Of Harbours"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_reads_as_it_is_shown(tmp_path: Path, rotation: int) -> None:
    turn = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation]
    with Writer(tmp_path / "turned.pdf") as pdf:
        pdf.page(rotation)
        for down, line in enumerate(LINES):
            step = 12 * down
            x, y = {90: (100 + step, 600), 180: (500, 700 - step), 270: (500 - step, 100)}[rotation]
            pdf.text(x, y, line, turn=turn)
    assert only(tmp_path / "turned.pdf").text == " ".join(LINES)


def test_text_that_nobody_sees_is_left_out_and_told_of(tmp_path: Path) -> None:
    with Writer(tmp_path / "hidden.pdf") as pdf:
        pdf.page()
        pdf.lines(50, 100, LINES)
        pdf.text(50, 200, "White words on white paper.", color=(255, 255, 255))
        pdf.text(50, 220, "Words too small to read.", 0.8)
        pdf.text(50, 240, "Words that are not drawn.", mode=3)
        pdf.text(50, 900, "Words below the page.")
        pdf.box(50, 300, 400, 330, fill=(20, 20, 90))
        pdf.text(60, 320, "White words in a dark box are there to be read.", color=(255, 255, 255))
    document = only(tmp_path / "hidden.pdf")
    dark = "White words in a dark box are there to be read."
    assert document.text == f"{' '.join(LINES)}\n\n{dark}"
    assert document.metadata["left out"] == "text that cannot be seen, on page 1"


def test_the_words_of_a_scan_are_read_and_scans_without_are_named(tmp_path: Path) -> None:
    with Writer(tmp_path / "scan.pdf") as pdf:
        pdf.page()
        pdf.picture(0, 0, 595, 842)
        pdf.lines(50, 100, LINES, mode=3)
        for _ in range(2):
            pdf.page()
            pdf.picture(0, 0, 595, 842)
    document, skipped = everything(tmp_path / "scan.pdf")
    assert isinstance(document, Document)
    assert document.text == " ".join(LINES)
    assert isinstance(skipped, Skipped)
    assert skipped.path.endswith("scan.pdf, pages 2-3")
    assert skipped.reason.startswith("page images without text; run OCR on it")


def test_a_scan_without_words_and_a_damaged_file_say_what_to_do(tmp_path: Path) -> None:
    with Writer(tmp_path / "scan.pdf") as pdf:
        pdf.page()
        pdf.picture(0, 0, 595, 842)
    (tmp_path / "torn.pdf").write_bytes((tmp_path / "scan.pdf").read_bytes()[:200])
    (tmp_path / "empty.pdf").write_bytes(b"")
    reasons = {Path(s.path).name: s.reason for s in everything(tmp_path) if isinstance(s, Skipped)}
    ocr = "page images without text; run OCR on it, e.g. with ocrmypdf, and build again"
    assert reasons["scan.pdf"] == ocr
    assert reasons["torn.pdf"].startswith("is damaged, or no PDF")
    assert reasons["empty.pdf"].startswith("is damaged, or no PDF")


def test_many_pages_pass_a_few_at_a_time(tmp_path: Path) -> None:
    with Writer(tmp_path / "many.pdf") as pdf:
        for number in range(60):
            pdf.page()
            pdf.text(50, 40, f"Annals, {number + 1}", 8)
            pdf.lines(50, 100, [f"Entry {numbered(1, number)[0]} begins here.", *LINES])
    document = only(tmp_path / "many.pdf")
    assert len(document.pages) == 60
    assert document.page_at(document.text.index(f"Entry {numbered(1, 59)[0]}")) == "page 60"
    assert "Annals" not in document.text


@pytest.mark.parametrize(
    ("name", "first", "last", "others"),
    [
        ("typst", 1, 59, ["• sails", "¹ The bell rang at five.", "A bell. It was cast in 1790,"]),
        ("chromium", 60, 97, ["• ropes\n• sails and masts"]),
        ("groff", 98, 187, []),
        ("libreoffice", 188, 259, ["• ropes\n• sails", "1 The bell rang at five."]),
    ],
)
def test_files_of_real_applications_come_out_whole_and_in_order(
    name: str, first: int, last: int, others: list[str]
) -> None:
    document = only(DOCUMENTS / f"{name}.pdf")
    numbers = [int(number) for number in re.findall(r"\((\d+)\)", document.text)]
    assert numbers == list(range(first, last + 1))
    for number in numbers:
        assert f"{SENTENCES[number * number % 7][:-1]} ({number})." in document.text
    assert document.title in ("Counting Boats", "Boats")
    for text in ("Harbour Quarterly", "Page 1", "Page 2"):
        assert text not in document.text
    for text in others:
        assert f"{text}" in document.text
    if name in ("typst", "chromium"):
        assert "Port: Northby; Boats: 120; Year: 1881\nPort: Southby; Boats: 98;" in document.text


DOCUMENTS = Path(__file__).parent / "documents"


def test_pages_have_the_names_that_are_printed_on_them_and_the_file_tells_of_itself() -> None:
    document = only(DOCUMENTS / "labelled.pdf")
    assert [page.label for page in document.pages] == ["page i", "page ii", "page 1"]
    assert document.title == "On Bells"
    assert document.authors == ("Ada Holm", "Bo Lind")
    assert document.published == "2019-04-02"
    told = [(document.text[h.start : h.end], h.level) for h in document.headings]
    assert told == [("Casting", 1), ("Loam", 2)]  # as the outline of the file has them
    start = document.text.index("cast in the year")
    location = locate(document, start, start + 16)
    assert (location.page, location.sheet) == ("page ii", 2)


def test_what_is_filled_in_into_a_form_is_read() -> None:
    assert only(DOCUMENTS / "form.pdf").text == "Name of the boat: The Patient Heron"


def test_a_file_that_opens_without_a_word_is_read_and_one_that_does_not_says_so() -> None:
    assert only(DOCUMENTS / "restricted.pdf").text == "Nobody may read this without the word."
    [skipped] = everything(DOCUMENTS / "locked.pdf")
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("needs a password; save a copy without one")


@pytest.mark.parametrize(
    "title",
    [
        "Microsoft Word - report.doc",
        "untitled",
        "Document1",
        "report_v2.docx",
        "12345",
        "C:\\a\\b.tex",
    ],
)
def test_what_programs_leave_as_title_and_author_is_not_taken(title: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.pdf"
    path.write_bytes(b"%PDF-1.4")
    said = {"Title": title, "Author": "Administrator", "CreationDate": "D:20240503101500+02'00'"}
    found = about(path, said)
    assert (found.title, found.authors, found.published) == ("", (), "2024-05-03")
    found = about(path, {"Title": "On Bells", "Author": "Ada Holm and Bo Lind"})
    assert (found.title, found.authors) == ("On Bells", ("Ada Holm", "Bo Lind"))


def test_a_fonts_letters_without_meaning_are_no_text(tmp_path: Path) -> None:
    with Writer(tmp_path / "dingbats.pdf") as pdf:
        pdf.page()
        pdf.lines(50, 100, ["\u2761\u2765\u275b \u2763\u276a"] * 4, font="ZapfDingbats")
    [skipped] = everything(tmp_path / "dingbats.pdf")
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("shows letters without saying which they are; run OCR on it")


def test_columns_are_told_apart_whatever_the_order_in_which_they_were_drawn(tmp_path: Path) -> None:
    places = [(x, down, word) for x, word in ((50, "first"), (320, "second")) for down in range(9)]
    with Writer(tmp_path / "shuffled.pdf") as pdf:
        pdf.page()
        for x, down, word in sorted(places, key=lambda place: (place[1] * 5 % 9, place[0] % 7)):
            pdf.text(x, 100 + 12 * down, f"and then the {word} column went on in line {down} as")
    words = only(tmp_path / "shuffled.pdf").text.split()
    assert words.index("second") > 9 * 10
    assert [word for word in words if word.isdigit()] == [str(n) for n in range(9)] * 2


def test_a_page_of_thousands_of_labels_is_read_as_a_list_of_them(tmp_path: Path) -> None:
    with Writer(tmp_path / "map.pdf", (2_000, 2_000)) as pdf:
        pdf.page()
        for at in range(4_000):
            pdf.text(20 + at * 37 % 1_900, 20 + at * 53 % 1_950, f"l{at}", 3)
    assert set(only(tmp_path / "map.pdf").text.split()) == {f"l{at}" for at in range(4_000)}
