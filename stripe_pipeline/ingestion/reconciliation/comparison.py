"""List every mirrored resource completely, and collect the differences from the lake."""

import msgspec

from stripe_pipeline.ingestion.backfill import DAY, backfill, begin
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.mirror.cursors import Changes, Cursor, newest_cursor
from stripe_pipeline.ingestion.plan import EVENTS_REACH_BACK
from stripe_pipeline.ingestion.reconciliation.differences import Differences
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.steps import in_parallel
from stripe_pipeline.ingestion.updates.following import EVENTS, OVERLAP
from stripe_pipeline.stripe_client.catalog import API_VERSION, RESOURCES
from stripe_pipeline.stripe_client.resources import Resource


async def compare(session: Session, now: int) -> dict[str, Differences]:
    """Re-read every resource that was read completely before; returns differences by resource.

    Resources are left out that the key can't read any more, or that were never read completely, or
    with another API version, or longer ago than events reach back: an ordinary sync reads those.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    changes = newest_cursor(session.lake, EVENTS.name, session.key).changes
    readable = access.readable(session.lake)
    since: dict[Resource, int] = {}
    for resource in RESOURCES:
        cursor = newest_cursor(session.lake, resource.name, session.key)
        known_to = _mirrored_to(cursor, changes, now)
        if readable.get(resource.name, True) and known_to is not None:
            since[resource] = known_to
    found = {each.name: _begin(session, each, since[each], changes) for each in since}

    async def work(resource: Resource) -> None:
        cursor = newest_cursor(session.lake, resource.name, session.key)
        restarted = msgspec.structs.replace(cursor, current=None, last_complete=cursor.complete)
        differs = found[resource.name].note
        await backfill(session, resource, begin(restarted, now, since[resource]), differs)

    await in_parallel(session, list(since), work)
    for each in since:
        if not session.report(each).is_readable:
            del found[each.name]
    for differences in found.values():
        differences.settle()
    return found


def _mirrored_to(cursor: Cursor, changes: Changes | None, now: int) -> int | None:
    """Return up to when the lake should have all of a resource, by Stripe's clock, or None.

    A lost batch doesn't change that.
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
    session: Session, resource: Resource, since: int, changes: Changes | None
) -> Differences:
    cursor = newest_cursor(session.lake, resource.name, session.key)
    batches = session.lake.batches(resource.name)
    if resource is EVENTS:
        return Differences(resource.name, batches, since - OVERLAP, is_announced=False)
    # Objects without an event are listed periodically; all up to `listed_to` have been listed too.
    listed = changes.listed.get(resource.name, since - DAY) if changes else since
    known_to = max(cursor.listed_to or 0, min(since, listed))
    return Differences(resource.name, batches, known_to - OVERLAP, resource.unannounced is None)
