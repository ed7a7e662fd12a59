"""Questions to begin with, made of what the documents say and tried before they are offered.

Each is made of a sentence or a heading that answers it, by rules for English; a document for which
no rule holds is asked about a name that it names often.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from index.lexical import STOP_WORDS
from index.sampling import Sample, sample
from index.sentences import sentences
from index.store import Store
from qa.context import points_back
from qa.expected import spans

OFFERED = 4
LOOKED_AT = 16  # documents of which questions are made
READ = 6_000  # characters of each
TRIED = 6  # questions that are tried before what was found is offered
SHORT = 4  # words of a title that is the name of something
LONGEST = 90  # characters of a question that is offered

Try = Callable[[str, str], bool]

_CAPITAL = r"[A-Z][\w'’&-]*"
_NAME = rf"{_CAPITAL}(?: (?:(?:of|for|the|and|de|van) ){{0,2}}{_CAPITAL})+"
_THING = rf"(?:The|A|An) (?:[\w'’-]+ ){{0,5}}[\w'’-]+|{_NAME}"
_DONE = (
    r"built|born|made|held|sold|founded|opened|closed|written|published|signed|invented|launched|"
    r"established|created|introduced|discovered|abolished|elected|appointed|destroyed|completed"
)
_WHEN = re.compile(
    rf"^(?P<thing>{_THING}) (?P<be>was|were) (?:first )?(?P<done>{_DONE})\b[^.;]*?"
    r"\b(?:in|on|since)\b[^.;,]*?\b1\d{3}|20\d{2}\b"
)
_DOES = re.compile(
    rf"^(?P<who>{_NAME}) (?P<does>leads|heads|runs|chairs|founded|wrote|built|invented|designed|"
    rf"discovered|painted|led|directed|edits|owns) "
    rf"(?P<what>(?:the |a )?{_NAME}|the [\w -]{{4,40}}?)"
    r"(?=[.,;]|$)"
)
_SPEAKS = r"(?:said|says|told|argued|argues|warned|warns|announced|claimed|explained)"
_SAYS = re.compile(
    rf"^(?P<one>{_CAPITAL} {_CAPITAL}) {_SPEAKS}\b|"
    rf",[\"”]? {_SPEAKS} (?P<other>{_CAPITAL} {_CAPITAL})\b"
)
_IS = re.compile(rf"^(?P<who>{_NAME}) is (?:a|an|the|one of)\b")
_ROLE = re.compile(
    rf"\b(?P<who>{_CAPITAL} {_CAPITAL}), (?:a|an|the|who) (?:[\w-]+ ){{0,3}}(?:chief|director|"
    r"professor|president|secretary|chair|head|founder|author|editor|minister|leader|surgeon|engineer|"
    r"writer|scientist|researcher|historian|economist|lawyer|is)\b"
)
_MANY = re.compile(
    rf"^(?P<thing>{_THING}) (?P<has>has|had|employs|employed|contains|holds) (?:about |some |over |"
    r"more than |almost |nearly )?(?P<number>\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|"
    r"twelve) (?P<what>[a-z-]+s)\b"
)
_HEADS = re.compile(
    r"^(?P<asks>Why|How) (?P<who>(?:[\w-]+ )?[\w-]+s) "
    r"(?P<may>should |can |must |could |may |will )?"
    r"(?P<rest>(?!are\b|were\b)[a-z]+(?<!s)(?<!ed)(?: .+)?)$"
)
_AUXILIARY = {"has": "does", "had": "did", "employs": "does", "employed": "did"}
_BASE = {"has": "have", "had": "have", "employs": "employ", "employed": "employ", "holds": "hold"}


def suggestions(store: Store, answers: Try) -> list[str]:
    """Up to four questions, each of another document where there are so many.

    `answers` tells whether a question is answered from the document of an id.
    """
    offered: list[str] = []
    kinds: Counter[str] = Counter()
    tried = 0
    made = [(each.id, list(questions(each))) for each in sample(store, LOOKED_AT, READ)]
    made.sort(key=lambda each: min((_KINDS.index(kind) for kind, _ in each[1]), default=0))
    while tried < TRIED and len(offered) < OFFERED and any(found for _, found in made):
        for name, found in made:
            if found and tried < TRIED and len(offered) < OFFERED:
                tried += 1
                kind, question = min(found, key=lambda each: kinds[each[0]])
                found.remove((kind, question))
                if question not in offered and answers(question, name):
                    offered.append(question)
                    kinds[kind] += 1
    return offered


def questions(document: Sample) -> Iterator[tuple[str, str]]:
    """Questions that a document seems to answer, the best first, each with its kind."""
    found: list[tuple[str, str]] = []
    for start, end in sentences(document.text):
        sentence = " ".join(document.text[start:end].split())
        if len(sentence) <= 400 and not points_back(sentence):
            found += _of_sentence(sentence)
    for heading in (document.title, *document.headings):
        found += _of_heading(" ".join(heading.split()))
    found += _of_names(document)
    title = " ".join(document.title.split())
    if 1 < len(title.split()) <= SHORT and title.replace(" ", "").isalnum():
        found.append(("title", f"What is said about {title}?"))
    seen = set[str]()
    for kind, question in sorted(found, key=lambda each: _KINDS.index(each[0])):
        if len(question) <= LONGEST and question not in seen:
            seen.add(question)
            yield kind, question


_KINDS = ("when", "does", "many", "why", "who", "says", "about", "title")


def _of_sentence(sentence: str) -> Iterator[tuple[str, str]]:
    if match := _WHEN.match(sentence):
        yield "when", f"When {match['be']} {_inside(match['thing'])} {match['done']}?"
    if match := _DOES.match(sentence):
        yield "does", f"Who {match['does']} {match['what'].strip()}?"
    if match := _MANY.match(sentence):
        does, base = _AUXILIARY.get(match["has"], "does"), _BASE.get(match["has"], "contain")
        yield "many", f"How many {match['what']} {does} {_inside(match['thing'])} {base}?"
    if match := _SAYS.search(sentence):
        yield "says", f"What did {match['one'] or match['other']} say?"
    if match := _ROLE.search(sentence):
        yield "who", f"Who is {match['who']}?"
    elif match := _IS.match(sentence):
        yield "who", f"What is {_inside(match['who'])}?"


def _of_heading(heading: str) -> Iterator[tuple[str, str]]:
    if heading.endswith("?") and len(heading.split()) > 2 and not points_back(heading):
        yield "why", heading
    elif match := _HEADS.match(heading):
        may, who = (match["may"] or "do ").strip(), match["who"]
        yield "why", f"{match['asks']} {may} {who} {match['rest']}?"


def _of_names(document: Sample) -> Iterator[tuple[str, str]]:
    named = Counter(
        name
        for start, end in spans("name", document.text)
        if " " in (name := " ".join(document.text[start:end].split()))
    )
    for name, count in named.most_common(2):
        if count > 1:
            yield "about", f"What is said about {name}?"


def _inside(thing: str) -> str:
    """A thing as it is written inside a sentence."""
    first, _, rest = thing.partition(" ")
    return f"{first.lower()} {rest}" if first.lower() in STOP_WORDS else thing
