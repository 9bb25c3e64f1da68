"""What a command shows while it works: its own lines, and nothing that libraries say."""

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

from stripe_pipeline.removing import remove
from stripe_pipeline.terminal.sync_table import SyncTable

LOGGER = "stripe_pipeline"
_NOTICE_SECONDS = 5.0
_REFRESHES_A_SECOND = 5

logger = logging.getLogger(__name__)


class _Lines(logging.Handler):
    """Print each log line with the time that has gone by; a terminal shows that work goes on."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self.began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self.began
        self.console.print(f"{seconds:6.1f} s  {self.format(record)}", markup=False)


class _Shown:
    """Where this process shows its progress, and the table of its sync if that's a terminal."""

    descriptor = 2
    table: SyncTable | None = None


def last_words(sentence: str) -> None:
    """Say why this process ends at once, where its progress was shown; a terminal gets its cursor.

    For a signal handler: nothing is waited for and nothing else is taken away.
    """
    before = "\r\x1b[J\x1b[?25h" if _Shown.table is not None else ""
    os.write(_Shown.descriptor, f"{before}{sentence}\n".encode())


@contextmanager
def progress(log: Path) -> Iterator[None]:
    """Show this product's log lines on stderr; send all else that is printed to the file `log`.

    The file is written anew each time. On a terminal, a spinner turns below the newest line, and
    while Stripe is read, a table above it shows how far each resource is.
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
        # Both go to the log file meanwhile.
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
    """Point stdout and stderr of this process and its children to a file; yield the old stderr."""
    _flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        if log.is_dir():
            remove(log)
        log.write_bytes(b"")
        # Whoever empties it meanwhile (see forget.py) leaves no gap.
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
    """Write what is left to the log; what a full disk doesn't take isn't for the terminal."""
    try:
        _flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
        _flush()


class SyncLines:
    """Show how a sync gets on: in the terminal's table, or as a log line now and then.

    Where there is no terminal, at most one line in five seconds.
    """

    def __init__(self) -> None:
        self._noticed = time.monotonic()

    def announce(self, message: str) -> None:
        """Log a message as it is."""
        logger.info(message)

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """Show how much was read; `share` is that of all there is, where it's known."""
        if _Shown.table is not None:
            _Shown.table.advance(resource, read, requests, share)
            return
        now = time.monotonic()
        if now - self._noticed >= _NOTICE_SECONDS:
            self._noticed = now
            logger.info("Read %s %s so far (%s requests in all)", f"{read:,}", resource, requests)

    def finish(self) -> None:
        """Take the table away."""
        if _Shown.table is not None:
            _Shown.table.clear()
