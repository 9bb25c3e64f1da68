"""Find the customer of an undecodable object in quarantine by the ids in its bytes."""

import re
from collections.abc import Collection

import pyarrow as pa

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erase import Change
from stripe_pipeline.lake.quarantine import TABLE

_CUSTOMER = re.compile(rb"cus_[A-Za-z0-9]+")


def names_any(body: bytes, customers: Collection[str]) -> bool:
    """Tell whether a body names one of these customers."""
    return bool(customers) and not named(body).isdisjoint(customers)


def named(body: bytes) -> set[str]:
    """Return the customer ids in a body."""
    return {each.decode() for each in _CUSTOMER.findall(body)}


def quarantine_change(customers: Collection[str], addresses: Collection[str]) -> Change:
    """Return the change that removes bodies naming one of these customers or addresses, or no one.

    A body without a customer id may be anyone's. The entry with its id and the reason is kept.
    """
    wanted = {each.lower().encode() for each in addresses}

    def is_concerned(body: bytes | None) -> bool:
        if body is None:
            return False
        theirs = named(body)
        if not theirs or not theirs.isdisjoint(customers):
            return True
        return any(each in body.lower() for each in wanted)

    def change(rows: pa.Table) -> pa.Table | None:
        bodies = rows["body"].to_pylist()
        kept = [None if is_concerned(body) else body for body in bodies]
        if kept == bodies:
            return None
        place = rows.schema.get_field_index("body")
        return rows.set_column(place, rows.schema.field(place), pa.array(kept, pa.binary()))

    return change


def is_in_quarantine(lake: Lake, customer_id: str) -> bool:
    """Tell whether the log holds a body that names the customer."""
    parts = (part["body"].to_pylist() for part in lake.read(TABLE, ["body"]))
    return any(body and customer_id in named(body) for bodies in parts for body in bodies)
