"""Records that are later than now: moves into and out of segments, and messages."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import TOLERANCE, present
from stripe_pipeline.warehouse.history import recorded_moves

# The newest row of a message is its current status.
_AHEAD = """
    select * exclude (place)
    from entries
    qualify row_number() over (partition by message_key order by place desc) = 1
        and (as_of > $now or recorded_at > $written)
"""


@dataclass(frozen=True)
class Ahead:
    """How many moves and messages are later than `now` (UTC), and the latest instant."""

    now: datetime
    moves: int
    messages: int
    newest: datetime | None


def recorded_ahead(settings: Settings) -> Ahead:
    """Count the records that are later than now.

    They come from a run for a future instant, which older versions allowed, from a clock that was
    ahead, or from a clock that is behind now.
    """
    now, lake = present(settings), Lake(settings.lake)
    moved_at = recorded_moves(lake)["moved_at"].to_pylist()
    moves = [instant for instant in moved_at if instant > now + TOLERANCE]
    messages = messages_ahead(lake, now).select(["as_of", "recorded_at"]).to_pylist()
    instants = moves + [instant for row in messages for instant in row.values()]
    return Ahead(now, len(moves), len(messages), max(instants, default=None))


def messages_ahead(lake: Lake, now: datetime) -> pa.Table:
    """Return the newest row of each message whose as-of or recording instant is later than now."""
    parts = [OUTBOX_ENTRIES.empty_table(), *lake.read("outbox_entries")]
    # Older batches lack columns that were added since.
    log = pa.concat_tables(parts, promote_options="default")
    limits = {"now": now + TOLERANCE, "written": max(now, datetime.now(UTC)) + TOLERANCE}
    with duckdb.connect() as memory:
        memory.execute("set TimeZone = 'UTC'")
        memory.register("entries", log.append_column("place", pa.array(range(log.num_rows))))
        found: pa.Table = memory.sql(_AHEAD, params=limits).to_arrow_table()
        return found.cast(OUTBOX_ENTRIES)
