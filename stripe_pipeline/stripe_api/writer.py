"""Collect the rows of one resource and commit them to the lake, batch by batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from stripe_pipeline.lake import Lake, ObjectRow, object_table
from stripe_pipeline.stripe_api.cursors import Cursor
from stripe_pipeline.stripe_api.known import Known
from stripe_pipeline.stripe_api.report import ResourceReport
from stripe_pipeline.stripe_api.windows import Window, merged

BATCH_BYTES = 16_000_000

# Asks Stripe for objects that weren't listed, one by one.
Retrieve = Callable[[Sequence[str]], Awaitable[list[ObjectRow]]]


class Writer:
    """Writes what changed; the cursor of each batch says which windows it finishes."""

    def __init__(self, lake: Lake, cursor: Cursor, known: Known, report: ResourceReport) -> None:
        self.cursor = cursor
        self.known = known
        self.newest: int | None = None  # greatest creation time among the rows taken
        self._lake = lake
        self._report = report
        self._rows: list[ObjectRow] = []
        self._covers: list[Window] = []
        self._bytes = 0
        self._committing = asyncio.Lock()

    async def add(
        self,
        rows: Sequence[ObjectRow],
        covers: Sequence[Window] = (),
        missing: Retrieve | None = None,
    ) -> None:
        """Take rows that were read, and the windows that are complete with them.

        With `missing`, what the lake has within those windows and Stripe didn't list is asked for
        before the windows count as read.
        """
        self._take(rows)
        self._covers += covers
        if self._bytes >= BATCH_BYTES:
            await self.flush(missing)

    async def flush(self, missing: Retrieve | None = None, **changes: Any) -> None:
        """Commit what was collected; `changes` are made to the cursor with it.

        Raises:
            PipelineError: the lake can't be written.
        """
        async with self._committing:
            covers, self._covers = merged(self._covers), []
            if missing:
                await self._add_missing(covers, missing)
            rows, self._rows, self._bytes = self._rows, [], 0
            self.cursor = msgspec.structs.replace(self.cursor, **changes)
            if rows or covers or changes:
                await asyncio.to_thread(self._append, rows, covers)

    def _take(self, rows: Sequence[ObjectRow]) -> None:
        self._report.read += len(rows)
        self.known.mark_seen([row.id for row in rows])
        times = [row.created for row in rows if row.created is not None]
        self.newest = max([*times, *([] if self.newest is None else [self.newest])], default=None)
        for row in rows:
            if not self.known.is_current(row):
                self._count(row)
                self._rows.append(row)
                self._bytes += len(row.body)

    def _count(self, row: ObjectRow) -> None:
        if row.is_deleted:
            self._report.deleted += 1
        elif row.id in self.known:
            self._report.changed += 1
        else:
            self._report.added += 1

    async def _add_missing(self, covers: Sequence[Window], missing: Retrieve) -> None:
        unlisted = self.known.unseen(covers)
        if unlisted:
            self._take(await missing(unlisted))

    def _append(self, rows: list[ObjectRow], covers: list[Window]) -> None:
        cursor = msgspec.structs.replace(self.cursor, covers=covers)
        self._lake.append(self.cursor.resource, object_table(rows), msgspec.to_builtins(cursor))
