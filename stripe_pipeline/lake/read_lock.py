"""A shared/exclusive lock on the lake's files: readers share it, a merge holds it alone.

A merge atomically replaces a file under the same number (see compact.py). dbt's staging first looks
up where the newest version of an object is, by file and row, and reads it afterwards: between the
two, no row may move.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_NAME = ".reading.lock"


def start_reading(root: Path) -> BinaryIO:
    """Acquire the shared lock, which holds until the returned file is closed or the process ends.

    Waits for a running merge, which takes seconds.

    Raises:
        OSError: the folder can't be written.
    """
    file = _open(root)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def no_readers(root: Path) -> Iterator[bool]:
    """Hold the exclusive lock for the length of a block; yield false at once if a reader has it."""
    with _open(root) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _open(root: Path) -> BinaryIO:
    root.mkdir(parents=True, exist_ok=True)
    return (root / _NAME).open("ab")
