"""Take something out of batches that are there already, and change nothing else about them.

A file is written anew under another name, synced and renamed, with the number and the cursor that
it had: a process that dies leaves either the old or the new one. Files whose rows are in a merged
one, and which stay for whoever is reading, are treated alike.
"""

import os
from collections.abc import Callable, Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake.batches import (
    CURSOR_KEY,
    FIRST_KEY,
    WRITING,
    Batch,
    Lake,
    rows_together,
)
from stripe_pipeline.lake.compact import tables_of
from stripe_pipeline.lake.durable import replacing, sync_folder

# Takes rows and returns those that stand in their place, or None where nothing changes.
Change = Callable[[pa.Table], pa.Table | None]


def rewrite(lake: Lake, table: str, change: Change) -> int:
    """Change rows of a table in every file that has them; return how many files that were.

    The caller holds the lake's lock. To do it again changes nothing.

    Raises:
        TornBatchError: a file is damaged.
        PipelineError: the disk is full, or a file can't be written; that one is as it was.
    """
    changed = [batch for batch in lake.files(table) if _is_concerned(batch, change)]
    for batch in changed:
        _replace(lake, batch, change)
    return len(changed)


def empty_torn(lake: Lake, tables: Iterable[str]) -> None:
    """Empty the damaged files that were set aside: nobody can tell what is in them.

    Their names stay, which say what was lost (see torn.py).
    """
    for table in tables:
        for path in (lake.root / table).glob("*.torn"):
            if path.stat().st_size:
                os.truncate(path, 0)
                sync_folder(path.parent)


def _is_concerned(batch: Batch, change: Change) -> bool:
    return any(change(rows) is not None for rows in tables_of([batch]))


def _replace(lake: Lake, batch: Batch, change: Change) -> None:
    with batch.open() as file:
        schema, found = file.schema_arrow, file.metadata.metadata or {}
    metadata = {key: found[key] for key in (CURSOR_KEY, FIRST_KEY) if key in found}
    try:
        with (
            replacing(batch.path) as target,
            pq.ParquetWriter(target, schema.with_metadata(metadata), **WRITING) as writer,
        ):
            for rows in tables_of([batch]):
                kept = change(rows)
                kept = rows if kept is None else kept
                marked = kept.replace_schema_metadata(metadata)
                writer.write_table(marked, row_group_size=rows_together(marked))
    except OSError as error:
        raise PipelineError(
            f"The batch {batch.path} can't be written ({error.strerror or error}); make room and "
            "check the permissions of the home folder, then run again: the erasure goes on where "
            "it stopped."
        ) from error
    lake.checked.add([batch.path])
