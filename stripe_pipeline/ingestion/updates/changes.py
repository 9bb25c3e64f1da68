"""Update a resource incrementally: new objects, and those that events name.

New objects are listed by creation time, a hundred in a request. The other objects that events
name are read one by one, unless there are so many that a full read is cheaper.
"""

from collections.abc import Collection, Sequence

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session, in_groups
from stripe_pipeline.ingestion.updates.following import OVERLAP, Followed, created_from
from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

# A request lists a hundred objects, so reading many one by one soon takes more requests than a
# full read. Up to twice as many are worth it, since unchanged objects aren't transferred again.
LISTED_TOGETHER = 50
# Up to this many are always read one by one, without counting the lake's rows.
ALWAYS_ONE_BY_ONE = 200


async def apply_changes(
    session: Session, resource: Resource, followed: Followed, now: int, list_new: bool
) -> bool:
    """Read new and changed objects; returns False where a full read is cheaper.

    `list_new` lists new objects whether or not there are events of them.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    changed = followed.changed.get(resource.name, set())
    session.report(resource).how = "changes"
    if list_new or followed.created.get(resource.name, 0) > 1:
        changed = changed - await read_new(session, resource, now)
    if not _is_worth_reading_one_by_one(session.lake, resource, len(changed)):
        return False
    await read_again(session, resource, changed)
    return True


async def read_new(session: Session, resource: Resource, now: int) -> set[str]:
    """List the objects created since the last listing; returns the ids of all that were listed.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    cursor = newest_cursor(session.lake, resource.name, session.key)
    since = 0 if cursor.listed_to is None else cursor.listed_to - OVERLAP
    known = Known.load(session.lake, resource.name, since)
    writer = session.writer(cursor, known, resource)
    listed: set[str] = set()

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        listed.update(row.id for row in rows)
        await writer.add(rows)
        session.advance(resource)

    await Shards(session.reader, resource, handle).read([created_from(since)])
    if writer.newest is not None:
        await writer.flush_if_any(listed_to=max(cursor.listed_to or 0, min(writer.newest, now)))
    return listed


async def read_again(session: Session, resource: Resource, identifiers: Collection[str]) -> None:
    """Read objects one by one.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    if not identifiers:
        return
    cursor = newest_cursor(session.lake, resource.name, session.key)
    known = Known.load(session.lake, resource.name, only=identifiers)
    writer = session.writer(cursor, known, resource)
    for group in in_groups(sorted(identifiers)):
        await writer.add(await session.retrieve(resource, group))
        session.advance(resource)
    await writer.flush()


def _is_worth_reading_one_by_one(lake: Lake, resource: Resource, changed: int) -> bool:
    if changed <= ALWAYS_ONE_BY_ONE:
        return True
    rows = sum(batch.rows() for batch in lake.batches(resource.name))
    return changed <= rows // LISTED_TOGETHER
