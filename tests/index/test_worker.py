"""Files are read in a process that can be killed: whatever they do to it, the build goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import build
from index.sources import SourceFile, find, read
from index.sources.worker import ROOT, Worker
from index.types import BuildReport, Document, Progress, Skipped
from tests.fakes import HashEmbedder

PROSE = "The ferry leaves the quay at nine every morning and is back well before noon."


@pytest.fixture
def worker() -> Iterator[Worker]:
    with Worker(short=0) as worker:
        yield worker


def source(path: Path) -> SourceFile:
    """A file to be read, whatever it is: `find` would pass over what is none."""
    info = path.stat()
    return SourceFile(path, path.parent, info.st_size, info.st_mtime_ns, path.name)


def note(folder: Path, name: str = "a.txt") -> SourceFile:
    (folder / name).write_text(PROSE, encoding="utf-8")
    return source(folder / name)


def endless(folder: Path, name: str = "endless.txt") -> SourceFile:
    """A file that opens for nobody: a pipe without a writer."""
    os.mkfifo(folder / name)
    return source(folder / name)


def everything(worker: Worker, source: SourceFile) -> list[Document | Skipped]:
    return [found for found in worker.read(source) if found is not None]


def reason(worker: Worker, source: SourceFile) -> str:
    [skipped] = everything(worker, source)
    assert isinstance(skipped, Skipped), skipped
    assert skipped.path == str(source.path)
    return skipped.reason


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds; a zombie has, and its parent is yet to notice."""
    for _ in range(200):
        order = ["ps", "-o", "stat=", "-p", str(pid)]
        state = subprocess.run(order, capture_output=True, text=True, check=False).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False


