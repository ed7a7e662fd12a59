"""Question sets in every form that is read, and what is found wrong with them."""

import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.clean import strip_invisible
from qa.errors import QuestionSetError
from qa.evaluation.corpus import Corpus, Words, check
from qa.evaluation.formats import load, shipped
from qa.evaluation.questions import (
    Evidence,
    Question,
    combine,
    parse_question,
    question_set,
    write_native,
)

from .fakes import HARBOUR, LIBRARY, document

LAMP = Question(
    id="lamp",
    question="When was it lit?",
    history=("Which lighthouse stands at Corran?",),
    answers=("1874",),
    evidence=(Evidence("harbour.md", "The lighthouse at Corran was lit in 1874."),),
    tags=("date",),
)


def lines(path, *records):
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def test_native_set_survives_writing_and_reading(tmp_path):
    questions = (LAMP, Question("moon", "Is the moon hollow?", answerable=False))
    write_native(questions, tmp_path / "mine.jsonl")
    read = load(tmp_path / "mine.jsonl")
    assert read.name == "mine"
    assert read == question_set("mine", read.questions)
    assert read.sha256 == question_set("other", questions).sha256


def test_the_digest_changes_with_a_label():
    other = Question(**{**{f: getattr(LAMP, f) for f in LAMP.__slots__}, "answers": ("1875",)})
    assert question_set("a", [LAMP]).sha256 != question_set("a", [other]).sha256


def test_shipped_sets_are_loaded_by_name():
    assert "seeds" in shipped()
    assert load("seeds").questions


def test_a_missing_set_names_the_shipped_ones():
    with pytest.raises(QuestionSetError, match="seeds"):
        load("nowhere")


def test_bad_lines_are_named_with_their_reasons(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(
        '{"id": "1", "question": "Fine?"}\n\nnonsense\n{"id": "2"}\n[1]\n'
        '{"id": "3", "question": "?", "answers": "one"}\n',
        encoding="utf-8",
    )
    with pytest.raises(QuestionSetError) as error:
        load(path)
    for reason in ("line 3: not JSON", "line 4: `question`", "line 5: not a JSON object"):
        assert reason in str(error.value)
    assert "line 6: `answers` is not a list" in str(error.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"question": "  "}', "question"),
        ('{"question": "?", "answerable": "no"}', "answerable"),
        ('{"question": "?", "evidence": ["a.md"]}', "evidence"),
        ('{"question": "?", "evidence": [{"quote": "x"}]}', "document"),
        ('{"question": "?", "evidence": [{"document": "a", "grade": 0}]}', "grade"),
        ('{"question": "\\ud800?"}', "JSON"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_question_that_cannot_be_read_says_why(text, reason):
    with pytest.raises(QuestionSetError, match=reason):
        parse_question(text)


def test_line_separators_inside_a_text_do_not_end_the_line(tmp_path):
    path = tmp_path / "odd.jsonl"
    path.write_text('{"id": 5, "question": "a\u2028b?"}\r\n', encoding="utf-8")
    assert load(path).questions[0].question == "a\u2028b?"
    assert load(path).questions[0].id == "5"


def test_not_a_set_is_one_sentence(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "notes.pdf").write_text("x")
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "caf\xe9?"}')
    (tmp_path / "other.json").write_text('{"data": [{"title": 1}]}')
    for name in ("empty.jsonl", "notes.pdf", "latin.jsonl", "other.json", ""):
        with pytest.raises(QuestionSetError):
            load(tmp_path / name)


def beir(folder):
    (folder / "qrels").mkdir(parents=True)
    lines(
        folder / "queries.jsonl",
        {"_id": "q1", "text": "keeper of the log"},
        {"_id": "q2", "text": "who ground oats"},
        {"_id": "q3", "text": "judged by nobody"},
    )
    header = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "test.tsv").write_text(
        f"{header}q1\tharbour\t2\nq1\tmill\t0\nq1\torchard\t1\n"
    )
    (folder / "qrels" / "dev.tsv").write_text(f"{header}q2\tmill\t1\n")
    return folder


def test_beir_reads_the_test_split_with_its_grades(tmp_path):
    (only,) = load(beir(tmp_path / "small")).questions
    assert (only.id, only.question) == ("q1", "keeper of the log")
    assert only.evidence == (Evidence("harbour", None, 2), Evidence("orchard", None, 1))


def test_beir_reads_another_split_by_its_name(tmp_path):
    read = load(beir(tmp_path / "small") / "qrels" / "dev.tsv")
    assert [question.id for question in read.questions] == ["q2"]
    assert read.name == "small-dev"


def test_beir_without_a_test_split_reads_all(tmp_path):
    folder = beir(tmp_path / "small")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    assert [question.id for question in load(folder).questions] == ["q1", "q2"]


def test_a_bad_judgement_is_named_by_its_line(tmp_path):
    folder = beir(tmp_path / "small")
    (folder / "qrels" / "test.tsv").write_text("q1\tharbour\t1\nq1\tmill\tvery\n")
    with pytest.raises(QuestionSetError, match=r"test\.tsv line 2"):
        load(folder)


def squad(path, answers, **extra):
    entry = {"id": "s1", "question": "When was the lighthouse lit?", "answers": answers, **extra}
    paragraph = {"context": HARBOUR, "qas": [entry]}
    article = {"title": "Harbour", "paragraphs": [paragraph]}
    path.write_text(json.dumps({"version": "2.0", "data": [article]}), encoding="utf-8")
    return path


def test_squad_evidence_is_the_sentence_of_the_answer(tmp_path):
    answer = {"text": "1874", "answer_start": HARBOUR.index("1874")}
    path = squad(tmp_path / "squad.json", [answer, answer], is_impossible=False)
    (only,) = load(path).questions
    assert only.answers == ("1874",)
    assert only.evidence == (Evidence("Harbour", "The lighthouse at Corran was lit in 1874."),)


