"""The demo store in a process of its own, so that its memory and CPU are no other process's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.truth import RESOURCES


@dataclass(frozen=True)
class Reached:
    """What a client got out of the store: objects of the three lists, and requests that succeeded.

    `seconds` lie between the first answer and the last.
    """

    objects: int
    requests: int
    seconds: float

    @property
    def requests_a_second(self) -> float:
        """0.0 for fewer than two requests."""
        return (self.requests - 1) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class ServedStore:
    """A demo merchant that is being served: base address, and the SQLite file of its objects."""

    base: str
    file: Path

    def start(self, pace: str) -> None:
        """Answer at a pace of benchmarks.front from now on, and count again."""
        httpx.get(f"{self.base}/bench/start/{pace}").raise_for_status()

    def reached(self) -> Reached:
        """What was handed out since `start`."""
        count = httpx.get(f"{self.base}/bench/count").raise_for_status().json()
        objects = sum(count["listed"].get(name, 0) for name in RESOURCES)
        return Reached(objects, count["requests"], count["last"] - count["first"])


@contextmanager
def served_store(customers: int, seed: int, files: Path) -> Iterator[ServedStore]:
    """Serve a demo merchant for the length of a block.

    `files` is the folder that gets the merchant's consents and exchange rates.
    """
    command = [sys.executable, "-m", "benchmarks.front"]
    options = ["--customers", str(customers), "--seed", str(seed), "--files", str(files)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield ServedStore(told["base"], Path(told["store"]))
        finally:
            process.terminate()
