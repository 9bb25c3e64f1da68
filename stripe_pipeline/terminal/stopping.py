"""End a command by Ctrl-C or SIGTERM: promptly, with a consistent state, in one sentence."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.process.signals import answering

# By command: what was stopped, and what it leaves.
_READ = "what was read until then is kept, and the next {} goes on from there"
_WORDS = {
    "run": ("run", _READ.format("run")),
    "demo": ("demo", _READ.format("demo")),
    "sync": ("sync", _READ.format("sync")),
    "preview": ("preview", "nothing of it is recorded, and the same command begins again"),
    "reconcile": (
        "comparison",
        "what was repaired until then is kept, and the next `stripe-pipeline reconcile` compares "
        "everything again",
    ),
    "forget": (
        "erasure",
        "what is erased stays erased, and the same command finishes the rest",
    ),
}


class StoppedError(PipelineError):
    """A command that was interrupted; its exit code is that of shells after Ctrl-C."""

    exit_code = 128 + signal.SIGINT

    def __init__(self, command: str) -> None:
        what, left = _WORDS.get(
            command,
            (f"command `{command}`", "what it had written stays, and it can be repeated"),
        )
        super().__init__(f"The {what} was stopped before its end; {left}.")


@contextmanager
def ended_by_sigterm(
    command: str = "run", say: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Exit immediately on SIGTERM, which systemd and containers send, and print why.

    Everything a run writes is crash-safe, even against kill -9. Code that can end by itself, such
    as Dagster's steps, replaces the handler meanwhile. `command` is the command to name, and `say`
    prints the sentence, by default where progress is shown.

    Raises:
        StoppedError: Ctrl-C was pressed instead.
    """
    if say is None:
        from stripe_pipeline.terminal.progress import last_words

        say = last_words
    speak = say

    def end(number: int, frame: FrameType | None) -> None:
        stopped = StoppedError(command)
        speak(str(stopped))
        os._exit(stopped.exit_code)

    with answering(end, signal.SIGTERM):
        try:
            yield
        except KeyboardInterrupt:
            raise StoppedError(command) from None
