"""Fetch by id the customers that other objects reference and no list shows.

Stripe's list of customers omits deleted ones, whose orders stay, and those on a test clock.
Retrieved by id, a deleted customer is a stub without personal data.
"""

import asyncio
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session, in_groups
from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.lake.referenced import names_known
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES


def unknown_customers(lake: Lake, batches: Sequence[Batch]) -> list[str]:
    """Return the customer ids in these batches that the table of customers lacks."""
    named = _distinct(batches, "customer_id")
    if not len(named):
        return []
    for customers in lake.read("customers", ["id"]):
        named = named.filter(pc.invert(pc.is_in(named, value_set=customers["id"])))
    unknown: list[str] = named.to_pylist()
    return unknown


async def fetch_unknown(session: Session, rescan_all: bool) -> None:
    """Retrieve unknown customers by id; one that Stripe doesn't know becomes a tombstone.

    Scans the batches added since the last time, or all of them if `rescan_all`.
    """
    lake = session.lake
    looked_at = names_known(lake)
    if rescan_all:
        looked_at.forget()
    naming = [batch for each in RESOURCES if _names(each.name) for batch in lake.batches(each.name)]
    paths = set(looked_at.unknown(batch.path for batch in naming))
    new = [batch for batch in naming if batch.path in paths]
    await _fetch(session, await asyncio.to_thread(unknown_customers, lake, new))
    looked_at.add(paths)
    looked_at.save()


async def _fetch(session: Session, identifiers: Sequence[str]) -> None:
    if not identifiers:
        return
    resource = BY_NAME["customers"]
    cursor = newest_cursor(session.lake, resource.name, session.key)
    writer = session.writer(cursor, Known.nothing(), resource)
    for group in in_groups(identifiers):
        await writer.add(await session.retrieve(resource, group))
        session.advance(resource)
    await writer.flush()


def _names(table: str) -> bool:
    """Tell whether a table's customers are fetched: those that only events name needn't be."""
    return table not in ("customers", "events")


def _distinct(batches: Sequence[Batch], column: str) -> pa.Array:
    parts: list[pa.Array] = []
    for batch in batches:
        with batch.open() as file:
            parts.append(pc.unique(file.read([column])[column]))
    return pc.drop_null(pc.unique(pa.chunked_array(parts, pa.string())))
