"""Buffer the rows of one resource and commit them to the lake in batches."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stripe_pipeline.ingestion.mirror.account import Account
from stripe_pipeline.ingestion.mirror.cursors import Cursor
from stripe_pipeline.ingestion.mirror.known import Known, Standing
from stripe_pipeline.ingestion.report import ResourceReport
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.quarantine import Quarantine
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.stripe_client.lists.windows import Window, merged
from stripe_pipeline.values.objects import ObjectRow

# A batch is a share of all that was read before it, within bounds: a sync that crashes loses little
# of its work, and a long one doesn't write a thousand files.
SMALLEST_BATCH_BYTES = 500_000
LARGEST_BATCH_BYTES = 16_000_000
BATCH_SHARE = 10
# Of all resources together; beyond it, a writer with more than A_LITTLE commits early.
BUFFERED_BYTES = 64_000_000
A_LITTLE = 2_000_000
# Unchanged rows count with one part in this many of their size, so that the windows that they
# cover are committed now and then.
UNCHANGED_SHARE = 10

# Retrieves objects that weren't listed by their ids.
Retrieve = Callable[[Sequence[str]], Awaitable[list[ObjectRow]]]
# Gets each row that differs from the lake's version.
Differs = Callable[[ObjectRow, Known], None]


@dataclass
class Buffered:
    """The number of bytes that all writers of a sync hold in memory."""

    total: int = 0


class Writer:
    """Writes changed rows; the cursor of each batch records which windows it finishes.

    It removes personal data of `forgotten` customers.

    With `missing`, objects that the lake has within those windows and Stripe didn't list are
    retrieved before the windows count as read.
    """

    def __init__(
        self,
        lake: Lake,
        cursor: Cursor,
        known: Known,
        report: ResourceReport,
        buffered: Buffered,
        forgotten: Forgotten,
        quarantine: Quarantine,
        account: Account,
        missing: Retrieve | None = None,
        differs: Differs | None = None,
    ) -> None:
        self.cursor = cursor
        self.known = known
        self.newest: int | None = None  # greatest creation time among the rows taken
        self._lake = lake
        self._report = report
        self._buffered = buffered
        self._forgotten = forgotten
        self._quarantine = quarantine
        self._account = account
        self._mended: set[str] = set()  # ids that were in quarantine, and are usable now
        self._missing = missing
        self._differs = differs
        # Where the lake knows no object, nothing that is listed tells one account from another.
        is_unknown = cursor.complete is None or not len(known)
        self._is_first = is_unknown and bool(cursor.unfinished or cursor.listed_to is None)
        self._rows: list[ObjectRow] = []
        self._listed: list[Window] = []
        self._read: list[Window] = []
        self._bytes = 0
        self._committed = 0
        self._committing = asyncio.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether no row is buffered."""
        return not self._rows

    async def add(self, rows: Sequence[ObjectRow], covers: Sequence[Window] = ()) -> None:
        """Buffer rows, and the windows that they complete; commits if a batch is due."""
        self._take(rows)
        self._listed += covers
        if self._is_due():
            await self._commit(lambda: not self._is_due())

    async def settle(self) -> None:
        """Retrieve the objects that should have been listed and weren't."""
        windows, self._listed = merged(self._listed), []
        unlisted = self.known.unseen(windows) if self._missing else []
        if self._missing and unlisted:
            self._take(await self._missing(unlisted))
        self._read += windows

    async def flush(self, **changes: Any) -> None:
        """Commit the buffered rows with these `changes` to the cursor.

        Raises:
            PipelineError: the lake can't be written.
        """
        await self._commit(lambda: False, **changes)

    async def flush_if_any(self, **changes: Any) -> None:
        """Commit buffered rows with these changes to the cursor; without rows, skip the changes."""
        await self.flush(**(changes if self._rows else {}))

    def _is_due(self) -> bool:
        is_crowded = self._buffered.total >= BUFFERED_BYTES and self._bytes >= A_LITTLE
        share = max(SMALLEST_BATCH_BYTES, self._committed // BATCH_SHARE)
        return is_crowded or self._bytes >= min(share, LARGEST_BATCH_BYTES)

    async def _commit(self, is_done: Callable[[], bool], **changes: Any) -> None:
        async with self._committing:
            if is_done():  # another task has committed while this one waited
                return
            await self.settle()
            rows, self._rows = self._rows, []
            size, self._bytes = self._bytes, 0
            windows, self._read = merged(self._read), []
            if rows:
                await self._confirm()
            self.cursor = msgspec.structs.replace(self.cursor, **changes)
            if rows or windows or changes:
                await asyncio.to_thread(self._append, rows, windows)
            mended, self._mended = self._mended, set()
            self._quarantine.release(self.cursor.resource, mended)
            # Rows being written to a slow disk count as buffered until then.
            self._buffered.total -= size
            self._committed += size

    async def _confirm(self) -> None:
        # For events, following.py confirms the account; deliveries are signed by it.
        if self.cursor.resource != "events":
            await self._account.confirm()
        if self._is_first:
            await self._account.confirm_first()

    def _take(self, rows: Sequence[ObjectRow]) -> None:
        rows = self._forgotten.cleaned(self.cursor.resource, rows)
        self._report.read += len(rows)
        if self._quarantine:
            held = (row.id for row in rows if self._quarantine.holds(self.cursor.resource, row.id))
            self._mended.update(held)
        times = [row.created for row in rows if row.created is not None]
        self.newest = max([*times, *([] if self.newest is None else [self.newest])], default=None)
        before, size = len(self._rows), 0
        standings = self.known.note(rows)
        self._account.show(self.cursor.resource, rows)
        pairs = zip(rows, standings, strict=True)
        self._account.meet(
            self.cursor.resource, [row for row, each in pairs if each is not Standing.NEW]
        )
        for row, standing in zip(rows, standings, strict=True):
            if standing is Standing.SAME:
                size += len(row.body) // UNCHANGED_SHARE
            else:
                size += len(row.body)
                self._count(row, standing)
                self._rows.append(row)
        self._bytes += size
        self._buffered.total += size
        if self._differs:
            for row in self._rows[before:]:
                self._differs(row, self.known)

    def _count(self, row: ObjectRow, standing: Standing) -> None:
        if row.is_deleted:
            self._report.deleted += 1
        elif standing is Standing.CHANGED:
            self._report.changed += 1
        else:
            self._report.added += 1

    def _append(self, rows: list[ObjectRow], windows: list[Window]) -> None:
        cursor = msgspec.structs.replace(self.cursor, covers=windows)
        self._lake.append(self.cursor.resource, object_table(rows), msgspec.to_builtins(cursor))
