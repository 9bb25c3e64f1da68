"""Count the requests of a client on the disk, every few seconds and at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.quota.reads import UPKEEP, Reads
from stripe_pipeline.stripe_client.http.client import Client

# What a process that is killed leaves uncounted is what it asked in this time.
FLUSH_SECONDS = 2.0


class Meter:
    """Notes what a client asks; each attempt counts, as it does for Stripe."""

    def __init__(self, client: Client, reads: Reads) -> None:
        self._client = client
        self._reads = reads
        self._purpose = UPKEEP
        self._counted = 0
        self._began_at: int | None = None

    def begin_sync(self, at: int, *, is_poll: bool) -> None:
        """Note that a sync of everything begins: the next poll is due from then on.

        Raises:
            PipelineError: the count can't be written.
        """
        self._began_at = at
        self._reads.began(at, is_poll=is_poll)

    @contextmanager
    def during(self, purpose: str) -> Iterator[None]:
        """Count what is asked meanwhile for a purpose.

        Raises:
            PipelineError: the count can't be written.
        """
        self.flush()
        before, self._purpose = self._purpose, purpose
        try:
            yield
        finally:
            self.flush()
            self._purpose = before

    def flush(self) -> None:
        """Write what isn't counted yet.

        Raises:
            PipelineError: the count can't be written.
        """
        total = self._client.requests.total()
        if total > self._counted:
            self._reads.add(self._purpose, total - self._counted, int(time.time()))
            self._counted = total

    def end(self) -> None:
        """Write the rest, and what the sync took.

        Raises:
            PipelineError: the count can't be written.
        """
        self.flush()
        if self._began_at is not None:
            self._reads.ended(self._began_at, self._counted)


@asynccontextmanager
async def metered(client: Client, reads: Reads) -> AsyncIterator[Meter]:
    """Count what a client asks for the length of a block, however it ends.

    Raises:
        PipelineError: the count can't be written.
    """
    meter = Meter(client, reads)
    task = asyncio.create_task(_flush_again_and_again(meter))
    try:
        yield meter
    except BaseException:
        # What went wrong is worth more words than that it couldn't be counted either.
        with suppress(PipelineError):
            meter.end()
        raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    meter.end()


async def _flush_again_and_again(meter: Meter) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        meter.flush()
