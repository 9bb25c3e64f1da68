"""The long history is the short one many times over, each time with ids of its own."""

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.history import change, lengthen
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.lake import Lake

from ..oracle.merchant import write_batches
from ..oracle.objects import Body, read_lake

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
COPIES = 3


def _ids(lake: Lake, table: str) -> list[str]:
    return [each for part in lake.read(table, ["id"]) for each in part["id"].to_pylist()]


def _bodies() -> list[Body]:
    """A small merchant's objects of the resources that refer to each other."""
    with build_store(50, 1, NOW) as store:
        found = [
            store.read(resource, identifier)
            for resource in ("customers", "products", "subscriptions", "invoices", "charges")
            for (identifier,) in store.reader.execute(
                "select id from objects where resource = ?", (resource,)
            ).fetchall()
        ]
    return [body for body in found if body is not None]


def test_each_copy_is_a_merchant_of_its_own(tmp_path: Path) -> None:
    source, target = Lake(tmp_path / "short"), Lake(tmp_path / "long")
    write_batches(source, _bodies())
    lengthen(source, target, COPIES)
    for table, times in (("customers", COPIES), ("invoices", COPIES), ("products", 1)):
        ids = _ids(target, table)
        assert len(set(ids)) == len(ids) == times * len(_ids(source, table))
        assert ids[-len(_ids(source, table)) :] == _ids(source, table)
    objects = read_lake(target.root)
    customers = {body["id"] for body in objects.live("customers")} | set(_ids(target, "customers"))
    named = {body["customer"] for body in objects.live("invoices")}
    assert named <= customers
    assert len(named) == COPIES * len(
        {body["customer"] for body in read_lake(source.root).live("invoices")}
    )


def test_a_round_changes_as_many_objects_as_it_says() -> None:
    with build_store(50, 1, NOW) as store:
        before = store.count("events")
        change(store, 40, turn=0)
        assert store.count("events") - before == 40
