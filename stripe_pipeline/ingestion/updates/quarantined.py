"""Retry the objects in quarantine: those corrected in Stripe are usable from then on."""

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session, in_groups
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.stripe_client.resources import Resource

# The most of one resource in a sync; `sync --full` re-reads larger numbers.
MOST = 500


async def read_quarantined(session: Session, resource: Resource) -> None:
    """Read the quarantined objects of a resource that this sync hasn't met, one by one.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    wanted = session.quarantined.left(resource.name)[:MOST]
    if not wanted:
        return
    cursor = newest_cursor(session.lake, resource.name, session.key)
    known = Known.load(session.lake, resource.name, only=wanted)
    writer = session.writer(cursor, known, resource)
    for group in in_groups(wanted):
        rows = await session.retrieve(resource, group)
        # Stripe deletes old events, so their absence isn't recorded.
        gone = [row.id for row in rows if row.is_deleted and resource is EVENTS]
        session.quarantined.release(resource.name, gone)
        await writer.add([row for row in rows if row.id not in gone])
    await writer.flush_if_any()
