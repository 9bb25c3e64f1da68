"""Who would enter and leave each segment, compared with the members of the last run."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.segments.files import segment_names
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.publish import published_as_of, published_set

Row = dict[str, Any]
_MEMBERS = "segment_members.parquet"
_MOVES = """
    with later as (select distinct segment, stripe_customer_id from read_parquet(?)),

    earlier as (select distinct segment, stripe_customer_id from read_parquet(?))

    select segment, 'enters' as move, stripe_customer_id
    from (from later except from earlier)
    union all
    select segment, 'leaves' as move, stripe_customer_id
    from (from earlier except from later)
    order by all
"""


@dataclass(frozen=True)
class SegmentsThen:
    """Every segment with its size, and who enters and leaves.

    A row of `segments` has `segment`, `members` (then), `now`, `enter` and `leave`, the last three
    None where nothing is published to compare with. A row of `moves` has `segment`, `move` (enters
    or leaves) and `stripe_customer_id`. `compared_with` is the as-of instant of the last run.
    """

    segments: list[Row]
    moves: list[Row] = field(default_factory=list)
    compared_with: datetime | None = None


def segments_then(settings: Settings, aside: Settings) -> SegmentsThen:
    """Compare the members computed aside with those that the home has published."""
    names = segment_names(aside.segments)
    then = _sizes(aside.published / _MEMBERS)
    if not settings.published.exists():
        nothing = {"now": None, "enter": None, "leave": None}
        rows = [
            {"segment": name, "members": then.get(name, 0), **nothing} for name in _all(names, then)
        ]
        return SegmentsThen(rows)
    published = published_set(settings) / _MEMBERS
    now, moves = _sizes(published), _moves(aside.published / _MEMBERS, published)
    rows = [
        {
            "segment": name,
            "members": then.get(name, 0),
            "now": now.get(name, 0),
            "enter": _count(moves, name, "enters"),
            "leave": _count(moves, name, "leaves"),
        }
        for name in _all(names, then | now)
    ]
    return SegmentsThen(rows, moves, published_as_of(settings))


def _all(names: list[str], sizes: dict[str, int]) -> list[str]:
    """Return the segments that have a file, then those that only have members."""
    return [*names, *sorted(sizes.keys() - set(names))]


def _sizes(members: Path) -> dict[str, int]:
    with duckdb.connect() as connection:
        found = connection.execute(
            "select segment, count(*) from read_parquet(?) group by segment", [exactly(members)]
        )
        return dict(found.fetchall())


def _moves(later: Path, earlier: Path) -> list[Row]:
    with duckdb.connect() as connection:
        found = connection.execute(_MOVES, [exactly(later), exactly(earlier)])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _count(moves: list[Row], segment: str, move: str) -> int:
    return sum(row["segment"] == segment and row["move"] == move for row in moves)
