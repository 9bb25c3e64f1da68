"""From the demo store through the receiver into the lake: the lake follows within one sync."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.demo.store import DEMO_KEY, Options, Store, serve
from stripe_pipeline.demo.store.build import build_store
from stripe_pipeline.demo.store.deliveries import Deliverer, events_after
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from tests.ingestion.lakes import live, without_what_is_erased
from tests.ingestion.webhooks import receiving
from tests.ingestion.webhooks.sending import SECRET

ROUNDS = 3
LISTS = {resource.path for resource in RESOURCES}


@pytest.fixture
def store() -> Iterator[Store]:
    with build_store(50, seed=7) as store:
        yield store


@contextmanager
def mirrored(store: Store, home: Path, requests: list[str]) -> Iterator[Settings]:
    """A home that has the store's objects."""
    with serve(store, Options(requests=requests)) as base:
        settings = Settings(
            stripe_api_key=DEMO_KEY,
            stripe_api_base=base,
            STRIPE_PIPELINE_HOME=home,
            STRIPE_PIPELINE_RATE_LIMIT=10_000,
        )
        sync(settings)
        yield settings


def ids(store: Store, resource: str) -> list[str]:
    rows = store.reader.execute(
        "select id from objects where resource = ? and is_listed", (resource,)
    )
    return [each for (each,) in rows]


def change_at_random(store: Store, chance: random.Random) -> None:
    """Rename, cancel, void, make and delete a few objects."""
    for resource in ("customers", "subscriptions", "invoices", "products", "prices"):
        for identifier in chance.sample(ids(store, resource), 4):
            whole: dict[str, Any] | None = store.read(resource, identifier)
            if whole and not whole.get("deleted"):
                store.put(whole | {"metadata": {"round": str(chance.random())}})
    customer = store.read("customers", chance.choice(ids(store, "customers")))
    assert customer is not None
    store.put(customer | {"id": f"cus_new{chance.randrange(10**6)}", "created": store.now})
    store.delete("customers", chance.choice(ids(store, "customers")))


def test_the_lake_follows_what_is_delivered(store: Store, tmp_path: Path) -> None:
    chance = random.Random(3)
    requests: list[str] = []
    home = tmp_path / "home"
    with mirrored(store, home, requests) as settings, receiving.receiver(home) as running:
        _, place = events_after(store, 0)
        for _ in range(ROUNDS):
            change_at_random(store, chance)
            bodies, place = events_after(store, place)
            chance.shuffle(bodies)
            deliverer = Deliverer(f"{running.address}/webhooks", SECRET)
            asyncio.run(deliverer.deliver([*bodies, bodies[0]], rate=500))
            requests.clear()
            sync(settings, deliveries_only=True)
            assert not {request.partition("?")[0] for request in requests} & LISTS
            assert set(deliverer.outcome.accepted) <= live(Lake(settings.lake), "events").keys()
            assert_follows(settings, store)
        # A sync of everything finds nothing that the deliveries had left out.
        report = sync(settings)
        assert {each.name: each.changed + each.added for each in report.resources} == {
            each.name: 0 for each in RESOURCES
        }


def assert_follows(settings: Settings, store: Store) -> None:
    """Every listed object is there, each as it is now; what changed shows in its metadata."""
    theirs = Forgotten(load_erasures(Lake(settings.lake)))
    for resource in RESOURCES[:-1]:  # of the events, only those of 30 days are listed
        mirrored_now = live(Lake(settings.lake), resource.name)
        assert set(ids(store, resource.name)) <= mirrored_now.keys(), resource.name
        for identifier, body in mirrored_now.items():
            whole = store.read(resource.name, identifier)
            assert whole is not None, identifier
            whole = without_what_is_erased(theirs, resource.name, whole)
            assert (body.get("metadata"), body.get("deleted")) == (
                whole.get("metadata"), whole.get("deleted"),
            ), identifier  # fmt: skip
