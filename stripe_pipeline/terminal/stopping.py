"""End a command by Ctrl-C or SIGTERM: soon, nothing half done, one sentence."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.signals import answering

# What was stopped, and what is left of it.
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
    """A command that somebody ended; it exits as shells do after Ctrl-C."""

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
    """Let SIGTERM, which systemd and containers send, end this process at once, with the sentence.

    Whatever a run writes can bear that, as it can bear kill -9. Where something runs that can end
    by itself, as Dagster's steps can, it takes the signal over. `command` is what is stopped, and
    `say` how that is said: where progress is shown, unless it is given.

    Raises:
        StoppedError: Ctrl-C came instead.
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
