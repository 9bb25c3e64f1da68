"""A lock for one web UI per home: two would run the same schedules, and start each run twice."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.orchestration.lost_runs import UI_LOCK
from stripe_pipeline.servers.leash import TERM_SECONDS

# The children of a UI that was killed are given this long to end by themselves.
_PATIENCE_SECONDS = TERM_SECONDS + 5
_RETRY_SECONDS = 0.2


@contextmanager
def only_one(folder: Path, url: str) -> Iterator[int]:
    """Hold a home's UI lock; yield its file descriptor, for child processes to inherit.

    The operating system releases the lock when the last process that has the descriptor ends, so a
    child that outlives its parent keeps it.

    Raises:
        PipelineError: another UI runs on this home.
    """
    with (folder / UI_LOCK).open("a+", encoding="utf-8") as file:
        _lock(file)
        file.truncate(0)
        file.write(f"{os.getpid()} {url}")
        file.flush()
        yield file.fileno()


def _lock(file: IO[str]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    noticed = False
    while not _locked(file):
        process, _, url = _holder(file).partition(" ")
        if _is_alive(process) or time.monotonic() > until:
            raise PipelineError(
                f"A web UI runs on this home already, at {url} (process {process}). Open it "
                "there, or stop it first: two would start each scheduled run twice."
            )
        if not noticed:
            typer.echo("Waiting for what is left of a web UI that was killed", err=True)
            noticed = True
        time.sleep(_RETRY_SECONDS)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
