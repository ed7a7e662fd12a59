"""Reading question sets in the forms of the field: native, BEIR, SQuAD and TREC."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from index.sentences import sentences
from qa.errors import QuestionSetError
from qa.evaluation.questions import Evidence, Question, QuestionSet, question_set, read_native
from qa.marks import FOLDER as SETS

SHIPPED = Path(__file__).parent / "sets"

_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)")
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]*)")

Qrels = Mapping[str, Mapping[str, int]]


def load(path: str | Path, index: Path | None = None) -> QuestionSet:
    """Load a question set: the name of a shipped one or of one of the index, else a file or folder.

    Native `.jsonl`; SQuAD 1.1 or 2.0 `.json`; a BEIR folder (its test split, or all of them where
    there is none; name `FOLDER/qrels/dev.tsv` for another); a TREC topics file, or the folder
    that holds it, with the qrels beside it.

    Raises:
        QuestionSetError: there is no such set, or it cannot be read.
    """
    location = _locate(path, index)
    try:
        questions = _reader(location)(location)
    except OSError as error:
        raise QuestionSetError(f"{location} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise QuestionSetError(f"{location} is not in UTF-8; save it so.") from None
    if not questions:
        raise QuestionSetError(f"{location} holds no questions; name another set.")
    split = location.parent.name == "qrels"
    name = f"{location.parent.parent.name}-{location.stem}" if split else location.stem
    return question_set(name, questions)


def shipped() -> list[str]:
    """Names of the question sets that come with the program."""
    return sorted(_named(SHIPPED))


def _named(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.jsonl"))}


def _locate(path: str | Path, index: Path | None) -> Path:
    # A name wins over a folder called the same: the repository has both for `seeds`.
    named = {**(_named(index / SETS) if index else {}), **_named(SHIPPED)}
    if found := named.get(str(path)):
        return found
    location = Path(path).expanduser()
    if location.exists():
        return location.resolve()
    raise QuestionSetError(
        f"There is no question set {path}; name a file, a folder or one of: {', '.join(named)}."
    )


def _reader(location: Path) -> Callable[[Path], list[Question]]:
    if (location / "queries.jsonl").is_file() or location.parent.name == "qrels":
        return _read_beir
    if location.is_dir() or "topics" in location.name.lower():
        return _read_trec
    readers = {".jsonl": read_native, ".json": _read_squad}
    if location.suffix.lower() in readers:
        return readers[location.suffix.lower()]
    raise QuestionSetError(
        f"{location} is no question set; give a .jsonl file, a SQuAD .json file, a BEIR folder "
        "or TREC topics with their qrels."
    )


def _read_beir(location: Path) -> list[Question]:
    """Read a BEIR folder, or one of its qrels files (Thakur et al. 2021, arXiv:2104.08663)."""
    folder = location if location.is_dir() else location.parent.parent
    files = [location] if location.is_file() else sorted((folder / "qrels").glob("*.tsv"))
    files = [file for file in files if file.stem == "test"] or files
    qrels: dict[str, dict[str, int]] = {}
    for file in files:
        for name, labels in _read_qrels(file, columns=(0, 1, 2)).items():
            qrels.setdefault(name, {}).update(labels)
    queries = folder / "queries.jsonl"
    texts: dict[str, str] = {}
    for number, line in enumerate(queries.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip():
            try:
                record = json.loads(line)
                texts[str(record["_id"])] = str(record["text"])
            except (ValueError, KeyError, TypeError, RecursionError):
                raise QuestionSetError(
                    f"{queries} line {number} is no object with `_id` and `text`; correct it."
                ) from None
    return _judged(texts, qrels)


def _read_trec(location: Path) -> list[Question]:
    """Read TREC topics (`<top>` blocks, or `id TAB text` lines) and the qrels beside them."""
    folder = location if location.is_dir() else location.parent
    files = sorted(path for path in folder.iterdir() if path.is_file())
    topics = [path for path in files if "topics" in path.name.lower()]
    qrels = [path for path in files if "qrels" in path.name.lower()]
    topics = [location] if location.is_file() else topics
    if len(topics) != 1 or len(qrels) != 1:
        raise QuestionSetError(
            f"{folder} should hold one file named *topics* and one named *qrels* (TREC), or "
            "queries.jsonl and qrels/*.tsv (BEIR)."
        )
    text = topics[0].read_text(encoding="utf-8-sig")
    texts: dict[str, str] = {}
    for block in _TOPIC.findall(text):
        number, title = _NUMBER.search(block), _TITLE.search(block)
        if number and title:
            texts[number[1]] = " ".join(title[1].split())
    if not texts:
        rows = (line.split("\t", 1) for line in text.split("\n") if "\t" in line)
        texts = {name.strip(): topic.strip() for name, topic in rows}
    return _judged(texts, _read_qrels(qrels[0], columns=(0, 2, 3)))


def _read_qrels(path: Path, columns: tuple[int, int, int]) -> dict[str, dict[str, int]]:
    """Read judgements from the columns of query, document and grade; a header is passed over."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or (number == 1 and not fields[-1].strip().lstrip("-").isdigit()):
            continue
        try:
            query, document, grade = (fields[column].strip() for column in columns)
            qrels.setdefault(query, {})[document] = int(grade)
        except (IndexError, ValueError):
            raise QuestionSetError(
                f"{path} line {number} is no judgement of a query and a document; correct it."
            ) from None
    return qrels


def _judged(texts: Mapping[str, str], qrels: Qrels) -> list[Question]:
    """Pair queries with judgements; those without any relevant document can measure nothing."""
    questions = []
    for name, text in texts.items():
        relevant = {key: grade for key, grade in qrels.get(name, {}).items() if grade > 0}
        if relevant and text.strip():
            evidence = tuple(Evidence(key, None, grade) for key, grade in relevant.items())
            questions.append(Question(name, text, evidence=evidence))
    return questions


def _read_squad(path: Path) -> list[Question]:
    """Read SQuAD (Rajpurkar et al. 2016, 2018): the evidence is the sentence of each answer."""
    try:
        articles = json.loads(path.read_text(encoding="utf-8-sig"))["data"]
        return [
            _squad_question(entry, str(article["title"]), str(paragraph["context"]))
            for article in articles
            for paragraph in article["paragraphs"]
            for entry in paragraph["qas"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise QuestionSetError(
            f"{path} is not in the form of SQuAD 1.1 or 2.0 (data, paragraphs, qas)."
        ) from None


def _squad_question(entry: Mapping[str, object], title: str, context: str) -> Question:
    impossible = bool(entry.get("is_impossible", False))
    labels = entry["answers"]
    if not isinstance(labels, list):
        raise TypeError("answers")
    answers = [] if impossible else [(str(a["text"]), int(a["answer_start"])) for a in labels]
    spans = sentences(context)
    quotes = {
        context[start:end]
        for answer, position in answers
        for start, end in spans
        if start < position + len(answer) and position < end
    }
    return Question(
        id=str(entry["id"]),
        question=str(entry["question"]),
        answers=tuple(dict.fromkeys(answer for answer, _ in answers)),
        evidence=tuple(Evidence(title, quote) for quote in sorted(quotes, key=context.find)),
        answerable=not impossible,
    )
