"""Compact the lake's files at the end of a sync."""

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, LEDGERS
from stripe_pipeline.lake.compact import WORK, clear_replaced, compact, needs_compacting
from stripe_pipeline.lake.read_lock import no_readers
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.keys import Key

# Logs whose readers are idempotent: a key's newest entry counts, so a duplicate changes nothing.
# The log of segment moves isn't one: two entries at one instant count as two.
_LOGS = (
    "resource_access",
    "outbox_entries",
    "erasures",
    "quarantine",
)


def keep_files_few(lake: Lake, key: Key) -> None:
    """Compact small batches, a bounded part at each sync, and remove files replaced long ago.

    Does nothing while dbt reads the lake. The windows that an unfinished pass has read are in the
    cursors of its batches, so its resource isn't compacted until the pass is finished.

    Raises:
        TornBatchError: a batch is damaged.
    """
    with no_readers(lake.root) as may_move_rows:
        if may_move_rows:
            _merge_what_is_due(lake, key)


def _merge_what_is_due(lake: Lake, key: Key) -> None:
    left = WORK - sum(_merge_ledger(lake, table) for table in LEDGERS)
    for table in (*BY_NAME, *_LOGS):
        clear_replaced(lake, table)
        is_due = left > 0 and needs_compacting(lake, table)
        if is_due and not (table in BY_NAME and newest_cursor(lake, table, key).unfinished):
            left -= compact(lake, table, left)


def _merge_ledger(lake: Lake, table: str) -> int:
    """Compact a ledger if that is due, under its lock; returns how many bytes were read."""
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        clear_replaced(lake, table)
        return compact(lake, table) if needs_compacting(lake, table) else 0
