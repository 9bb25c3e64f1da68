"""Run a command and say what it took: wall seconds, CPU seconds, peak memory.

On Linux a process and all that it starts are counted, also those that outlive it; elsewhere the CPU
of what it didn't wait for, and of a command that was stopped, is missing.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

SAMPLE_SECONDS = 0.1
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Bounds:
    """Where a command is stopped: seconds of wall time, bytes of memory. None: nowhere."""

    seconds: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Cost:
    """What a process took, all that it started included.

    `wall` and `cpu` are seconds. `peak_memory` is in bytes, of all processes at one moment; pages
    that they share count once. `stopped` is the bound that ended it, "time" or "memory", or "".
    """

    wall: float
    cpu: float
    peak_memory: int
    output: str
    stopped: str = ""
    samples: tuple[tuple[float, int], ...] = ()

    def peak_between(self, began: float, ended: float) -> int:
        """Peak memory between two moments; of a short time, what was seen next to it."""
        margin = SAMPLE_SECONDS
        seen = [held for at, held in self.samples if began - margin <= at <= ended + margin]
        return max(seen, default=0)


class CommandFailedError(RuntimeError):
    """A command ended with an error; `output` is what it said."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        super().__init__(f"{' '.join(command)} failed:\n{output[-2000:]}")
        self.output = output


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    bounds: Bounds | None = None,
    folder: Path | None = None,
) -> Cost:
    """Run a command in a folder (the current one) to its end, or to one of its bounds.

    Raises:
        CommandFailedError: it ended with an error.
    """
    with tempfile.TemporaryFile() as log, _adopting_orphans():
        cost, code = _run(command, environment, bounds or Bounds(), log, folder)
    if code and not cost.stopped:
        raise CommandFailedError(command, cost.output)
    return cost


def _run(
    command: Sequence[str],
    environment: Mapping[str, str],
    bounds: Bounds,
    log: IO[bytes],
    folder: Path | None,
) -> tuple[Cost, int]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    watch = _Watch(process.pid, bounds)
    try:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    finally:
        watch.end()
        rest = _end_group(process.pid)
    process.returncode = os.waitstatus_to_exitcode(status)
    log.seek(0)
    output = log.read().decode(errors="replace")
    cpu = usage.ru_utime + usage.ru_stime + rest
    samples = tuple(watch.samples)
    return Cost(wall, cpu, watch.peak, output, watch.stopped, samples), process.returncode


class _Watch:
    """Looks at the memory of a process and its children, and stops them at a bound."""

    def __init__(self, group: int, bounds: Bounds) -> None:
        self.peak = 0
        self.samples: list[tuple[float, int]] = []
        self.stopped = ""
        self._group = group
        self._bounds = bounds
        self._over = threading.Event()
        self._began = time.perf_counter()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.samples.append((time.time(), memory_of(self._group)))
            self.peak = max(self.peak, self.samples[-1][1])
            self.stopped = self._met()
            if self.stopped:
                _signal_group(self._group)
                return

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _met(self) -> str:
        seconds, memory = self._bounds.seconds, self._bounds.memory
        if memory is not None and self.peak > memory:
            return "memory"
        if seconds is not None and time.perf_counter() - self._began > seconds:
            return "time"
        return ""


def memory_of(pid: int) -> int:
    """Bytes of memory that a process and its children hold now; 0 once they are gone."""
    try:
        parent = psutil.Process(pid)
        return sum(map(_memory, [parent, *parent.children(recursive=True)]))
    except psutil.Error:
        return 0


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    return 0


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """Let what a command leaves behind become this process's children, so that they are counted."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _signal_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _end_group(group: int) -> float:
    """End what is left of a process group; gives the CPU seconds of it."""
    _signal_group(group)
    seconds = 0.0
    with suppress(ChildProcessError):
        while True:
            _, _, usage = os.wait4(-group, 0)
            seconds += usage.ru_utime + usage.ru_stime
    return seconds
