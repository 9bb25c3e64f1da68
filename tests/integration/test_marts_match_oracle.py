"""The demo merchant, synced and built: every mart, column and row is what the calculation says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from stripe_pipeline.demo.store.store import Store
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.privacy.forgotten import Forgotten
from tests.ingestion.lakes import without_what_is_erased

from ..oracle.agreement import disagreements
from ..oracle.compare import agree
from ..oracle.merchant import RESOURCE_OF
from ..oracle.objects import Body
from ..properties.changes import CHANGES
from .conftest import Mirror, Mirrored

MODELS = ("--exclude-resource-type", "test", "unit_test")
# The same figures serve as rates into any reporting currency.
ELSEWHERE: dict[int, dict[str, Any]] = {
    1: {"currency": "eur", "zone": "Europe/Berlin", "as_of": datetime(2026, 10, 25, 1, tzinfo=UTC)},
    2: {
        "currency": "jpy",
        "zone": "Pacific/Auckland",
        "as_of": datetime(2026, 8, 30, 12, tzinfo=UTC),
    },
    3: {"currency": "kwd", "zone": "America/New_York", "order_sources": ("invoice",)},
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", ELSEWHERE)
def test_every_row_and_column_is_as_calculated(mirrored: Mirrored, seed: int) -> None:
    """At home with dbt's own tests of the data, then at another instant, zone and currency."""
    with mirrored(seed) as mirror:
        mirror.warehouse.build(mirror.question, "--exclude-resource-type", "unit_test")
        agree(disagreements(mirror.warehouse, mirror.question))
        elsewhere = replace(mirror.question, **ELSEWHERE[seed])
        mirror.warehouse.build(elsewhere, *MODELS)
        agree(disagreements(mirror.warehouse, elsewhere))


def test_what_changes_at_stripe_arrives_in_the_marts(mirrored: Mirrored) -> None:
    with mirrored(4) as mirror:
        mirror.warehouse.build(mirror.question, *MODELS)
        changed = _change(mirror, Random(4))
        mirror.sync()
        live = {
            body["id"]: body
            for resource in set(RESOURCE_OF.values())
            for body in mirror.warehouse.objects.live(resource)
        }
        theirs = Forgotten(load_erasures(mirror.warehouse.lake))
        expected = {key: body and _as_kept(theirs, body) for key, body in changed.items()}
        assert {key: live.get(key) for key in expected} == expected
        later = replace(mirror.question, as_of=mirror.question.as_of + timedelta(days=40))
        mirror.warehouse.build(later, *MODELS)
        agree(disagreements(mirror.warehouse, later))


def _as_kept(theirs: Forgotten, body: Body) -> Body:
    """An object as the lake has it: of a customer who was deleted, without their data."""
    return without_what_is_erased(theirs, RESOURCE_OF[body["object"]], body)


def _change(mirror: Mirror, random: Random) -> dict[str, Body | None]:
    """Let things happen to a tenth of the shop's objects; gives each as it is now, None if gone."""
    now: dict[str, Body | None] = {}
    mirror.store.now += 3600
    # Of InvoicePayments Stripe announces only that they were paid; the rest waits for a sweep.
    for kind in sorted(CHANGES.keys() - {"invoice_payment"}):
        for body in mirror.warehouse.objects.live(RESOURCE_OF[kind]):
            if random.random() < 0.1:
                newer = CHANGES[kind](random, body)
                _tell(mirror.store, newer)
                now[body["id"]] = None if newer.get("deleted") else newer
    return now


def _tell(store: Store, newer: Body) -> None:
    if newer.get("deleted"):
        store.delete(RESOURCE_OF[newer["object"]], newer["id"])
    else:
        store.put(newer)
