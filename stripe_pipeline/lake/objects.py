"""The shape of a batch of Stripe objects: whole bodies, and the few fields that order them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa

OBJECT_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("object", pa.string(), nullable=False),
        pa.field("created", pa.int64()),
        pa.field("livemode", pa.bool_()),
        pa.field("is_deleted", pa.bool_(), nullable=False),
        pa.field("customer_id", pa.string()),
        pa.field("api_version", pa.dictionary(pa.int32(), pa.string())),
        pa.field("observed_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("body", pa.string(), nullable=False),
    ]
)


class ObjectRow(msgspec.Struct, frozen=True, gc=False):
    """One version of one Stripe object, as it was read.

    `created` is Stripe's, in Unix seconds (None for a deleted object's stub); `observed_at` is
    when the answer came; `body` is the object's whole JSON, nested lists completed.
    """

    id: str
    object: str
    created: int | None
    livemode: bool | None
    is_deleted: bool
    customer_id: str | None
    api_version: str
    observed_at: datetime
    body: bytes


def object_table(rows: Sequence[ObjectRow]) -> pa.Table:
    """Build the Arrow table of a batch, in the order in which the rows were read."""
    columns = list(zip(*map(msgspec.structs.astuple, rows), strict=True))
    if not rows:
        return OBJECT_SCHEMA.empty_table()
    *fields, observed_at, bodies = columns
    types = [field.type for field in OBJECT_SCHEMA]
    arrays = [_array(values, kind) for values, kind in zip(fields, types, strict=False)]
    return pa.Table.from_arrays(
        [*arrays, _moments(observed_at), _texts(bodies)], schema=OBJECT_SCHEMA
    )


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    return pa.array(values, kind)


def _moments(values: Sequence[datetime]) -> pa.Array:
    """Convert each moment once: the rows of a page share theirs."""
    distinct = {id(value): value for value in values}
    places = {key: place for place, key in enumerate(distinct)}
    moments = pa.array(distinct.values(), OBJECT_SCHEMA.field("observed_at").type)
    return moments.take(pa.array([places[id(value)] for value in values], pa.int64()))


def _texts(bodies: Sequence[bytes]) -> pa.Array:
    """Lay the bodies end to end: JSON arrives as UTF-8, so there is no detour over str."""
    ends = np.cumsum([0, *map(len, bodies)], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(bodies))]
    return pa.Array.from_buffers(pa.large_binary(), len(bodies), buffers).cast(pa.string())
