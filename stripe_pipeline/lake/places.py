"""Where a row stands in its table: the number of its batch, and its position in the batch's file.

Both are columns of every file, so that SQL of any engine finds the newest of two versions: the one
in the later batch, or later in the same one. Versions before had only the file's name and the
row's number, which no two engines give in the same way.
"""

import numpy as np
import pyarrow as pa

BATCH, POSITION = "batch", "position"
FIELDS = (
    pa.field(BATCH, pa.int64(), nullable=False),
    pa.field(POSITION, pa.int64(), nullable=False),
)


def placed(rows: pa.Table, sequence: int, begin: int = 0) -> pa.Table:
    """Return rows as they stand in the file `sequence` from its row `begin` on, counted from 0."""
    batch = np.full(rows.num_rows, sequence, np.int64)
    position = np.arange(begin, begin + rows.num_rows, dtype=np.int64)
    placed = unplaced(rows)
    for field, numbers in zip(FIELDS, (batch, position), strict=True):
        values = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
        placed = placed.append_column(field, values)
    return placed


def unplaced(rows: pa.Table) -> pa.Table:
    """Return rows without their places, as they were before they were written."""
    there = [field.name for field in FIELDS if field.name in rows.column_names]
    return rows.drop_columns(there) if there else rows


def placed_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema of a file that holds rows of this schema."""
    bare = [field for field in schema if field.name not in {BATCH, POSITION}]
    return pa.schema([*bare, *FIELDS], schema.metadata)


def has_places(schema: pa.Schema) -> bool:
    """Return whether a file of this schema says where its rows stand."""
    return {BATCH, POSITION} <= set(schema.names)
