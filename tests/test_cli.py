"""The command `quoth`, run as a user or a script runs it, on real files and the real model."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qa.cli import main

LIGHTHOUSE = """The lighthouse on Skerry Head

The lamp of the lighthouse was first lit in March 1871. Its first keeper was Ada Holm, who stayed
for nineteen years. The tower is 31 metres high and built of grey granite.

During the great storm of 1884 the sea broke two windows of the lamp room. Ada Holm kept the lamp
burning through the night with oil that she carried up in buckets.
"""
BAKERY = """Bread in the harbour town

The bakery of Jon Varr opened in 1902 next to the fish market. It sold rye loaves to the crews of
the herring boats. The oven was heated with driftwood until 1938.
"""


@dataclass
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Quoth = Callable[..., Outcome]


@pytest.fixture
def quoth(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Quoth:
    """Run the command in this process, which has loaded the model's libraries once."""
    for name in ("QUOTH_INDEX", "QUOTH_DEBUG", "QUOTH_MODEL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        return Outcome(code, *capfd.readouterr())

    return run


def process(
    *arguments: object, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qa.cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
        env={**os.environ, **(env or {})},
    )


def one_sentence(outcome: Outcome) -> str:
    """The error, when it is one line for people and nothing else."""
    assert outcome.code == 1
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    assert line.startswith("quoth: ")
    assert "Traceback" not in line
    assert "unforeseen" not in line
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small documents of our own."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (folder / "bakery.md").write_text(BAKERY, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of them, made by the command."""
    index = tmp_path_factory.mktemp("index") / "made"
    assert main(["index", "build", str(folder), "--index", str(index), "--quiet"]) == 0
    return index


# --- usage -----------------------------------------------------------------------------------


def test_help_names_every_command_and_exit_code(quoth: Quoth) -> None:
    shown = quoth("--help")
    assert shown.code == 0
    for word in ("ask", "search", "show", "index", "eval", "doctor", "--index", "--no-color"):
        assert word in shown.out
    assert "3 ask: not in the documents" in shown.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "one", "two"],
        ["ask", "one", "--from", "two.jsonl"],
        ["search"],
        ["search", "lamp", "-k", "0"],
        ["search", "lamp", "-k", "many"],
        ["show"],
        ["show", "a.txt", "--start", "x"],
        ["index"],
        ["index", "mend"],
        ["index", "build"],
        ["eval"],
        ["eval", "compare", "one"],
        ["--colour"],
        ["ask", "lamp?", "--unknown"],
    ],
)
def test_wrong_usage_is_exit_2_and_says_how(quoth: Quoth, arguments: list[str]) -> None:
    outcome = quoth(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "usage: quoth" in outcome.err


def test_global_options_stand_before_or_after_the_command(quoth: Quoth, tmp_path: Path) -> None:
    before = quoth("--index", tmp_path / "none", "--quiet", "index", "status")
    after = quoth("index", "status", "--quiet", "--index", tmp_path / "none")
    assert before == after
    assert "none" in one_sentence(before)


@pytest.mark.parametrize("command", [["ask", "Who?"], ["search", "lamp"], ["index", "status"]])
def test_without_an_index_the_way_to_one_is_told(
    quoth: Quoth, tmp_path: Path, command: list[str]
) -> None:
    assert "quoth index build" in one_sentence(quoth(*command, "--index", tmp_path / "none"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["threshold = 7", "no toml", "colour = 1", "quotes = 'many'"])
def test_a_senseless_settings_file_is_named(quoth: Quoth, tmp_path: Path, text: str) -> None:
    (tmp_path / "quoth.toml").write_text(text, encoding="utf-8")
    one_sentence(quoth("index", "status", "--config", tmp_path / "quoth.toml"))
    assert "missing.toml" in one_sentence(quoth("index", "status", "--config", "missing.toml"))


# --- asking ----------------------------------------------------------------------------------


@pytest.mark.model
def test_an_answer_quotes_its_document_at_the_given_offsets(quoth: Quoth, index: Path) -> None:
    asked = quoth("ask", "Who was the first keeper of the lighthouse?", "--json", "--index", index)
    assert asked.code == 0
    answer = asked.json
    assert answer["status"] == "answered"
    assert "Ada Holm" in answer["answer"]
    assert "[1]" in answer["answer"]
    for citation in answer["citations"]:
        for span in (citation["quote"], citation["passage"]):
            shown = quoth(
                "show", citation["document"]["id"], "--start", span["start"],
                "--end", span["end"], "--index", index,
            )  # fmt: skip
            assert shown.out == span["text"]
        assert citation["state"] == "current"
    assert answer["index"]["model"] == "all-MiniLM-L6-v2"


@pytest.mark.model
def test_an_answer_reads_as_plain_text_without_colour(quoth: Quoth, index: Path) -> None:
    asked = quoth("ask", "How high is the tower of the lighthouse?", "--index", index)
    assert asked.code == 0
    assert "31 metres" in asked.out
    assert "Sources" in asked.out
    assert "lighthouse.txt" in asked.out
    assert "\x1b" not in asked.out
    assert asked.err == ""


@pytest.mark.model
def test_what_is_not_in_the_documents_is_exit_3(quoth: Quoth, index: Path) -> None:
    asked = quoth("ask", "What is the boiling point of tungsten?", "--json", "--index", index)
    assert asked.code == 3
    assert asked.json["status"] == "not_found"
    assert asked.json["citations"] == []
    told = quoth("ask", "What is the boiling point of tungsten?", "--index", index)
    assert told.code == 3
    assert "none answers with enough confidence" in told.out


@pytest.mark.model
def test_a_follow_up_is_understood_from_its_history(quoth: Quoth, index: Path) -> None:
    asked = quoth(
        "ask", "How long did she stay?", "--history", "Who was the first keeper of the lighthouse?",
        "--json", "--index", index,
    )  # fmt: skip
    assert asked.json["history"] == ["Who was the first keeper of the lighthouse?"]
    assert asked.json["resolved_question"]
    assert "lighthouse.txt" in asked.json["hits"][0]["document"]["path"]


@pytest.mark.model
@pytest.mark.parametrize("question", ["", "  \n", "why " * 10_000])
def test_a_question_that_cannot_be_asked_is_one_sentence(
    quoth: Quoth, index: Path, question: str
) -> None:
    assert len(one_sentence(quoth("ask", question, "--index", index))) < 300


def test_half_a_character_on_the_command_line_is_asked_as_a_question_mark(
    quoth: Quoth, index: Path
) -> None:
    for command in ("ask", "search"):
        found = quoth(command, "When was the great storm\udce9", "--json", "--index", index)
        asked = found.json.get("question") or found.json["query"]
        assert asked == "When was the great storm?"
        assert found.code in (0, 3)


@pytest.mark.model
def test_a_file_of_questions_gives_a_line_for_each(
    quoth: Quoth, index: Path, tmp_path: Path
) -> None:
    lines = [
        json.dumps({"id": "q1", "question": "When was the lamp first lit?", "tags": ["x"]}),
        "{not json",
        json.dumps({"question": "What heated the oven?", "history": ["Who was Jon Varr?"]}),
        json.dumps({"text": "no question"}),
        json.dumps({"question": ""}),
        json.dumps({"question": "Who?", "history": "no list"}),
        json.dumps(["a list"]),
        '{"question": "\\ud800 half a character"}',
        "[" * 100_000,
        "",
        json.dumps({"question": "why " * 10_000}),
    ]
    file = tmp_path / "asked.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    with file.open("ab") as binary:
        binary.write(b'\n{"question": "\xff"}\n')
    asked = quoth("ask", "--from", file, "--index", index)
    assert asked.code == 0
    found = [json.loads(line) for line in asked.out.splitlines()]
    assert [item.get("line") for item in found] == [None, 2, None, 4, 5, 6, 7, 8, 9, 11, 12]
    assert (found[0]["id"], found[0]["question"]) == ("q1", "When was the lamp first lit?")
    assert found[2]["history"] == ["Who was Jon Varr?"]
    assert "id" not in found[2]
    assert all(item["error"] for item in found if "line" in item)
    assert "missing.jsonl" in one_sentence(
        quoth("ask", "--from", "missing.jsonl", "--index", index)
    )


@pytest.mark.model
def test_questions_come_from_standard_input_and_a_closed_pipe_is_quiet(index: Path) -> None:
    line = b'{"question": "When was the lamp first lit?"}\n'
    asked = process("ask", "--from", "-", "--index", index, stdin=line * 2)
    assert asked.returncode == 0
    assert len([json.loads(answer) for answer in asked.stdout.splitlines()]) == 2
    assert asked.stderr == b""
    with subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "search", "lamp", "--index", str(index)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as piped:
        assert piped.stdout is not None
        assert piped.stderr is not None
        piped.stdout.close()
        assert piped.stderr.read() == b""


# --- searching and showing ---------------------------------------------------------------------


@pytest.mark.model
def test_search_ranks_the_passage_that_fits(quoth: Quoth, index: Path) -> None:
    found = quoth("search", "rye bread oven", "-k", "2", "--json", "--index", index).json
    assert set(found) == {"query", "hits", "timings_ms"}
    assert [hit["rank"] for hit in found["hits"]] == [1, 2][: len(found["hits"])]
    assert found["hits"][0]["document"]["path"].endswith("bakery.md")
    assert "bakery.md" in quoth("search", "rye bread oven", "--index", index).out


@pytest.mark.model
def test_explain_accounts_for_every_signal(quoth: Quoth, index: Path) -> None:
    found = quoth("search", "great storm", "--explain", "--json", "--index", index).json
    for hit in found["hits"]:
        for part in hit["explain"].values():
            assert set(part) == {"value", "weight", "contribution", "rank"}
    table = quoth("search", "great storm", "--explain", "--index", index).out
    for word in ("signal", "value", "weight", "contribution", "rank"):
        assert word in table


@pytest.mark.model
def test_show_prints_exactly_the_stored_text(quoth: Quoth, index: Path) -> None:
    whole = quoth("show", "lighthouse.txt", "--index", index).out
    assert "31 metres" in whole
    assert (
        quoth("show", "lighthouse.txt", "--start", 3, "--end", 14, "--index", index).out
        == (whole[3:14])
    )
    assert quoth("show", "lighthouse.txt", "--start", 0, "--end", 0, "--index", index).out == ""
    for span in (["--start", "9", "--end", "3"], ["--end", "99999"], ["--start", "-1"]):
        assert str(len(whole)) in one_sentence(
            quoth("show", "lighthouse.txt", *span, "--index", index)
        )
    one_sentence(quoth("show", "no such document", "--index", index))


# --- the index ---------------------------------------------------------------------------------


@pytest.mark.model
def test_the_index_is_described_verified_listed_and_shortened(
    quoth: Quoth, folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    built = quoth("index", "build", folder, "--index", index)
    assert built.code == 0
    assert built.out.count("\n") == 1
    assert "2 documents" in built.out
    again = quoth("index", "build", folder, "--index", index, "--json").json
    assert (again["embedded"], again["unchanged"]) == (0, 2)
    status = quoth("index", "status", "--json", "--index", index).json
    assert (status["documents"], status["model"]) == (2, "all-MiniLM-L6-v2")
    assert quoth("index", "verify", "--json", "--index", index).json == {"ok": True, "problems": []}
    listed = quoth("index", "list", "--json", "--index", index).json
    assert sorted(Path(item["path"]).name for item in listed) == ["bakery.md", "lighthouse.txt"]
    assert all(item["words"] and item["passages"] for item in listed)
    assert [item["near_duplicates"] for item in listed] == [[], []]
    removed = quoth("index", "remove", "bakery.md", "--index", index)
    assert removed.code == 0
    assert (folder / "bakery.md").exists()
    assert len(quoth("index", "list", "--index", index).out.splitlines()) == 1
    one_sentence(quoth("index", "remove", "bakery.md", "--index", index))
    rebuilt = quoth("index", "rebuild", "--index", index, "--json").json
    assert rebuilt["generation"] > status["generation"]


@pytest.mark.model
def test_files_that_cannot_be_read_are_listed_and_the_rest_is_indexed(
    quoth: Quoth, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text(BAKERY, encoding="utf-8")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "rows.jsonl").write_text(
        json.dumps({"_id": "r1", "text": "A row about herring nets."}) + "\n{broken\n",
        encoding="utf-8",
    )
    built = quoth("index", "build", folder, "--index", tmp_path / "index")
    assert built.code == 4
    assert "2 documents" in built.out
    skipped = built.err.splitlines()
    assert len(skipped) == 2
    assert any("binary.txt" in line for line in skipped)
    assert any("rows.jsonl:2" in line for line in skipped)


@pytest.mark.model
def test_text_that_is_not_utf_8_is_read_all_the_same(quoth: Quoth, tmp_path: Path) -> None:
    text = "Le phare fut allumé en 1871. La tempête brisa deux fenêtres à côté de la tour. " * 5
    (tmp_path / "phare.txt").write_bytes(text.encode("latin-1"))
    built = quoth("index", "build", tmp_path / "phare.txt", "--index", tmp_path / "index")
    assert built.code == 0
    assert "tempête" in quoth("show", "phare.txt", "--index", tmp_path / "index").out


@pytest.mark.model
def test_excluded_files_stay_out(quoth: Quoth, folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    quoth("index", "build", folder, "--exclude", "*.md", "--index", index)
    listed = quoth("index", "list", "--json", "--index", index).json
    assert [Path(item["path"]).name for item in listed] == ["lighthouse.txt"]


@pytest.mark.model
def test_ctrl_c_leaves_nothing_half_written(quoth: Quoth, tmp_path: Path) -> None:
    for number in range(60):
        text = LIGHTHOUSE.replace("Ada Holm", f"Keeper {number}")
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    index = tmp_path / "index"
    # A shell starts what runs in the background deaf to Ctrl-C, and its children inherit that.
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from qa.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", program, "index", "build", str(tmp_path), "--index", str(index)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as building:
        while not index.exists() and building.poll() is None:
            time.sleep(0.01)
        building.send_signal(signal.SIGINT)
        out, err = building.communicate()
    assert (building.returncode, out, err) == (130, b"", b"")
    assert "quoth index build" in one_sentence(quoth("index", "status", "--index", index))
    assert quoth("index", "build", tmp_path, "--index", index).code == 0
    assert quoth("index", "verify", "--index", index).code == 0


@pytest.mark.model
def test_generations_are_listed_and_each_can_be_gone_back_to(
    quoth: Quoth, folder: Path, tmp_path: Path
) -> None:
    place = ("--index", tmp_path / "index")
    quoth("index", "build", folder, *place)
    count = quoth("index", "status", "--json", *place).json["documents"]
    quoth("index", "remove", "bakery.md", *place)
    told = quoth("index", "log", "--json", *place).json
    assert [(g["number"], g["kind"], g["removed"], g["documents"], g["open"]) for g in told] == [
        (2, "remove", 1, count - 1, None),
        (1, "build", 0, count, True),
    ]
    listed = quoth("index", "log", *place).out.splitlines()
    assert listed[1].endswith("(present)")
    assert listed[2].endswith("quoth index undo 1")
    assert "keeps generations 1 to 1" in one_sentence(quoth("index", "undo", "7", *place))
    assert "counted as generation 3" in quoth("index", "undo", "1", *place).out
    assert quoth("index", "status", "--json", *place).json["documents"] == count
    (tmp_path / "index" / "store.sqlite").write_bytes(b"")
    assert "quoth index repair" in quoth("doctor", *place).out
    assert quoth("index", "repair", *place).code == 0
    assert quoth("index", "repair", *place).out == "The index is sound.\n"
    assert quoth("index", "status", "--json", *place).json["documents"] == count


def test_an_empty_folder_and_a_missing_path_are_one_sentence(quoth: Quoth, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "missing"):
        outcome = quoth("index", "build", tmp_path / name, "--index", tmp_path / "index")
        assert name in one_sentence(outcome)


@pytest.mark.model
def test_an_index_of_another_model_is_said_not_mixed(
    quoth: Quoth, folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    quoth("index", "build", folder, "--index", index)
    with closing(sqlite3.connect(index / "store.sqlite")) as store, store:
        store.execute("UPDATE meta SET value = 'of long ago' WHERE name = 'fingerprint'")
    assert "quoth index rebuild" in one_sentence(quoth("ask", "Who?", "--index", index))
    assert quoth("index", "rebuild", "--index", index).code == 0
    assert quoth("ask", "Who was Ada Holm?", "--index", index).code in (0, 3)
    absent = quoth("index", "build", folder, "--model", tmp_path / "none", "--index", index)
    assert "all-MiniLM-L6-v2" in one_sentence(absent)


# --- the rest ----------------------------------------------------------------------------------


def test_the_unforeseen_is_one_sentence_that_says_how_to_report_it(tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import sys\nsys.modules['qa.commands.search'] = None\n", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
    told = process("search", "lamp", env={"PYTHONPATH": paths})
    assert told.returncode == 1
    assert b"QUOTH_DEBUG=1" in told.stderr
    assert b"Traceback" not in told.stderr
    traced = process("search", "lamp", env={"PYTHONPATH": paths, "QUOTH_DEBUG": "1"})
    assert traced.returncode == 1
    assert b"Traceback" in traced.stderr


def test_the_terminal_ui_without_a_terminal_is_one_sentence(quoth: Quoth, index: Path) -> None:
    assert "quoth ask" in one_sentence(quoth("--index", index))


@pytest.mark.model
def test_doctor_finds_a_sound_index_sound_and_tells_what_to_do_about_none(
    quoth: Quoth, index: Path, tmp_path: Path
) -> None:
    sound = quoth("doctor", "--index", index)
    assert sound.code == 0
    assert "fail" not in sound.out
    assert "all-MiniLM-L6-v2 is whole" in sound.out
    assert "Encoder: compiled to" in sound.out
    (formats,) = [line for line in sound.out.splitlines() if line.startswith("ok    Formats:")]
    assert {".docx", ".html", ".pdf", ".rst", ".txt"} < set(formats.split())
    none = quoth("doctor", "--index", tmp_path / "none")
    assert none.code == 0
    assert "repair: quoth index build" in none.out
    other = quoth("doctor", "--index", index, "--model", tmp_path / "other")
    assert other.code == 1
    assert "fail  Model" in other.out


@pytest.mark.model
def test_doctor_tells_where_the_time_of_a_first_question_goes(
    quoth: Quoth, index: Path, tmp_path: Path
) -> None:
    told = quoth("doctor", "--timings", "--index", index)
    assert told.code == 0
    taken = {line[:30].strip(): int(line.split()[-1]) for line in told.out.splitlines()[1:]}
    assert taken["load the model"] > taken["open the store"] >= 0
    assert taken["quoth ask, all in all"] > taken["import Quoth and NumPy"] > 0
    assert "load the reader" in taken
    unread = quoth("doctor", "--timings", "--reader", "off", "--index", index).out
    assert "load the model" in unread
    assert "load the reader" not in unread
    assert "There is no index" in one_sentence(
        quoth("doctor", "--timings", "--index", tmp_path / "none")
    )


@pytest.mark.model
def test_documents_that_are_nearly_the_same_are_pointed_out(
    quoth: Quoth, folder: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    (folder / "again.md").write_text(BAKERY, encoding="utf-8")
    quoth("index", "build", folder, "--index", index)
    listed = {item["id"]: item for item in quoth("index", "list", "--json", "--index", index).json}
    assert listed["again.md"]["near_duplicates"] == [{"id": "bakery.md", "similarity": 1.0}]
    assert listed["bakery.md"]["near_duplicates"] == [{"id": "again.md", "similarity": 1.0}]
    assert "(nearly the same as again.md)" in quoth("index", "list", "--index", index).out
    status = quoth("index", "status", "--json", "--index", index).json
    assert status["details"]["near_duplicates"] == "2"
    assert (
        "Near-duplicates: 2 documents; `quoth index list`"
        in quoth("index", "status", "--index", index).out
    )


@pytest.mark.model
def test_watching_tells_each_generation_and_ends_by_ctrl_c(quoth: Quoth, tmp_path: Path) -> None:
    notes, index = tmp_path / "notes", tmp_path / "index"
    notes.mkdir()
    (notes / "lighthouse.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from qa.cli import main; sys.exit(main())"
    given = ["--index", str(index), "index", "watch", str(notes)]
    with subprocess.Popen(
        [sys.executable, "-c", program, *given, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as watching:
        assert watching.stdout is not None
        told = (json.loads(line) for line in watching.stdout)
        first, second = next(told), next(told)
        assert (first["event"], first["generation"], first["added"]) == ("generation", 1, 1)
        assert second["event"] == "watching"
        (notes / "bakery.txt").write_text(BAKERY, encoding="utf-8")
        third = next(told)
        assert third["changes"] == [{"kind": "added", "document_id": "bakery.txt", "former": ""}]
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate()
    assert (watching.returncode, err) == (130, b"")
    with subprocess.Popen(
        [sys.executable, "-c", program, *given[:-1]], stderr=subprocess.PIPE, text=True
    ) as again:
        assert again.stderr is not None
        assert again.stderr.readline() == f"quoth: Watching {notes}.\n"
        (notes / "bakery.txt").rename(notes / "bread.txt")
        assert "generation 3: 1 renamed (bakery.txt → bread.txt); " in again.stderr.readline()
        again.send_signal(signal.SIGINT)
    assert again.returncode == 130
    assert quoth("index", "verify", "--index", index).code == 0


def test_watching_says_what_is_missing(quoth: Quoth, tmp_path: Path) -> None:
    index = tmp_path / "index"
    assert "no file or folder" in one_sentence(
        quoth("index", "watch", tmp_path / "none", "--index", index)
    )
    assert "index build" in one_sentence(quoth("index", "watch", "--index", index))
