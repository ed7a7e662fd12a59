"""Passages are exact, whole sentences, of even size, under one heading each."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from index.chunking import CHUNKING, chunk
from index.types import Document, Heading

SENTENCE = "The ferry leaves the quay at nine and is back before noon. "  # 12 words


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def document(text: str, headings: tuple[Heading, ...] = (), body_start: int = 0) -> Document:
    metadata = {"body_start": str(body_start)} if body_start else {}
    return Document("d", "/d", "D", (), None, None, text, "", metadata, headings)


def sizes(text: str) -> list[int]:
    return [len(passage.text.split()) for passage in chunk(document(text), count_words, 250)]


@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from([SENTENCE, "\n\n", "x" * 90, "# ", "Yes. "])).map("".join)
)
def test_passages_are_exact_in_order_complete_and_fit(text: str) -> None:
    passages = chunk(document(text), count_characters, 30, words=20)
    covered = [place for passage in passages for place in range(passage.start, passage.end)]
    assert covered == sorted(set(covered))
    assert {place for place, c in enumerate(text) if not c.isspace()} <= set(covered)
    for ordinal, passage in enumerate(passages):
        assert text[passage.start : passage.end] == passage.text
        assert passage.ordinal == ordinal
        assert len("".join(passage.text.split())) <= 30


def test_sizes_are_even_and_no_tail_is_tiny() -> None:
    assert sizes(SENTENCE * 8) == [96]
    assert sizes(SENTENCE * 10) == [60, 60]
    assert all(60 <= size <= 104 for size in sizes(SENTENCE * 100))


def test_a_paragraph_end_close_by_is_where_a_passage_ends() -> None:
    text = SENTENCE * 6 + "\n\n" + SENTENCE * 7
    assert [len(p.text.split()) for p in chunk(document(text), count_words, 250)] == [72, 84]


def test_no_passage_crosses_a_heading_and_each_knows_its_own() -> None:
    text = f"{SENTENCE}\n\nWinter\n\n{SENTENCE}"
    start = text.index("Winter")
    passages = chunk(document(text, (Heading(start, start + 6, 1),)), count_words, 250)
    assert [(passage.heading, passage.text) for passage in passages] == [
        ("", SENTENCE.strip()),
        ("Winter", SENTENCE.strip()),
    ]


def test_lines_before_the_body_are_left_out() -> None:
    text = f"Authors: Ada Ash\n\n{SENTENCE}"
    [passage] = chunk(document(text, body_start=16), count_words, 250)
    assert passage.text == SENTENCE.strip()


def test_a_document_of_headings_alone_does_not_vanish() -> None:
    [passage] = chunk(document("Winter", (Heading(0, 6, 1),)), count_words, 250)
    assert passage.text == "Winter"


def test_sections_hold_neighbours_of_about_250_words() -> None:
    passages = chunk(document(SENTENCE * 100), count_words, 250)
    words: dict[int, int] = {}
    for passage in passages:
        words[passage.section] = words.get(passage.section, 0) + len(passage.text.split())
    assert list(words) == sorted(words)
    assert all(170 <= count <= 325 for count in words.values())


def test_each_sentence_is_counted_once() -> None:
    asked: list[str] = []

    def count(texts: Sequence[str]) -> list[int]:
        asked.extend(texts)
        return count_words(texts)

    chunk(document(SENTENCE * 30), count, 250)
    assert len(asked) == 30


def test_a_word_without_end_is_cut() -> None:
    text = "x" * 100_000
    passages = chunk(document(text), count_words, 250)
    assert "".join(passage.text for passage in passages) == text
    assert max(len(passage.text) for passage in passages) <= 2_000


def test_the_rules_changed_only_if_their_name_did() -> None:
    text = "\n\n".join(
        [SENTENCE * 3, "He said, “No. Never.” Then 3.5 km on.", "- a\n- b", SENTENCE * 9] * 4
    )
    spans = [(p.section, p.start, p.end) for p in chunk(document(text), count_words, 60)]
    digest = sha256(repr(spans).encode()).hexdigest()[:12]
    assert (CHUNKING, digest) == ("sentences-2/80/250", "dba026f58e97")


def test_a_heading_as_long_as_a_book_is_not_kept_with_each_passage() -> None:
    text = f"{'heading ' * 100_000}\n\n" + "The kiln stood empty for years. " * 100
    document = Document(
        "a", "a", "t", (), None, None, text, "0", headings=(Heading(0, 800_000, 1),)
    )
    passages = chunk(document, lambda texts: [len(text.split()) for text in texts], 256)
    assert len(passages) > 1
    assert {len(passage.heading) for passage in passages} == {500}
