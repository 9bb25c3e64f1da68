"""End a process group as soon as the process that started it has ended, even if by SIGKILL.

Runs as a script of its own, so that it needs only Python and little memory. Its standard input is a
pipe from the process that started it: first the id of the group, then nothing until that process
ends, which closes the pipe.
"""

import os
import signal
import sys
import time

TERM_SECONDS = 20.0
_LOOK_SECONDS = 0.1


def end_group(group: int, patience: float = TERM_SECONDS) -> None:
    """Send SIGTERM to a process group, and SIGKILL to what is left after `patience` seconds."""
    until = time.monotonic() + patience
    is_there = _signal(group, signal.SIGTERM)
    while is_there and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
        is_there = _signal(group, 0)
    _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a group; return whether it had any process."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main() -> None:
    """Wait until the pipe is closed, then end the group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    named = sys.stdin.readline().strip()
    sys.stdin.read()
    if named:
        end_group(int(named))


if __name__ == "__main__":
    main()
