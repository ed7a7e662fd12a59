"""Make the examples: `python -m training.data SOURCES FOLDER [--without FOLDER] [--seed N]`.

SOURCES holds one gzipped JSON-lines file a source, with `question`, `passage`, `label` (1: the
passage answers), `group` (the question's id) and often `answers` (`text`, `start`), and may hold
`surplus.jsonl.gz` with more rows of these, told apart by `source`. Passages are cut to whole
sentences of about 80 words, as the product cuts them. A question's negatives are passages of its
source that Quoth's own embedder finds nearest to it, other passages of the same text, and those
that the source names. Many questions get an impossible one beside them. With --without, questions
that another folder has come again by chance only. Writes `examples.jsonl.gz` into FOLDER; a later
call does not embed again what an interrupted one had done.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.embedding import Embedder, open_embedder
from index.sentences import sentences
from training.command import Clock, TrainingError, make, run
from training.examples import FILE, Example, load, save
from training.impossible import spoil

Row = Mapping[str, Any]

# Sources whose licence allows what is learned from them to be given away, and how many questions
# of each are taken at most.
SOURCES = {
    "2wiki_paragraphs": 700,
    "bioasq": 4200,
    "boolq": 6500,
    "contrast_quoref": 1200,
    "covid_qa": 1400,
    "fairytaleqa": 6000,
    "hotpotqa_paragraphs": 1800,
    "medquad": 6000,
    "musique_paragraphs": 800,
    "nq_open_oracle": 2600,
    "nq_qed": 7800,
    "onestopqa": 1400,
    "pubmedqa": 1000,
    "qamr": 15000,
    "selqa": 2400,
    "squad_nqg_sentences": 10500,
    "squad_reqa_sentences": 10000,
    "squad_v1_train_subset": 4000,
    "squad_v2_train_subset": 4000,
    "squadshifts_amazon": 9700,
    "squadshifts_reddit": 9700,
    "strategyqa_facts": 2300,
    "wice": 280,
}
SURPLUS = "surplus.jsonl.gz"
# Sources that have several passages on a question: a sentence of one is a claim that another bears
# out. Nothing else teaches the reader what is not asked but stated.
CLAIMS = ("bioasq", "pubmedqa")
AGAIN = 0.4  # share of the questions of another folder that come again
BY_HAND = "squad_v2_train_subset"  # its passages that do not answer are of impossible questions
NEEDED = {"question", "passage", "label", "group"}
WORDS = 80
NEGATIVES = 10  # kept for each question
NEAREST = 25  # passages looked at for them
_WORD = re.compile(r"\w{3,}")
BATCH = 1024  # texts that are embedded between two words on progress


def read(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """The rows of every source, by name.

    Raises:
        TrainingError: a source is not there, or is broken.
    """
    surplus: dict[str, list[Row]] = {}
    if (folder / SURPLUS).exists():
        for row in _rows(folder / SURPLUS, NEEDED | {"source"}):
            surplus.setdefault(row["source"], []).append(row)
    for name in SOURCES:
        yield name, _rows(folder / f"{name}.jsonl.gz", NEEDED) + surplus.get(name, [])


def _rows(path: Path, needed: AbstractSet[str]) -> list[Row]:
    """The rows of a file, each with the fields that are needed."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise TrainingError(
            f"{path} is missing; training/README.md names the sources, which SOURCES must hold."
        ) from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise TrainingError(f"{path} is broken ({error}); get it again.") from error
    if not all(isinstance(row, dict) and row.keys() >= needed for row in rows):
        raise TrainingError(f"{path} has rows without {', '.join(sorted(needed))}; get it again.")
    return rows


def pieces(text: str, words: int = WORDS) -> list[tuple[int, int]]:
    """Spans of whole sentences of about `words` words."""
    spans: list[tuple[int, int]] = []
    held = 0
    for start, end in sentences(text):
        size = len(text[start:end].split())
        if spans and held + size <= 1.25 * words:
            spans[-1] = (spans[-1][0], end)
            held += size
        else:
            spans.append((start, end))
            held = size
    return spans


