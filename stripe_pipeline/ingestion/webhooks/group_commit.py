"""Group commit: deliveries that arrive together share one fsync.

A disk syncs some hundred times a second and Stripe may send more; so deliveries that arrive while
one group is written form the next.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter

# The most that may wait for a slow disk; beyond it, Stripe gets a 503 and retries.
WAITING_BYTES = 64_000_000


class GroupCommit:
    """Batches the writes of concurrent requests to a spool; belongs to one event loop."""

    def __init__(self, writer: SpoolWriter) -> None:
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._bytes = 0
        self._committing: asyncio.Task[None] | None = None

    async def keep(self, body: bytes) -> None:
        """Write a delivery; returns when it is durable on disk.

        Raises:
            OSError: the disk is full, broken or far too slow.
        """
        if self._bytes + len(body) > WAITING_BYTES:
            raise OSError("too much waits for the disk")
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((body, written))
        self._bytes += len(body)
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        await written

    async def close(self) -> None:
        """Finish pending writes and close the spool."""
        if self._committing is not None:
            await self._committing
        self._thread.shutdown()
        self._writer.close()

    async def _commit_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            problem = await self._commit([body for body, _ in group])
            self._bytes -= sum(len(body) for body, _ in group)
            for _, written in group:
                if written.done():  # the request was cancelled
                    continue
                if problem is None:
                    written.set_result(None)
                else:
                    written.set_exception(problem)
        self._committing = None

    async def _commit(self, bodies: list[bytes]) -> OSError | None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._writer.write, bodies)
        except OSError as problem:
            return problem
        return None
