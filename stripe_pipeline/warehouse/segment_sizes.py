"""Who was in a segment, and how many, at the end of each day: from the recorded stays.

Days are calendar days in the reporting time zone; stays are instants in UTC. A stay that ends on
the day on which it began counts on none.
"""

from datetime import date, timedelta

import duckdb

_DAY = "cast(timezone($zone, timezone('UTC', {at})) as date)"
_MOVES = f"""
    select {_DAY.format(at="moved_at")} as day, sum(entered) as entered, sum(departed) as departed
    from (
        select entered_at as moved_at, 1 as entered, 0 as departed
        from {{stays}} where segment = $segment
        union all
        select left_at, 0, 1 from {{stays}} where segment = $segment and left_at is not null
    )
    group by day
    order by day
"""
_IN = f"""
    select stripe_customer_id, entered_at, left_at
    from {{stays}}
    where
        segment = $segment
        and {_DAY.format(at="entered_at")} <= $day
        and (left_at is null or {_DAY.format(at="left_at")} > $day)
    order by stripe_customer_id
"""


def moves_per_day(
    connection: duckdb.DuckDBPyConnection, stays: str, segment: str, zone: str
) -> dict[date, tuple[int, int]]:
    """Return how many entered and left on each day on which anyone did, oldest first.

    `stays` is what marts.segment_history is called on the connection.
    """
    found = connection.execute(_MOVES.format(stays=stays), {"zone": zone, "segment": segment})
    return {day: (int(entered), int(left)) for day, entered, left in found.fetchall()}


def sizes_per_day(
    connection: duckdb.DuckDBPyConnection, stays: str, segment: str, zone: str, last: date
) -> dict[date, int]:
    """Return how many were in at the end of each day, from the first entry to the day `last`."""
    moves = moves_per_day(connection, stays, segment, zone)
    sizes: dict[date, int] = {}
    day, size = min(moves, default=last + timedelta(days=1)), 0
    while day <= last:
        entered, left = moves.get(day, (0, 0))
        size += entered - left
        sizes[day] = size
        day += timedelta(days=1)
    return sizes


def members_on(
    connection: duckdb.DuckDBPyConnection, stays: str, segment: str, zone: str, day: date
) -> list[tuple[object, ...]]:
    """Return who was in at the end of a day: customer, `entered_at`, `left_at`."""
    asked = {"zone": zone, "segment": segment, "day": day}
    return connection.execute(_IN.format(stays=stays), asked).fetchall()
