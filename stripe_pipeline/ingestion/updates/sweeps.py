"""Sweep periodically over objects that change without an event: catalogues and open objects.

The catalog says what is swept of each resource, how often and why. Small catalogues are
compared whole; of everything else only objects in an open status (open invoices, live
subscriptions, open disputes and payments) are re-read.
"""

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session, in_groups
from stripe_pipeline.ingestion.updates.following import created_from
from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.windows import EVERYTHING, Window
from stripe_pipeline.stripe_client.resources import Filters, Resource, Sweep
from stripe_pipeline.values.objects import ObjectRow


class _Status(msgspec.Struct):
    status: str | None = None


_STATUS = msgspec.json.Decoder(_Status)


async def sweep(session: Session, resource: Resource, swept_at: int, now: int) -> bool:
    """Sweep a resource if a sweep is due; returns whether it was.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    plan = resource.sweep
    if plan is None or plan.every is None:
        return False
    cursor = newest_cursor(session.lake, resource.name, session.key)
    whole = cursor.complete.started_at if cursor.complete else 0
    if 0 <= now - max(swept_at, whole) < plan.every:
        return False
    await look(session, resource, plan, now)
    return True


async def look(session: Session, resource: Resource, plan: Sweep, now: int) -> None:
    """Sweep a resource regardless of when that was last done.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt got a usable response.
        PipelineError: an object is of the other mode, or the lake can't be written.
    """
    known, expected = await _known(session, resource, plan, now)
    cursor = newest_cursor(session.lake, resource.name, session.key)
    writer = session.writer(cursor, known, resource)
    listed: set[str] = set()
    strangers: list[ObjectRow] = []

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        listed.update(row.id for row in rows)
        strangers.extend(row for row in rows if row.id not in known)
        await writer.add([row for row in rows if row.id in known])
        session.advance(resource)

    for filters, window in _lists(plan, now):
        filtered = replace(resource, parameters=filters)
        await Shards(session.reader, filtered, handle).read([window])
    for group in in_groups(sorted(expected - listed)):
        await writer.add(await session.retrieve(resource, group))
        session.advance(resource)
    await writer.flush()
    await _add_strangers(session, resource, strangers)


async def _known(
    session: Session, resource: Resource, plan: Sweep, now: int
) -> tuple[Known, set[str]]:
    """Load the versions to compare with, and the ids to re-read even if they aren't listed."""
    if plan.statuses is None:
        known = await session.known(resource)
        return known, set(known.live_ids())
    async with session.loading:
        return await asyncio.to_thread(_known_open_ends, session.lake, resource.name, plan, now)


def _known_open_ends(lake: Lake, table: str, plan: Sweep, now: int) -> tuple[Known, set[str]]:
    expected = ids_with_status(lake, table, plan.statuses or ())
    if plan.recent is not None:
        return Known.load(lake, table, since=now - plan.recent), expected
    return Known.load(lake, table, only=expected), expected


def _lists(plan: Sweep, now: int) -> list[tuple[Filters, Window]]:
    lists = [(filters, EVERYTHING) for filters in plan.lists]
    return lists if plan.recent is None else [*lists, ((), created_from(now - plan.recent))]


async def _add_strangers(session: Session, resource: Resource, rows: Sequence[ObjectRow]) -> None:
    """Add listed objects that the lake lacks or has in a final status."""
    if not rows:
        return
    cursor = newest_cursor(session.lake, resource.name, session.key)
    known = Known.load(session.lake, resource.name, only=[row.id for row in rows])
    writer = session.writer(cursor, known, resource)
    await writer.add(rows)
    await writer.flush()


def ids_with_status(lake: Lake, table: str, statuses: Collection[str]) -> set[str]:
    """Return the ids whose newest version in the lake has one of the statuses.

    Most bodies have a final status; a search of their bytes rules them out without decoding.
    """
    named = "|".join(map(re.escape, sorted(statuses)))
    found: set[str] = set()
    for part in lake.read(table, ["id", "body"]):
        mentioned = pc.match_substring_regex(part["body"], rf'"status":\s*"({named})"')
        candidates = found.union(part["id"].filter(mentioned).to_pylist())
        versions = pc.is_in(part["id"], value_set=pa.array(candidates, pa.string()))
        flags = mentioned.filter(versions).to_pylist()
        bodies = iter(part["body"].filter(mentioned).to_pylist())
        for identifier, flag in zip(part["id"].filter(versions).to_pylist(), flags, strict=True):
            is_open = flag and _STATUS.decode(next(bodies)).status in statuses
            (found.add if is_open else found.discard)(identifier)
    return found
