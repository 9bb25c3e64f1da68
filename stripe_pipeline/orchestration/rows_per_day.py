"""A plot of how many objects of a resource were created each day, for Dagster's pages.

The image is an SVG of a kilobyte, built here: a plotting library would take longer than a whole
hourly sync, and each materialization stores its own image.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb

from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.lake import Lake

DAYS = 90
_STEP, _HEIGHT, _LEFT, _TOP = 8, 120, 44, 26
_WIDTH = _LEFT + DAYS * _STEP + 12
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
    first = _first_day(upto)
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
    encoded = base64.b64encode(_svg(counts, upto).encode()).decode()
    return f"![objects created per day](data:image/svg+xml;base64,{encoded})"


def _svg(counts: Sequence[int], upto: datetime) -> str:
    """Draw one stroke a day, in one path; on white, so that it is readable on a dark page too."""
    most, bottom = max(counts), _TOP + _HEIGHT
    strokes = "".join(
        f"M{_LEFT + place * _STEP + _STEP // 2} {bottom}v-{max(1, round(_HEIGHT * count / most))}"
        for place, count in enumerate(counts)
        if count
    )
    right = _LEFT + DAYS * _STEP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{bottom + 24}" '
        'font-family="sans-serif" font-size="11" fill="#444">'
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{_LEFT}" y="15">{sum(counts):,} created in {DAYS} days, by day (UTC)</text>'
        f'<path d="{strokes}" stroke="#4f46e5" stroke-width="{_STEP - 2}"/>'
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" stroke="#999" fill="none"/>'
        f'<g text-anchor="end"><text x="{_LEFT - 4}" y="{_TOP + 8}">{most:,}</text>'
        f'<text x="{_LEFT - 4}" y="{bottom}">0</text>'
        f'<text x="{right}" y="{bottom + 16}">{_last_day(upto)}</text></g>'
        f'<text x="{_LEFT}" y="{bottom + 16}">{_first_day(upto)}</text></svg>'
    )


def _first_day(upto: datetime) -> date:
    return _last_day(upto) - timedelta(days=DAYS - 1)


def _last_day(upto: datetime) -> date:
    return upto.astimezone(UTC).date()
