"""Nearest passages by vector: a cache of the store, exact, in memory, saved beside it."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamagedError

if TYPE_CHECKING:
    from io import BufferedRandom, BufferedReader

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

_HEADER = struct.Struct("<8sQI")  # what it is, the generation, the CRC-32 of all that follows
_MAGIC = b"quothV01"
THREADED_FROM = 100_000  # vectors


class VectorIndex(Protocol):
    """Passage vectors that can be searched and changed."""

    @property
    def generation(self) -> int:
        """The generation of the store that it was last saved for; 0 if never."""
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

    def apply(self, removed: Ids, added: Ids, vectors: Floats) -> None:
        """Take out `removed`, then put in `added` with their vectors, float32 (len(added), dim)."""
        ...

    def save(self, path: Path, generation: int) -> None:
        """Write beside, flush to disk, swap in by rename; stamped with the store's generation."""
        ...

    def load(self, path: Path) -> None:
        """Become what was saved.

        Raises:
            IndexDamagedError: the file is missing, not whole, or of vectors of another length.
        """
        ...


def _faiss() -> Any:
    """FAISS, untyped: its own stubs lack half of what is used here."""
    import faiss

    return faiss


class FlatIndex:
    """Exact search with FAISS: 6 ms for 50,000 passages, and entries can be removed."""

    def __init__(self, dimension: int) -> None:
        """An empty index of vectors of this length."""
        faiss = _faiss()
        self._dimension = dimension
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self.generation = 0

    def ids(self) -> Ids:
        """The ids it holds, int64 (n,)."""
        faiss = _faiss()
        held: Ids = faiss.vector_to_array(self._index.id_map).astype(np.int64)
        return held

    def search(self, queries: Floats, k: int, allowed: Ids | None = None) -> tuple[Floats, Ids]:
        """The k nearest passages of each query, best first, chosen among `allowed` only."""
        faiss = _faiss()
        params = None
        among = self._index.ntotal
        if allowed is not None:
            allowed = np.intersect1d(allowed, self.ids())
            among = len(allowed)
            params = faiss.SearchParameters(sel=faiss.IDSelectorBatch(allowed))
        k = min(k, among)
        if k < 1:
            return np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
        # Threads cost more than they bring for few vectors, and 20 ms where the cores are busy.
        faiss.omp_set_num_threads(1 if among < THREADED_FROM else os.cpu_count() or 1)
        scores, ids = self._index.search(np.ascontiguousarray(queries), k, params=params)
        return scores, ids

    def apply(self, removed: Ids, added: Ids, vectors: Floats) -> None:
        """Take out `removed`, then put in `added` with their vectors."""
        faiss = _faiss()
        if len(removed):
            self._index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(removed)))
        if len(added):
            self._index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(added))

    def save(self, path: Path, generation: int) -> None:
        """Write beside, flush to disk, swap in by rename."""
        faiss = _faiss()
        beside = path.with_name(path.name + ".new")
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "w+b") as file:
            checked = _Checked(file)
            file.write(_HEADER.pack(_MAGIC, generation, 0))
            faiss.write_index(self._index, faiss.PyCallbackIOWriter(checked.write))
            file.seek(0)
            file.write(_HEADER.pack(_MAGIC, generation, checked.crc))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        self.generation = generation

    def load(self, path: Path) -> None:
        """Become what was saved."""
        faiss = _faiss()
        try:
            with path.open("rb") as file:
                magic, generation, crc = _HEADER.unpack(file.read(_HEADER.size))
                checked = _Checked(file)
                index = faiss.read_index(faiss.PyCallbackIOReader(checked.read))
        except (OSError, struct.error, RuntimeError) as error:
            raise IndexDamagedError(f"{path} cannot be read; it is made anew.") from error
        if (magic, crc, index.d) != (_MAGIC, checked.crc, self._dimension):
            raise IndexDamagedError(f"{path} is not what was saved; it is made anew.")
        self._index = index
        self.generation = generation


class _Checked:
    """A file whose bytes are summed as they pass."""

    def __init__(self, file: BufferedRandom | BufferedReader) -> None:
        self._file = file
        self.crc = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.crc = zlib.crc32(data, self.crc)
        return data

    def write(self, data: bytes) -> int:
        self.crc = zlib.crc32(data, self.crc)
        return self._file.write(data)


VECTORS: dict[str, Callable[[int], VectorIndex]] = {"flat": FlatIndex}
