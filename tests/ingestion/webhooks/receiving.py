"""The receiver as people run it: a process of its own."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stripe_pipeline.ingestion.webhooks.spool import read, seal
from tests.conftest import clean_environment
from tests.ingestion.webhooks.sending import SECRET


@dataclass
class Receiving:
    """A receiver that is running."""

    process: subprocess.Popen[str]
    address: str
    startup_line: str


def start(
    home: Path, port: int = 0, settings: Mapping[str, str] | None = None, prefix: str = ""
) -> Receiving:
    """Start a receiver; returns once it has said where it listens.

    `prefix` is what a shell does before it becomes the receiver, such as `ulimit -f 64;`.
    """
    command = [sys.executable, "-m", "stripe_pipeline.cli", "webhooks", "--port", str(port)]
    usual = {"STRIPE_WEBHOOK_SECRET": SECRET, "STRIPE_PIPELINE_HOME": str(home)}
    home.mkdir(parents=True, exist_ok=True)
    with (home.parent / "receiver.log").open("a") as log:
        process = subprocess.Popen(
            ["bash", "-c", f'{prefix} exec "$@"', "bash", *command],
            env={**clean_environment(), **usual, **(settings or {})},
            cwd=home, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("Receiving at "):
        process.communicate(timeout=30)
        raise AssertionError((home.parent / "receiver.log").read_text())
    return Receiving(process, line.split()[2].removesuffix("/webhooks"), line)


@contextmanager
def receiver(home: Path, **options: object) -> Iterator[Receiving]:
    """Run a receiver for the length of a block; options are those of `start`."""
    running = start(home, **options)  # type: ignore[arg-type]
    try:
        yield running
    finally:
        end(running)


def end(running: Receiving) -> int:
    """End a receiver politely; returns its exit code."""
    running.process.terminate()
    code = running.process.wait(30)
    assert running.process.stdout is not None
    running.process.stdout.close()
    return code


def spooled(home: Path) -> list[bytes]:
    """The bodies that wait in a home folder."""
    return [record.body for segment in seal(home / "webhooks") for record in read(segment)]
