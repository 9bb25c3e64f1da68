"""Look again, now and then, at what changes without telling: small catalogues and open ends.

No event says that an invoice payment was canceled, that a promotion code was deleted or that a
coupon ran out. So the small catalogues are compared whole once a day, and whatever is still under
way (open invoices, live subscriptions, open disputes and payments) at set intervals.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import msgspec

from stripe_pipeline.lake import Lake, ObjectRow
from stripe_pipeline.stripe_api.backfill import DAY
from stripe_pipeline.stripe_api.catalog import Resource
from stripe_pipeline.stripe_api.cursors import newest_cursor
from stripe_pipeline.stripe_api.known import Known
from stripe_pipeline.stripe_api.reading import Reading, in_groups
from stripe_pipeline.stripe_api.shards import Shards
from stripe_pipeline.stripe_api.windows import EVERYTHING, Window

Filters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sweep:
    """How often to look, with which lists, and which statuses are open ends (None: all)."""

    every: int
    lists: tuple[Filters, ...] = ((),)
    statuses: frozenset[str] | None = None


SWEEPS = {
    "products": Sweep(DAY),
    "prices": Sweep(DAY),
    "coupons": Sweep(DAY),
    "promotion_codes": Sweep(DAY),
    "invoice_payments": Sweep(DAY, ((("status", "open"),),), frozenset({"open"})),
    "invoices": Sweep(
        7 * DAY, ((("status", "draft"),), (("status", "open"),)), frozenset({"draft", "open"})
    ),
    # Without a status Stripe lists those that aren't canceled.
    "subscriptions": Sweep(
        7 * DAY,
        ((),),
        frozenset({"incomplete", "trialing", "active", "past_due", "unpaid", "paused"}),
    ),
    # Disputes can't be listed by status.
    "disputes": Sweep(
        7 * DAY,
        (),
        frozenset(
            {
                "warning_needs_response",
                "warning_under_review",
                "needs_response",
                "under_review",
                "appeal_needs_response",
                "appeal_under_review",
            }
        ),
    ),
}


class _Status(msgspec.Struct):
    status: str | None = None


_STATUS = msgspec.json.Decoder(_Status)


async def sweep(reading: Reading, resource: Resource, swept_at: int, now: int) -> bool:
    """Look at a resource's open ends if it is time; returns whether it was.

    Raises:
        stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
        PipelineError: a page holds what doesn't belong there, or the lake can't be written.
    """
    plan = SWEEPS.get(resource.name)
    cursor = newest_cursor(reading.lake, resource.name, reading.key)
    whole = cursor.complete.started_at if cursor.complete else 0
    if plan is None or now - max(swept_at, whole) < plan.every:
        return False
    known = await reading.known(resource)
    writer = reading.writer(cursor, known, resource)
    listed: set[str] = set()

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        listed.update(row.id for row in rows)
        await writer.add(rows)

    for filters in plan.lists:
        unfiltered = replace(resource, parameters=filters)
        await Shards(reading.reader, unfiltered, handle).read([EVERYTHING])
    for group in in_groups(sorted(_open_ends(reading.lake, resource, plan, known) - listed)):
        await writer.add(await reading.retrieve(resource, group))
    await writer.flush()
    return True


def _open_ends(lake: Lake, resource: Resource, plan: Sweep, known: Known) -> set[str]:
    if plan.statuses is None:
        return set(known.live_ids())
    return ids_with_status(lake, resource.name, plan.statuses)


def ids_with_status(lake: Lake, table: str, statuses: Collection[str]) -> set[str]:
    """Return the ids whose newest version in the lake has one of the statuses."""
    found: set[str] = set()
    for part in lake.read(table, ["id", "body"]):
        for identifier, body in zip(part["id"].to_pylist(), part["body"].to_pylist(), strict=True):
            if _STATUS.decode(body).status in statuses:
                found.add(identifier)
            else:
                found.discard(identifier)
    return found
