"""End a run that is asked to end, by Ctrl-C or SIGTERM: soon, nothing half done, one sentence."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.signals import answering
from stripe_pipeline.terminal.progress import last_words


class StoppedError(PipelineError):
    """A run that somebody ended; it exits as shells do after Ctrl-C."""

    exit_code = 128 + signal.SIGINT

    def __init__(self) -> None:
        super().__init__(
            "The run was stopped before its end; what was read until then is kept, and the next "
            "run goes on from there."
        )


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM, which systemd and containers send, end this process at once, with the sentence.

    Whatever a run writes can bear that, as it can bear kill -9. Where something runs that can end
    by itself, as Dagster's steps can, it takes the signal over.

    Raises:
        StoppedError: Ctrl-C came instead.
    """
    with answering(_end, signal.SIGTERM):
        try:
            yield
        except KeyboardInterrupt:
            raise StoppedError from None


def _end(number: int, frame: FrameType | None) -> None:
    stopped = StoppedError()
    last_words(str(stopped))
    os._exit(stopped.exit_code)
