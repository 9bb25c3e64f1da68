"""The lake's log of which resources the key may read, so that a missing permission is data."""

from datetime import UTC, datetime

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.resources import Resource

TABLE = "resource_access"


def readable(lake: Lake) -> dict[str, bool]:
    """Return the last recorded readability, by resource name."""
    found: dict[str, bool] = {}
    for batch in lake.read(TABLE, ["resource", "is_readable"]):
        names, flags = batch["resource"].to_pylist(), batch["is_readable"].to_pylist()
        found |= dict(zip(names, flags, strict=True))
    return found


def record(lake: Lake, key: Key, found: dict[Resource, bool]) -> None:
    """Append a row for each resource whose readability is new or has changed."""
    before = readable(lake)
    now = datetime.now(UTC)
    rows = [
        {
            "resource": resource.name,
            "is_readable": is_readable,
            "permission": resource.permission,
            "checked_at": now,
        }
        for resource, is_readable in found.items()
        if before.get(resource.name) != is_readable
    ]
    if rows:
        lake.append(TABLE, entries(TABLE, rows), {"livemode": key.livemode})
