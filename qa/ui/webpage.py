"""A conversation as one page: no script, no request, light or dark as the reader has it, printable.

Every text comes from documents or questions and is escaped where it is put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from qa.types import Answer, Citation, Kept, Point
from qa.ui import wording

_STYLE = """
:root { color-scheme: light dark; --back: #faf7f0; --text: #2b2722; --dim: #635a4d;
  --accent: #8a4a12; --rule: #c9bfad; }
@media (prefers-color-scheme: dark) { :root { --back: #171614; --text: #e8e2d8; --dim: #a79e8f;
  --accent: #d9a95f; --rule: #4a443b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 2.5rem 1.25rem 4rem; background: var(--back);
  color: var(--text); font: 1.06rem/1.6 Georgia, "Iowan Old Style", "Times New Roman", serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; line-height: 1.35; margin: 0 0 .75rem; }
article { border-top: 1px solid var(--rule); margin-top: 2rem; padding-top: 1.5rem; }
blockquote { margin: .9rem 0; padding-left: 1rem; border-left: 3px solid var(--accent); }
a { color: var(--accent); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
.dim, footer, li { color: var(--dim); font-size: .92rem; }
.short { font-weight: bold; color: var(--accent); } .lost { font-weight: bold; }
ol { padding-left: 1.6rem; } li { margin: .35rem 0; } li b { color: var(--text); }
code { font-size: .85em; } li:target { outline: 2px solid var(--accent); outline-offset: 4px; }
footer { border-top: 1px solid var(--rule); margin-top: 2.5rem; padding-top: 1rem; }
@media print { :root { color-scheme: light; --back: #fff; --text: #000; --dim: #444;
  --accent: #000; --rule: #999; } body { max-width: none; padding: 0; font-size: 11pt; }
  h2, blockquote, li { break-inside: avoid; } h2 { break-after: avoid; } }
"""
_HEAD = (
    '<!doctype html>\n<html lang="und">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="referrer" content="no-referrer">\n'
)


def webpage(title: str, turns: Sequence[Kept]) -> str:
    """Write a conversation as the text of a page."""
    name = _text(title)
    head = f"{_HEAD}<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    body = "\n".join(part for place, kept in enumerate(turns, 1) for part in _turn(place, kept))
    foot = "Made by Quoth. The quotes are the documents’ own words; nothing was added to them."
    return f"{head}<h1>{name}</h1>\n{body}\n<footer>{foot}</footer>\n</main>\n</body>\n</html>\n"


def _text(text: str) -> str:
    return escape(wording.flow(text))


def _turn(place: int, kept: Kept) -> Iterator[str]:
    answer = kept.answer
    yield f"<article>\n<h2>{_text(answer.question)}</h2>"
    if wording.flow(answer.resolved_question) != wording.flow(answer.question):
        yield f'<p class="dim">Understood as: {_text(answer.resolved_question)}</p>'
    if answer.status == "answered":
        yield from _answered(place, answer)
    else:
        said = "Not in these documents." if answer.hits else answer.text
        yield f"<p><strong>{_text(said)}</strong></p>"
    facts = [f"confidence {wording.confidence(answer.confidence)}", wording.moment(kept.asked)]
    yield f'<p class="dim">{_text(" · ".join(fact for fact in facts if fact))}</p>'
    if answer.citations:
        yield "<ol>"
        yield from (_reference(place, citation) for citation in answer.citations)
        yield "</ol>"
    yield "</article>"


def _answered(place: int, answer: Answer) -> Iterator[str]:
    if answer.short_answer:
        yield f'<p class="short">{_text(answer.short_answer)}</p>'
    for point in answer.points or [Point(c.quote.text, (c.number,)) for c in answer.citations]:
        context = f' <span class="dim">({_text(point.context)})</span>' if point.context else ""
        yield f"<blockquote>“{_text(point.text)}”{context}{_markers(place, point.citations)}"
        yield "</blockquote>"
    for conflict in answer.conflicts:
        marked = " and".join(_markers(place, (number,)) for number in conflict.citations)
        yield f"<p>≠{marked} differ: {_text(conflict.about)}</p>"


def _markers(place: int, numbers: Sequence[int]) -> str:
    return "".join(f' <a href="#q{place}-{number}">[{number}]</a>' for number in numbers)


def _reference(place: int, citation: Citation) -> str:
    document, quote = citation.hit.document, citation.quote
    where = f"characters {quote.start:,} to {quote.end:,}"
    facts = [
        wording.byline(document),
        document.path,
        wording.page(citation),
        where,
        wording.also(citation),
    ]
    known = " · ".join(_text(fact) for fact in facts if fact)
    condition = wording.condition(citation)
    lost = f' <span class="lost">({_text(condition)})</span>' if condition else ""
    return (
        f'<li id="q{place}-{citation.number}" value="{citation.number}">'
        f"<b>{_text(wording.title(document))}</b> · {known}{lost}<br>"
        f"<code>SHA-256 {_text(document.sha256)}</code></li>"
    )
