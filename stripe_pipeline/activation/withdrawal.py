"""Take back what was recorded for later than now: until then, runs as of today record nothing.

Nothing is deleted: a move gets a row that takes it back, and a message gets a newer row, as of now,
with its status. What was exported stays exported; see int_withdrawn_stays for why it isn't exported
again when its person really enters.
"""

from datetime import UTC, datetime

import pyarrow as pa
from filelock import FileLock

from stripe_pipeline.activation.export import exporting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import TOLERANCE
from stripe_pipeline.warehouse.ahead import Ahead, messages_ahead, recorded_ahead
from stripe_pipeline.warehouse.history import LAKE_PATIENCE_SECONDS, withdraw_moves
from stripe_pipeline.warehouse.publish import PUBLISH_LOCK


def withdraw_future(settings: Settings) -> Ahead:
    """Take back what is recorded for later than now; return what that was.

    Idempotent, also after a crash.

    Raises:
        PipelineError: an export or a sync doesn't end, or the home folder can't be written.
    """
    with FileLock(settings.home / PUBLISH_LOCK), exporting(settings):
        found, lake = recorded_ahead(settings), Lake(settings.lake)
        withdraw_moves(lake, found.now + TOLERANCE)
        with lake.writing(LAKE_PATIENCE_SECONDS):
            rows = _as_of_now(messages_ahead(lake, found.now), found.now)
            if rows.num_rows:
                lake.append("outbox_entries", rows, cursor={})
    return found


def _as_of_now(rows: pa.Table, now: datetime) -> pa.Table:
    for name in ("as_of", "recorded_at"):
        place, kind = rows.schema.get_field_index(name), rows.schema.field(name)
        instant = now if name == "as_of" else datetime.now(UTC)
        rows = rows.set_column(place, kind, pa.repeat(pa.scalar(instant, kind.type), rows.num_rows))
    return rows