def test_squad_impossible_questions_are_unanswerable(tmp_path):
    path = squad(tmp_path / "squad.json", [], is_impossible=True, plausible_answers=[{"text": "x"}])
    (only,) = load(path).questions
    assert not only.answerable
    assert only.evidence == only.answers == ()


def test_trec_topics_and_qrels(tmp_path):
    (tmp_path / "topics.1-2.txt").write_text(
        "<top>\n<num> Number: 1\n<title> Topic: pear trees\n\n<desc> Where?\n</top>\n"
        "<top>\n<num>2\n<title>whale\n oil</title>\n</top>\n"
    )
    (tmp_path / "qrels.txt").write_text("1 0 orchard 1\n1 0 mill 0\n2 0 harbour 2\n")
    for path in (tmp_path, tmp_path / "topics.1-2.txt"):
        first, second = load(path).questions
        assert (first.id, first.question, first.evidence) == (
            "1",
            "pear trees",
            (Evidence("orchard"),),
        )
        assert (second.question, second.evidence[0].grade) == ("whale oil", 2)


def test_trec_topics_as_two_columns(tmp_path):
    (tmp_path / "topics.tsv").write_text("7\tpear trees\n")
    (tmp_path / "dev.qrels").write_text("7 Q0 orchard 1\n")
    assert load(tmp_path).questions[0].question == "pear trees"


def test_a_document_goes_by_id_path_suffix_or_title():
    corpus = Corpus([*LIBRARY, document("x1", "Old.", title="A Title", path="a/b/notes.md")])
    for name in ("x1", "a/b/notes.md", "b/notes.md", "notes.md", "./b/notes.md", "A Title"):
        assert [found.id for found in corpus.candidates(name)] == ["x1"], name
    assert corpus.candidates("otes.md") == []


@pytest.mark.parametrize(
    "quote", ['"ships - all of them - count"', "ships — all  of them — count."]
)
def test_a_quote_is_found_whatever_stands_between_its_words(quote):
    text = "He said:  “ships —\nall of\u00a0them — count”."
    start, end = Words(text).find(quote)
    assert text[start:end] == "ships —\nall of\u00a0them — count"


def test_a_quote_needs_its_words_in_order():
    words = Words("The sea rose. The town drowned.")
    for quote in ("The town rose", "the sea", "The sea The", " … "):
        assert words.find(quote) is None, quote


def test_whole_words_are_preferred_and_parts_reach_to_the_words_ends():
    text = "In 1975 the 5 ships left."
    words = Words(text)
    assert words.find("5") == (text.index("5 ships"), text.index("5 ships") + 1)
    start, end = words.find("hips lef")
    assert text[start:end] == "ships left"


def test_a_quote_is_found_where_words_have_no_spaces():
    text = "灯台は一八七四年に灯された。"
    start, end = Words(text).find("一八七四年")
    assert text[start:end] == "一八七四年"


@given(st.text(st.characters() | st.sampled_from("ab1 .,")), st.data())
def test_any_run_of_words_is_found_in_its_text(text, data):
    text = strip_invisible(text)
    spans = [match.span() for match in re.finditer(r"[a-z0-9]+", text)]
    assume(spans)
    first = data.draw(st.integers(0, len(spans) - 1))
    last = data.draw(st.integers(first, len(spans) - 1))
    quote = text[spans[first][0] : spans[last][1]]
    whole = re.compile(r"\w")
    before, after = text[: spans[first][0]][-1:], text[spans[last][1] :][:1]
    assume(not whole.match(before) and not whole.match(after))
    found = Words(text).find(quote)
    assert found is not None
    assert re.findall(r"\w+", text[slice(*found)]) == re.findall(r"\w+", quote)


def test_among_documents_of_one_title_the_one_that_says_it_is_meant():
    corpus = Corpus(
        [document("one", "Rain fell.", title="Diary"), document("two", "Snow fell.", title="Diary")]
    )
    assert corpus.locate(Evidence("Diary", "Snow fell.")).document_id == "two"


def test_check_finds_each_mistake_on_its_line(tmp_path):
    path = lines(
        tmp_path / "set.jsonl",
        {"id": "1", "question": "?", "evidence": [{"document": "harbour", "quote": "whale oil"}]},
        {"id": "1", "question": "?", "evidence": [{"document": "harbour", "quote": "olive oil"}]},
        {"id": "2", "question": "?", "evidence": [{"document": "castle"}]},
        {"id": "3", "question": "?", "answerable": False, "evidence": [{"document": "mill"}]},
        {"id": "4", "question": "?"},
        {"id": "5", "question": "?", "evidence": [{"document": "Mill"}]},
    )
    double = document("mill2", "Another.", title="Mill")
    problems = check(load(path), [*LIBRARY, double])
    assert [(problem.line, problem.question_id) for problem in problems] == [
        (2, "1"),
        (2, "1"),
        (3, "2"),
        (4, "3"),
        (5, "4"),
        (6, "5"),
    ]
    said = " / ".join(problem.reason for problem in problems)
    for reason in (
        "more than once",
        "does not say: olive oil",
        "castle",
        "unanswerable",
        "neither",
    ):
        assert reason in said
    assert "2 documents are called Mill" in said


def test_joined_sets_keep_ids_apart():
    joined = combine([question_set("a", [LAMP]), question_set("b", [LAMP])])
    assert [question.id for question in joined.questions] == ["a/lamp", "b/lamp"]
    assert joined.questions[1].tags == ("date", "b")
    assert joined.name == "a+b"
    with pytest.raises(QuestionSetError, match="called the same"):
        combine([question_set("a", [LAMP]), question_set("a", [LAMP])])
