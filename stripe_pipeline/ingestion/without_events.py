"""Keep up with Stripe though the key may not read events.

Nobody tells then what changed. Each sync lists what is new and looks at what is still open; once
a day everything is read, and what else changed or was deleted is seen no sooner.
"""

from stripe_pipeline.ingestion.backfill import DAY
from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.plan import Plan
from stripe_pipeline.ingestion.reading import Reading
from stripe_pipeline.ingestion.updates.changes import read_new
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.ingestion.updates.sweeps import look
from stripe_pipeline.stripe_client.catalog import RESOURCES, Resource

DAILY = "the key may not read events and the last time is a day ago"


def has_open_ends(resource: Resource) -> bool:
    """Whether some objects of a resource are looked at in each sync: those still under way."""
    return resource.sweep is not None and not resource.sweep.is_of_everything


def what_is_not_seen() -> str:
    """Say what a sync without events sees, and what only a day later."""
    open_ends = ", ".join(each.label for each in RESOURCES if has_open_ends(each))
    return (
        "Without events (the permission Events: Read, event_read) nobody tells what changed. Each "
        f"sync reads what is new and looks at what is still open ({open_ends}); everything is read "
        "once a day. Whatever else changes, such as a customer's address or a price, and whatever "
        "is deleted, is seen up to a day late."
    )


def replan(reading: Reading, plan: Plan) -> list[Resource]:
    """Plan without events: what is due is read whole; returns the others, to be looked at.

    A pass that was interrupted goes on, and what it read before is a day old at most.
    """
    for resource in plan.wanted:
        cursor = newest_cursor(reading.lake, resource.name, reading.key)
        newest = cursor.unfinished or cursor.complete
        if newest and not 0 <= plan.now - newest.started_at < DAY:
            plan.fresh.setdefault(resource.name, DAILY)
    plan.starts.clear()
    plan.fresh.pop(EVENTS.name, None)
    plan.resumed.discard(EVENTS.name)
    return [each for each in plan.wanted if each is not EVENTS and each.name not in plan.fresh]


def is_daily(plan: Plan) -> bool:
    """Whether what is read whole is so for want of events, and will be again tomorrow."""
    return set(plan.fresh.values()) == {DAILY}


async def look_around(reading: Reading, resource: Resource, now: int) -> None:
    """List what is new of a resource and look at what of it is still open.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
        PipelineError: a page holds what doesn't belong there, or the lake can't be written.
    """
    if reading.report(resource).how == "skipped":
        reading.report(resource).how = "changes"
    await read_new(reading, resource, now)
    if resource.sweep and has_open_ends(resource):
        await look(reading, resource, resource.sweep, now)
