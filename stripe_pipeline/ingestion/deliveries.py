"""A sync of webhook deliveries alone, with as few requests as possible.

Listings, sweeps and full reads that aren't needed for them are left to the next ordinary sync.
"""

import time
from contextlib import suppress
from pathlib import Path

import msgspec

from stripe_pipeline.ingestion.backfill import DAY, backfill, begin
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.mirror.cursors import Cursor, newest_cursor
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.steps import in_parallel
from stripe_pipeline.ingestion.updates.changes import apply_changes
from stripe_pipeline.ingestion.updates.following import EVENTS, Followed
from stripe_pipeline.ingestion.webhooks.intake import take_deliveries
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.resources import Resource


async def run_deliveries(session: Session, spool: Path) -> None:
    """Re-read the objects of the deliveries in the folder `spool`.

    Does nothing until everything has been read once: the first sync applies the deliveries.
    """
    if not was_everything_read(session.lake):
        session.announce("What was delivered waits until a sync has read everything once.")
        return
    await session.account.check_key()
    deliveries = take_deliveries(session, spool, True)
    followed = Followed()
    # What the key may not read gets a full read as soon as it may: see plan.py.
    readable = access.readable(session.lake)
    deliveries.note(followed, {each.name for each in RESOURCES if readable.get(each.name, True)})
    changed = [each for each in RESOURCES if followed.changed.get(each.name)]
    await in_parallel(session, changed, lambda each: _catch_up(session, each, followed))
    forbidden = {each: False for each in changed if not session.report(each).is_readable}
    access.record(session.lake, session.key, forbidden)
    changes = newest_cursor(session.lake, EVENTS.name, session.key).changes
    await deliveries.keep(session, changes)
    deliveries.remove()


def was_everything_read(lake: Lake) -> bool:
    """Tell whether each resource that the key may read has had a full read."""
    readable = access.readable(lake)
    return all(_was_read(lake, each) for each in RESOURCES if readable.get(each.name, True))


def _was_read(lake: Lake, resource: Resource) -> bool:
    batches = lake.batches(resource.name)
    with suppress(TornBatchError):  # the next ordinary sync replaces it and re-reads all
        cursor = batches[-1].cursor() if batches else {}
        return bool(cursor) and msgspec.convert(cursor, Cursor).complete is not None
    return False


async def _catch_up(session: Session, resource: Resource, followed: Followed) -> None:
    now = int(time.time())
    if await apply_changes(session, resource, followed, now, list_new=False):
        return
    # So many changed that a full read takes fewer requests.
    cursor = newest_cursor(session.lake, resource.name, session.key)
    await backfill(session, resource, begin(cursor, now, now - DAY))