def children() -> list[int]:
    """The processes that this one has started and that still run."""
    order = ["pgrep", "-P", str(os.getpid()), "-f", "index.sources.child"]
    found = subprocess.run(order, capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def test_a_file_comes_as_it_would_here_from_one_process_for_all(
    tmp_path: Path, worker: Worker
) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: Fähren\nauthors: [Ada Ash, Bo Oak]\ndate: 2016-11-30\n---\n# In winter\n\n"
        f"{PROSE}\n\n## Fares\n\nFree “of charge”, 𝔸ll year.\n",
        encoding="utf-8",
    )
    lines = [json.dumps({"_id": "n1", "text": PROSE, "n": 3}), "{broken", json.dumps({"text": "b"})]
    (tmp_path / "b.jsonl").write_text("\n".join(lines))
    note(tmp_path).path.rename(os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff\n.txt"))
    (tmp_path / "c.txt").write_bytes(b"\0")
    sources = [found for found in find([tmp_path]) if isinstance(found, SourceFile)]
    assert len(sources) == 4
    pids = set()
    for file in sources:
        assert everything(worker, file) == list(read(file))
        pids.add(worker.pid)
    assert len(pids) == 1
    assert None not in pids


def test_short_plain_text_needs_no_process(tmp_path: Path) -> None:
    with Worker() as worker:
        [document] = everything(worker, note(tmp_path))
        assert isinstance(document, Document)
        assert worker.pid is None
        (tmp_path / "long.txt").write_text(f"{PROSE}\n\n" * 1000)
        [document] = everything(worker, source(tmp_path / "long.txt"))
        assert isinstance(document, Document)
        assert worker.pid is not None


def test_a_file_that_takes_too_long_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    with Worker(seconds=0.6, short=0) as worker:
        found = list(worker.read(endless(tmp_path)))
        pid = worker.pid
        assert found[:-1] == [None] * (len(found) - 1) != []
        assert found[-1] == Skipped(
            str(tmp_path / "endless.txt"),
            "took longer than 1 s to read; leave it out, or split it",
        )
        assert everything(worker, note(tmp_path)) == list(read(note(tmp_path)))
        assert worker.pid != pid


@pytest.mark.parametrize("kind", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_costs_one_file(tmp_path: Path, worker: Worker, kind: signal.Signals) -> None:
    finding = worker.read(endless(tmp_path))
    assert next(finding) is None
    pid = worker.pid
    assert pid is not None
    os.kill(pid, kind)
    assert [found for found in finding if found] == [
        Skipped(
            str(tmp_path / "endless.txt"), f"crashes what reads .txt files (signal {int(kind)})"
        )
    ]
    assert everything(worker, note(tmp_path)) == list(read(note(tmp_path)))


def test_a_process_that_dies_between_two_files_costs_none(tmp_path: Path, worker: Worker) -> None:
    everything(worker, note(tmp_path))
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    [document] = everything(worker, note(tmp_path, "b.txt"))
    assert isinstance(document, Document)


def test_a_file_that_needs_too_much_memory_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "big.txt").write_text(f"{PROSE}\n\n" * 200_000)
    with Worker(memory=60_000_000) as worker:
        assert "needs more memory" in reason(worker, source(tmp_path / "big.txt"))
        [document] = everything(worker, note(tmp_path))
        assert isinstance(document, Document)


def test_leaving_in_the_middle_ends_the_process(tmp_path: Path, worker: Worker) -> None:
    finding = worker.read(endless(tmp_path))
    assert next(finding) is None
    pid = worker.pid
    assert pid is not None
    finding.close()
    assert worker.pid is None
    assert gone(pid)


def test_documents_that_nobody_takes_do_not_hold_up_the_end(tmp_path: Path, worker: Worker) -> None:
    (tmp_path / "many.jsonl").write_text(f"{json.dumps({'text': PROSE})}\n" * 5000)
    finding = worker.read(source(tmp_path / "many.jsonl"))
    assert isinstance(next(found for found in finding if found), Document)
    finding.close()
    assert everything(worker, note(tmp_path)) == list(read(note(tmp_path)))


def test_what_was_unpacked_goes_with_the_process(tmp_path: Path, worker: Worker) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("long.txt", f"{PROSE}\n\n" * 100_000)
    rooms = Path(tempfile.gettempdir())
    finding = worker.read(source(tmp_path / "a.zip"))
    assert next(finding) is None
    [room] = rooms.glob(f"quoth-{os.getpid()}-*")
    assert room.stat().st_mode & 0o077 == 0
    finding.close()
    assert not room.exists()


BUSY = """
import re, sys
from index.sources.child import end_with_parent

end_with_parent(int(sys.argv[1]))
print("busy", flush=True)
re.match(r"(a|a)*$", "a" * 60 + "b")  # for ages, in one call that lets no thread in
"""

STARTS = """
import sys
from pathlib import Path
from index.sources import SourceFile
from index.sources.worker import Worker

path = Path(sys.argv[1])
worker = Worker(short=0)
for _ in worker.read(SourceFile(path, path.parent, 0, 0, path.name)):
    print(worker.pid, flush=True)
"""


def test_the_process_dies_with_the_one_that_started_it(tmp_path: Path) -> None:
    order = [sys.executable, "-c", STARTS, str(endless(tmp_path).path)]
    with subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
        parent.wait()
        assert gone(pid)


def test_it_dies_even_while_a_parser_is_busy() -> None:
    theirs, ours = os.pipe()
    order = [sys.executable, "-c", BUSY, str(theirs)]
    with subprocess.Popen(
        order, cwd=ROOT, stdout=subprocess.PIPE, text=True, pass_fds=(theirs,)
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "busy\n"
        os.close(theirs)
        os.close(ours)
        assert gone(child.pid)


FORBIDDEN = """
import os, socket, subprocess, sys
from index.sources.child import forbid

sys.addaudithook(forbid)
for use in (
    socket.socket,
    lambda: socket.getaddrinfo("localhost", 1),
    lambda: subprocess.run(["true"]),
    lambda: os.system("true"),
    os.fork,
):
    try:
        use()
    except PermissionError as error:
        print(error)
"""


def test_reading_uses_neither_network_nor_programs() -> None:
    order = [sys.executable, "-c", FORBIDDEN]
    done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.count("reading a document may not use") == 5


def test_a_build_goes_on_when_its_reader_dies_and_reads_that_file_the_next_time(
    tmp_path: Path,
) -> None:
    (docs := tmp_path / "docs").mkdir()
    (docs / "long.txt").write_text(f"{PROSE}\n\n" * 100_000)
    note(docs, "short.txt")
    building = build([docs], tmp_path / "index", embedder=HashEmbedder())
    for event in building:
        if isinstance(event, Progress) and event.detail.endswith("long.txt") and children():
            os.kill(children()[0], signal.SIGKILL)
            break
    *_, report = building
    assert isinstance(report, BuildReport)
    assert report.documents == 1
    assert report.skipped == (
        Skipped(str(docs / "long.txt"), "crashes what reads .txt files (signal 9)"),
    )
    (docs / "long.txt").write_text(f"{PROSE}\n\n" * 1000)
    *_, report = build([docs], tmp_path / "index", embedder=HashEmbedder())
    assert isinstance(report, BuildReport)
    assert (report.documents, report.skipped) == (2, ())
    assert children() == []


def test_a_build_can_be_left_while_a_file_is_read(tmp_path: Path) -> None:
    (docs := tmp_path / "docs").mkdir()
    (docs / "long.txt").write_text(f"{PROSE}\n\n" * 100_000)
    building = build([docs], tmp_path / "index", embedder=HashEmbedder())
    told = [e for e in (next(building) for _ in range(4)) if isinstance(e, Progress)]
    assert [event.stage for event in told[-2:]] == ["read", "read"]
    assert children()
    building.close()
    assert children() == []


def test_reading_works_in_a_thread(tmp_path: Path) -> None:
    found: list[Document | Skipped] = []

    def work() -> None:
        with Worker(short=0) as worker:
            found.extend(everything(worker, note(tmp_path)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == list(read(note(tmp_path)))
