"""The segments' benchmark on a small shop: dbt and the query come to the same memberships."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.measure import Cost
from benchmarks.segment_tables import empty_home, filled_home
from benchmarks.segment_trial import Figures, compare, measure
from benchmarks.segments import report
from benchmarks.segments_by_hand import DATABASE
from benchmarks.transform_trial import DifferentMartsError
from stripe_pipeline.segments.files import segment_names

CUSTOMERS = 3_000


@pytest.mark.slow
def test_dbt_and_the_query_are_measured_on_the_same_memberships(tmp_path: Path) -> None:
    home = filled_home(empty_home(tmp_path / "empty"), tmp_path / "shop", CUSTOMERS)
    figures = measure(home, CUSTOMERS)
    script = home / DATABASE
    with duckdb.connect(str(script)) as connection:
        rows = connection.execute(
            "select segment, count(distinct entered_at) from marts.segment_members group by segment"
        ).fetchall()
        connection.execute(
            "delete from marts.segment_members where rowid ="
            " (select min(rowid) from marts.segment_members where segment = 'vip')"
        )
    assert sorted(segment for segment, _ in rows) == segment_names()
    assert max(instants for _, instants in rows) == 2
    assert figures.members > CUSTOMERS
    with pytest.raises(DifferentMartsError, match="1 rows only of dbt's"):
        compare(home / "warehouse.duckdb", script)


def test_the_report_says_by_which_power_the_cost_grew() -> None:
    def figures(customers: int, models: float, script: float) -> Figures:
        measured, by_hand, whole = (Cost(2 * cpu, cpu, 1, "") for cpu in (models, script, 10))
        return Figures(customers, 5 * customers, by_hand, measured, whole, history=0.5)

    told = report(Cost(1, 1, 1, ""), [figures(100, 1.5, 1), figures(10_000, 150, 10)])
    assert "| 100 | 500 | 1.50 | 1.50 | 1.00 | - | - |" in told
    assert "| 10,000 | 50,000 | 15.00 | 15.00 | 14.95 | 1.00 | 0.50 |" in told
