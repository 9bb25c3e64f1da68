"""Let deliveries that wait together share one write to the disk.

A disk syncs some hundred times a second and Stripe may send more; so while one group is written,
those that come meanwhile gather for the next.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from stripe_pipeline.ingestion.webhooks.spool import SpoolWriter

# What may wait for a disk that is slow; beyond it, Stripe is told to come again.
WAITING_BYTES = 64_000_000


class GroupCommit:
    """Writes to a spool for many requests at once; belongs to one event loop."""

    def __init__(self, writer: SpoolWriter) -> None:
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._bytes = 0
        self._committing: asyncio.Task[None] | None = None

    async def keep(self, body: bytes) -> None:
        """Return when a delivery is on the disk.

        Raises:
            OSError: it isn't, because the disk is full, broken or far too slow.
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
        """Finish what is being written."""
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
                if written.done():  # who waited for it is gone
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
