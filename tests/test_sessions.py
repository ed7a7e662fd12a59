"""The file of kept conversations: real files, real threads, real damage."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build
from index.store import Store
from qa.errors import SessionError
from qa.resuming import SessionsOver
from qa.sessions import SessionFile
from qa.types import Answer, Kept
from tests.fakes import HashEmbedder
from tests.ui.fake import citation, mill, refusal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.sqlite"


def fill(file: SessionFile) -> SessionFile:
    """Two conversations, the second with two turns."""
    file.keep("aaa1", 1, refusal("Which submarine lay there?"))
    file.keep("bbb2", 1, mill("Who built the tide mill?"))
    file.keep("bbb2", 2, mill("And when?"))
    return file


def test_nothing_is_written_before_the_first_answer(path: Path) -> None:
    file = SessionFile(path)
    assert (file.listed(), file.turns("x"), file.questions()) == ([], [], [])
    assert not path.parent.exists()


def test_only_the_owner_can_read_what_is_kept(path: Path) -> None:
    fill(SessionFile(path))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert modes.keys() == {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_conversations_are_listed_latest_first_and_named_by_their_first_question(
    path: Path,
) -> None:
    listed = fill(SessionFile(path, over="/index")).listed()
    assert [(s.id, s.title, s.turns, s.index) for s in listed] == [
        ("bbb2", "Who built the tide mill?", 2, "/index"),
        ("aaa1", "Which submarine lay there?", 1, "/index"),
    ]
    assert listed[0].begun <= listed[0].changed


def test_turns_come_back_in_order_with_all_they_said(path: Path) -> None:
    fill(SessionFile(path)).close()
    turns = SessionFile(path).turns("bbb2")
    assert [kept.answer.question for kept in turns] == ["Who built the tide mill?", "And when?"]
    assert turns[0].answer.points == mill("").points
    assert turns[0].answer.citations[1].state == "changed"


def test_a_turn_answered_anew_takes_the_place_of_the_former(path: Path) -> None:
    file = fill(SessionFile(path))
    file.keep("bbb2", 2, refusal("And the wheel?"))
    assert [kept.answer.question for kept in file.turns("bbb2")][1] == "And the wheel?"
    assert [s.id for s in file.listed("when")] == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("submarine", ["aaa1"]),
        ("SUBmar", ["aaa1"]),
        ("barley coast", ["bbb2"]),
        ("tide submarine", []),
        ("  ", ["bbb2", "aaa1"]),
        ("not in the documents", []),
    ],
)
def test_words_of_questions_and_answers_are_found(path: Path, words: str, found: list[str]) -> None:
    assert [s.id for s in fill(SessionFile(path)).listed(words)] == found


@pytest.mark.parametrize(
    "words",
    ['"', "tide OR submarine", "question:tide", "mill*", "tide NOT mill", "(", "^tide", "-", "_",
     "NEAR(tide mill)", "a" * 10_000, "\0", "\ud83d", "mill -tide", "{question} : mill", "%"],
)  # fmt: skip
def test_what_is_typed_is_never_read_as_query_syntax(path: Path, words: str) -> None:
    found = [s.id for s in fill(SessionFile(path)).listed(words)]
    plain = words in ("mill*", "^tide", "mill -tide")
    assert found == (["bbb2"] if plain else [])


def test_an_excerpt_shows_the_words_where_they_stand(path: Path) -> None:
    (session,) = fill(SessionFile(path)).listed("barley")
    assert "\ue000barley\ue001 for the whole coast" in session.excerpt


def test_a_new_name_is_kept_found_and_taken_back(path: Path) -> None:
    file = fill(SessionFile(path))
    file.rename("aaa1", "  Diving\n 100% of it ")
    assert file.listed("100% div")[0].title == "Diving 100% of it"
    file.rename("aaa1", " ")
    assert file.listed("submarine")[0].title == "Which submarine lay there?"


def test_what_is_deleted_is_gone_from_the_file_and_can_be_brought_back(path: Path) -> None:
    file = fill(SessionFile(path))
    before = file.turns("bbb2"), file.listed()
    file.delete("bbb2")
    assert [s.id for s in file.listed()] == ["aaa1"]
    assert file.listed("barley") == []
    assert all(b"barley" not in part.read_bytes() for part in path.parent.iterdir())
    assert file.restore() == "bbb2"
    assert (file.turns("bbb2"), file.listed()) == before
    assert [s.id for s in file.listed("barley")] == ["bbb2"]
    assert file.restore() == ""


def test_deleting_what_is_not_there_is_no_error(path: Path) -> None:
    file = fill(SessionFile(path))
    file.delete("ccc3")
    assert file.restore() == ""


def test_former_questions_are_recalled_once_each(path: Path) -> None:
    file = fill(SessionFile(path))
    file.keep("ccc3", 1, mill("Which submarine lay there?"))
    assert file.questions() == [
        "Who built the tide mill?", "And when?", "Which submarine lay there?",
    ]  # fmt: skip
    assert file.questions(1) == ["Which submarine lay there?"]


def test_a_conversation_is_found_by_the_beginning_of_its_id(path: Path) -> None:
    file = fill(SessionFile(path))
    assert file.find("bb").id == "bbb2"
    for name in ("zz", ""):
        with pytest.raises(SessionError, match="No conversation begins with"):
            file.find(name)
    file.keep("bbb3", 1, mill("Who?"))
    with pytest.raises(SessionError, match="2 conversations begin with 'bb'"):
        file.find("bb")


def test_without_keep_nothing_is_kept(path: Path) -> None:
    kept = SessionFile(path, keeps=False).keep("aaa1", 1, mill("Who?"))
    assert kept.answer == mill("Who?")
    assert not path.exists()


def test_threads_may_share_the_file_and_processes_too(path: Path) -> None:
    files = SessionFile(path), SessionFile(path)
    threads = [
        threading.Thread(target=files[n % 2].keep, args=(f"s{n % 5}", n, mill(f"Question {n}?")))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(session.turns for session in files[0].listed()) == 20


KILLED = """
import os, sys
from pathlib import Path
from qa.sessions import SessionFile
from tests.ui.fake import mill
file = SessionFile(Path(sys.argv[1]))
file.keep("aaa1", 1, mill("Who built it?"))
os.kill(os.getpid(), 9)
"""


def test_a_process_that_is_killed_loses_nothing_that_was_kept(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    assert done.returncode == -9
    assert [kept.answer.question for kept in SessionFile(path).turns("aaa1")] == ["Who built it?"]


def _damage(path: Path, how: str) -> None:
    if how == "no database":
        path.write_bytes(b"nothing that SQLite knows" * 400)
    elif how == "half of it":
        data = path.read_bytes()
        path.write_bytes(data[:200] + b"\xff" * (len(data) - 200))
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "other tables":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TABLE turns")
            connection.commit()


@pytest.mark.parametrize("how", ["no database", "half of it", "a folder", "other tables"])
def test_a_damaged_file_is_one_sentence_and_a_new_one_is_made_once_it_is_gone(
    path: Path, how: str
) -> None:
    file = fill(SessionFile(path))
    file.close()
    _damage(path, how)
    tries = (
        lambda: file.keep("ccc3", 1, mill("Who?")),
        file.listed,
        lambda: file.turns("aaa1"),
        file.questions,
        lambda: file.delete("aaa1"),
    )
    for attempt in tries:
        with pytest.raises(SessionError, match=r"^Conversations cannot be kept .* without\.$"):
            attempt()
    path.rename(path.with_name("away"))
    file.keep("ccc3", 1, mill("Who?"))
    assert [session.id for session in file.listed()] == ["ccc3"]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SessionError, match="Conversations cannot be kept"):
        SessionFile(tmp_path / "file" / "sessions.sqlite").keep("a", 1, mill("Who?"))


def test_a_file_moved_away_while_it_is_open_takes_nothing_new_with_it(path: Path) -> None:
    file = fill(SessionFile(path))
    for part in path.parent.iterdir():
        part.rename(part.with_name(f"away-{part.name}"))
    file.keep("ccc3", 1, mill("Who?"))
    assert [session.id for session in SessionFile(path).listed()] == ["ccc3"]


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    fill(SessionFile(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SessionError, match="newer version of Quoth"):
        SessionFile(path).listed()


# Over an index


def over(tmp_path: Path, text: str) -> Store:
    """An index of one document, beside the conversations."""
    (tmp_path / "books").mkdir(exist_ok=True)
    (tmp_path / "books" / "creek.txt").write_text(text)
    list(build([tmp_path / "books"], tmp_path / "index", embedder=HashEmbedder()))
    return Store(tmp_path / "index")


def quoting(store: Store, words: str) -> Answer:
    """An answer that quotes words of the document."""
    cited = citation(1, store.document("creek.txt"), words)
    return replace(mill("Who?"), citations=(cited,), hits=(cited.hit,), points=())


def test_quotes_are_looked_for_in_the_present_index(tmp_path: Path) -> None:
    first, second = "The creek fills twice a day.", "Nobody knows who laid the first stone."
    with over(tmp_path, f"{first} {second}\n") as store:
        sessions = SessionsOver(tmp_path / "sessions.sqlite", store)
        for place, words in enumerate((first, second), 1):
            sessions.keep("aaa1", place, quoting(store, words))
        marks = {kept.fingerprint for kept in sessions.turns("aaa1")}
        turns = sessions.checked(sessions.turns("aaa1"))
        assert [c.stands for kept in turns for c in kept.answer.citations] == [True, True]
        assert turns[0].answer.citations[0].hit.document == store.document("creek.txt")
        sessions.close()
    with over(tmp_path, f"{first} Somebody laid the first stone after all.\n") as store:
        sessions = SessionsOver(tmp_path / "sessions.sqlite", store)
        turns = sessions.checked(sessions.turns("aaa1"))
        assert [c.stands for kept in turns for c in kept.answer.citations] == [True, False]
        assert [kept.answer.citations[0].state for kept in turns] == ["changed", "changed"]
        assert sessions.fingerprint() not in marks
        sessions.close()


def test_quotes_of_documents_that_are_gone_stand_no_more(tmp_path: Path) -> None:
    with over(tmp_path, "The creek fills twice a day. It is so.\n") as store:
        sessions = SessionsOver(tmp_path / "sessions.sqlite", store)
        kept = Kept(mill("Who?"), "2026-01-02T03:04:05+00:00")
        (turn,) = sessions.checked([kept])
        assert [c.stands for c in turn.answer.citations] == [False] * 3
        assert {c.state for c in turn.answer.citations} == {"missing"}
        sessions.close()
