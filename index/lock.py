"""The right to change an index: one process at a time, given back by the system if it dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexingError, IndexLockedError
from index.private import make_folder

LOCK = "lock"
_FAR = 1 << 30  # Windows locks bytes, which may lie beyond the end: the pid stays readable


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the right to change the index in `directory`, which is made where there is none.

    Raises:
        IndexLockedError: another process holds it; the message names that process.
        IndexingError: nothing can be written there.
    """
    try:
        make_folder(directory)
        handle = os.open(directory / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise IndexingError(
            f"The index in {directory} cannot be written ({error.strerror}); name another folder "
            "with `--index`."
        ) from error
    try:
        if not _acquire(handle):
            holder = os.read(handle, 20)
            raise IndexLockedError(
                f"The index in {directory} is being changed by process "
                f"{holder.decode(errors='replace').strip() or '(unknown)'}; wait until it is done."
            )
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


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
