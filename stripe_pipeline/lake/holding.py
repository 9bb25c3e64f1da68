"""The write locks of a lake: for its tables, for its ledgers, and for what is derived from them.

A first sync may hold the lake for hours. An opt-out must be recorded at once all the same, so the
ledgers have a lock of their own, which is held for moments only. The derived tables have one, as a
run computes from what is there and waits for no sync. A process that needs several acquires the
lake's first.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import unwritable

_LAKE = ".lock"
_LEDGERS = ".ledgers.lock"
_DERIVED = ".derived.lock"


@contextmanager
def holding_lake(root: Path, patience: float) -> Iterator[None]:
    """Acquire the write lock of a lake's tables, without its ledgers.

    Raises:
        PipelineError: another process still holds it after `patience` seconds, or the folder can't
            be written.
    """
    busy = f"Another sync is writing to {root}{{}}; wait until it has finished and try again."
    with _holding(root, _LAKE, patience, busy):
        yield


@contextmanager
def holding_ledgers(root: Path, patience: float) -> Iterator[None]:
    """Acquire the write lock of a lake's ledgers: consents and suppressions.

    Raises:
        PipelineError: as holding_lake.
    """
    busy = f"The consents in {root} are being written by another process{{}}; try again."
    with _holding(root, _LEDGERS, patience, busy):
        yield


@contextmanager
def holding_derived(root: Path, patience: float) -> Iterator[None]:
    """Acquire the write lock of the tables that are derived from a lake's others.

    Raises:
        PipelineError: as holding_lake.
    """
    busy = f"Another process is normalizing the contacts in {root}{{}}; try again when it is done."
    with _holding(root, _DERIVED, patience, busy):
        yield


@contextmanager
def _holding(root: Path, name: str, patience: float, busy: str) -> Iterator[None]:
    """Hold a lock, with a note of the holder; the operating system frees it if this one crashes."""
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
        with suppress(OSError):  # a full disk is reported by the caller's own writes
            note.write_text(f"{os.getpid()} {datetime.now(UTC):%Y-%m-%d %H:%M}")
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _said_of_holder(note: Path) -> str:
    """Return which process holds a lock and since when; nothing where its note can't be read."""
    try:
        process, _, since = note.read_text().partition(" ")
    except (OSError, UnicodeDecodeError):
        return ""
    return f" (process {process}, since {since} UTC)" if since else ""
