"""The demo store in a process of its own, so that its memory and CPU are nobody else's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served_store(customers: int, seed: int, files: Path) -> Iterator[str]:
    """Serve a demo merchant for the length of a block; gives the base address.

    `files` is the folder that gets the merchant's consents and exchange rates.
    """
    command = [sys.executable, "-m", "stripe_pipeline.demo_store", "--port", "0"]
    options = ["--customers", str(customers), "--seed", str(seed), "--files", str(files)]
    process = subprocess.Popen(
        ["env", "PYTHONUNBUFFERED=1", *command, *options], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip().removeprefix("STRIPE_API_BASE=")
    finally:
        process.terminate()
        process.wait()
