"""Reports: complete, self-contained, and deaf to what hostile texts would have them do."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from qa.errors import QuestionSetError
from qa.evaluation.compare import compare
from qa.evaluation.questions import Evidence, Question, question_set
from qa.evaluation.report import html_report, markdown_report, write_report
from qa.evaluation.run import run
from qa.evaluation.saved import load_run, save

from .fakes import LIBRARY, WordAssistant, document
from .test_run import QUESTIONS, SET

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{body}} \x1b[31m|\u202e`"
VOID = {"meta", "input"}


class Page(HTMLParser):
    """Checks that elements nest, and keeps them with their attributes and the visible text."""

    def __init__(self, source):
        super().__init__()
        self.open, self.elements, self.text = [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def result_of(questions=SET, backend=None):
    return list(run(backend or WordAssistant(), [questions], settings={"threshold": 0.5}))[-1]


def hostile_result():
    library = [document(HOSTILE, f"{HOSTILE} ships sank. Another line.", title=HOSTILE), *LIBRARY]
    asked = Question(
        id=HOSTILE,
        question=f"Which ships sank another? {HOSTILE}",
        history=(HOSTILE,),
        answers=(HOSTILE,),
        evidence=(Evidence(HOSTILE, "ships sank"),),
        tags=(HOSTILE,),
    )
    questions = question_set(HOSTILE, [asked, *QUESTIONS])
    return result_of(questions, WordAssistant(library))


def test_the_page_has_each_question_with_its_quotes_hits_and_signals():
    page = Page(html_report(result_of()))
    rows = [attributes for attributes in page.all("tbody") if "data-outcome" in attributes]
    assert [row["data-outcome"] for row in rows] == [
        "right answered",
        "right answered",
        "right refused",
        "wrong refused",
    ]
    text = " ".join(page.text)
    for said in (
        "lit in 1874",
        "stolen",
        "words 1.000",  # a signal
        "not in the documents",
        "castle",
    ):
        assert said in text
    assert len(page.all("svg")) == 2
    assert len(page.all("circle")) >= 2


def test_the_page_needs_no_network_and_allows_its_own_script_only():
    source = html_report(result_of())
    page = Page(source)
    for _, attributes in page.elements:
        assert not {"src", "href", "action", "style"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none';")
    assert f"'sha256-{digest}'" in policy
    assert "url(" not in source
    assert "prefers-color-scheme: dark" in source


def test_hostile_texts_stay_texts():
    result = hostile_result()
    source = html_report(result, compare(result, result))
    page = Page(source)
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert "\x1b" not in source
    assert "\u202e" not in source
    assert "<script>alert(1)</script>" in "".join(page.text)


def test_every_sortable_cell_has_its_key():
    page = Page(html_report(result_of()))
    headers = sum("number" in th.get("class", "") for th in page.all("th"))
    assert headers
    keyed = [
        cell["data-key"] for cell in page.all("td") if cell.get("class") and "data-key" in cell
    ]
    assert all(float(key) >= -1 for key in keyed)
    assert len(keyed) % len(QUESTIONS) == 0


def test_a_comparison_shows_what_flipped():
    before, after = result_of(backend=WordAssistant(least=99)), result_of()
    text = " ".join(Page(html_report(after, compare(before, after))).text)
    assert "Flipped: 2" in text
    assert "better" in text
    assert "Not in these documents." in text


def test_a_saved_run_can_be_reported(tmp_path):
    save(result_of(), tmp_path, "kept")
    text = " ".join(Page(html_report(load_run(tmp_path, "kept"))).text)
    assert "kept: 4 questions" in text
    assert "1874" in text


def test_markdown_is_chosen_by_the_name_of_the_file(tmp_path):
    write_report(result_of(), tmp_path / "report.md")
    write_report(result_of(), tmp_path / "report.html")
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert markdown.startswith("# small: 4 questions")
    assert "| recall@10 | 0.667 | 3 |" in markdown.replace("\\", "")
    assert "What happened to the bells?" in markdown
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(QuestionSetError, match="cannot be written"):
        write_report(result_of(), tmp_path / "no" / "report.html")


def test_markdown_escapes_what_would_be_markup():
    result = hostile_result()
    markdown = markdown_report(result, compare(result, result))
    assert "<script>" not in markdown.replace("\\<", "")
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    assert tables
    assert all(line.endswith("|") for line in tables)
    wrong = [line for line in tables if "alert" in line and "ships" in line]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in wrong)
