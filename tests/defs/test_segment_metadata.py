"""What a segment's page in Dagster shows of its members."""

import base64
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from stripe_pipeline.orchestration.daily_plot import DAYS
from stripe_pipeline.orchestration.segment_metadata import (
    segment_metadata,
    segment_of,
    size_plot,
)

LAST = date(2026, 4, 10)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "create schema marts; create schema intermediate;"
            "create table intermediate.run_clock as select timestamp '2026-04-10 12:00' as "
            "as_of_local, 'UTC' as reporting_timezone;"
            "create table marts.segment_members as select 'vip' as segment, 'cus_1' as "
            "stripe_customer_id, timestamp '2026-04-09' as entered_at;"
            "create table marts.segment_history as select *, null::timestamp as left_at "
            "from marts.segment_members;"
            "create table marts.customer_profiles as select 'cus_1' as stripe_customer_id, "
            "'secret@person.example' as email, 'DE' as country, 3 as stripe_total_orders, "
            "9.5 as stripe_total_sales"
        )
        yield connection


def markdown(value: Any) -> str:
    return str(value.md_str)


def svg(plot: str) -> str:
    found = re.search(r"base64,([^)]+)\)", plot)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def test_a_segment_shows_size_days_and_a_masked_sample(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = segment_metadata(warehouse, "vip")
    assert found["dagster/row_count"] == 1
    sample = markdown(found["preview"])
    assert "cus_1" in sample and "s...@..." in sample
    assert "secret" not in sample and "person" not in sample
    assert "1 member on 2026-04-10; by day" in svg(markdown(found["size_per_day"]))


def test_a_segment_without_members_says_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = segment_metadata(warehouse, "lapsed")
    assert found["dagster/row_count"] == 0
    assert markdown(found["preview"]) == "No one is in."
    assert markdown(found["size_per_day"]).startswith("No one was in")


def test_before_the_members_are_computed_there_is_nothing_to_show() -> None:
    with duckdb.connect() as connection:
        assert segment_metadata(connection, "vip") == {}


def test_each_day_is_a_bar_of_its_size() -> None:
    sizes = {LAST - timedelta(days=1): 5, LAST: 10}
    strokes = re.findall(r"M\d+ \d+v-(\d+)", svg(size_plot(sizes, LAST)))
    assert strokes == ["60", "120"]
    always = {LAST - timedelta(days=number): 1 for number in range(DAYS + 9)}
    assert svg(size_plot(always, LAST)).count("v-") == DAYS


@pytest.mark.parametrize(
    ("node", "segment"),
    [
        ({"name": "segment_vip", "config": {"meta": {"file": "vip.yml"}}}, "vip"),
        ({"name": "segment_members", "config": {"meta": {}}}, None),
        ({"name": "orders", "config": {}}, None),
    ],
)
def test_only_the_models_of_segment_files_are_segments(
    node: dict[str, Any], segment: str | None
) -> None:
    assert segment_of(node) == segment
