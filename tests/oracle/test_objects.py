"""The lake as the calculation reads it, and the comparison's own eyesight."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from . import shapes
from .compare import Row, agree, differences, snapshot_differences, uncalculated
from .merchant import deleted, fill, write_access, write_batches
from .objects import read_lake


def test_of_two_versions_the_later_row_or_batch_is_newer(tmp_path: Path) -> None:
    first = shapes.customer("cus_1", name="one")
    lake = fill(tmp_path, [first, {**first, "name": "two"}, shapes.customer("cus_2")])
    write_batches(lake, [{**first, "name": "three"}, deleted(shapes.customer("cus_2"))])
    objects = read_lake(lake.root)
    assert [body["name"] for body in objects.live("customers")] == ["three"]
    assert objects.last_body("customers").keys() == {"cus_1", "cus_2"}
    names = [version.body["name"] for version in objects.history("customers")["cus_1"]]
    assert names == ["one", "two", "three"]


def test_the_newest_word_on_a_permission_holds(tmp_path: Path) -> None:
    lake = fill(tmp_path, [], unreadable=["refunds", "disputes"])
    write_access(lake, ["disputes"])
    objects = read_lake(lake.root)
    assert objects.unreadable == {"disputes"}
    assert objects.can_read("refunds")


def test_rows_too_many_too_few_and_different_are_named() -> None:
    got: list[Row] = [{"id": 1, "net": Decimal("2.00"), "extra": 0}, {"id": 2, "net": None}]
    expected: list[Row] = [{"id": 1, "net": Decimal(2)}, {"id": 3, "net": None}]
    assert differences("orders", ("id",), got, expected) == [
        "orders (3,): missing in the warehouse",
        "orders (2,): only in the warehouse",
    ]
    assert uncalculated(got, expected) == {"extra"}


@pytest.mark.parametrize(
    ("got", "expected"), [(1.0, 1), (0, False), (None, 0), (0, None), ("a", "A"), (2, 3)]
)
def test_values_that_only_look_alike_differ(got: object, expected: object) -> None:
    row = {"id": 1, "value": got}
    (line,) = differences("t", ("id",), [row], [{"id": 1, "value": expected}])
    assert line == f"t (1,): value is {got!r}, calculated {expected!r}"


def test_a_key_that_is_not_unique_is_refused() -> None:
    rows = [{"id": 1}, {"id": 1}]
    with pytest.raises(AssertionError, match="not unique"):
        differences("t", ("id",), rows, [])


def test_disagreement_is_shown_in_part() -> None:
    with pytest.raises(AssertionError, match="and 8 more"):
        agree([f"line {number}" for number in range(20)])


def test_snapshots_differ_by_rows_and_tables() -> None:
    one = {"marts.orders": Counter("aab"), "marts.old": Counter()}
    lines = snapshot_differences(one, {"marts.orders": Counter("aac")})
    assert lines == [
        "marts.old: only in one of the two",
        "marts.orders: no longer b",
        "marts.orders: now c",
    ]
