"""A run as one page that needs no network: HTML to explore, or Markdown to keep in a repository.

Every text comes from documents or question sets and is escaped where it is put in; the page's own
content policy allows no script but its own and no request at all.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from index.clean import strip_invisible
from qa.errors import QuestionSetError
from qa.evaluation.charts import latency_histogram, reliability_curve
from qa.evaluation.compare import Comparison, Flip
from qa.evaluation.history import differences
from qa.evaluation.run import Json, Record, RunResult
from qa.evaluation.table import headlines, sections

_FOLDER = Path(__file__).parent
_PLACE = re.compile(r"\{\{([a-z-]+)\}\}")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


def write_report(result: RunResult, path: Path, comparison: Comparison | None = None) -> None:
    """Write a report: Markdown where the file ends in .md, else HTML.

    Raises:
        QuestionSetError: the file cannot be written.
    """
    make = markdown_report if path.suffix.lower() == ".md" else html_report
    try:
        path.write_text(make(result, comparison), encoding="utf-8")
    except OSError as error:
        raise QuestionSetError(f"{path} cannot be written ({error.strerror}).") from None


def html_report(result: RunResult, comparison: Comparison | None = None) -> str:
    """Make the whole page as one text."""
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    title = f"{result.name or result.set_name}: {len(result.records)} questions"
    parts = {
        "title": _text(title),
        "script": script,
        "script-hash": b64encode(sha256(script.encode()).digest()).decode(),
        "body": "\n".join([f"<h1>{_text(title)}</h1>", *_body(result, comparison)]),
    }
    template = (_FOLDER / "report.html").read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: parts[place[1]], template)


def _text(text: object) -> str:
    return escape(strip_invisible(str(text)))


def _body(result: RunResult, comparison: Comparison | None) -> Iterable[str]:
    facts = {"set": result.set_name, "made": result.created, "k": result.k}
    facts |= {**result.index, **result.settings, "version": result.version}
    yield f'<p class="faint">{"; ".join(f"{_text(k)} {_text(v)}" for k, v in facts.items())}</p>'
    if comparison is not None:
        yield from _comparison(comparison)
    yield "<h2>Measures</h2>"
    yield f'<div class="columns">{"".join(_totals(result))}</div>'
    yield '<div class="columns">'
    yield f"<figure><figcaption>Reliability</figcaption>{reliability_curve(result.bins)}</figure>"
    latencies = [r.values["latency_ms"] for r in result.records if "latency_ms" in r.values]
    yield f"<figure><figcaption>Milliseconds</figcaption>{latency_histogram(latencies)}</figure>"
    yield "</div>"
    yield from _groups(result)
    yield from _questions(result)


def _totals(result: RunResult) -> Iterable[str]:
    for title, names in sections(result.totals).items():
        rows = (
            (name, f"{result.totals[name].value:.3f}", str(result.totals[name].n)) for name in names
        )
        yield _table(title, ("measure", "value", "questions"), rows)


def _table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a plain table: the first column is words, the others are numbers."""
    kinds = ["", *[' class="number"'] * (len(header) - 1)]
    head = "".join(f"<th{k}>{_text(name)}</th>" for k, name in zip(kinds, header, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{k}>{_text(v)}</td>' for k, v in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    return (
        f'<table class="narrow"><caption>{_text(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _group_rows(result: RunResult) -> list[tuple[str, ...]]:
    columns = headlines(result.totals, result.k)
    return [
        (name, *(f"{totals[c].value:.3f}" if c in totals else "–" for c in columns))
        for name, totals in result.groups.items()
    ]


def _groups(result: RunResult) -> Iterable[str]:
    if result.groups:
        header = ("group", *headlines(result.totals, result.k))
        yield _table("Groups", header, _group_rows(result))


def _questions(result: RunResult) -> Iterable[str]:
    columns = headlines(result.totals, result.k)
    yield "<h2>Questions</h2>"
    yield (
        '<div class="filters"><label>Words <input id="words" type="search"></label>'
        '<label>Show <select id="outcome"><option value="">all</option>'
        '<option value="right">right</option><option value="wrong">wrong</option>'
        '<option value="answered">answered</option><option value="refused">refused</option>'
        '</select></label><span id="shown" role="status"></span></div>'
    )
    numbers = "".join(
        f'<th class="number"><button>{_text(name)}</button></th>'
        for name in ("confidence", *columns)
    )
    yield '<table id="questions"><thead><tr><th><button>id</button></th>'
    yield f"<th><button>question</button></th>{numbers}</tr></thead><tbody>"
    for record in result.records:
        yield _row(record, columns)
    yield "</tbody></table>"


def _row(record: Record, columns: Sequence[str]) -> str:
    asked = record.question
    right = "right" if record.values["correct"] else "wrong"
    outcome = f"{right} {'refused' if record.refused else 'answered'}"
    cells = [(str(record.confidence), f"{record.confidence:.2f}")]
    for name in columns:
        value = record.values.get(name)
        cells.append(("-1", "–") if value is None else (str(value), f"{value:.2f}"))
    numbers = "".join(f'<td class="number" data-key="{key}">{shown}</td>' for key, shown in cells)
    mark = '<b class="good">✓</b>' if right == "right" else '<b class="bad">✗</b>'
    question = " / ".join((*asked.history, asked.question))
    words = " ".join((asked.id, question, *asked.answers, *asked.tags))
    return (
        f'<tr data-outcome="{outcome}" data-words="{_text(words)}">'
        f'<td data-key="{_text(asked.id)}">{mark} {_text(asked.id)}</td>'
        f'<td data-key="{_text(question)}"><details><summary>{_text(question)}</summary>'
        f"<div>{''.join(_detail(record))}</div></details></td>{numbers}</tr>"
    )


def _detail(record: Record) -> Iterable[str]:
    asked, answer = record.question, record.answer
    wanted = " or ".join(asked.answers) if asked.answerable else "not in the documents"
    if wanted:
        yield f"<p>Expected: {_text(wanted)}</p>"
    for evidence in asked.evidence:
        quote = f"<blockquote>{_text(evidence.quote)}</blockquote>" if evidence.quote else ""
        yield f'<p class="faint">Evidence in {_text(evidence.document)}</p>{quote}'
    if asked.tags:
        yield f'<p class="faint">Tags: {_text(", ".join(asked.tags))}</p>'
    if answer is None:
        yield f'<p class="bad">No answer: {_text(record.error)}</p>'
        return
    yield f"<p>Answer ({_text(answer['status'].replace('_', ' '))}): {_text(answer['answer'])}</p>"
    if answer["short_answer"]:
        yield f"<p>Short answer: {_text(answer['short_answer'])}</p>"
    for citation in answer.get("citations", ()):
        yield f'<p class="faint">[{citation["number"]}] {_place(citation, citation["quote"])}</p>'
        yield f"<blockquote>{_text(citation['quote']['text'])}</blockquote>"
    if hits := answer.get("hits"):
        items = "".join(_hit(hit) for hit in hits)
        yield f"<details><summary>{len(hits)} passages</summary><div>{items}</div></details>"


def _place(found: Json, span: Json) -> str:
    return f"{_text(found['document']['title'])}, characters {span['start']} to {span['end']}"


def _hit(hit: Json) -> str:
    signals = ", ".join(f"{name} {value:.3f}" for name, value in hit["signals"].items())
    return (
        f'<p class="faint">{hit["rank"]}. {_place(hit, hit["passage"])}; score {hit["score"]:.3f}'
        f" ({_text(signals)})</p><blockquote>{_text(hit['passage']['text'])}</blockquote>"
    )


def _comparison(comparison: Comparison) -> Iterable[str]:
    yield f"<h2>{_text(comparison.first)} → {_text(comparison.second)}</h2>"
    for name, (before, after) in comparison.changes.items():
        yield f'<p class="faint">{_text(name)}: {_text(before)} → {_text(after)}</p>'
    yield _table("Differences", *differences(comparison))
    yield f"<h2>Flipped: {len(comparison.flips)}</h2>"
    yield from (_flip(flip, comparison) for flip in comparison.flips)


def _flip(flip: Flip, comparison: Comparison) -> str:
    mark = '<b class="bad">worse</b>' if flip.delta < 0 else '<b class="good">better</b>'
    question = _text(" / ".join((*flip.history, flip.question)))
    sides = "".join(
        f"<p>{_text(name)}: {_text(answer['answer'] if answer else 'no answer came')}</p>"
        for name, answer in ((comparison.first, flip.first), (comparison.second, flip.second))
    )
    return f"<details><summary>{mark} {question}</summary><div>{sides}</div></details>"


def markdown_report(result: RunResult, comparison: Comparison | None = None) -> str:
    """Make the report as Markdown: totals, groups, what went wrong, and the comparison."""
    title = f"{result.name or result.set_name}: {len(result.records)} questions"
    blocks = [f"# {_plain(title)}"]
    for heading, names in sections(result.totals).items():
        rows = [
            (name, f"{result.totals[name].value:.3f}", str(result.totals[name].n)) for name in names
        ]
        blocks += [f"## {heading}", _pipes(("measure", "value", "questions"), rows)]
    if result.groups:
        header = ("group", *headlines(result.totals, result.k))
        blocks += ["## Groups", _pipes(header, _group_rows(result))]
    wrong = [record for record in result.records if not record.values["correct"]]
    if wrong:
        listed = [_pipes(("id", "question", "answer"), [_wrong(record) for record in wrong])]
        blocks += [f"## Wrong: {len(wrong)}", *listed]
    if comparison is not None:
        blocks.append(f"## {_plain(comparison.first)} → {_plain(comparison.second)}")
        blocks.append(_pipes(*differences(comparison)))
    return "\n\n".join(blocks) + "\n"


def _wrong(record: Record) -> tuple[str, ...]:
    asked = record.question
    said = record.answer["answer"] if record.answer else record.error
    return asked.id, " / ".join((*asked.history, asked.question)), str(said)


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(strip_invisible(text).split()))


def _pipes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first, *others = ([_plain(cell) for cell in row] for row in (header, *rows))
    lines = [first, ["---"] * len(header), *others]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
