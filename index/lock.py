"""The right to change an index: one process at a time, given back by the system if it dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexingError, IndexLockedError
from index.private import make_folder

LOCK = "lock"
_FAR = 1 << 30  # Windows locks bytes, which may lie beyond the end: the pid stays readable


WAIT = 2.0  # seconds: a question that saves a cache is done by then
_POLL = 0.05


@contextmanager
def locked(directory: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the right to change the index in `directory`, which is made where there is none.

    Where another process holds it, that is waited for, up to `wait` seconds.

    Raises:
        IndexLockedError: another process holds it; the message names that process.
        IndexingError: nothing can be written there.
    """
    try:
        make_folder(directory)
        handle = os.open(directory / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        try:
            _wait(handle, directory, wait)
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, str(os.getpid()).encode())
        except OSError as error:
            raise _unwritable(directory, error) from error
        yield
    finally:
        os.close(handle)


def _wait(handle: int, directory: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not _acquire(handle):
        if time.monotonic() >= until:
            holder = os.read(handle, 20).decode(errors="replace").strip()
            who = f"process {holder}" if holder.isdecimal() else "another process"
            raise IndexLockedError(
                f"The index in {directory} is being changed by {who}; wait until it is done."
            )
        time.sleep(_POLL)


def _unwritable(directory: Path, error: OSError) -> IndexingError:
    return IndexingError(
        f"The index in {directory} cannot be written ({error.strerror or error}); see to that, or "
        "name another folder with `--index`."
    )


if sys.platform == "win32":
    import msvcrt

    def _acquire(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _acquire(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
