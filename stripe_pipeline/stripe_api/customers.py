"""Fetch by id the customers whom other objects name and no list shows.

Stripe's list of customers leaves out the deleted ones, whose orders stay, and those on a test
clock. Retrieved by id, a deleted one comes as a stub without personal data.
"""

import asyncio

import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_api.catalog import BY_NAME, RESOURCES
from stripe_pipeline.stripe_api.cursors import newest_cursor
from stripe_pipeline.stripe_api.known import Known
from stripe_pipeline.stripe_api.reading import Reading, in_groups


def unknown_customers(lake: Lake) -> list[str]:
    """Return the ids that other objects name and the table of customers lacks."""
    named = [_distinct(lake, each.name, "customer_id") for each in RESOURCES if _names(each.name)]
    referenced = pc.unique(pa.chunked_array(named, pa.string()))
    known = _distinct(lake, "customers", "id")
    return referenced.filter(pc.invert(pc.is_in(referenced, value_set=known))).to_pylist()


async def fetch_unknown(reading: Reading) -> None:
    """Read them one by one; a customer of whom Stripe knows nothing becomes a tombstone."""
    identifiers = await asyncio.to_thread(unknown_customers, reading.lake)
    if not identifiers:
        return
    resource = BY_NAME["customers"]
    cursor = newest_cursor(reading.lake, resource.name, reading.key)
    writer = reading.writer(cursor, Known.nothing(), resource)
    for group in in_groups(identifiers):
        await writer.add(await reading.retrieve(resource, group))
        reading.advance(resource)
    await writer.flush()


def _names(table: str) -> bool:
    """An event of a customer who never bought anything is no reason to ask for her."""
    return table not in ("customers", "events")


def _distinct(lake: Lake, table: str, column: str) -> pa.Array:
    parts = [pc.unique(part[column]) for part in lake.read(table, [column])]
    return pc.drop_null(pc.unique(pa.chunked_array(parts, pa.string())))
