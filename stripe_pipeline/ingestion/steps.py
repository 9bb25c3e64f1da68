"""The steps of one sync over the wanted resources."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import stripe

from stripe_pipeline.ingestion.backfill import DAY, backfill, begin
from stripe_pipeline.ingestion.error_messages import first_of, missing_permission
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.mirror.cursors import Changes, newest_cursor
from stripe_pipeline.ingestion.plan import Plan, make_plan
from stripe_pipeline.ingestion.quota.reads import UPKEEP, WHOLE
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.updates.changes import apply_changes, read_again
from stripe_pipeline.ingestion.updates.customers import fetch_unknown
from stripe_pipeline.ingestion.updates.following import EVENTS, Followed, follow
from stripe_pipeline.ingestion.updates.quarantined import read_quarantined
from stripe_pipeline.ingestion.updates.sweeps import sweep
from stripe_pipeline.ingestion.webhooks.intake import Deliveries, take_deliveries
from stripe_pipeline.ingestion.without_events import (
    is_daily,
    look_around,
    replan,
    what_is_not_seen,
)
from stripe_pipeline.lake import object_table
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.resources import Resource

CUSTOMERS = BY_NAME["customers"]
# The key in `swept` for when the objects in quarantine were last retried.
QUARANTINE = "quarantine"
Work = Callable[[Resource], Coroutine[None, None, None]]


async def run(
    session: Session,
    wanted: list[Resource],
    full: bool,
    is_poll: bool = False,
    spool: Path | None = None,
) -> None:
    """Read the wanted resources, each according to its state in the lake.

    `spool` is the folder of webhook deliveries; None if they are ignored.
    """
    await session.account.check_key()
    plan = make_plan(session.lake, session.key, wanted, full, int(time.time()), is_poll)
    deliveries = take_deliveries(session, spool, plan.is_of_everything)
    followed = await _follow(session, plan)
    unfollowed = [] if followed else replan(session, plan)
    for sentence in plan.announcements():
        session.announce(sentence)
    if followed:
        deliveries.note(followed, plan.starts)
    session.found.named = followed.changed if followed else None
    until = _followed_until(plan, followed)
    with session.counted_for(UPKEEP if is_daily(plan) else WHOLE):
        await in_parallel(session, plan.passes(), _passing(session, plan, until))
    await in_parallel(session, unfollowed, _looking_around(session, plan, deliveries))
    await in_parallel(session, _changing(plan), _catching_up(session, plan, followed, until))
    swept = await _sweep(session, plan)
    await _look_at_quarantined(session, plan, swept)
    if CUSTOMERS in wanted and session.report(CUSTOMERS).is_readable:
        await fetch_unknown(session, rescan_all=CUSTOMERS in plan.passes())
    _leave_no_table_missing(session, wanted)
    found = {resource: session.report(resource).is_readable for resource in wanted}
    access.record(session.lake, session.key, found)
    await deliveries.keep(session)
    if followed and plan.is_of_everything:
        _note_how_far(session, plan, followed, until, swept)
    deliveries.remove()


async def _follow(session: Session, plan: Plan) -> Followed | None:
    """Follow the events; returns None if the key may not read them."""
    try:
        keep = EVENTS in plan.wanted and EVENTS.name not in plan.fresh
        return await follow(session, plan.starts, keep)
    except* stripe.PermissionError as errors:
        _report_forbidden(session, EVENTS, errors)
    session.warn(what_is_not_seen())
    return None


def _followed_until(plan: Plan, followed: Followed | None) -> int:
    if followed is None:
        # Without events Stripe's clock is unknown; this machine's may be up to a day ahead of it.
        return plan.now - DAY
    return followed.until(plan.changes.since if plan.changes else 0, plan.now)


def _passing(session: Session, plan: Plan, events_from: int) -> Work:
    async def work(resource: Resource) -> None:
        cursor = newest_cursor(session.lake, resource.name, session.key)
        await backfill(session, resource, begin(cursor, plan.now, events_from, plan.resume_within))
        if resource.unannounced:
            plan.listed.add(resource.name)

    return work


def _changing(plan: Plan) -> list[Resource]:
    return [each for each in plan.wanted if each.name in plan.starts and each is not EVENTS]


def _catching_up(session: Session, plan: Plan, followed: Followed | None, until: int) -> Work:
    async def work(resource: Resource) -> None:
        list_new = plan.lists_new(resource, followed.changed.keys() if followed else ())
        if followed and not await apply_changes(session, resource, followed, plan.now, list_new):
            session.announce(
                f"{resource.label} are read whole: so many changed that it takes fewer requests."
            )
            plan.read_all(resource, "")
            await _passing(session, plan, until)(resource)
        if list_new:
            plan.listed.add(resource.name)

    return work


def _looking_around(session: Session, plan: Plan, deliveries: Deliveries) -> Work:
    async def work(resource: Resource) -> None:
        await look_around(session, resource, plan.now)
        await read_again(session, resource, deliveries.named(resource))

    return work


async def _sweep(session: Session, plan: Plan) -> dict[str, int]:
    """Sweep the resources that are due; returns when each was last swept."""
    swept = dict(plan.changes.swept) if plan.changes else {}

    async def work(resource: Resource) -> None:
        if await sweep(session, resource, swept.get(resource.name, 0), plan.now):
            swept[resource.name] = plan.now

    await in_parallel(session, _changing(plan), work)
    return swept


async def _look_at_quarantined(session: Session, plan: Plan, swept: dict[str, int]) -> None:
    """Retry the objects in quarantine; a poll does so once a day."""
    is_due = not plan.is_poll or not 0 <= plan.now - swept.get(QUARANTINE, 0) < DAY
    if not len(session.quarantined) or not is_due:
        return
    swept[QUARANTINE] = plan.now
    await in_parallel(session, plan.wanted, lambda each: read_quarantined(session, each))


async def in_parallel(session: Session, resources: list[Resource], work: Work) -> None:
    """Run `work` for each resource concurrently; an API error of one is raised after the others."""
    failures: list[BaseException] = []

    async def guarded(resource: Resource) -> None:
        if not session.report(resource).is_readable:
            return
        try:
            with skipping_what_is_forbidden(session, resource):
                await work(resource)
        except* (stripe.APIError, stripe.RateLimitError, stripe.InvalidRequestError) as errors:
            failures.append(first_of(errors))

    async with asyncio.TaskGroup() as group:
        for resource in resources:
            group.create_task(guarded(resource))
    if failures:
        raise failures[0]


@contextmanager
def skipping_what_is_forbidden(session: Session, resource: Resource) -> Iterator[None]:
    """Convert a missing permission to a warning and a refusal in the report; time the block."""
    started = time.monotonic()
    try:
        yield
    except* stripe.PermissionError as errors:
        _report_forbidden(session, resource, errors)
    finally:
        session.report(resource).seconds += time.monotonic() - started


def _report_forbidden(session: Session, resource: Resource, errors: BaseException) -> None:
    report = session.report(resource)
    report.is_readable, report.how = False, "skipped"
    refusal = first_of(errors)
    assert isinstance(refusal, stripe.PermissionError)
    report.refusal = missing_permission(resource, refusal)
    session.warn(report.refusal)


def _leave_no_table_missing(session: Session, wanted: list[Resource]) -> None:
    for resource in wanted:
        if not session.lake.batches(resource.name):
            cursor = newest_cursor(session.lake, resource.name, session.key)
            session.lake.append(resource.name, object_table([]), msgspec.to_builtins(cursor))


def _note_how_far(
    session: Session, plan: Plan, followed: Followed, until: int, swept: dict[str, int]
) -> None:
    """Commit how far the events were followed, if that is worth a batch."""
    readable = [each.name for each in plan.wanted if session.report(each).is_readable]
    listed = (plan.changes.listed if plan.changes else {}) | dict.fromkeys(plan.listed, plan.now)
    after = Changes(until, followed.recent(until), plan.now, readable, swept, listed)
    if _says_something_new(plan.changes, after):
        cursor = newest_cursor(session.lake, EVENTS.name, session.key)
        marked = msgspec.structs.replace(cursor, changes=after, covers=())
        session.lake.append(EVENTS.name, object_table([]), msgspec.to_builtins(marked))


def _says_something_new(before: Changes | None, after: Changes) -> bool:
    """Tell whether to commit: on any change, and at least daily, so that `changes` stays recent."""
    if before is None or after.listed_at - before.listed_at >= DAY or _was_due(before, after):
        return True
    return (
        msgspec.structs.replace(after, listed_at=before.listed_at, listed=before.listed) != before
    )


def _was_due(before: Changes, after: Changes) -> bool:
    """Tell whether a periodic listing was done, which must be recorded so it isn't repeated."""
    return any(
        not 0 <= at - before.listed.get(name, 0) < new.every
        for name, at in after.listed.items()
        if (new := BY_NAME[name].unannounced)
    )
