"""Read everything that a resource has: the first time, when asked, or when too much was missed.

A pass is cut into windows of creation time; a committed batch says which windows it finished, so
a pass that is interrupted goes on where it was. What changes behind it, or after it, is not its
business: events tell of that, from the instant at which it began (see changes.py).
"""

from collections.abc import Sequence

import msgspec

from stripe_pipeline.ingestion.mirror.cursors import Cursor, Pass, covered, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.mirror.writer import Writer
from stripe_pipeline.ingestion.reading import Reading
from stripe_pipeline.stripe_client.catalog import API_VERSION, Resource
from stripe_pipeline.stripe_client.lists.coverage import Coverage
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import Window, gaps
from stripe_pipeline.values.objects import ObjectRow

DAY = 86_400
# What an interrupted pass has read is still good this long; later it begins anew.
RESUME_WITHIN = 7 * DAY


def begin(cursor: Cursor, now: int, events_from: int) -> Cursor:
    """Return the cursor of a pass: the one that was interrupted, or a new one."""
    unfinished = cursor.unfinished
    if unfinished and can_go_on(unfinished, now):
        return cursor
    fresh = Pass(started_at=now, events_from=events_from)
    return Cursor(
        cursor.resource,
        cursor.livemode,
        cursor.key,
        current=fresh,
        last_complete=cursor.complete,
        changes=cursor.changes,
    )


def can_go_on(unfinished: Pass, now: int) -> bool:
    """Tell whether what an interrupted pass has read is still good."""
    is_same_version = unfinished.api_version == API_VERSION
    return is_same_version and 0 <= now - unfinished.started_at < RESUME_WITHIN


async def backfill(reading: Reading, resource: Resource, cursor: Cursor) -> None:
    """Read what is left of the pass in the cursor, and commit it as finished.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
        PipelineError: a page holds what doesn't belong there, or the lake can't be written.
    """
    started = cursor.current
    assert started is not None  # begin() has made it
    before = covered(reading.lake, resource.name, started)
    known = await reading.known(resource)
    coverage = Coverage(len(known), before, started.started_at)
    reading.report(resource).how = "full"

    async def missing(identifiers: Sequence[str]) -> list[ObjectRow]:
        return await reading.retrieve(resource, identifiers)

    # Events are forgotten after 30 days; that one isn't listed any more says nothing.
    ask = None if resource.name == "events" else missing
    writer = reading.writer(cursor, known, resource, ask)

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        await writer.add(rows, covers)
        reading.advance(resource, coverage.note(rows, covers))

    reading.quarantined.begin_pass(resource.name)
    await Shards(reading.reader, resource, handle).read(gaps(before))
    await writer.settle()
    reading.advance(resource, 1.0)
    if not (writer.is_empty and _is_as_good_as_the_last(reading, cursor)):
        finished = msgspec.structs.replace(started, is_complete=True)
        listed_to = _listed_to(started, known, writer)
        await writer.flush(current=finished, last_complete=None, listed_to=listed_to)
    if not before:  # else another process has met what this one didn't
        reading.quarantined.end_pass(resource.name)


def _is_as_good_as_the_last(reading: Reading, cursor: Cursor) -> bool:
    """Tell whether a pass that found nothing can go without a batch to say so.

    It can where a pass of today stands: to go on from that one is as good.
    """
    started, before = cursor.current, cursor.last_complete
    committed = newest_cursor(reading.lake, cursor.resource, reading.key).unfinished
    if started is None or before is None or committed is not None:
        return False
    is_of_today = 0 <= started.started_at - before.started_at < DAY
    return is_of_today and before.api_version == started.api_version


def _listed_to(started: Pass, known: Known, writer: Writer) -> int | None:
    """Return up to when new objects have been listed, by Stripe's clock where that is behind.

    A test clock makes objects of the future, after which nothing else would ever be new.
    """
    newest = [created for created in (known.newest, writer.newest) if created is not None]
    return min(max(newest), started.started_at) if newest else None
