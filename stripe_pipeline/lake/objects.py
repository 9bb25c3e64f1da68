"""The schema of a batch of Stripe objects: whole bodies, and the few fields that order them."""

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from stripe_pipeline.values.objects import ObjectRow

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


def object_table(rows: Sequence[ObjectRow]) -> pa.Table:
    """Build the Arrow table of a batch, in the order in which the rows were read.

    Raises:
        pyarrow.ArrowInvalid: a body isn't UTF-8, which JSON is by definition.
    """
    if not rows:
        return OBJECT_SCHEMA.empty_table()
    values = zip(*map(msgspec.structs.astuple, rows), strict=True)
    fields = zip(values, OBJECT_SCHEMA, strict=True)
    return pa.Table.from_arrays(
        [pa.array(each, field.type) for each, field in fields], schema=OBJECT_SCHEMA
    )
