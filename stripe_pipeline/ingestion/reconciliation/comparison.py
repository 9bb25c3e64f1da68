"""List every resource that the lake mirrors, whole, and note what it has otherwise."""

import msgspec

from stripe_pipeline.ingestion.backfill import DAY, backfill, begin
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.mirror.cursors import Changes, Cursor, newest_cursor
from stripe_pipeline.ingestion.plan import EVENTS_REACH_BACK
from stripe_pipeline.ingestion.reading import Reading
from stripe_pipeline.ingestion.reconciliation.differences import Differences
from stripe_pipeline.ingestion.run import in_parallel
from stripe_pipeline.ingestion.updates.following import EVENTS, OVERLAP
from stripe_pipeline.stripe_client.catalog import API_VERSION, RESOURCES, Resource


async def compare(reading: Reading, now: int) -> dict[str, Differences]:
    """Read again what was read completely before; returns the differences by resource.

    What the key can't read any more is left out, and so is what was never read to its end, or by
    another version of the API, or longer ago than events tell of: an ordinary sync reads that.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
        PipelineError: a page holds what doesn't belong there, or the lake can't be written.
    """
    changes = newest_cursor(reading.lake, EVENTS.name, reading.key).changes
    readable = access.readable(reading.lake)
    since: dict[Resource, int] = {}
    for resource in RESOURCES:
        cursor = newest_cursor(reading.lake, resource.name, reading.key)
        known_to = _mirrored_to(cursor, changes, now)
        if readable.get(resource.name, True) and known_to is not None:
            since[resource] = known_to
    found = {each.name: _begin(reading, each, since[each], changes) for each in since}
    reading.differs = {name: differences.note for name, differences in found.items()}

    async def work(resource: Resource) -> None:
        cursor = newest_cursor(reading.lake, resource.name, reading.key)
        anew = msgspec.structs.replace(cursor, current=None, last_complete=cursor.complete)
        await backfill(reading, resource, begin(anew, now, since[resource]))

    await in_parallel(reading, list(since), work)
    for each in since:
        if not reading.report(each).is_readable:
            del found[each.name]
    for differences in found.values():
        differences.settle()
    return found


def _mirrored_to(cursor: Cursor, changes: Changes | None, now: int) -> int | None:
    """Return up to when the lake had all of a resource, by Stripe's clock; None if it hadn't.

    That a batch is lost doesn't change what the lake should have.
    """
    complete = cursor.complete
    if complete and complete.api_version != API_VERSION:
        return None
    if changes and cursor.resource in changes.resources:
        is_recent, since = now - changes.listed_at <= EVENTS_REACH_BACK, changes.since
    elif complete:
        is_recent, since = now - complete.started_at <= EVENTS_REACH_BACK, complete.events_from
    else:
        return None
    return since if is_recent else None


def _begin(
    reading: Reading, resource: Resource, since: int, changes: Changes | None
) -> Differences:
    cursor = newest_cursor(reading.lake, resource.name, reading.key)
    batches = reading.lake.batches(resource.name)
    if resource is EVENTS:
        return Differences(resource.name, batches, since - OVERLAP, is_announced=False)
    # Objects without an event are listed now and then; all up to `listed_to` have been as well.
    listed = changes.listed.get(resource.name, since - DAY) if changes else since
    known_to = max(cursor.listed_to or 0, min(since, listed))
    return Differences(resource.name, batches, known_to - OVERLAP, resource.unannounced is None)
