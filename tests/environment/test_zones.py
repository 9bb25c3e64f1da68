"""One set of time zone rules: what SQL computes by DuckDB's is what Python computes by tzdata's."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import load_settings
from stripe_pipeline.values.dates import day_in
from stripe_pipeline.values.zones import load_zone, zone_names

# Daily, where nothing is decided any more; hourly, where orders come from.
_OFFSETS = """
    with instants as (
        select unnest(
            range(timestamp '1970-01-01', timestamp '2020-01-01', interval 1 day)
            || range(timestamp '2020-01-01', timestamp '2038-01-01', interval 3 hour)
        ) as instant
    ),
    offsets as (
        select instant, epoch(timezone($zone, timezone('UTC', instant))) - epoch(instant) as seconds
        from instants
    )
    select instant, seconds
    from offsets
    qualify seconds is distinct from lag(seconds) over (order by instant)
        or seconds is distinct from lead(seconds) over (order by instant)
        or day(instant) = 15 and hour(instant) = 0
"""


@pytest.mark.slow
def test_every_zone_has_the_same_rules_in_sql_and_python() -> None:
    differing = {}
    with duckdb.connect() as connection:
        for name in sorted(zone_names()):
            zone = load_zone(name)
            rows = connection.execute(_OFFSETS, {"zone": name}).fetchall()
            assert len(rows) > 68 * 12
            found = [
                instant
                for instant, seconds in rows
                if instant.replace(tzinfo=UTC).astimezone(zone).utcoffset()
                != timedelta(seconds=seconds)
            ]
            if found:
                differing[name] = (min(found), max(found))
    assert not differing, "pin tzdata to the edition of DuckDB's rules"


@pytest.mark.parametrize(
    "name", ["Africa/Casablanca", "America/Winnipeg", "America/Havana", "Asia/Kolkata", "UTC"]
)
@pytest.mark.parametrize("month", range(1, 13))
def test_an_order_is_on_one_day_in_marts_and_messages(name: str, month: int) -> None:
    zone = load_settings(STRIPE_PIPELINE_REPORTING_TIMEZONE=name).zone
    for hour in range(24):
        instant = datetime(2026, month, 15, hour, 30)  # noqa: DTZ001 (as the marts have it)
        query = "select cast(timezone(?, timezone('UTC', ?)) as date)"
        [(in_marts,)] = duckdb.execute(query, [name, instant]).fetchall()
        assert day_in(instant, zone) == in_marts


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("localtime", ""),
        ("posixrules", ""),
        ("Factory", ""),
        ("europe/berlin", "Europe/Berlin"),
        ("Europe/Berln", "Europe/Berlin"),
        ("utc", "UTC"),
        ("PST", ""),
        ("SystemV/PST8PDT", ""),
        ("+02:00", ""),
        ("../../etc/passwd", ""),
        ("posix/Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_a_zone_that_only_one_of_them_knows_is_refused_before_a_run(name: str, near: str) -> None:
    with pytest.raises(UsageError, match="is not a time zone") as raised:
        load_settings(STRIPE_PIPELINE_REPORTING_TIMEZONE=name)
    if near:
        assert f"(did you mean {near}?)" in str(raised.value)


def test_the_names_that_are_left_are_known_to_duckdb() -> None:
    known = {name for (name,) in duckdb.execute("select name from pg_timezone_names()").fetchall()}
    assert zone_names() <= known
    assert len(zone_names()) > 590
