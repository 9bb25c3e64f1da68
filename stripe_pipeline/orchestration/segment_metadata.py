"""What a segment's page in Dagster shows: its size, its size per day, a few masked members."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from stripe_pipeline.orchestration.daily_plot import DAYS, draw, first_day
from stripe_pipeline.orchestration.preview import PREVIEW_ROWS
from stripe_pipeline.values.words import counted
from stripe_pipeline.warehouse.segment_sizes import sizes_per_day

_CLOCK = """
    select as_of_local::date, reporting_timezone from intermediate.run_clock
"""
_SIZE = "select count(*) from marts.segment_members where segment = ?"
_SAMPLE = """
    select
        members.stripe_customer_id,
        members.entered_at,
        left(profiles.email, 1) || '...@...' as email,
        profiles.country,
        profiles.stripe_total_orders,
        profiles.stripe_total_sales
    from marts.segment_members as members
    left join marts.customer_profiles as profiles using (stripe_customer_id)
    where members.segment = ?
    order by members.entered_at desc, members.stripe_customer_id
    limit ?
"""


def segment_of(node: Mapping[str, Any]) -> str | None:
    """Return the segment that a model of dbt's manifest is computed for; None for other models."""
    is_segment = "file" in (node["config"].get("meta") or {})
    return str(node["name"]).removeprefix("segment_") if is_segment else None


def segment_metadata(connection: duckdb.DuckDBPyConnection, segment: str) -> dict[str, Any]:
    """Return a segment's metadata; empty where the tables of members weren't computed yet."""
    try:
        clock = connection.execute(_CLOCK).fetchone()
        counted = connection.execute(_SIZE, [segment]).fetchone()
        sample = connection.execute(_SAMPLE, [segment, PREVIEW_ROWS]).df()
    except duckdb.CatalogException:
        return {}
    assert clock is not None and counted is not None
    last, zone = clock
    sizes = sizes_per_day(connection, "marts.segment_history", segment, zone, last)
    return {
        "dagster/row_count": counted[0],
        "size_per_day": dg.MetadataValue.md(size_plot(sizes, last)),
        "preview": dg.MetadataValue.md(_markdown(sample)),
    }


def size_plot(sizes: Mapping[date, int], last: date) -> str:
    """Draw the sizes of the 90 days up to `last`; a sentence where no one was in on any of them."""
    days = [date.fromordinal(first_day(last).toordinal() + number) for number in range(DAYS)]
    counts = [sizes.get(day, 0) for day in days]
    if not any(counts):
        return f"No one was in at the end of any of the {DAYS} days up to {last}."
    title = f"{counted(counts[-1], 'member')} on {last}; by day"
    return draw(counts, last, title, "members per day")


def _markdown(sample: pd.DataFrame) -> str:
    return sample.to_markdown(index=False) if len(sample) else "No one is in."
