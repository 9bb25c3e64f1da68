"""A plot of how many objects of a resource were created each day, for Dagster's pages."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import duckdb

from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Lake
from stripe_pipeline.orchestration.daily_plot import DAYS, draw, first_day

# Distinct ids, because a changed object has several rows; of older files only statistics are read.
_COUNTS = """
    select created // 86400 as day, count(distinct id) as objects
    from read_parquet(?, hive_partitioning = false)
    where created >= ? and created < ?
    group by day
"""


def objects_per_day(
    connection: duckdb.DuckDBPyConnection, lake: Lake, resource: str, upto: datetime
) -> list[int]:
    """Count the objects by the day (UTC) of their creation, for the 90 days that end with `upto`.

    Reads the lake's columns id and created, no bodies.
    """
    paths = [exactly(batch.path) for batch in lake.batches(resource)]
    first = first_day(_last_day(upto))
    counts = [0] * DAYS
    if paths:
        start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
        found = connection.execute(_COUNTS, [paths, start, start + DAYS * 86_400]).fetchall()
        for day, objects in found:
            counts[day - start // 86_400] = objects
    return counts


def plot(counts: Sequence[int], upto: datetime) -> str:
    """Draw the counts as bars; returns Markdown with the image in it, for Dagster's metadata."""
    if not any(counts):
        return f"Nothing was created in the {DAYS} days up to {upto:%Y-%m-%d}."
    title = f"{sum(counts):,} created in {DAYS} days, by day (UTC)"
    return draw(counts, _last_day(upto), title, "objects created per day")


def _last_day(upto: datetime) -> date:
    return upto.astimezone(UTC).date()
