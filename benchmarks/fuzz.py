"""Files that were tampered with, read as any file: `python -m benchmarks.fuzz --cases N --seed N`.

Every format's sample is mutated (`benchmarks.mutations`) and read in a process of its own, as a
build does. Each file must come out as documents that hold what they promise, or as one printable
sentence, within bounds of time and memory. What does not is printed with the number of its case;
`--only NUMBER --keep FILE` makes that case again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.mutations import mutated
from benchmarks.samples import SAMPLES
from index.chunking import chunk
from index.sources import READERS, SourceFile
from index.sources.worker import Worker
from index.types import Document, Skipped

SECONDS = 20.0  # of a processor for one small file; most take a hundredth
MEMORY = 600_000_000  # bytes that the process may hold at most
LONGEST = 700  # characters of a reason
_DIED = re.compile(r"crashes what reads|took longer than|needs more memory")


@dataclass(frozen=True, slots=True)
class Case:
    """A file that was read: what came of it, at what cost, and what is wrong with that."""

    number: int
    suffix: str
    found: tuple[Document | Skipped, ...]
    seconds: float
    memory: int
    problems: tuple[str, ...]


def made(seed: int, number: int, suffixes: Sequence[str]) -> tuple[str, bytes]:
    """The suffix and the bytes of a case."""
    random = Random(f"{seed} {number}")  # noqa: S311 - no secret
    suffix = suffixes[number % len(suffixes)]
    return suffix, mutated(random, sample(suffix))


@cache
def sample(suffix: str) -> bytes:
    """A whole file of this kind."""
    return SAMPLES[suffix]()


def run(seed: int, numbers: Sequence[int], suffixes: Sequence[str] = ()) -> Iterator[Case]:
    """Make and read these cases, one after the other."""
    chosen = suffixes or sorted(READERS)
    with tempfile.TemporaryDirectory() as folder, Worker(SECONDS, MEMORY, short=0) as worker:
        for number in numbers:
            suffix, data = made(seed, number, chosen)
            path = Path(folder) / f"case{suffix}"
            path.write_bytes(data)
            yield case(worker, path, number)


def case(worker: Worker, path: Path, number: int = 0) -> Case:
    """Read one file and judge what comes of it."""
    before = spent(worker.pid)
    info = path.stat()
    source = SourceFile(path, path.parent, max(1, info.st_size), info.st_mtime_ns, path.name)
    found = tuple(entry for entry in worker.read(source) if entry is not None)
    seconds, memory = spent(worker.pid)
    seconds -= before[0] if seconds >= before[0] else 0.0
    problems = [problem for entry in found for problem in wrong(entry)]
    if not found:
        problems.append("nothing was said of it")
    if seconds > SECONDS:
        problems.append(f"took {seconds:.0f} s")
    if memory > MEMORY + info.st_size:  # files may be mapped
        problems.append(f"took {memory / 1e6:.0f} MB")
        worker.close()
    return Case(number, path.suffix, found, seconds, memory, tuple(problems))


def spent(pid: int | None) -> tuple[float, int]:
    """Seconds of a processor and bytes of memory at most that a process has taken (on Linux)."""
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0, 0
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) * 1024 if peak else 0


def wrong(found: Document | Skipped) -> Iterator[str]:
    """What is not as it must be, however hostile the file."""
    yield from badly_said(found) if isinstance(found, Skipped) else badly_read(found)


def badly_said(found: Skipped) -> Iterator[str]:
    """Whether a reason is one sentence that people can use."""
    if not (found.reason.strip() and found.reason.isprintable() and found.path.isprintable()):
        yield f"a reason that cannot be shown: {found!r}"
    if len(found.reason) > LONGEST:
        yield f"a reason of {len(found.reason)} characters"
    if _DIED.search(found.reason):
        yield found.reason


def badly_read(found: Document) -> Iterator[str]:
    """Whether a document holds what documents promise."""
    text = found.text
    if not text.strip():
        yield "a document without text"
    if odd := {c for c in text if unseen(c)}:
        yield f"characters that cannot be shown: {sorted(map(ascii, odd))[:5]}"
    labels = [found.id, found.path, found.title, found.published or "", found.publisher or ""]
    labels += [*found.authors, *(page.label for page in found.pages)]
    labels += [*found.metadata, *found.metadata.values()]
    yield from (f"a label that cannot be shown: {ascii(s)[:80]}" for s in labels if not shows(s))
    if len(found.title) > 500 or not found.title.strip():
        yield f"a title of {len(found.title)} characters"
    yield from badly_placed(found)
    yield from badly_cut(found)


def badly_placed(found: Document) -> Iterator[str]:
    """Whether headings and pages are of the text, and in order."""
    text = found.text
    if any(not 0 <= h.start < h.end <= len(text) or not 1 <= h.level <= 6 for h in found.headings):
        yield "a heading out of range"
    starts = [page.start for page in found.pages]
    if starts != sorted(starts) or any(not 0 <= start < len(text) for start in starts):
        yield "a page out of range"
    if not re.fullmatch(r"[0-9a-f]{64}", found.sha256):
        yield "no digest"


def badly_cut(document: Document) -> Iterator[str]:
    """Whether passages are spans of the text, in order and apart."""
    began, end = time.perf_counter(), 0
    for passage in chunk(document, lambda texts: [len(text.split()) for text in texts], 256):
        if document.text[passage.start : passage.end] != passage.text or passage.start < end:
            yield f"passage {passage.ordinal} is not where it says"
        end = passage.end
    if (took := time.perf_counter() - began) > 5 + len(document.text) / 100_000:
        yield f"took {took:.0f} s to cut {len(document.text)} characters"


def unseen(character: str) -> bool:
    """Whether a character is a control, a surrogate, or turns the text around."""
    if character in "\n\t":
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cs") or character in "\u202a\u202e\u2066\u2069"
    )


def shows(label: str) -> bool:
    """Whether a label is one line that can be shown."""
    return not any(unseen(c) or c == "\n" for c in label)


def main() -> int:
    """Run the cases and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="make and read this case alone")
    parser.add_argument("--keep", type=Path, help="write the file of that case here")
    parser.add_argument("--suffix", action="append", default=[], help="only this kind of file")
    chosen = parser.parse_args()
    suffixes = chosen.suffix or sorted(READERS)
    numbers = range(chosen.cases) if chosen.only is None else [chosen.only]
    if chosen.keep and chosen.only is not None:
        chosen.keep.write_bytes(made(chosen.seed, chosen.only, suffixes)[1])
    began, bad = time.perf_counter(), 0
    kinds: Counter[str] = Counter()
    slowest: dict[str, tuple[float, int]] = {}
    largest = 0
    for done in run(chosen.seed, numbers, suffixes):
        read = any(isinstance(entry, Document) for entry in done.found)
        kinds[f"{done.suffix} {'read' if read else 'left out'}"] += 1
        slowest[done.suffix] = max(slowest.get(done.suffix, (0.0, 0)), (done.seconds, done.number))
        largest = max(largest, done.memory)
        bad += bool(done.problems)
        for problem in done.problems:
            print(f"case {done.number} ({done.suffix}): {problem}", flush=True)
        if chosen.only is not None:
            print(*done.found, sep="\n")
        if done.number % 500 == 499:
            print(f"{done.number + 1} cases, {bad} bad", file=sys.stderr, flush=True)
    for suffix, (seconds, number) in sorted(slowest.items()):
        read, left = kinds[f"{suffix} read"], kinds[f"{suffix} left out"]
        print(f"{suffix}: {read} read, {left} left out; slowest {seconds:.2f} s (case {number})")
    took = time.perf_counter() - began
    print(
        f"{len(numbers)} cases, seed {chosen.seed}: {bad} bad, {took:.0f} s, {largest / 1e6:.0f} MB"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
