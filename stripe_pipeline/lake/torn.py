"""Find damaged batches and quarantine their files, so that the rest of the lake stays readable.

A quarantined file is renamed to `<first>-<last>.parquet.torn`, which no reader of the lake looks
for. The two numbers are those of the batches that it held: a table that has read one of them (dbt's
staging) must be rebuilt.
"""

from collections.abc import Iterable

import pyarrow as pa

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import sync_folder
from stripe_pipeline.lake.batches import Batch, Lake, TornBatchError
from stripe_pipeline.lake.tables import TABLES

_ROWS_AT_A_TIME = 2_000
# Logs whose content the next sync finds out again.
_REPLACEABLE = frozenset({"resource_access", "quarantine"})


def torn_batches(lake: Lake, tables: Iterable[str]) -> list[Batch]:
    """Return the damaged batches of these tables, oldest first in each.

    Reads only the files that changed since they were last found undamaged; of the others it
    compares size and modification time.

    Raises:
        PipelineError: the operating system refuses to read a file.
    """
    batches = {batch.path: batch for table in tables for batch in lake.batches(table)}
    unknown = lake.checked.unknown(batches)
    torn = [batches[path] for path in unknown if is_torn(batches[path])]
    lake.checked.add(set(unknown) - {batch.path for batch in torn})
    return torn


def is_torn(batch: Batch) -> bool:
    """Read a whole batch and return whether its content is damaged."""
    try:
        with batch.open() as file:
            for _ in file.iter_batches(_ROWS_AT_A_TIME):
                pass
    except TornBatchError:
        return True
    return False


def quarantine_batch(lake: Lake, batch: Batch, empty: pa.Table, cursor: dict[str, object]) -> None:
    """Quarantine a damaged batch's file. The caller holds the lake's lock.

    First an empty batch with this cursor is committed, which records that something is missing and
    takes a higher number, so that no number is reused.
    """
    lake.append(batch.table, empty, cursor)
    earlier = [
        each.sequence for each in lake.batches(batch.table) if each.sequence < batch.sequence
    ]
    first = max(earlier, default=0) + 1
    batch.path.rename(batch.path.with_name(f"{first:010d}-{batch.sequence:010d}.parquet.torn"))
    sync_folder(batch.path.parent)


def repair_logs(lake: Lake) -> None:
    """Check the logs that aren't Stripe's; quarantine damaged files of those a sync restores.

    Raises:
        PipelineError: a damaged log's content exists nowhere else.
    """
    for batch in torn_batches(lake, TABLES):
        if batch.table not in _REPLACEABLE:
            raise PipelineError(
                f"The batch {batch.path} is damaged, and what it says of {batch.table} stands "
                "nowhere else; restore that file from a backup: nothing is read or sent before."
            )
        quarantine_batch(lake, batch, TABLES[batch.table].empty_table(), {})