def cut(name: str, rows: Sequence[Row], most: int, chance: random.Random) -> list[Example]:
    """Up to `most` examples of one source, drawn by chance."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    drawn = list(groups.values())
    chance.shuffle(drawn)
    found = (example for group in drawn if (example := _example(name, group, chance)))
    return [example for example, _ in zip(found, range(most), strict=False)]


def claims(name: str, rows: Sequence[Row], chance: random.Random) -> list[Example]:
    """A sentence of one passage that answers a question, and another passage that does, too."""
    right: dict[str, list[str]] = {}
    for row in rows:
        if row["label"] == 1:
            right.setdefault(row["group"], []).append(row["passage"])
    found = []
    for texts in right.values():
        stated, bearing = chance.sample(texts, 2) if len(texts) > 1 else ("", "")
        claim = next((stated[start:end] for start, end in sentences(stated)), "")
        row = {"label": 1, "question": claim, "passage": bearing}
        example = None if claim in bearing else _example(f"{name}_claims", [row], chance)
        found += [example] if example else []
    return found


def _example(name: str, group: Sequence[Row], chance: random.Random) -> Example | None:
    """What is asked of one of the passages that answer a question, if there is one of use."""
    right = [row for row in group if row["label"] == 1]
    if not right:
        return None
    row = chance.choice(right)
    text, question = row["passage"], row["question"]
    spans = pieces(text)
    if len(question.split()) < 3 or len(question) > 400 or not spans:
        return None
    labelled = row.get("answers") or []
    answers = [(a["start"], a["start"] + len(a["text"])) for a in labelled]
    asked = set(_WORD.findall(question.lower()))
    shared = [len(asked & set(_WORD.findall(text[s:e].lower()))) for s, e in spans]
    chosen, others, span = spans[shared.index(max(shared))], [], None
    if answers:
        first, last = answers[0]
        holding = [(s, e) for s, e in spans if s <= first and last <= e]
        if not holding:
            return None
        chosen = holding[0]
        span = (first - chosen[0], last - chosen[0])
        others = [(s, e) for s, e in spans if not any(s <= a < e for a, _ in answers)]
    wrong = [row["passage"] for row in group if row["label"] == 0]
    heads = [(w, pieces(w)) for w in chance.sample(wrong, min(3, len(wrong)))]
    return Example(
        question,
        text[slice(*chosen)],
        span,
        name,
        [a["text"] for a in labelled],
        named=[text[s:e] for s, e in others[:2]] + [w[slice(*s[0])] for w, s in heads if s],
        whole=text,
    )


def _said(example: Example) -> tuple[str, ...]:
    """What makes an example another one; the passage does not, of which a piece is taken."""
    return (example.source, example.question, *example.answers)


def mine(
    found: Sequence[Example], embedder: Embedder, folder: Path, tell: Callable[[str], None]
) -> None:
    """Add the nearest passages of the same source that do not hold the answer.

    What is near is kept in `folder`, so that an interrupted call need not be repeated.
    """
    by_source: dict[str, list[Example]] = {}
    for example in found:
        by_source.setdefault(example.source, []).append(example)
    texts = {
        name: list(dict.fromkeys(t for e in own for t in (e.passage, *e.named)))
        for name, own in by_source.items()
    }
    clock = Clock(len(found) + sum(map(len, texts.values())))
    for name, own in sorted(by_source.items()):
        known = texts[name]
        near = _nearest(embedder, [e.question for e in own], known, folder, clock, tell)
        for example, row in zip(own, near, strict=True):
            answers = [a.lower() for a in example.answers]
            nearest = [
                known[i]
                for i in row
                if known[i] != example.passage and not any(a in known[i].lower() for a in answers)
            ]
            example.negatives = list(dict.fromkeys([*example.named, *nearest]))[:NEGATIVES]
        tell(f"{name}: {len(own):,} questions, {len(known):,} passages ({clock})")


def _nearest(
    embedder: Embedder,
    asked: Sequence[str],
    texts: Sequence[str],
    folder: Path,
    clock: Clock,
    tell: Callable[[str], None],
) -> NDArray[np.int64]:
    """The places of the texts nearest to each question, int64 (n, up to NEAREST), best first."""
    said = json.dumps([embedder.fingerprint, NEAREST, asked, texts])
    kept = folder / f"nearest-{hashlib.sha256(said.encode()).hexdigest()[:16]}.npy"
    if kept.exists():
        clock.skip(len(asked) + len(texts))
    else:
        index = faiss.IndexFlatIP(embedder.dimension)
        for first in range(0, len(texts), BATCH):
            index.add(embedder.encode(texts[first : first + BATCH]).vectors)
            clock.add(min(BATCH, len(texts) - first))
            tell(f"embedding: {clock}")
        # The packaged encoder reads questions as it reads passages, and many at once are quicker.
        questions = embedder.encode(asked).vectors
        clock.add(len(asked))
        part = folder / "nearest.part.npy"
        np.save(part, index.search(questions, min(NEAREST, len(texts)))[1])
        part.replace(kept)
    places: NDArray[np.int64] = np.load(kept)
    return places


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, cut, mine, spoil and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sources", type=Path, metavar="SOURCES")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without", type=Path, metavar="FOLDER", help="of examples learned from")
    given = parser.parse_args(arguments)
    known = set(map(_said, load(given.without))) if given.without else set()
    make(given.folder)
    # Samples, the same each time: what is made impossible does not depend on what is drawn.
    drawing, spoiling = random.Random(given.seed), random.Random(given.seed + 1)  # noqa: S311
    found: list[Example] = []
    by_hand: dict[tuple[str, str], list[str]] = {}
    for name, rows in read(given.sources):
        own = cut(name, rows, SOURCES[name], drawing)
        own += claims(name, rows, drawing) if name in CLAIMS else []
        found += [e for e in own if _said(e) not in known or drawing.random() < AGAIN]
        for row in rows if name == BY_HAND else ():
            if row["label"] == 0:
                by_hand.setdefault((name, row["passage"]), []).append(row["question"])
    print(f"read: {len(found):,} questions of {len(SOURCES)} sources", flush=True)
    mine(found, open_embedder(), given.folder, lambda said: print(said, flush=True))
    spoil(found, by_hand, spoiling)
    save(found, given.folder / FILE)
    twins = sum(bool(example.impossible) for example in found)
    print(f"{len(found):,} questions, {twins:,} with an impossible one, in {given.folder / FILE}")


if __name__ == "__main__":
    run(main)
