"""A damaged file of the lake: after the next run every table is what it would be without it."""

import os
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.demo.store.store import Store

from ..oracle.agreement import disagreements
from ..oracle.compare import agree, snapshot_differences
from .conftest import Mirror, Mirrored

pytestmark = pytest.mark.slow

MODELS = ("--exclude-resource-type", "test", "unit_test")


def _whole(store: Store, resource: str, identifier: str) -> dict[str, Any]:
    body = store.read(resource, identifier)
    assert body is not None
    return body


def _happen(store: Store, resource: str, count: int, **changes: object) -> list[str]:
    """Change the first few objects of a resource, and say so in events; gives their ids."""
    found = store.reader.execute(
        "select id from objects where resource = ? and is_listed order by sequence limit ?",
        (resource, count),
    )
    identifiers = [identifier for (identifier,) in found.fetchall()]
    store.now += 60
    for identifier in identifiers:
        store.put(_whole(store, resource, identifier) | changes)
    return identifiers


def _tear(mirror: Mirror, resource: str) -> Path:
    """Cut the newest batch of a resource that has rows short."""
    batch = [each for each in mirror.warehouse.lake.batches(resource) if each.rows()][-1]
    os.truncate(batch.path, batch.path.stat().st_size // 2)
    return batch.path


@pytest.mark.parametrize("was_staged", [True, False])
def test_the_tables_are_right_after_the_next_run(mirrored: Mirrored, was_staged: bool) -> None:
    """Products that were renamed in the lost batch have their old name again at Stripe.

    So no new version tells staging that what it has read isn't so.
    """
    with mirrored(5) as mirror:
        before = {
            each: _whole(mirror.store, "products", each)
            for each in _happen(mirror.store, "products", 3)
        }
        mirror.sync()
        mirror.warehouse.build(mirror.question, *MODELS)
        renamed = _happen(mirror.store, "products", 3, name="A name of the lost batch")
        _happen(mirror.store, "customers", 5, email="lost.batch@example.org")
        mirror.sync()
        if was_staged:
            mirror.warehouse.build(mirror.question, *MODELS)
        torn = [_tear(mirror, "products"), _tear(mirror, "customers")]
        for identifier in renamed:
            mirror.store.put(before[identifier])
        mirror.sync()
        mirror.warehouse.build(mirror.question, *MODELS)
        assert not any(path.exists() for path in torn)
        agree(disagreements(mirror.warehouse, mirror.question))
        names = {
            row["product_name"] for row in mirror.warehouse.rows("staging.stg_stripe__products")
        }
        assert "A name of the lost batch" not in names
        raw = mirror.warehouse.rows("raw.products")
        assert len(raw) == len({row["id"] for row in raw}) == mirror.store.count("products")
        staged = mirror.warehouse.snapshot("staging")
        mirror.warehouse.drop()
        mirror.warehouse.build(mirror.question, *MODELS)
        agree(snapshot_differences(mirror.warehouse.snapshot("staging"), staged))
