"""Nearest passages by vector: a cache of the store, exact while that is fast, then approximate.

A folder holds the rows of all vectors, mapped into memory when it is opened, and is changed by
appending to them and by marking rows as removed; from `EXACT_BELOW` vectors on most stand in
inverted lists of 8-bit codes (`index.approximate`) instead, with what came later as rows beside.
`stamp.json` says what belongs together; it is swapped in last, by rename.
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from index.approximate import CHUNK, Fetch, InvertedLists, Tuning, library
from index.digests import crc32_of
from index.errors import IndexDamagedError
from index.private import opener

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

STAMP = "stamp.json"
VERSION = 1
EXACT_BELOW = 150_000  # vectors: 20 to 30 ms of exact search
BESIDE = 20_000  # rows beside lists that cost little; or a twentieth of the lists
PASSED = 1_000  # rows that do not count, up to which as many more are looked for instead
SUMMED = 16_000_000  # bytes of files that are summed whenever they are opened, in about 10 ms
_NONE = np.empty(0, np.int64)
_REMOVED = -1  # in place of the id of a row


class VectorIndex(Protocol):
    """Passage vectors that can be searched and changed."""

    @property
    def generation(self) -> int:
        """The generation of the store that it holds; 0 if none."""
        ...

    def ids(self) -> Ids:
        """The ids it holds, int64 (n,), in no particular order."""
        ...

    def search(self, queries: Floats, k: int, allowed: Ids | None = None) -> tuple[Floats, Ids]:
        """The k nearest passages of each query, best first, chosen among `allowed` only.

        Args:
            queries: float32 (q, dim), unit rows.
            k: how many; fewer columns come back where there are fewer passages.
            allowed: int64 ids; those not held are ignored.

        Returns:
            Inner products float32 (q, m), -1 to 1, higher is better, and ids int64 (q, m).
        """
        ...

    def update(self, wanted: Ids, fetch: Fetch, generation: int, folder: Path | None) -> None:
        """Hold the vectors of exactly these ids, and keep them in `folder` if there is one.

        Args:
            wanted: int64 (n,), ascending.
            fetch: gives float32 (m, dim) unit rows for m ids; asked only for ids not yet held,
                or for all of them where the whole is made anew, at most `CHUNK` at a time.
            generation: that of the store.
            folder: where it is or is to be kept; None keeps the change in memory.
        """
        ...

    def load(self, folder: Path, *, whole: bool = False) -> None:
        """Become what is kept in a folder; `whole` reads every byte of it to be sure.

        Raises:
            IndexDamagedError: it is missing, not whole, or of vectors of another length.
        """
        ...

    @property
    def details(self) -> Mapping[str, str]:
        """How it searches, for people."""
        ...


class SegmentedIndex:
    """Rows that are searched exactly, beside inverted lists where there are too many for that."""

    def __init__(self, dimension: int, exact_below: int = EXACT_BELOW) -> None:
        """An empty index of vectors of this length."""
        self._dimension = dimension
        self._exact_below = exact_below
        self._rows: Floats = np.empty((0, dimension), np.float32)
        self._row_ids: Ids = _NONE
        self._lists: InvertedLists | None = None
        self._list_ids: Ids = _NONE  # ascending
        self._gone: Ids = _NONE  # of them, those that were removed; ascending
        self._files: dict[str, _File] = {}
        self.generation = 0

    @property
    def details(self) -> Mapping[str, str]:
        """How it searches, for people."""
        if self._lists is None:
            return {"vector search": "exact"}
        tuned = self._lists.tuning
        return {
            "vector search": f"{tuned.probes} of {tuned.lists} lists of 8-bit vectors, recall@10 "
            f"{tuned.recall:.3f} against exact search"
        }

    def ids(self) -> Ids:
        """The ids it holds, int64 (n,)."""
        listed = np.setdiff1d(self._list_ids, self._gone, assume_unique=True)
        return np.concatenate([self._row_ids[self._row_ids != _REMOVED], listed])

    def search(self, queries: Floats, k: int, allowed: Ids | None = None) -> tuple[Floats, Ids]:
        """The k nearest passages of each query, best first, chosen among `allowed` only."""
        found = [self._among_rows(queries, k, allowed)]
        if self._lists is not None:
            left = allowed
            if allowed is not None:
                left = np.intersect1d(allowed, self._list_ids)
                left = np.setdiff1d(left, self._gone, assume_unique=True)
            most = min(k, len(self._list_ids) - len(self._gone) if left is None else len(left))
            if most > 0:
                found.append(self._lists.search(queries, most, self._gone, left))
        scores = np.concatenate([part for part, _ in found], axis=1)
        ids = np.concatenate([part for _, part in found], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores, ids = (np.take_along_axis(part, order, axis=1) for part in (scores, ids))
        filled = int((ids >= 0).sum(axis=1).min(initial=ids.shape[1]))
        return scores[:, :filled], ids[:, :filled]

    def _among_rows(self, queries: Floats, k: int, allowed: Ids | None) -> tuple[Floats, Ids]:
        """Exact search: of all rows, of a copy of the few that count, or with a mask."""
        keep = self._row_ids != _REMOVED if allowed is None else np.isin(self._row_ids, allowed)
        places = np.flatnonzero(keep)
        k = min(k, len(places))
        if k < 1:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        rows, ids = self._rows, self._row_ids
        if len(places) < len(rows) / 4:
            rows, ids, keep = rows[places], ids[places], keep[places]
        passed = len(rows) - len(places)
        if passed <= PASSED:
            scores, found = _nearest(queries, rows, k + passed)
            scores = np.where(keep[found], scores, -np.inf)
        else:
            scores = np.where(keep, queries @ rows.T, -np.inf)
            found = np.argpartition(-scores, k - 1, axis=1)[:, :k]
            scores = np.take_along_axis(scores, found, axis=1)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(found, best, axis=1)
        return np.take_along_axis(scores, best, axis=1).astype(np.float32), ids[found]

    def update(self, wanted: Ids, fetch: Fetch, generation: int, folder: Path | None) -> None:
        """Hold the vectors of exactly these ids, and keep them in `folder` if there is one."""
        added = np.setdiff1d(wanted, self.ids(), assume_unique=True)
        rows = np.where(np.isin(self._row_ids, wanted), self._row_ids, _REMOVED)
        gone = np.setdiff1d(self._list_ids, wanted, assume_unique=True)
        live = int((rows != _REMOVED).sum())
        if self._outgrown(live + len(added), len(gone)):
            self._rows, rows, gone = self._rows[:0], _NONE, _NONE
            self._files.clear()
            self._lists, self._list_ids = None, _NONE
            if len(wanted) > self._exact_below:
                self._lists = InvertedLists.build(wanted, fetch, self._dimension)
                self._list_ids, added = wanted, _NONE
            else:
                added = wanted
        if folder is None:
            kept = rows != _REMOVED
            fetched = [fetch(added[at : at + CHUNK]) for at in range(0, len(added), CHUNK)]
            self._rows = np.concatenate([self._rows[kept], *fetched])
            self._row_ids = np.concatenate([rows[kept], added])
            self._files.clear()
        else:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._append(folder, rows, added, fetch, generation)
        self._gone, self.generation = gone, generation
        if folder is not None:
            self._save(folder)

    def _outgrown(self, rows: int, gone: int) -> bool:
        """Whether the whole is to be made anew, with lists, with other lists, or without."""
        if self._lists is None:
            return rows > self._exact_below or len(self._rows) > 2 * rows + CHUNK
        left = len(self._list_ids) - gone
        return rows > max(BESIDE, left / 20) or gone > left / 4

    def _append(self, folder: Path, rows: Ids, added: Ids, fetch: Fetch, generation: int) -> None:
        """Put rows behind those that are kept, which readers of former generations go on using."""
        file = self._files.get("rows")
        if file is None or not (folder / file.name).exists():
            name = f"rows-{generation}-{secrets.token_hex(4)}.f32"  # none that a reader may have
            file, held = _File(name), self._rows
        else:
            held = self._rows[:0]
        with _opened(folder / file.name) as out:
            out.seek(file.size)
            for at in range(0, len(held), CHUNK):
                file = file.grown(out, held[at : at + CHUNK])
            for at in range(0, len(added), CHUNK):
                file = file.grown(out, fetch(added[at : at + CHUNK]))
            out.truncate()
            _flush(out)
        self._files["rows"] = file
        self._row_ids = np.concatenate([rows, added])
        self._rows = _mapped(folder / file.name, len(self._row_ids), self._dimension)

    def _save(self, folder: Path) -> None:
        """Write what belongs to the rows, then the stamp, then take away what it does not name."""
        named = {"row_ids": self._row_ids, "gone": self._gone}
        if self._lists is not None and "lists" not in self._files:
            path = folder / f"lists-{self.generation}.faiss"
            _opened(path).close()
            self._lists.save(path)
            self._files["lists"] = _File(path.name).grown_by(path)
            named["list_ids"] = self._list_ids
        for name, ids in named.items():
            file = _File(f"{name.replace('_', '-')}-{self.generation}.i64")
            with _opened(folder / file.name) as out:
                self._files[name] = file.grown(out, ids)
                out.truncate()
                _flush(out)
        stamp: dict[str, object] = {
            "version": VERSION,
            "generation": self.generation,
            "dimension": self._dimension,
            "files": {name: [f.name, f.size, f.crc] for name, f in self._files.items()},
        }
        if self._lists is not None:
            tuned = self._lists.tuning
            stamp["tuning"] = [tuned.lists, tuned.probes, tuned.recall]
        with _opened(folder / f"{STAMP}.new") as out:
            out.write(json.dumps(stamp).encode())
            out.truncate()
            _flush(out)
        (folder / f"{STAMP}.new").replace(folder / STAMP)
        named_still = {STAMP, *(file.name for file in self._files.values())}
        for path in folder.iterdir():
            if path.name not in named_still:
                with suppress(OSError):  # some systems keep a file that a reader has mapped
                    path.unlink()

    def load(self, folder: Path, *, whole: bool = False) -> None:
        """Become what is kept in a folder; `whole` reads every byte of it to be sure."""
        try:
            stamp = json.loads((folder / STAMP).read_bytes())
            if stamp["version"] != VERSION or stamp["dimension"] != self._dimension:
                raise IndexDamagedError(f"{folder} is not what was saved; it is made anew.")
            files = {name: _File(*found) for name, found in stamp["files"].items()}
            summed = whole or sum(file.size for file in files.values()) <= SUMMED
            for file in files.values():
                file.check(folder, summed=summed)
            self._read(folder, files, Tuning(*stamp["tuning"]) if "tuning" in stamp else None)
            self._files, self.generation = files, int(stamp["generation"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamagedError(f"{folder} cannot be read; it is made anew.") from error

    def _read(self, folder: Path, files: Mapping[str, _File], tuning: Tuning | None) -> None:
        ids = {name: np.fromfile(folder / files[name].name, "<i8") for name in ("row_ids", "gone")}
        self._row_ids, self._gone = ids["row_ids"], ids["gone"]
        self._rows = _mapped(folder / files["rows"].name, len(self._row_ids), self._dimension)
        self._lists, self._list_ids = None, _NONE
        if tuning is not None:
            self._lists = InvertedLists.load(folder / files["lists"].name, tuning, self._dimension)
            self._list_ids = np.fromfile(folder / files["list_ids"].name, "<i8")


class _File:
    """A file of the folder: its name, how many of its bytes count, and their CRC-32."""

    def __init__(self, name: str, size: int = 0, crc: int = 0) -> None:
        if Path(name).name != name:
            raise ValueError(name)
        self.name, self.size, self.crc = name, size, crc

    def grown(self, out: BinaryIO, values: Floats | Ids) -> _File:
        """Write an array behind the bytes that count."""
        data = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).data.cast("B")
        out.write(data)
        return _File(self.name, self.size + len(data), zlib.crc32(data, self.crc))

    def grown_by(self, path: Path) -> _File:
        """What another has written to the file counts."""
        return _File(self.name, path.stat().st_size, crc32_of(path))

    def check(self, folder: Path, *, summed: bool) -> None:
        """Raise IndexDamagedError where the bytes are not there, or not the same."""
        path = folder / self.name
        if path.stat().st_size < self.size or (
            summed and crc32_of(path, size=self.size) != self.crc
        ):
            raise IndexDamagedError(f"{path} is not what was saved; it is made anew.")


def _opened(path: Path) -> BinaryIO:
    """A file for reading and writing, made private where there is none."""
    return os.fdopen(opener(str(path), os.O_CREAT | os.O_RDWR), "r+b")


def _flush(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _nearest(queries: Floats, rows: Floats, k: int) -> tuple[Floats, Ids]:
    faiss = library()
    # Threads bring little for so few vectors, and cost 20 to 100 ms where the cores are busy.
    faiss.omp_set_num_threads(1)
    scores, found = faiss.knn(
        np.ascontiguousarray(queries), rows, k, metric=faiss.METRIC_INNER_PRODUCT
    )
    return scores, found


def _mapped(path: Path, count: int, dimension: int) -> Floats:
    """The rows of a file, which an empty one has none to map of."""
    if not count:
        return np.empty((0, dimension), np.float32)
    rows: Any = np.memmap(path, "<f4", "r", shape=(count, dimension))
    return np.asarray(rows)


VECTORS: dict[str, Callable[[int], VectorIndex]] = {
    "auto": SegmentedIndex,
    "flat": partial(SegmentedIndex, exact_below=2**62),
}
