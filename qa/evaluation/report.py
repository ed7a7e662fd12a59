"""A run as one page that needs no network: HTML to explore, or Markdown to keep in a repository.

Every text comes from documents or question sets and is escaped where it is put in; the page's own
content policy allows no script but its own and no request at all.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from index.clean import strip_invisible
from qa.errors import QuestionSetError
from qa.evaluation.charts import latency_histogram, reliability_curve
from qa.evaluation.compare import Comparison, Flip
from qa.evaluation.history import differences
from qa.evaluation.questions import Evidence, Question
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
    yield _pairs("facts", {**facts, **result.index, **result.settings, "version": result.version})
    tiles = ((name, result.totals[name]) for name in headlines(result.totals, result.k))
    yield '<ul class="tiles">'
    for name, total in tiles:
        yield f'<li><b>{total.value:.3f}</b>{_text(name)} <span class="faint">of {total.n}</span>'
        yield "</li>"
    yield '</ul><div class="charts">'
    yield "<figure><figcaption>Can its confidence be believed?</figcaption>"
    yield f"{reliability_curve(result.bins)}</figure>"
    latencies = [r.values["latency_ms"] for r in result.records if "latency_ms" in r.values]
    yield "<figure><figcaption>How long do answers take?</figcaption>"
    yield f"{latency_histogram(latencies)}</figure></div>"
    if comparison is not None:
        yield from _comparison(comparison)
    yield from _questions(result)
    yield f'<h2>Measures</h2><div class="measures">{"".join(_totals(result))}</div>'
    yield from _groups(result)


def _pairs(kind: str, values: Mapping[str, object]) -> str:
    rows = (f"<div><dt>{_text(k)}</dt><dd>{_text(v)}</dd></div>" for k, v in values.items())
    return f'<dl class="{kind}">{"".join(rows)}</dl>'


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
        f'<div class="scroll"><table class="narrow"><caption>{_text(title)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
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
    yield f"<th><button>question</button></th>{numbers}</tr></thead>"
    for record in result.records:
        yield _row(record, columns, result.k)
    yield "</table>"


def _row(record: Record, columns: Sequence[str], k: int) -> str:
    """Make a body of two rows: the figures, and behind a button all that was said."""
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
        f'<tbody data-outcome="{outcome}" data-words="{_text(words)}"><tr>'
        f'<td data-key="{_text(asked.id)}">{mark} {_text(asked.id)}</td>'
        f'<td data-key="{_text(question)}"><button class="ask" aria-expanded="false">'
        f"{_text(question)}</button></td>{numbers}</tr>"
        f'<tr hidden><td colspan="{2 + len(cells)}"><div class="detail">'
        f"{_expected(record.question)}{_said(record)}{_hits(record, k)}</div></td></tr></tbody>"
    )


def _section(title: str, parts: Iterable[str], kind: str = "") -> str:
    return f'<section class="{kind}"><h3>{_text(title)}</h3>{"".join(parts)}</section>'


def _labels(about: str, labels: Iterable[Evidence]) -> Iterable[str]:
    for label in labels:
        quote = f"<blockquote>{_text(label.quote)}</blockquote>" if label.quote else ""
        yield f'<p class="faint">{about} {_text(label.document)}</p>{quote}'


def _expected(asked: Question) -> str:
    wanted = " or ".join(asked.answers) if asked.answerable else "not in the documents"
    parts = [f"<p>{_text(wanted)}</p>"] if wanted else []
    parts += _labels("Evidence in", asked.evidence)
    parts += _labels("Marked as wrong, in", asked.not_evidence)
    if asked.tags:
        parts.append(f'<p class="faint">Tags: {_text(", ".join(asked.tags))}</p>')
    return _section("Expected", parts)


def _said(record: Record) -> str:
    answer = record.answer
    if answer is None:
        return _section("No answer", [f'<p class="bad">{_text(record.error)}</p>'])
    parts = [f"<p>{_text(answer['answer'])}</p>"]
    if answer["short_answer"]:
        parts.append(f"<p>Short answer: {_text(answer['short_answer'])}</p>")
    for citation in answer.get("citations", ()):
        place = _place(citation, citation["quote"])
        parts.append(f'<p class="faint">[{citation["number"]}] {place}</p>')
        parts.append(f"<blockquote>{_text(citation['quote']['text'])}</blockquote>")
    return _section(answer["status"].replace("_", " "), parts)


def _hits(record: Record, k: int) -> str:
    """Show the first k passages with their signals; saved runs keep none."""
    hits = record.answer.get("hits", ())[:k] if record.answer else ()
    return _section(f"First {len(hits)} passages", map(_hit, hits), "wide") if hits else ""


def _place(found: Json, span: Json) -> str:
    page = f"{_text(span['page'])}, " if "page" in span else ""
    title = _text(found["document"]["title"])
    return f"{title}, {page}characters {span['start']} to {span['end']}"


def _hit(hit: Json) -> str:
    signals = {name: f"{value:.3f}" for name, value in hit["signals"].items()}
    scores = _pairs("signals", {"score": f"{hit['score']:.3f}", **signals})
    return (
        f"<details><summary>{hit['rank']}. {_place(hit, hit['passage'])}</summary><div>{scores}"
        f"<blockquote>{_text(hit['passage']['text'])}</blockquote></div></details>"
    )


def _comparison(comparison: Comparison) -> Iterable[str]:
    yield f"<h2>From {_text(comparison.first)} to {_text(comparison.second)}</h2>"
    changes = comparison.changes.items()
    yield _pairs("facts", {name: f"{before} → {after}" for name, (before, after) in changes})
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
