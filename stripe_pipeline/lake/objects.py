"""The shape of a batch of Stripe objects: whole bodies, and the few fields that order them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

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


class ObjectRow(NamedTuple):
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
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(OBJECT_SCHEMA)
    arrays = [
        _array(values, field.type) for values, field in zip(columns, OBJECT_SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=OBJECT_SCHEMA)


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    if pa.types.is_string(kind) and values and isinstance(values[0], bytes):
        # JSON bodies arrive as bytes and are UTF-8 by definition: no detour over str.
        return pa.array(values, pa.binary()).cast(pa.string())
    return pa.array(values, kind)
