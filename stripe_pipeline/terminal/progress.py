"""Show a command's progress: its own log lines, without the libraries' output."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner

from stripe_pipeline.files.removing import remove
from stripe_pipeline.terminal.sync_table import SyncTable

LOGGER = "stripe_pipeline"
_NOTICE_SECONDS = 5.0
_REFRESHES_A_SECOND = 5

logger = logging.getLogger(__name__)


class _Lines(logging.Handler):
    """Print each log line with the seconds since the start."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self.began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self.began
        self.console.print(f"{seconds:6.1f} s  {self.format(record)}", markup=False)


class _Shown:
    """The descriptor on which this process shows progress, and the sync's table on a terminal."""

    descriptor = 2
    table: SyncTable | None = None


def last_words(sentence: str) -> None:
    """Print why this process exits now, where its progress was shown; restore a terminal's cursor.

    For a signal handler: it takes no lock and leaves other output as it is.
    """
    before = "\r\x1b[J\x1b[?25h" if _Shown.table is not None else ""
    os.write(_Shown.descriptor, f"{before}{sentence}\n".encode())


@contextmanager
def progress(log: Path) -> Iterator[None]:
    """Show this product's log lines on stderr; send all else that is printed to the file `log`.

    The file is overwritten each time. On a terminal, a spinner turns below the newest line, and
    during a sync a table above it shows each resource's progress.
    """
    with _diverted(log) as terminal:
        handler = _Lines(terminal)
        logger = logging.getLogger(LOGGER)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        try:
            with _live(handler.console):
                yield
        finally:
            logger.removeHandler(handler)


@contextmanager
def _live(console: Console) -> Iterator[None]:
    if not console.is_terminal:
        yield
        return
    _Shown.table = SyncTable()
    live = Live(
        Group(_Shown.table, Spinner("dots", "Working")),
        console=console,
        refresh_per_second=_REFRESHES_A_SECOND,
        transient=True,
        # Both are redirected to the log file already.
        redirect_stdout=False,
        redirect_stderr=False,
    )
    try:
        with live:
            yield
    finally:
        _Shown.table = None


@contextmanager
def _diverted(log: Path) -> Iterator[IO[str]]:
    """Redirect stdout and stderr of this process and its children to a file; yield the stderr."""
    _flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        if log.is_dir():
            remove(log)
        log.write_bytes(b"")
        # Opened for appending, so that truncating it concurrently (see forget.py) leaves no gap.
        with log.open("a") as file, os.fdopen(os.dup(2), "w", buffering=1) as terminal:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            _Shown.descriptor = terminal.fileno()
            yield terminal
    finally:
        _Shown.descriptor = 2
        _flush_or_drop()
        for descriptor, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _flush_or_drop() -> None:
    """Flush to the log; drop what a full disk doesn't take, rather than show it on the terminal."""
    try:
        _flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        _flush()


class SyncLines:
    """Show a sync's progress: in the terminal's table, or without a terminal as log lines.

    There is at most one log line in five seconds.
    """

    def __init__(self) -> None:
        self._noticed = time.monotonic()

    def announce(self, message: str) -> None:
        """Log a message as it is."""
        logger.info(message)

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """Show how many objects were read, and their share of all (0 to 1) where it's known."""
        if _Shown.table is not None:
            _Shown.table.advance(resource, read, requests, share)
            return
        now = time.monotonic()
        if now - self._noticed >= _NOTICE_SECONDS:
            self._noticed = now
            logger.info("Read %s %s so far (%s requests in all)", f"{read:,}", resource, requests)

    def finish(self) -> None:
        """Clear the table."""
        if _Shown.table is not None:
            _Shown.table.clear()
