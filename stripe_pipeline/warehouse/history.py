"""The append-only log of moves into and out of segments: its valid moves, and how it is extended.

A recorded move never changes. One that was recorded by mistake, for an instant later than now, is
withdrawn by a row of its own, `withdrawn`, with the segment, the customer and the instant.
"""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import SEGMENT_MOVES
from stripe_pipeline.settings import Settings

# A sync that is reading Stripe may hold the lake for minutes.
LAKE_PATIENCE_SECONDS = 600.0

_MOVES = """
    select segment, stripe_customer_id, 'entered' as move, entered_at as moved_at
    from marts.segment_history
    union all
    select segment, stripe_customer_id, 'left', left_at
    from marts.segment_history
    where left_at is not null
"""

# stg_activation__segment_moves has the same rule; a later row withdraws an earlier one.
_HOLDING = """
    select log.segment, log.stripe_customer_id, log.move, log.moved_at
    from log
    where log.move <> 'withdrawn' and not exists (
        select 1
        from log as back
        where back.move = 'withdrawn'
            and back.segment = log.segment
            and back.stripe_customer_id = log.stripe_customer_id
            and back.moved_at = log.moved_at
            and back.place > log.place
    )
    order by log.place
"""

# Compared by count: a customer who entered, left and entered again at one instant entered twice.
# Nothing before the newest recorded move is new, as a late re-run never rewrites history.
_NEW_MOVES = """
    select * from moves
    where moved_at >= coalesce((select max(moved_at) from recorded), moved_at)
    except all
    select * from recorded
    order by moved_at, segment, stripe_customer_id, move
"""

_WITHDRAWN = """
    select distinct segment, stripe_customer_id, 'withdrawn' as move, moved_at
    from recorded
    where moved_at > $now
    order by moved_at, segment, stripe_customer_id
"""


def moves_of(warehouse: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the moves of marts.segment_history, two for a stay that has ended."""
    query = (
        "select segment, stripe_customer_id, move, moved_at at time zone 'UTC' as moved_at "
        f"from ({_MOVES}) order by moved_at, segment, stripe_customer_id, move"
    )
    try:
        moves: pa.Table = warehouse.sql(query).to_arrow_table()
    except duckdb.CatalogException:
        raise PipelineError(
            "The warehouse has no marts.segment_history yet; run `stripe-pipeline run` first."
        ) from None
    return moves.cast(SEGMENT_MOVES)


def recorded_moves(lake: Lake) -> pa.Table:
    """Return the recorded moves without those that were withdrawn, oldest record first."""
    log = pa.concat_tables([SEGMENT_MOVES.empty_table(), *lake.read("segment_moves")])
    with _memory() as memory:
        memory.register("log", log.append_column("place", pa.array(range(log.num_rows))))
        held: pa.Table = memory.sql(_HOLDING).to_arrow_table()
        return held.cast(SEGMENT_MOVES)


def newest_move(lake: Lake) -> datetime | None:
    """Return the instant (UTC) of the newest recorded, not withdrawn move; None without any."""
    newest: datetime | None = pc.max(recorded_moves(lake)["moved_at"]).as_py()
    return newest


def late_after(settings: Settings, as_of: datetime) -> datetime | None:
    """Return the newest recorded move where it is later than as-of, else None.

    A run as of an instant before it records no move and exports nothing.
    """
    newest = newest_move(Lake(settings.lake))
    is_late = newest is not None and as_of.astimezone(UTC) < newest
    return newest if is_late else None


def record_moves(moves: pa.Table, lake: Lake) -> int:
    """Append the moves that the lake doesn't have yet; return how many."""
    with lake.writing(LAKE_PATIENCE_SECONDS), _memory() as memory:
        memory.register("moves", moves)
        memory.register("recorded", recorded_moves(lake))
        return _append(lake, memory.sql(_NEW_MOVES).to_arrow_table())


def withdraw_moves(lake: Lake, now: datetime) -> int:
    """Withdraw the moves that are recorded for later than `now`; return how many there were."""
    with lake.writing(LAKE_PATIENCE_SECONDS), _memory() as memory:
        recorded = recorded_moves(lake)
        memory.register("recorded", recorded)
        _append(lake, memory.sql(_WITHDRAWN, params={"now": now}).to_arrow_table())
        withdrawn: int = recorded.num_rows - recorded_moves(lake).num_rows
        return withdrawn


def _append(lake: Lake, rows: pa.Table) -> int:
    if rows.num_rows:
        lake.append("segment_moves", rows.cast(SEGMENT_MOVES), cursor={})
    appended: int = rows.num_rows
    return appended


def _memory() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection
