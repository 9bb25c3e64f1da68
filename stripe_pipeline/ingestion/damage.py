"""Recover from damaged files of the lake: rename them to .torn and re-read Stripe's resources.

The empty batch that replaces a damaged one has a cursor without a pass, so this sync, or the next
if this one crashes, restarts the resource with a full read.
"""

import logging

import msgspec

from stripe_pipeline.ingestion.deliveries import was_everything_read
from stripe_pipeline.ingestion.mirror.cursors import Cursor, newest_cursor
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.lake import Batch, Lake, object_table
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.lake.torn import is_torn, quarantine_batch, repair_logs, torn_batches
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.keys import Key

logger = logging.getLogger(__name__)


def set_damaged_aside(lake: Lake, key: Key) -> None:
    """Check files that changed since they were written, and rename damaged ones to .torn.

    Raises:
        PipelineError: a damaged file can't be restored from Stripe, such as people's consent.
    """
    repair_logs(lake)
    for batch in torn_batches(lake, BY_NAME):
        _quarantine_batch(lake, key, batch)


def quarantine_met_batch(lake: Lake, key: Key, met: TornBatchError) -> None:
    """Rename a batch to .torn that proved damaged when it was read.

    Raises:
        TornBatchError: the file is readable after all, or can't be restored from Stripe.
    """
    if met.batch.table not in BY_NAME or not is_torn(met.batch):
        raise met
    _quarantine_batch(lake, key, met.batch)


def is_being_repaired(lake: Lake, key: Key) -> bool:
    """Tell whether a once complete lake lacks a resource; no table may be built from it."""
    was_whole = newest_cursor(lake, EVENTS.name, key).changes is not None
    return was_whole and not was_everything_read(lake)


def _quarantine_batch(lake: Lake, key: Key, batch: Batch) -> None:
    logger.warning("The batch %s is damaged and quarantined; see the files named .torn", batch.path)
    cursor = _newest_readable(lake, batch.table, key)
    restarted = msgspec.structs.replace(
        cursor, current=None, last_complete=None, covers=(), listed_to=None, is_damaged=True
    )
    quarantine_batch(lake, batch, object_table([]), msgspec.to_builtins(restarted))


def _newest_readable(lake: Lake, resource: str, key: Key) -> Cursor:
    for batch in reversed(lake.batches(resource)):
        try:
            found = batch.cursor()
        except TornBatchError:
            continue
        if found:
            return msgspec.convert(found, Cursor)
    return Cursor(resource, key.livemode, key.fingerprint)
