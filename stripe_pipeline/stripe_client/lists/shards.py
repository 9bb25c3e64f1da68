"""Read windows of a resource in parallel, splitting them where the data turns out to be dense.

A list can only be paged sequentially, newest object first; so what is left of a window is split by
time as long as there is room for another reader. A small account takes one request, a big one
keeps the limiter busy from its second request on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import stripe

from stripe_pipeline.stripe_client.http.client import Parameters
from stripe_pipeline.stripe_client.lists.pages import Item, newest_first
from stripe_pipeline.stripe_client.lists.reader import Listed, Reader
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

# Concurrent readers of a resource: enough for 25 requests a second that take a second each.
SHARDS = 32
# Below that many estimated pages, a split costs more than it saves: the last page of each part is
# half empty. With fewer than FEW_LEFT pages left in all, the limiter would idle, so less is enough.
PAGES_WORTH_SPLITTING = 8
FEW_LEFT = 40
FEW_WORTH_SPLITTING = 3
# Estimated pages in the first part that is split off a window without a lower bound.
FIRST_PART = 8
# How many readers may be added after one page.
SPLITS = 3
# How often in a row the cursor's object may be deleted without anything new being read.
LOST_CURSORS = 3
# Pages of one resource whose nested lists are completed at a time, while reading goes on.
PAGES_BEING_COMPLETED = 12

# Gets rows and the windows that are now completely read.
Handle = Callable[[Sequence[ObjectRow], Sequence[Window]], Awaitable[None]]


@dataclass
class _Shard:
    """What one reader still has to read."""

    window: Window
    seconds_a_page: float = 0.0
    reach: float = 0.0  # seconds that the next part split off may span, without a lower bound
    cursor: str | None = None
    # In Stripe's order, everything newer than the oldest object of a page has been read. Should a
    # list ever be in another order, a window counts as read only at the end of its shard.
    is_ordered: bool = True
    upto: int | None = field(init=False)
    seen: dict[str, None] = field(default_factory=dict)  # the ids of the page before, in order
    lost_cursors: int = 0
    used: set[str] = field(default_factory=set)  # the cursors so far
    handed_on: asyncio.Task[None] | None = None  # the page before

    def __post_init__(self) -> None:
        self.upto = self.window.upto

    def is_past_end(self, created: Sequence[int]) -> bool:
        """Tell whether a page reaches into what another reader has taken over."""
        after = self.window.after
        return after is not None and any(each <= after for each in created)

    def pages_left(self) -> float:
        """Estimate the pages that remain from the time that the last page spanned."""
        return self.window.seconds() / self.seconds_a_page if self.seconds_a_page else 0.0

    def split(self) -> "_Shard | None":
        """Split off the older part of what is left for another reader; None if it can't be."""
        if not self.is_ordered or (middle := self._cut()) is None:
            return None
        older = Window(self.window.after, middle)
        self.window = Window(middle, self.window.upto)
        return _Shard(older, self.seconds_a_page, self.reach)

    def _cut(self) -> int | None:
        """Return where to split: in the middle, or within reach without a lower bound.

        The first page of a list shows how dense it is there, and not how far back it goes. So
        each part that is split off a window without a lower bound spans twice as much as the last.
        """
        middle = self.window.middle()
        if self.window.after is not None or middle is None or self.window.upto is None:
            return middle
        self.reach = 2 * self.reach or FIRST_PART * self.seconds_a_page
        return max(middle, self.window.upto - int(self.reach))

    def take(self, page: Listed) -> list[Item]:
        """Return the items of a page inside this shard's window, without the last page's."""
        mine = [item for item in page.items if self.window.holds(item.head.created)]
        fresh = [item for item in mine if item.head.id not in self.seen]
        self.seen = dict.fromkeys(item.head.id for item in page.items)
        self.lost_cursors = 0 if fresh else self.lost_cursors
        return fresh

    def _go_on_after(self, identifier: str | None) -> None:
        """Set the cursor of the next page; raises if it is None or was used before."""
        if identifier is None:
            raise stripe.APIError("no object of a page has an id to go on after")
        if identifier in self.used:
            raise stripe.APIError(
                f"a list goes in circles: it comes to {identifier} again and says that more follows"
            )
        self.used.add(identifier)
        self.cursor = identifier

    def begin_again(self) -> None:
        """Restart from the window's bound without a cursor, whose object was deleted."""
        self.cursor = None
        self.used.clear()
        self.lost_cursors += 1

    def advance(self, page: Listed, more: bool) -> list[Window]:
        """Advance past a page; returns the windows that are now completely read."""
        created = page.created
        self.is_ordered = self.is_ordered and newest_first(created)
        if not more:
            return [Window(self.window.after, self.upto)]
        self._go_on_after(page.last)
        if not self.is_ordered or not created:
            return []
        oldest = created[-1]
        self.seconds_a_page = max(created[0] - oldest, 1.0)
        self.window = Window(self.window.after, oldest)
        done = Window(oldest, self.upto)
        self.upto = oldest
        return [done]


