"""The report as a person has it: opened from disk, in a real browser, by day and by night."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation.compare import compare
from qa.evaluation.questions import Evidence, Question, question_set
from qa.evaluation.report import html_report
from qa.evaluation.run import RunResult, run
from tests.browser import listening, visit

from .fakes import LIBRARY, WordAssistant, document
from .test_run import QUESTIONS

pytestmark = pytest.mark.browser

READ = """
const all = (selector, within = page) => [...within.querySelectorAll(selector)];
const questions = () => all("#questions tbody");
const name = (one) => one.rows[0].cells[0].dataset.key;
const ids = () => questions().filter((one) => !one.hidden).map(name);
const header = (name) => all("#questions th").find((one) => one.textContent === name);
const sorted = (name) => {
  header(name).querySelector("button").click();
  return [header(name).getAttribute("aria-sort"), ids()];
};
const type = (selector, value) => {
  page.querySelector(selector).value = value;
  page.querySelector(selector).dispatchEvent(new Event("input"));
  const found = [page.querySelector("#shown").textContent, ids()];
  page.querySelector(selector).value = "";
  page.querySelector(selector).dispatchEvent(new Event("input"));
  return found;
};
const drill = () => {
  const one = questions().find((found) => name(found) === "lit");
  const button = one.querySelector(".ask");
  const states = [];
  for (let press = 0; press < 3; press += 1) {
    states.push([button.getAttribute("aria-expanded"), one.rows[1].offsetHeight > 0]);
    if (press < 2) button.click();
    if (press === 0) all("details", one).forEach((found) => { found.open = true; });
    if (press === 0) states.text = one.rows[1].innerText;
  }
  return { states: [...states], text: states.text };
};
const shade = (selector) => {
  const found = page.querySelector(selector);
  let ground = found;
  const colour = (one) => frame.contentWindow.getComputedStyle(one).backgroundColor;
  while (colour(ground) === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const style = frame.contentWindow.getComputedStyle(found);
  return [found.closest("svg") ? style.fill : style.color, colour(ground)];
};
const shown = ["body", "h1", "h3", ".faint", "dt", "th button", ".good", ".bad", "text", "input"];
const told = {
  first: ids(),
  confidence: [sorted("confidence"), sorted("confidence")],
  question: sorted("question"),
  words: type("#words", "LIGHTHOUSE lit"),
  outcome: type("#outcome", "refused"),
  drill: drill(),
  figures: all("svg").map((one) => [one.querySelector("title").textContent, one.clientWidth > 100]),
  flips: all("summary").filter((one) => /^(worse|better) /.test(one.innerText)).length,
  shades: Object.fromEntries(shown.map((selector) => [selector, shade(selector)])),
  elements: all("*").map((one) => one.localName),
  hacked: frame.contentWindow.hacked === true,
  text: page.body.textContent,
};
const smuggled = page.createElement("script");
smuggled.textContent = "window.hacked = true";
page.body.append(smuggled);
for (const [tag, key] of [["img", "src"], ["iframe", "src"], ["link", "href"]]) {
  const element = page.createElement(tag);
  element[key] = "SERVER/smuggled-" + tag;
  element.rel = "stylesheet";
  page.body.append(element);
}
await new Promise((done) => setTimeout(done, 1000));
return { ...told, smuggled: frame.contentWindow.hacked === true };
"""


def hostile(server: str) -> str:
    return (
        f"</td></table><script>window.hacked = true</script>\"'><img src={server}/img onerror="
        f"window.hacked=true> <style>@import '{server}/css';</style> {{{{body}}}} ]]>"
    )


def result_of(text: str, least: int = 2) -> RunResult:
    asked = Question(
        id=text,
        question=f"Which ships sank another? {text}",
        history=(text,),
        answers=(text,),
        evidence=(Evidence(text, "ships sank"),),
        not_evidence=(Evidence("mill", "Jonas Reed bought the mill in 1911."),),
        tags=(text,),
    )
    library = [document(text, f"{text} ships sank. Another line.", title=text), *LIBRARY]
    questions = question_set("small", [*QUESTIONS, asked])
    (*_, result) = run(WordAssistant(library, least), [questions], settings={text: text})
    assert isinstance(result, RunResult)
    return result


class Visit:
    """What was seen of the page, in which colours, and what the server beside it heard."""

    def __init__(self, folder: Path, *, dark: bool) -> None:
        with listening() as (server, self.heard):
            self.text = hostile(server)
            before, self.result = result_of(self.text, least=99), result_of(self.text)
            source = html_report(self.result, compare(before, self.result))
            self.seen: dict[str, Any]
            self.seen, self.console = visit(folder, source, READ, server, dark=dark)


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """The report with a comparison, on hostile texts, in each colour scheme."""
    return Visit(tmp_path_factory.mktemp("page"), dark=request.param == "dark")


def test_rows_sort_by_the_header_that_is_pressed(page: Visit) -> None:
    seen = page.seen
    assert seen["first"] == ["lit", "owner", "moon", "lost", page.text]
    confidence = {record.question.id: record.confidence for record in page.result.records}
    (up, rising), (down, falling) = seen["confidence"]
    assert (up, down) == ("ascending", "descending")
    assert [confidence[name] for name in rising] == sorted(confidence.values())
    assert [confidence[name] for name in falling] == sorted(confidence.values(), reverse=True)
    _, by_words = seen["question"]
    assert [name for name in by_words if name != page.text] == ["moon", "lost", "lit", "owner"]


def test_rows_are_filtered_by_words_and_by_outcome(page: Visit) -> None:
    assert page.seen["words"] == ["1 of 5 questions", ["lit"]]
    count, ids = page.seen["outcome"]
    assert count == "2 of 5 questions"
    assert sorted(ids) == ["lost", "moon"]


def test_a_question_opens_to_its_answer_and_its_passages_with_signals(page: Visit) -> None:
    found = page.seen["drill"]
    assert found["states"] == [["false", False], ["true", True], ["false", False]]
    for said in ("1874", "The lighthouse at Corran was lit in 1874.", "characters 0 to", "words"):
        assert said in found["text"]


def test_both_charts_and_the_comparison_are_there(page: Visit) -> None:
    (reliability, wide), (latency, high) = page.seen["figures"]
    assert reliability.startswith("Reliability")
    assert latency.startswith("Latency")
    assert wide
    assert high
    assert page.seen["flips"] >= 2


def test_hostile_texts_are_shown_and_never_obeyed(page: Visit) -> None:
    seen = page.seen
    assert page.text in seen["text"]
    assert not seen["hacked"]
    assert seen["elements"].count("script") == 1
    assert not {"img", "link", "iframe"} & set(seen["elements"])
    assert len(seen["first"]) == 5


def test_nothing_is_fetched_not_even_by_what_is_smuggled_in(page: Visit) -> None:
    assert page.heard == ["/control"]
    assert not page.seen["smuggled"]
    refused = page.console.splitlines()
    assert len(refused) == 4  # the script, the image, the frame and the style sheet
    assert all("Content Security Policy" in line for line in refused)


def test_every_text_stands_out_from_its_ground(page: Visit, request: pytest.FixtureRequest) -> None:
    for selector, (ink, ground) in page.seen["shades"].items():
        assert contrast(ink, ground) >= 4.5, (selector, ink, ground)
    ink, ground = page.seen["shades"]["body"]
    assert (luminance(ground) < luminance(ink)) == ("dark" in request.node.name)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2); 4.5 is enough for text."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
