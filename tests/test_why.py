"""Why a passage is in an answer, or which stage lost it: told of real answers over real files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.errors import DocumentNotFoundError
from index.search import Searcher
from qa import Assistant
from qa.cli import main
from qa.config import Settings
from qa.errors import QuestionError
from qa.types import Answer, Step, Why
from tests.fakes import HashEmbedder

FERRY = (
    "# The ferry\n\nPublished 2019\n\n"
    "The ferry crosses at noon. Its rope is tarred each spring by the ferrymen of the village. "
    "Old Berit holds the tiller of the ferry.\n\n"
    "The toll of the ferry is four coins. Carts pay double. A child pays nothing at all.\n"
)
LEDGER = "\n\n".join(
    f"Lot {n} was sold to bidder {n * 7}. It held {what} from {where}, packed in straw by the "
    f"porters of hall {n % 5} on the evening of day {n + 3}, and was weighed twice before the "
    f"clerk of bench {n * 3} entered {what} under folio {n + 200} of the yellow ledger, which "
    "nobody has opened since the flood took the lower shelves and the cat of the house with "
    "them in spring."
    for n, (what, where) in enumerate(
        (what, where)
        for what in ("amber", "velvet", "cinnamon", "pewter", "parchment", "walnut", "copper")
        for where in ("Riga", "Lisbon", "Tunis", "Bergen", "Malmo", "Porto", "Split", "Varna")
        for _ in range(3)
    )
)
TEXTS = {
    "ferry.md": FERRY,
    "toll.md": "Old men say that the toll of the ferry is four coins. Nobody paid more.",
    "ledger.md": LEDGER,
    "salt.md": "Salt. Who sells it in the harbour is known to the ferry.",
}
QUESTIONS = (
    "What is the toll of the ferry?",
    "Who holds the tiller?",
    "Where did the amber in lot 3 come from?",
    "zeppelins",
)
TOLL = QUESTIONS[0]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    index = tmp_path_factory.mktemp("why") / "index"
    list(build([folder], index, embedder=HashEmbedder()))
    return index


@pytest.fixture(scope="module")
def eager(index: Path) -> Iterator[Assistant]:
    """One that answers everything."""
    searcher = Searcher.open(index, HashEmbedder())
    with Assistant(searcher, Settings(index, threshold=0)) as assistant:
        yield assistant


def of(
    assistant: Assistant, answer: Answer | str, name: str, words: str, until: str | None = None
) -> Why:
    """Why (not) these words of a document, or from them until others."""
    if isinstance(answer, str):
        answer = assistant.ask(answer)
    text = assistant.document(name).text
    start = text.index(words)
    end = text.index(until) + len(until) if until else start + len(words)
    return assistant.why(answer, name, start, end)


def step(why: Why) -> Step:
    """The stage that lost it."""
    return next(step for step in why.steps if step.passed is False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_told_of_every_passage_is_what_the_answer_is(
    eager: Assistant, question: str
) -> None:
    answer = eager.ask(question)
    places = {hit.passage.id: place for place, hit in enumerate(answer.hits, 1)}
    for document in eager.documents():
        for passage in eager.searcher.store.passages_of(document.id)[:40]:
            why = eager.why(answer, document.id, passage.start, passage.end)
            cited = tuple(
                citation.number
                for citation in answer.citations
                if citation.quote.document_id == document.id
                and citation.quote.start < passage.end
                and passage.start < citation.quote.end
            )
            assert why.passage == passage
            assert bool(why.numbers) == (why.lost is None)
            assert set(why.numbers) <= set(cited)
            assert bool(cited) == (why.lost is None)
            ranks = {rank.name: rank for rank in why.ranks}
            if place := places.get(passage.id):
                assert ranks["in the end"].rank == place
                assert why.score == pytest.approx(answer.hits[place - 1].score)
            if why.shares:
                added = sum(share.contribution for share in why.shares)
                assert added == pytest.approx(why.score, abs=1e-5)
            outcomes = [each.passed for each in why.steps]
            lost = outcomes.index(False) if False in outcomes else len(outcomes)
            assert outcomes == [True] * lost + [False] * (lost < 7) + [None] * (6 - lost)
            assert why.verdict.endswith(".")
            assert all(each.told.endswith(".") for each in why.steps[: lost + 1])


def test_a_quote_tells_its_number_its_place_and_the_signal_that_spoke_for_it(
    eager: Assistant,
) -> None:
    why = of(eager, TOLL, "ferry.md", "The toll of the ferry is four coins.")
    assert (why.lost, why.verdict[:17]) == (None, "In the answer, as")
    assert why.shares[0].label in why.verdict
    assert "its best sentence 1st of" in why.verdict
    assert set(why.held) == {"toll", "ferry"}
    assert why.lacked == ()
    assert "four coins" in why.sentence
    assert why.rival in ("the 1st", "the 2nd")
    assert all(share.rival is not None for share in why.shares)


def test_headings_and_blank_lines_are_never_searched(eager: Assistant) -> None:
    why = of(eager, TOLL, "ferry.md", "The ferry\n")
    assert (why.lost, why.passage, why.shares, why.ranks) == ("passage", None, (), ())
    assert why.verdict.startswith("Never searched: headings, blank lines")
    assert [each.passed for each in why.steps] == [False] + [None] * 6


@pytest.mark.parametrize(
    ("filtered", "name", "told"),
    [
        ("source:ledger", "ferry.md", "source:ledger leaves it out."),
        ("title:salt author:nobody", "ferry.md", "author:nobody leaves it out."),
        ("-tiller", "ferry.md", "-tiller leaves it out."),
        ('"yellow ledger"', "ferry.md", "“yellow ledger” leaves it out."),
        ("after:2020", "ferry.md", "after:2020 leaves it out: its document is not dated."),
    ],
)
def test_the_filter_that_left_it_out_is_named_as_it_was_typed(
    eager: Assistant, filtered: str, name: str, told: str
) -> None:
    why = of(eager, f"{TOLL} {filtered}", name, "The ferry crosses", "nothing at all.")
    assert why.lost == "filters"
    assert why.verdict == f"Lost at the filters: {told}"
    assert why.ranks == ()
    assert why.shares == ()


def test_a_document_that_was_not_ticked_is_told_so(eager: Assistant) -> None:
    answer = eager.ask(TOLL, scope=["salt.md", "ledger.md"])
    assert answer.ticked == ("ledger.md", "salt.md")
    why = of(eager, answer, "ferry.md", "The toll")
    assert why.verdict == (
        "Lost at the filters: its document is not among the 2 documents that you ticked."
    )
    inside = of(eager, answer, "salt.md", "Who sells")
    assert inside.steps[1] == Step("filters", True, "It meets every filter.")
    assert inside.lost is None


def test_what_neither_search_finds_is_told_its_place_in_both(eager: Assistant) -> None:
    answer = eager.ask(TOLL)
    lost = [
        why
        for passage in eager.searcher.store.passages_of("ledger.md")
        if (why := eager.why(answer, "ledger.md", passage.start, passage.end)).lost == "search"
    ]
    assert lost
    told = step(lost[0]).told
    assert told.startswith("It holds none of the question's words and by vector it came ")
    assert told.endswith("and only the first 100 of each go on.")
    assert lost[0].ranks[0].rank is None
    assert (lost[0].ranks[1].rank or 0) > 100
    assert lost[0].ranks[3].rank is None
    assert lost[0].shares == ()


def test_a_candidate_beyond_the_pool_is_told_where_it_stood(eager: Assistant) -> None:
    answer = eager.ask(TOLL)
    found = [
        why
        for passage in eager.searcher.store.passages_of("ledger.md")
        if (why := eager.why(answer, "ledger.md", passage.start, passage.end)).lost == "candidates"
    ]
    assert found
    for why in found:
        both = next(rank for rank in why.ranks if rank.name == "by both")
        assert (both.rank or 0) > both.most
        assert f"of {both.of:,}, and only the first {both.most} are ranked anew." in why.verdict


def test_what_is_ranked_too_low_is_told_the_signal_it_fell_behind_by(eager: Assistant) -> None:
    answer = eager.ask(TOLL)
    hit = answer.hits[7]
    why = eager.why(answer, hit.document.id, hit.passage.start, hit.passage.end)
    assert why.lost == "ranking"
    assert "it came 8th of 25, and only the first 5 are read; it fell behind the 5th" in why.verdict
    behind = max(why.shares, key=lambda share: (share.rival or 0) - share.contribution)
    assert f"most by {behind.label}, " in why.verdict


def test_a_refusal_loses_what_it_would_have_quoted(index: Path, eager: Assistant) -> None:
    strict = Assistant(eager.searcher, Settings(index, threshold=1))
    answer = strict.ask(TOLL)
    assert answer.status == "not_found"
    why = of(strict, answer, "ferry.md", "The toll of the ferry is four coins.")
    assert why.lost == "confidence"
    assert why.numbers == ()
    assert why.verdict.startswith("Lost with the whole answer: the confidence that the documents")
    assert "and below 1.00 nothing is quoted; its best sentence would have been [1]" in why.verdict
    other = of(strict, answer, "ferry.md", "Carts pay double.")
    assert other.lost in ("confidence", "ranking")


def test_why_a_sentence_that_was_read_is_not_quoted(tmp_path: Path) -> None:
    texts = {
        "a.md": "The toll of the ferry is four coins.",
        "b.md": "The toll of the ferry is four coins.\n\nHats are worn.\n\nThe toll of the ferry "
        "is four coins.",
        "c.md": "Toll, ferry.\n\nSwans nest where the reeds begin and nobody counts them at dusk.",
    }
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    list(build([folder], tmp_path / "index", embedder=HashEmbedder()))
    settings = Settings(tmp_path / "index", threshold=0)
    with Assistant(Searcher.open(tmp_path / "index", HashEmbedder()), settings) as assistant:
        answer = assistant.ask(TOLL)
        said = {
            words: of(assistant, answer, name, words).verdict
            for name, words in (("b.md", "Hats are"), ("c.md", "Swans nest"))
        }
        assert "it is a label rather than a statement" in said["Hats are"]
        assert "it is too weak: it scores" in said["Swans nest"]
        text = texts["b.md"]
        last = text.rindex("The toll")
        twice = assistant.why(answer, "b.md", last, len(text))
        assert "it says the same as [" in twice.verdict or twice.lost is None


def test_the_history_of_a_question_counts(eager: Assistant) -> None:
    history = ["What is the toll of the ferry?"]
    answer = eager.ask("And who holds its tiller?", history)
    assert "ferry" in answer.resolved_question
    why = of(eager, answer, "ferry.md", "Old Berit holds the tiller of the ferry.")
    assert why.question == answer.resolved_question
    assert {"tiller", "ferry"} <= set(why.held)


def test_of_a_whole_document_the_passage_that_came_the_farthest_speaks(eager: Assistant) -> None:
    answer = eager.ask("Where did the amber in lot 3 come from?")
    text = eager.document("ledger.md").text
    why = eager.why(answer, "ledger.md", 0, len(text))
    assert why.lost is None
    assert why.steps[0].told.startswith(
        f"Of the {len(eager.searcher.store.passages_of('ledger.md'))} passages here, this one of "
    )
    assert why.passage is not None
    assert any(hit.passage == why.passage for hit in answer.hits)


def test_an_index_that_has_changed_is_said(eager: Assistant) -> None:
    answer = replace(eager.ask(TOLL), generation=99)
    assert of(eager, answer, "ferry.md", "The toll").note.startswith("The index has changed")
    assert of(eager, TOLL, "ferry.md", "The toll").note == ""


def test_no_such_stretch_or_document_is_one_sentence(eager: Assistant) -> None:
    answer = eager.ask(TOLL)
    for start, end in ((-1, 3), (3, 3), (5, 2), (0, 10_000_000)):
        with pytest.raises(QuestionError, match=r"choose 0 <= start < end <= \d+\.$"):
            eager.why(answer, "salt.md", start, end)
    with pytest.raises(DocumentNotFoundError):
        eager.why(answer, "gone.md", 0, 1)


# --- on the command line -----------------------------------------------------------------------


@pytest.mark.model
def test_the_command_tells_it_to_people_and_to_programs(
    assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    index = str(assistant.settings.index)
    question = "Who leads the Nuffield Trust?"
    (first, *_) = assistant.ask(question).citations
    quote, name = first.quote, first.hit.document.id
    command = ["search", question, "--index", index, "--why"]
    stretch = f"{name}:{quote.start}-{quote.end}"
    assert main([*command, stretch]) == 0
    told = capsys.readouterr().out
    assert told.startswith("In the answer, as [1]: it came 1st of ")
    assert main([*command, stretch, "--json"]) == 0
    adds = json.loads(capsys.readouterr().out)["signals"]
    most = max(max(signal["contribution"], signal["compared"] or 0) for signal in adds.values())
    for signal, share in adds.items():
        (row,) = [line for line in told.splitlines() if line.startswith(f"{signal} ")]
        assert row.count("#") == pytest.approx(20 * share["contribution"] / most, abs=1)
    assert "#" in told
    assert "\nfilters     There is no filter.\n" in told
    assert main([*command, "yale-training-for-clinicians.md:0-40", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lost"] in ("ranking", "quotes")
    assert found["document"]["id"] == "yale-training-for-clinicians.md"
    assert found["passage"]["start"] == 0
    assert [stage["stage"] for stage in found["stages"]][:2] == ["passage", "filters"]
    assert found["signals"]["hybrid"].keys() == {
        "value",
        "weight",
        "contribution",
        "rank",
        "compared",
    }
    assert main([*command, "yale-training-for-clinicians.md:9-3"]) == 1
    assert "are no stretch of yale-training" in capsys.readouterr().err
    assert main([*command, "nothing:here"]) == 1
    assert "'nothing:here'" in capsys.readouterr().err
