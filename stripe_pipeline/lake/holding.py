"""Who may write to a lake now: one process, and beside it one that records an opt-out.

A first sync may hold the lake for hours. What a person says no to is recorded at once all the same:
the ledgers have a lock of their own, which is held for moments only. Who needs both takes the
lake's first.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stripe_pipeline.disk_trouble import unwritable
from stripe_pipeline.errors import PipelineError

_LAKE = ".lock"
_LEDGERS = ".ledgers.lock"


@contextmanager
def holding_lake(root: Path, patience: float) -> Iterator[None]:
    """Be the one who writes to the tables of a lake, without its ledgers.

    Raises:
        PipelineError: another process still does after so many seconds, or the folder can't be
            written.
    """
    busy = f"Another sync is writing to {root}{{}}; wait until it has finished and try again."
    with _holding(root, _LAKE, patience, busy):
        yield


@contextmanager
def holding_ledgers(root: Path, patience: float) -> Iterator[None]:
    """Be the one who writes to the ledgers of a lake: consents and suppressions.

    Raises:
        PipelineError: as holding_lake.
    """
    busy = f"The consents in {root} are being written by another process{{}}; try again."
    with _holding(root, _LEDGERS, patience, busy):
        yield


@contextmanager
def _holding(root: Path, name: str, patience: float, busy: str) -> Iterator[None]:
    """Hold a lock with a note of who does; the operating system frees it if this process dies."""
    note = root / f"{name}.holder"
    lock = FileLock(root / name, timeout=patience)
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise PipelineError(busy.format(_said_of_holder(note))) from None
    except OSError as error:
        raise unwritable(root.parent, error) from None
    try:
        with suppress(OSError):  # a disk that is full is told by what is to be written
            note.write_text(f"{os.getpid()} {datetime.now(UTC):%Y-%m-%d %H:%M}")
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _said_of_holder(note: Path) -> str:
    """Say which process holds a lock and since when, as far as its note tells."""
    try:
        process, _, since = note.read_text().partition(" ")
    except (OSError, UnicodeDecodeError):
        return ""
    return f" (process {process}, since {since} UTC)" if since else ""
