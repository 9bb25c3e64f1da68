"""Stop serving by Ctrl-C or SIGTERM, in the same way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from stripe_pipeline.signals import answering


@contextmanager
def until_stopped() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does: its clean-up runs, and it ends well.

    Ctrl-C's own handler is set too: a script that starts a command in the background has it
    ignored.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt), answering(stop, signal.SIGINT, signal.SIGTERM):
        yield
