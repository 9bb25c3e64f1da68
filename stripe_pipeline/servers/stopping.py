"""Stop a server by Ctrl-C or SIGTERM, in the same way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from stripe_pipeline.process.signals import answering


@contextmanager
def until_stopped() -> Iterator[None]:
    """End a block by SIGTERM or Ctrl-C: its clean-up runs, and no exception leaves it.

    A handler for SIGINT is set too, because a shell script starts background commands with it
    ignored.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt), answering(stop, signal.SIGINT, signal.SIGTERM):
        yield
