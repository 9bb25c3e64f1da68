"""Keep a table's files as they are while somebody reads it more than once in one go.

A merge puts a file in another's place in one step, under the same number (see compact.py). dbt's
staging looks first where the newest version of an object lies, by file and row, and reads it there
afterwards: between the two, no row may move. Readers hold the lock together, a merge alone.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_NAME = ".reading.lock"


def start_reading(root: Path) -> BinaryIO:
    """Hold a lake's files in their places until the returned file is closed, or the process ends.

    Waits for a merge that is going on, which takes seconds.

    Raises:
        OSError: the folder can't be written.
    """
    file = _open(root)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@contextmanager
def nobody_reading(root: Path) -> Iterator[bool]:
    """Hold readers off for the length of a block; false, at once, where there is one already."""
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
