"""Keep the lake in few files, at the end of a sync."""

from stripe_pipeline.ingestion.mirror.cursors import newest_cursor
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, LEDGERS
from stripe_pipeline.lake.compact import WORK, clear_replaced, compact, needs_compacting
from stripe_pipeline.lake.reading import nobody_reading
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.keys import Key

# Logs of which the newest entry of a key holds, or any: to see an entry twice changes nothing.
# Of the segments' moves it would: who entered twice at one instant has two entries.
_LOGS = (
    "resource_access",
    "outbox_entries",
    "erasures",
    "quarantine",
)


def keep_files_few(lake: Lake, key: Key) -> None:
    """Merge small batches, a bounded part at each sync, and remove what was merged long ago.

    While dbt reads the lake, that waits for another sync. The windows that an unfinished pass has
    read stand in the cursors of its batches, so such a resource waits until the pass is finished.

    Raises:
        TornBatchError: a batch is damaged.
    """
    with nobody_reading(lake.root) as may_move_rows:
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
    """Merge what is due of a ledger while nobody records; return how many bytes were read."""
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        clear_replaced(lake, table)
        return compact(lake, table) if needs_compacting(lake, table) else 0
