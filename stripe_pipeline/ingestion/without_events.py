"""Sync with a key that may not read events.

Changes are then unannounced. Each sync lists new objects and re-reads open ones; once a day
everything is read, which finds all other changes and deletions.
"""

from stripe_pipeline.ingestion.backfill import DAY
from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.plan import Plan
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.updates.changes import read_new
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.ingestion.updates.sweeps import look
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.resources import Resource

DAILY = "the key may not read events and the last time is a day ago"


def has_open_ends(resource: Resource) -> bool:
    """Tell whether each sync re-reads some objects of a resource: those in an open status."""
    return resource.sweep is not None and not resource.sweep.is_of_everything


def what_is_not_seen() -> str:
    """Return the sentence on what a sync without events sees, and what only a day later."""
    open_ends = ", ".join(each.label for each in RESOURCES if has_open_ends(each))
    return (
        "Without events (the permission Events: Read, event_read) nothing reports what changed. "
        f"Each sync reads what is new and looks at what is still open ({open_ends}); everything is "
        "read once a day. Whatever else changes, such as a customer's address or a price, and "
        "whatever is deleted, is seen up to a day late."
    )


def replan(session: Session, plan: Plan) -> list[Resource]:
    """Replan without events: resources that are due get a full read; returns the others.

    An interrupted pass is resumed within a day; no event tells what changed since it began.
    """
    plan.resume_within = DAY
    for resource in plan.wanted:
        cursor = newest_cursor(session.lake, resource.name, session.key)
        newest = cursor.unfinished or cursor.complete
        if newest and not 0 <= plan.now - newest.started_at < DAY:
            plan.fresh.setdefault(resource.name, DAILY)
    plan.starts.clear()
    plan.fresh.pop(EVENTS.name, None)
    plan.resumed.discard(EVENTS.name)
    return [each for each in plan.wanted if each is not EVENTS and each.name not in plan.fresh]


def is_daily(plan: Plan) -> bool:
    """Tell whether the full reads are the daily ones for lack of events."""
    return set(plan.fresh.values()) == {DAILY}


async def look_around(session: Session, resource: Resource, now: int) -> None:
    """List the new objects of a resource and re-read its open ones.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    if session.report(resource).how == "skipped":
        session.report(resource).how = "changes"
    await read_new(session, resource, now)
    if resource.sweep and has_open_ends(resource):
        await look(session, resource, resource.sweep, now)
