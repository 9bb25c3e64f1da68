"""One merchant for the tests of the demo store, served once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from stripe_pipeline.demo.store import DEMO_KEY, Options, Store, generate, serve

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CUSTOMERS = 120
LIMITED_KEY = "rk_test_withoutCharges0000"
LIVE_KEY = "rk_live_demo0000"
EXPIRED_KEY = "rk_test_rolled0000"

Body = dict[str, Any]
Kinds = Callable[[str], list[Body]]


@pytest.fixture(scope="session")
def objects() -> list[Body]:
    """Every object of the merchant, whole, as it was drawn."""
    return list(generate(CUSTOMERS, 1, NOW))


@pytest.fixture(scope="session")
def of_kind(objects: list[Body]) -> Kinds:
    """The merchant's objects of one kind, without the stubs of deleted ones."""
    return lambda kind: [
        body for body in objects if body["object"] == kind and "deleted" not in body
    ]


@pytest.fixture(scope="session")
def store(objects: list[Body]) -> Iterator[Store]:
    with Store(now=int(NOW.timestamp())) as store:
        store.load(objects)
        yield store


@pytest.fixture(scope="session")
def address(store: Store) -> Iterator[str]:
    keys = {DEMO_KEY: (), LIMITED_KEY: ("charge_read", "coupon_read"), LIVE_KEY: ()}
    with serve(store, Options(keys=keys, expired_keys=(EXPIRED_KEY,))) as address:
        yield address


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    with httpx.Client(base_url=address, headers=headers) as client:
        yield client


@pytest.fixture
def changing() -> Iterator[tuple[Store, httpx.Client]]:
    """A small store of its own, for tests that change it, and a client."""
    with Store(now=int(NOW.timestamp())) as store:
        store.load(generate(10, 2, NOW))
        headers = {"Authorization": f"Bearer {DEMO_KEY}"}
        with serve(store) as address, httpx.Client(base_url=address, headers=headers) as client:
            yield store, client


def pages(client: httpx.Client, path: str, **parameters: Any) -> list[Body]:
    """Everything that a list holds, page by page, newest first."""
    found: list[Body] = []
    while True:
        answer = client.get(path, params={"limit": 100, **parameters})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["data"]
        if not page["has_more"]:
            return found
        parameters["starting_after"] = page["data"][-1]["id"]
