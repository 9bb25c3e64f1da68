"""A command in this process: what a person sees of it, without the start of a Python."""

import contextlib
import io
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from stripe_pipeline.cli.commands.app import run_command
from stripe_pipeline.process.environment import PRIVATE_UMASK

from .process_environment import only_in_environment


def call_cli(
    *arguments: str, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder` with this environment and no other.

    For `--debug`, whose traceback is for Python to print, and for whole runs, which give their
    output to files, a process is the thing to start: see `run_cli`.
    """
    out, err = _output(), _output()
    with (
        only_in_environment(environment),
        contextlib.chdir(folder),
        _private_umask(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        status = _status_of(arguments)
    return subprocess.CompletedProcess(
        ["stripe-pipeline", *arguments], status, _text(out), _text(err)
    )


def _status_of(arguments: tuple[str, ...]) -> int:
    try:
        run_command(arguments)
    except SystemExit as ended:
        assert ended.code is None or isinstance(ended.code, int), ended.code
        return ended.code or 0
    return 0


@contextlib.contextmanager
def _private_umask() -> Iterator[None]:
    """New files as those of the real command, which sets this at its start."""
    before = os.umask(PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def _output() -> io.TextIOWrapper:
    """Return a stream that takes text and bytes, as that of a process does."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
