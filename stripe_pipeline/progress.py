"""What a command shows while it works: its own lines, and nothing that libraries say."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console

LOGGER = "stripe_pipeline"
_NOTICE_SECONDS = 5.0

logger = logging.getLogger(__name__)


class _Lines(logging.Handler):
    """Print each log line with the time that has gone by; a terminal shows that work goes on."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self.console = Console(file=stream, highlight=False, soft_wrap=True)
        self.status = self.console.status("Working")
        self.began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        seconds = time.monotonic() - self.began
        self.console.print(f"{seconds:6.1f} s  {self.format(record)}", markup=False)


@contextmanager
def progress(log: Path) -> Iterator[None]:
    """Show this product's log lines on stderr; send all else that is printed to the file `log`.

    The file is written anew each time. On a terminal, a spinner turns below the newest line.
    """
    with _diverted(log) as terminal:
        handler = _Lines(terminal)
        logger = logging.getLogger(LOGGER)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        try:
            with handler.status:
                yield
        finally:
            logger.removeHandler(handler)


@contextmanager
def _diverted(log: Path) -> Iterator[IO[str]]:
    """Point stdout and stderr of this process and its children to a file; yield the old stderr."""
    _flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        with log.open("w") as file, os.fdopen(os.dup(2), "w", buffering=1) as terminal:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield terminal
    finally:
        _flush()
        for descriptor, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


class SyncLines:
    """Say as log lines how a sync gets on, at most one line in five seconds while it reads."""

    def __init__(self) -> None:
        self._noticed = time.monotonic()

    def announce(self, message: str) -> None:
        """Log a message as it is."""
        logger.info(message)

    def advance(self, resource: str, read: int, requests: int) -> None:
        """Log how much was read, unless a line was logged just now."""
        now = time.monotonic()
        if now - self._noticed >= _NOTICE_SECONDS:
            self._noticed = now
            logger.info("Read %s %s so far (%s requests in all)", f"{read:,}", resource, requests)
