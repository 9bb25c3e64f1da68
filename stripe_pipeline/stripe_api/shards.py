"""Read windows of a resource in parallel, splitting them where the data turns out to be dense.

A list can only be paged from its newest object backwards, one page after the other; so what is
left of a window is cut in two by time as long as there is room for another reader. A small
account costs one request, a big one soon keeps the limiter busy.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import stripe

from stripe_pipeline.lake import ObjectRow
from stripe_pipeline.stripe_api.catalog import Resource
from stripe_pipeline.stripe_api.client import Parameters
from stripe_pipeline.stripe_api.pages import newest_first
from stripe_pipeline.stripe_api.reader import Page, Reader
from stripe_pipeline.stripe_api.windows import Window

# Readers of one resource at a time. Four resources of this many fill the limiter.
SHARDS = 12
# Below that many estimated pages, a split costs more than it saves.
PAGES_WORTH_SPLITTING = 3
# How often in a row the object to go on from may vanish without anything new being read.
LOST_CURSORS = 3

# Gets rows and the windows that are now read completely.
Handle = Callable[[Sequence[ObjectRow], Sequence[Window]], Awaitable[None]]


@dataclass
class _Shard:
    """What one reader has still to read."""

    window: Window
    cursor: str | None = None
    seconds_a_page: float = 0.0
    # In Stripe's order, what lies above the oldest object of a page has been read. Should a list
    # ever be in another order, only the end of a shard says what has been read.
    is_ordered: bool = True
    upto: int | None = field(init=False)
    seen: set[str] = field(default_factory=set)
    lost_cursors: int = 0

    def __post_init__(self) -> None:
        self.upto = self.window.upto

    def is_past_end(self, page: Page) -> bool:
        """Tell whether a page reaches into what another reader has taken over."""
        after = self.window.after
        return after is not None and any(row.created <= after for row in page.rows if row.created)

    def pages_left(self) -> float:
        """Estimate the pages that remain from the time that the last page spanned."""
        middle = self.window.middle()
        if middle is None or self.window.upto is None or not self.is_ordered:
            return 0.0
        return 2 * (self.window.upto - middle) / max(self.seconds_a_page, 1.0)


class Shards:
    """Reads the windows of one resource; every row goes to `handle` once per window."""

    def __init__(
        self, reader: Reader, resource: Resource, handle: Handle, filters: Parameters = ()
    ) -> None:
        self._reader = reader
        self._resource = resource
        self._handle = handle
        self._filters = list(filters)
        self._running = 0

    async def read(self, windows: Sequence[Window]) -> None:
        """Read all of the windows.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
            PipelineError: a page holds what doesn't belong there.
        """
        async with asyncio.TaskGroup() as self._group:
            for window in windows:
                self._start(_Shard(window))

    def _start(self, shard: _Shard) -> None:
        self._running += 1
        self._group.create_task(self._run(shard))

    async def _run(self, shard: _Shard) -> None:
        try:
            while await self._step(shard):
                self._split(shard)
        finally:
            self._running -= 1

    async def _step(self, shard: _Shard) -> bool:
        """Read a page and hand it on; returns whether more of the shard is left."""
        page = await self._page(shard)
        if page is None:
            return True
        # Another reader may have taken over the older part while this page was on its way.
        rows = [row for row in page.rows if shard.window.holds(row.created)]
        fresh = [row for row in rows if row.id not in shard.seen]
        shard.seen = {row.id for row in page.rows}
        shard.lost_cursors = 0 if fresh else shard.lost_cursors
        more = page.has_more and not shard.is_past_end(page)
        await self._handle(fresh, self._advance(shard, page, more))
        return more

    async def _page(self, shard: _Shard) -> Page | None:
        """Read the next page, or None where the object to go on from has vanished meanwhile."""
        filters = [*self._filters, *shard.window.filters()]
        try:
            return await self._reader.page(self._resource, filters, shard.cursor)
        except stripe.InvalidRequestError:
            # It went, or is older than the 30 days for which events are kept.
            if shard.cursor is None or shard.lost_cursors >= LOST_CURSORS:
                raise
            shard.cursor = None
            shard.lost_cursors += 1
            return None

    def _advance(self, shard: _Shard, page: Page, more: bool) -> list[Window]:
        """Move the shard on to what follows a page; returns what is now read completely."""
        created = [row.created for row in page.rows if row.created is not None]
        shard.is_ordered = shard.is_ordered and newest_first(created)
        if not more:
            return [Window(shard.window.after, shard.upto)]
        shard.cursor = page.rows[-1].id
        if not shard.is_ordered or not created:
            return []
        oldest = created[-1]
        shard.seconds_a_page = created[0] - oldest
        shard.window = Window(shard.window.after, oldest)
        done = Window(oldest, shard.upto)
        shard.upto = oldest
        return [done]

    def _split(self, shard: _Shard) -> None:
        if self._running >= SHARDS or shard.pages_left() < PAGES_WORTH_SPLITTING:
            return
        middle = shard.window.middle()
        self._start(_Shard(Window(shard.window.after, middle)))
        shard.window = Window(middle, shard.window.upto)
