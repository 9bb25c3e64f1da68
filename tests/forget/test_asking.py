"""The erasure asks at a terminal; Ctrl-C or Ctrl-D in the place of an answer erases nothing."""

import os
import pty
import select
import signal
import sys
from pathlib import Path

from tests.variants import variants

from ..conftest import clean_environment
from .test_command import bodies
from .test_command import home as home

PATIENCE_SECONDS = 10
PRESSES = 6


@variants("keys, code", [(b"n\n", 2), (b"\x03", 130), (b"\n", 2), (b"\x04", 130)], quick=2)
def test_no_answer_but_yes_erases(home: Path, keys: bytes, code: int) -> None:
    said, ended = _at_a_terminal(home, keys)
    assert "for good? Orders and points stay. [y/N]" in said
    assert said.splitlines()[-1] == "Nothing was erased."
    assert "Aborted" not in said
    assert ended == code
    assert "ada@shop.example" in bodies(home)


def _at_a_terminal(home: Path, keys: bytes) -> tuple[str, int]:
    """Run `forget` at a terminal of its own, type when it asks; returns output and exit code."""
    process, terminal = pty.fork()
    if not process:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what started the tests may ignore it
        environment = {**clean_environment(), "STRIPE_PIPELINE_HOME": str(home)}
        command = [sys.executable, "-m", "stripe_pipeline.cli", "forget", "cus_1"]
        os.execve(sys.executable, command, environment)
    said = b""
    # A Ctrl-C just before Python waits for a key is seen at the next one: a user presses it again.
    for _ in range(PRESSES):
        while part := _read(terminal):
            said += part
            if said.endswith(b"[y/N]: "):
                os.write(terminal, keys)
        if part is not None:
            break
        os.write(terminal, keys)
    if part is None:
        os.kill(process, signal.SIGKILL)
    os.close(terminal)
    return said.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _read(terminal: int) -> bytes | None:
    """Return what is said next, nothing at its end, None where it says nothing for too long."""
    if not select.select([terminal], [], [], PATIENCE_SECONDS)[0]:
        return None
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says so when the other end is closed
        return b""
