"""Child processes that are ended together, also when the process that started them is killed."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stripe_pipeline.servers import leash

_END_SECONDS = 10.0
_LOOK_SECONDS = 0.05


class Children:
    """Child processes in one process group: a signal reaches what they start in turn.

    `kept` are file descriptors that every child inherits.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, kept: Sequence[int]) -> None:
        self._environment = environment
        self._folder = folder
        self._kept = kept
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._leash: subprocess.Popen[bytes] | None = None

    def start(self, name: str, command: Sequence[str], *descriptors: int) -> None:
        """Start a child, which inherits `descriptors` too."""
        process = subprocess.Popen(
            command, env=self._environment, cwd=self._folder, stdin=subprocess.DEVNULL,
            process_group=self._group, pass_fds=(*self._kept, *descriptors),
        )  # fmt: skip
        self._started[name] = process
        if self._leash is None:
            self._leash = _hold_on_leash(process.pid, self._kept)

    @property
    def _group(self) -> int:
        """The group's id, which is the first child's; 0 makes a group of its own."""
        first = next(iter(self._started.values()), None)
        return first.pid if first else 0

    def ended(self) -> tuple[str, int] | None:
        """Return the name and exit code of a child that has ended; None while all are running."""
        for name, process in self._started.items():
            if (code := process.poll()) is not None:
                return name, code
        return None

    def end(self) -> None:
        """End all children and their descendants; the first one last, as the others need it."""
        if self._leash is None:
            return
        first, *others = self._started.values()
        _end(others)
        _pipe(self._leash).close()
        while self._leash.poll() is None:
            # An ended process stays in its group as a zombie until its parent reaps it.
            first.poll()
            time.sleep(_LOOK_SECONDS)
        if self._leash.returncode:
            _end([first])
            leash.end_group(first.pid)
        first.wait()


@contextmanager
def children(
    environment: Mapping[str, str], folder: Path, kept: Sequence[int] = ()
) -> Iterator[Children]:
    """Yield child processes to start, and end them with the block."""
    family = Children(environment, folder, kept)
    try:
        yield family
    finally:
        family.end()


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Send SIGTERM to processes, and SIGKILL to those that don't end."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _hold_on_leash(group: int, kept: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start the process that ends the group if this one is killed."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", leash.__file__],
        stdin=subprocess.PIPE, process_group=0, pass_fds=tuple(kept),
    )  # fmt: skip
    _pipe(process).write(f"{group}\n".encode())
    _pipe(process).flush()
    return process


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin
