"""A sync in a process of its own, as the command runs it, which can be stopped at any moment.

One process imports everything once; each runner is a fork of it. The command's own way of ending
is used: one sentence on stderr, an exit code.
"""

import ctypes
import os
import resource
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from stripe_pipeline.cli.commands import running
from stripe_pipeline.cli.commands.app import run_command
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.mirror import writer
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.stripe_client.http import retries
from stripe_pipeline.terminal.stopping import ended_by_sigterm

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])

LONGEST = 120.0  # seconds until a sync that should have ended counts as hung


@dataclass(frozen=True)
class Orders:
    """How a process syncs.

    `settings` by name; `now` is what its clock says at the beginning, in Unix seconds; a batch is
    written for every `batch_bytes` read at the latest; no file grows beyond `file_limit` bytes; the
    process kills itself before the `dies_at_write`-th file is flushed, or with `.5` before it gets
    its name.
    """

    settings: Mapping[str, str]
    now: int
    full: bool = False
    batch_bytes: int = 20_000
    file_limit: int | None = None
    dies_at_write: float | None = None


class Runner:
    """A started sync."""

    def __init__(self, orders: Orders, folder: Path) -> None:
        self._said = folder / "said.txt"
        self._said.write_text("")
        self._process = _CONTEXT.Process(target=_run, args=(orders, self._said))
        self._process.start()

    def kill(self) -> None:
        """Pull the plug."""
        self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        """Ask it to end."""
        os.kill(self._process.pid or 0, number)

    @property
    def runs(self) -> bool:
        """Whether it hasn't ended yet."""
        return self._process.is_alive()

    def end(self, within: float = LONGEST) -> int:
        """Wait for its end, and return the exit code, or -9 where it was killed."""
        self._process.join(within)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            raise AssertionError(f"the sync still runs after {within} seconds: {self.said}")
        return code

    @property
    def said(self) -> str:
        """What it wrote to stderr and stdout."""
        return self._said.read_text().strip()


def _run(orders: Orders, said: Path) -> None:
    os.environ.update(orders.settings)
    _write_to(said)
    # The orphan of a test that was ended should end too.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    retries.PATIENCE = retries.RetryPolicy(first_wait=0.002, longest_wait=0.1)
    writer.LARGEST_BATCH_BYTES = orders.batch_bytes
    begun, real = time.time(), time.time
    time.time = lambda: real() - begun + orders.now
    if orders.file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders.file_limit, orders.file_limit))
    if orders.dies_at_write is not None:
        _die_at(orders.dies_at_write)
    running.run_in_terminal = _sync_alone  # type: ignore[assignment]
    # Not the script's own entry: that may start Python once more, without what is set up above.
    run_command(["sync", *(["--full"] if orders.full else [])])


def _sync_alone(home: Home, *arguments: object, full: bool, **named: object) -> None:
    """Only the lake: without Dagster and dbt, which take seconds to be imported."""
    with ended_by_sigterm():
        sync(home.settings, full=full)


def _write_to(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _die_at(place: float) -> None:
    """Kill this process before a file is flushed, or between that and its renaming."""
    left = [int(place)]
    name = "fsync" if place == int(place) else "rename"
    call = getattr(os, name)

    def dying(what: Any, *arguments: object, **named: object) -> object:
        left[0] -= _is_unfinished_file(what)
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(what, *arguments, **named)

    setattr(os, name, dying)


def _is_unfinished_file(what: Any) -> bool:
    """Folders are flushed too, and files that have their name; neither is the writing of a file."""
    path = Path(f"/proc/self/fd/{what}").readlink() if isinstance(what, int) else Path(what)
    return path.suffix == ".tmp"
