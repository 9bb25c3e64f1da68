"""The transform's benchmark on a small merchant: the script and dbt come to the same marts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.measure import Cost
from benchmarks.transform_by_hand import DATABASE
from benchmarks.transform_lakes import append_changes, make_lakes
from benchmarks.transform_report import report
from benchmarks.transform_trial import DifferentMartsError, Figures, compare, measure
from stripe_pipeline.lake import Lake

SIZES = [200, 400]
CHANGES = 40


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return dict(make_lakes(tmp_path_factory.mktemp("lakes"), SIZES, seed=1))


@pytest.fixture(scope="module")
def figures(homes: dict[int, Path]) -> Figures:
    return measure(homes[SIZES[1]], CHANGES)


def _bodies(home: Path, table: str) -> list[dict[str, Any]]:
    parts = Lake(home / "lake").read(table, ["body"])
    return [json.loads(text) for part in parts for text in part["body"].to_pylist()]


def test_a_larger_lake_is_the_smaller_one_with_other_people(homes: dict[int, Path]) -> None:
    small, large = (_bodies(homes[size], "customers") for size in SIZES)
    assert len(large) == 2 * len(small)
    for key in ("id", "email"):
        in_small, in_large = (Counter(_values(bodies, key)) for bodies in (small, large))
        assert in_small
        assert all(in_large[value] == times for value, times in in_small.items())


def _values(bodies: list[dict[str, Any]], key: str) -> list[str]:
    """What could be a person's own: an id, or an address with an @."""
    values = [body.get(key) or "" for body in bodies]
    return [value for value in values if key == "id" or "@" in value]


def test_a_lake_that_is_there_is_used_again(homes: dict[int, Path]) -> None:
    file = homes[SIZES[0]] / "lake" / "invoices"
    before = {path: path.stat().st_mtime_ns for path in file.iterdir()}
    assert dict(make_lakes(homes[SIZES[0]].parent, SIZES, seed=1)) == homes
    assert {path: path.stat().st_mtime_ns for path in file.iterdir()} == before


def test_changes_are_versions_of_as_many_objects(homes: dict[int, Path]) -> None:
    lake = Lake(homes[SIZES[0]] / "lake")
    before = {body["id"]: body for body in _bodies(homes[SIZES[0]], "invoices")}
    written = append_changes(lake, CHANGES)
    try:
        after = {body["id"]: body for body in _bodies(homes[SIZES[0]], "invoices")}
        assert after.keys() == before.keys()
        assert sum(after[key] != before[key] for key in after) == CHANGES * 400 // 1000
        assert sum(batch.rows() for batch in written) == CHANGES
    finally:
        for batch in written:
            batch.path.unlink()


@pytest.mark.slow
def test_dbt_and_the_script_are_measured_on_the_same_marts(figures: Figures) -> None:
    assert figures.invoices > SIZES[0]
    assert figures.script.cpu > 0
    by_name = {node.name: node for node in figures.nodes}
    assert by_name["orders"].kind == "model"
    assert by_name["orders"].memory > 50_000_000
    assert by_name["orders"].memory <= figures.full.peak_memory


@pytest.mark.slow
def test_other_marts_are_an_error(homes: dict[int, Path], figures: Figures) -> None:
    home = homes[SIZES[1]]
    with duckdb.connect(str(home / DATABASE)) as connection:
        connection.execute("update marts.orders set net_minor = net_minor + 1 where is_counted")
    with pytest.raises(DifferentMartsError, match=r"marts\.orders"):
        compare(home / "warehouse.duckdb", home / DATABASE)


def test_the_report_sets_a_run_less_its_start_against_the_script() -> None:
    def cost(wall: float) -> Cost:
        return Cost(wall, 2 * wall, 1_000_000, "")

    figures = Figures(
        invoices=1000,
        script=cost(10),
        normalizing=cost(2),
        full=cost(18),
        changed_normalizing=cost(1),
        changed=cost(5),
        publish=cost(1),
        nodes=(),
        unscripted=("orders.more",),
    )
    told = report(cost(5), [figures], 10)
    assert "| 1,000 | 1.50 | 1.50 | 0.30 | 15000 |" in told
    assert "orders.more" in told
