"""Full read (a pass) of a resource: the first time, on request, or when too much was missed.

A pass is split into windows of creation time; a committed batch records which windows it finished,
so an interrupted pass resumes there. Changes during and after a pass are found through the events
from the instant at which it began (see changes.py).
"""

from collections.abc import Sequence

import msgspec

from stripe_pipeline.ingestion.mirror.cursors import Cursor, Pass, covered, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.mirror.writer import Differs, Writer
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.stripe_client.catalog import API_VERSION
from stripe_pipeline.stripe_client.lists.coverage import Coverage
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import Window, gaps
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

DAY = 86_400
# An interrupted pass is resumed within this many seconds; later it is restarted.
RESUME_WITHIN = 7 * DAY


def begin(cursor: Cursor, now: int, events_from: int, resume_within: int = RESUME_WITHIN) -> Cursor:
    """Return the cursor of an interrupted pass that can be resumed, else of a new one.

    `resume_within` is in seconds since it began: what it has read is as old.
    """
    unfinished = cursor.unfinished
    if unfinished and can_go_on(unfinished, now, resume_within):
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


def can_go_on(unfinished: Pass, now: int, resume_within: int = RESUME_WITHIN) -> bool:
    """Tell whether an interrupted pass can be resumed: recent, and of the same API version."""
    is_same_version = unfinished.api_version == API_VERSION
    return is_same_version and 0 <= now - unfinished.started_at < resume_within


async def backfill(
    session: Session, resource: Resource, cursor: Cursor, differs: Differs | None = None
) -> None:
    """Read what is left of the pass in the cursor, and commit it as finished.

    `differs` is called for each row that the lake has otherwise.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    started = cursor.current
    assert started is not None  # begin() has made it
    before = covered(session.lake, resource.name, started)
    known = await session.known(resource)
    coverage = Coverage(len(known), before, started.started_at)
    session.report(resource).how = "full"
    session.report(resource).read_since = started.started_at

    async def missing(identifiers: Sequence[str]) -> list[ObjectRow]:
        return await session.retrieve(resource, identifiers)

    # Stripe deletes events after 30 days, so those missing from the list aren't retrieved.
    ask = None if resource.name == "events" else missing
    writer = session.writer(cursor, known, resource, ask, differs)

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        await writer.add(rows, covers)
        session.advance(resource, coverage.note(rows, covers))

    session.quarantined.begin_pass(resource.name)
    await Shards(session.reader, resource, handle).read(gaps(before))
    await writer.settle()
    session.advance(resource, 1.0)
    if not (writer.is_empty and _is_as_good_as_the_last(session, cursor)):
        finished = msgspec.structs.replace(started, is_complete=True)
        listed_to = _listed_to(started, known, writer)
        await writer.flush(current=finished, last_complete=None, listed_to=listed_to)
    if not before:  # else an earlier process has seen objects that this one hasn't
        session.quarantined.end_pass(resource.name)


def _is_as_good_as_the_last(session: Session, cursor: Cursor) -> bool:
    """Tell whether a pass that found nothing needs no batch to record it.

    It needs none if the last pass is less than a day old, which serves as well.
    """
    started, before = cursor.current, cursor.last_complete
    committed = newest_cursor(session.lake, cursor.resource, session.key).unfinished
    if started is None or before is None or committed is not None:
        return False
    is_of_today = 0 <= started.started_at - before.started_at < DAY
    return is_of_today and before.api_version == started.api_version


def _listed_to(started: Pass, known: Known, writer: Writer) -> int | None:
    """Return up to which creation time new objects have been listed, at most the pass's start.

    A test clock creates objects in the future, after which nothing else would ever be new.
    """
    newest = [created for created in (known.newest, writer.newest) if created is not None]
    return min(max(newest), started.started_at) if newest else None