class Shards:
    """Reads the windows of one resource; `handle` gets every row once per window."""

    def __init__(
        self, reader: Reader, resource: Resource, handle: Handle, filters: Parameters = ()
    ) -> None:
        self._reader = reader
        self._resource = resource
        self._handle = handle
        self._filters = list(filters)
        self._limiter = reader.client.limiter
        self._running: list[_Shard] = []
        self._completing = asyncio.Semaphore(PAGES_BEING_COMPLETED)

    async def read(self, windows: Sequence[Window]) -> None:
        """Read all of the windows.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
            PipelineError: an object is of the other mode.
        """
        async with asyncio.TaskGroup() as self._group:
            for window in windows:
                self._start(_Shard(window))

    def _start(self, shard: _Shard) -> None:
        self._running.append(shard)
        self._group.create_task(self._run(shard))

    async def _run(self, shard: _Shard) -> None:
        try:
            while await self._step(shard):
                self._split(shard)
                self._limiter.expect(self._resource.path, self._pages_left())
        finally:
            self._running.remove(shard)

    async def _step(self, shard: _Shard) -> bool:
        """Read a page and start its completion; returns whether more of the shard is left."""
        page = await self._page(shard)
        if page is None:
            return True
        more = page.has_more and not shard.is_past_end(page.created)
        items, covers = shard.take(page), shard.advance(page, more)
        await self._completing.acquire()
        work = self._complete(items, page, covers, after=shard.handed_on)
        shard.handed_on = self._group.create_task(work)
        return more

    async def _page(self, shard: _Shard) -> Listed | None:
        """Read the next page; returns None where the cursor's object was deleted meanwhile."""
        filters = [*self._filters, *shard.window.filters()]
        try:
            return await self._reader.listed(self._resource, filters, shard.cursor)
        except stripe.InvalidRequestError:
            # It was deleted, or is an event older than the 30 days for which Stripe keeps them.
            if shard.cursor is None or shard.lost_cursors >= LOST_CURSORS:
                raise
            beside = [each for each in shard.seen if each != shard.cursor]
            await self._reader.missing(self._resource, beside)
            shard.begin_again()
            return None

    async def _complete(
        self,
        items: Sequence[Item],
        page: Listed,
        covers: Sequence[Window],
        after: asyncio.Task[None] | None,
    ) -> None:
        """Complete a page's nested lists and pass it to `handle`, while the next is being read.

        It waits for the page before: the window read begins within the last second of that page,
        so it would claim objects that aren't stored yet.
        """
        try:
            rows = await self._reader.rows(self._resource, items, page.seen_at)
            if after:
                await after
            await self._handle(rows, covers)
        finally:
            self._completing.release()

    def _split(self, shard: _Shard) -> None:
        """Split what is left among readers, unless readers wait for the limiter already."""
        for _ in range(SPLITS):
            is_full = len(self._running) >= SHARDS or self._limiter.is_busy(self._resource.path)
            if is_full or shard.pages_left() < self._pages_worth_splitting():
                return
            if (other := shard.split()) is None:
                return
            self._start(other)
            shard = other

    def _pages_worth_splitting(self) -> int:
        return FEW_WORTH_SPLITTING if self._pages_left() < FEW_LEFT else PAGES_WORTH_SPLITTING

    def _pages_left(self) -> float:
        return sum(each.pages_left() for each in self._running)
