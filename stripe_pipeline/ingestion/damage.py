"""What a sync does about damaged files of the lake: what Stripe has is read again, whole.

The empty batch that takes a damaged one's place has a cursor without a pass, so the plan of this
sync, or of the next if this one dies, has the resource read from the beginning.
"""

import logging

import msgspec

from stripe_pipeline.ingestion.deliveries import was_everything_read
from stripe_pipeline.ingestion.mirror.cursors import Cursor, newest_cursor
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.lake import Batch, Lake, object_table
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.lake.torn import is_torn, repair_logs, set_aside, torn_batches
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.keys import Key

logger = logging.getLogger(__name__)


def set_damaged_aside(lake: Lake, key: Key) -> None:
    """Look for files that changed since they were written, and set the damaged ones aside.

    Raises:
        PipelineError: a damaged file holds what nobody else has, such as people's consent.
    """
    repair_logs(lake)
    for batch in torn_batches(lake, BY_NAME):
        _set_aside(lake, key, batch)


def set_met_aside(lake: Lake, key: Key, met: TornBatchError) -> None:
    """Set aside a batch whose damage showed when it was read.

    Raises:
        TornBatchError: the file can be read after all, or isn't Stripe's to bring back.
    """
    if met.batch.table not in BY_NAME or not is_torn(met.batch):
        raise met
    _set_aside(lake, key, met.batch)


def is_being_repaired(lake: Lake, key: Key) -> bool:
    """Tell whether a lake that was whole lacks a resource, which no table may be built from."""
    was_whole = newest_cursor(lake, EVENTS.name, key).changes is not None
    return was_whole and not was_everything_read(lake)


def _set_aside(lake: Lake, key: Key, batch: Batch) -> None:
    logger.warning("The batch %s is damaged and set aside; see the files named .torn", batch.path)
    cursor = _newest_readable(lake, batch.table, key)
    begun_anew = msgspec.structs.replace(
        cursor, current=None, last_complete=None, covers=(), listed_to=None, is_damaged=True
    )
    set_aside(lake, batch, object_table([]), msgspec.to_builtins(begun_anew))


def _newest_readable(lake: Lake, resource: str, key: Key) -> Cursor:
    for batch in reversed(lake.batches(resource)):
        try:
            found = batch.cursor()
        except TornBatchError:
            continue
        if found:
            return msgspec.convert(found, Cursor)
    return Cursor(resource, key.livemode, key.fingerprint)
