"""Means to make a lake differ from Stripe, and Stripe from a lake, and to look at either."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stripe_pipeline.demo.store import Store
from stripe_pipeline.demo.store.access import DEMO_KEY
from stripe_pipeline.ingestion.reconciliation.reconcile import ReconcileReport, reconcile
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES
from stripe_pipeline.values.objects import ObjectRow
from tests.ingestion.lakes import current, live

Body = dict[str, Any]


def settings_of(home: Path, url: str, key: str = DEMO_KEY) -> Settings:
    return load_settings(
        stripe_api_key=key,
        stripe_api_base=url,
        STRIPE_PIPELINE_HOME=home,
        STRIPE_PIPELINE_RATE_LIMIT=10_000,
    )


def found(report: ReconcileReport) -> dict[str, dict[str, int]]:
    """What isn't zero, by resource."""
    kinds = ("missing", "stale", "surplus", "cosmetic", "changed")
    counts = {
        each.resource: {kind: getattr(each, kind) for kind in kinds if getattr(each, kind)}
        for each in report.resources
    }
    return {resource: kinds for resource, kinds in counts.items() if kinds}


def tamper(settings: Settings, resource: str, *bodies: Body) -> None:
    """Append versions that Stripe never gave out, as a sync with a defect would have."""
    lake = Lake(settings.lake)
    rows = [
        ObjectRow(
            id=body["id"],
            object=BY_NAME[resource].object,
            created=body.get("created"),
            livemode=False,
            is_deleted=body.get("deleted", False),
            customer_id=None,
            api_version="",
            observed_at=datetime.now(UTC),
            body=json.dumps(body).encode(),
        )
        for body in bodies
    ]
    cursor = lake.batches(resource)[-1].cursor() | {"covers": []}
    lake.append(resource, object_table(rows), cursor)


def contents(settings: Settings) -> dict[str, dict[str, Body]]:
    """What the lake says now, decoded, without the counters that the store itself changes."""
    lake = Lake(settings.lake)
    return {each.name: live(lake, each.name) for each in RESOURCES}


def settled(settings: Settings, **more: Any) -> ReconcileReport:
    """Reconcile without the patience that late events need."""
    return reconcile(settings, settling=0, **more)


def change(store: Store, settings: Settings, count: int) -> list[str]:
    """Give some customers another address in Stripe."""
    customers = [body for body in current(Lake(settings.lake), "customers").values()
                 if not body.get("deleted")][:count]  # fmt: skip
    for body in customers:
        store.put({**body, "email": f"new.{body['id']}@example.org"})
    return [body["id"] for body in customers]


def change_one(store: Store, settings: Settings, number: int) -> None:
    """Change, make or delete something in Stripe."""
    customers = list(live(Lake(settings.lake), "customers").values())
    body = customers[number % len(customers)]
    if number % 3 == 0:
        # One on a test clock would be in no list, so that a fresh lake doesn't have it.
        new = {"id": f"cus_new{number}", "created": store.now, "test_clock": None}
        store.put({**body, **new})
    elif store.read("customers", body["id"]):
        store.put({**body, "balance": number})


def assert_same_as_fresh(settings: Settings, url: str, folder: Path) -> None:
    """The lake holds what a new one would."""
    fresh = settings_of(folder / "fresh", url)
    sync(fresh)
    here, there = contents(settings), contents(fresh)
    for resource, bodies in there.items():
        assert here[resource].keys() == bodies.keys()
        differing = [each for each in bodies if here[resource][each] != bodies[each]]
        assert differing == [], resource
