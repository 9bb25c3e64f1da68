"""Persist the request count of a client, every few seconds and at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.quota.reads import UPKEEP, Reads
from stripe_pipeline.stripe_client.http.client import Client

# A process that is killed leaves at most the requests of this time uncounted.
FLUSH_SECONDS = 2.0


class Meter:
    """Counts a client's requests; each attempt counts, as it does for Stripe."""

    def __init__(self, client: Client, reads: Reads) -> None:
        self._client = client
        self._reads = reads
        self._purpose = UPKEEP
        self._counted = 0
        self._began_at: int | None = None

    def begin_sync(self, at: int, *, is_poll: bool) -> None:
        """Record the start of a sync of everything, from which the next poll's time counts.

        Raises:
            PipelineError: the count can't be written.
        """
        self._began_at = at
        self._reads.began(at, is_poll=is_poll)

    @contextmanager
    def during(self, purpose: str) -> Iterator[None]:
        """Count the requests of the block for a purpose.

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
        """Write the requests since the last flush.

        Raises:
            PipelineError: the count can't be written.
        """
        total = self._client.requests.total()
        if total > self._counted:
            self._reads.add(self._purpose, total - self._counted, int(time.time()))
            self._counted = total

    def end(self) -> None:
        """Write the remaining requests, and the total of the sync.

        Raises:
            PipelineError: the count can't be written.
        """
        self.flush()
        if self._began_at is not None:
            self._reads.ended(self._began_at, self._counted)


@asynccontextmanager
async def metered(client: Client, reads: Reads) -> AsyncIterator[Meter]:
    """Count a client's requests during the block, whether or not it fails.

    Raises:
        PipelineError: the count can't be written.
    """
    meter = Meter(client, reads)
    task = asyncio.create_task(_flush_again_and_again(meter))
    try:
        yield meter
    except BaseException:
        # The original error matters more than a failure to count.
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
