"""Rewrite existing batches without certain rows or values, and change nothing else about them.

A file is rewritten to a temporary name, synced and renamed atomically, with its old number and
cursor: a crash leaves either the old or the new one. Files that a merge has replaced, but that are
kept for running readers, are rewritten too.
"""

import os
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import replacing, sync_folder
from stripe_pipeline.lake.batches import (
    CURSOR_KEY,
    FIRST_KEY,
    WRITING,
    Batch,
    Lake,
    rows_together,
)
from stripe_pipeline.lake.compact import tables_of
from stripe_pipeline.lake.places import placed, placed_schema, unplaced

# Takes rows and returns their replacement, or None where nothing changes.
Change = Callable[[pa.Table], pa.Table | None]


# Reads the rows of a batch that may have to change.
Select = Callable[[Batch], Iterable[pa.Table]]


def rows_of(
    batch: Batch, owners: pa.Array, *, with_ownerless: bool, columns: list[str] | None = None
) -> Iterator[pa.Table]:
    """Read the objects that name one of `owners`, and if `with_ownerless` those without a customer.

    Of row groups that have none, only the customer ids are read.

    Raises:
        TornBatchError: the file is damaged.
    """
    with batch.open() as file:
        named = file.read(["customer_id"])["customer_id"]
        wanted = pc.is_in(named, value_set=owners)
        if with_ownerless:
            wanted = pc.or_(wanted, pc.is_null(named))
        begin = 0
        for index in range(file.num_row_groups):
            size = file.metadata.row_group(index).num_rows
            chosen = wanted.slice(begin, size)
            begin += size
            if pc.any(chosen).as_py():
                yield unplaced(file.read_row_group(index, columns)).filter(chosen)


def rewrite(lake: Lake, table: str, change: Change, select: Select | None = None) -> int:
    """Change rows of a table in every file that has them; return how many files that were.

    `select` avoids reading whole files to find such rows. The caller holds the lake's lock.
    Idempotent.

    Raises:
        TornBatchError: a file is damaged.
        PipelineError: the disk is full, or a file can't be written; that one is as it was.
    """
    looked_at = select or _whole
    changed = [
        batch
        for batch in lake.files(table)
        if any(change(rows) is not None for rows in looked_at(batch))
    ]
    for batch in changed:
        replace(lake, batch, change)
    return len(changed)


def empty_torn(lake: Lake, tables: Iterable[str]) -> None:
    """Truncate the quarantined files: they are unreadable and may hold what is to be erased.

    Their names are kept, as they say what was lost (see torn.py).
    """
    for table in tables:
        for path in (lake.root / table).glob("*.torn"):
            if path.stat().st_size:
                os.truncate(path, 0)
                sync_folder(path.parent)


def _whole(batch: Batch) -> Iterator[pa.Table]:
    return tables_of([batch])


def replace(lake: Lake, batch: Batch, change: Change) -> None:
    """Rewrite one file. The caller holds the lake's lock.

    Raises:
        TornBatchError: the file is damaged.
        PipelineError: the disk is full, or the file can't be written; then it is as it was.
    """
    with batch.open() as file:
        schema, found = placed_schema(file.schema_arrow), file.metadata.metadata or {}
    metadata = {key: found[key] for key in (CURSOR_KEY, FIRST_KEY) if key in found}
    try:
        with (
            replacing(batch.path) as target,
            pq.ParquetWriter(target, schema.with_metadata(metadata), **WRITING) as writer,
        ):
            begin = 0
            for rows in tables_of([batch]):
                kept = change(rows)
                kept = rows if kept is None else kept
                marked = placed(kept, batch.sequence, begin).replace_schema_metadata(metadata)
                writer.write_table(marked, row_group_size=rows_together(marked))
                begin += kept.num_rows
    except OSError as error:
        raise PipelineError(
            f"The batch {batch.path} can't be written ({error.strerror or error}); make room and "
            "check the permissions of the home folder, then run again: it goes on where it "
            "stopped."
        ) from error
    lake.checked.add([batch.path])
