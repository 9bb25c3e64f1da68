"""A merchant under construction: objects by resource, for the calculation or for a lake."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.tables import ensure_tables, entries
from stripe_pipeline.stripe_client.catalog import API_VERSION, RESOURCES
from stripe_pipeline.values.objects import ObjectRow

from .objects import Body, Objects, Version, id_of

OBSERVED = datetime(2026, 11, 22, 12, tzinfo=UTC)
RESOURCE_OF = {resource.object: resource.name for resource in RESOURCES}


def deleted(body: Body) -> Body:
    """Stripe's stub of a deleted object."""
    return {"id": body["id"], "object": body["object"], "deleted": True}


def objects_of(*bodies: Body, unreadable: Iterable[str] = ()) -> Objects:
    """The calculation's input, without the detour over a lake."""
    objects = Objects(unreadable=frozenset(unreadable))
    for body in bodies:
        version = Version(body, body.get("deleted") is True, OBSERVED)
        objects.add(RESOURCE_OF[body["object"]], version)
    return objects


def write_batches(lake: Lake, bodies: Iterable[Body], observed: datetime = OBSERVED) -> None:
    """Append one batch to every object table, an empty one where nothing is new."""
    rows: dict[str, list[ObjectRow]] = {resource.name: [] for resource in RESOURCES}
    for body in bodies:
        rows[RESOURCE_OF[body["object"]]].append(_row(body, observed))
    with lake.writing():
        for resource, batch in rows.items():
            if batch or not lake.batches(resource):
                lake.append(resource, object_table(batch), {})


def write_access(lake: Lake, unreadable: Iterable[str], observed: datetime = OBSERVED) -> None:
    """Record which resources the key could read."""
    refused = set(unreadable)
    rows = [
        {
            "resource": resource.name,
            "is_readable": resource.name not in refused,
            "permission": resource.permission,
            "checked_at": observed,
        }
        for resource in RESOURCES
    ]
    with lake.writing():
        lake.append("resource_access", entries("resource_access", rows), {})


def fill(home: Path, bodies: Iterable[Body], unreadable: Iterable[str] = ()) -> Lake:
    """Write a whole lake below a home folder."""
    lake = Lake(home / "lake")
    write_batches(lake, bodies)
    write_access(lake, unreadable)
    ensure_tables(lake)
    return lake


def _row(body: Body, observed: datetime) -> ObjectRow:
    is_customer = body["object"] == "customer"
    return ObjectRow(
        id=body["id"],
        object=body["object"],
        created=body.get("created"),
        livemode=body.get("livemode"),
        is_deleted=body.get("deleted") is True,
        customer_id=body["id"] if is_customer else id_of(body.get("customer")),
        api_version=API_VERSION,
        observed_at=observed,
        body=msgspec.json.encode(body),
    )
