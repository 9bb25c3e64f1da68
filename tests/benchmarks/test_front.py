"""The demo store's front counts, and lets tools of the older API in."""

import httpx
import pytest

from benchmarks.peers.trial import Merchant
from benchmarks.store_process import ServedStore
from stripe_pipeline.demo.store import DEMO_KEY

OLD = {"Stripe-Version": "2022-11-15"}


@pytest.fixture
def store(merchant: Merchant) -> ServedStore:
    merchant.store.start("unlimited")
    return merchant.store


def _get(store: ServedStore, path: str, **options: object) -> httpx.Response:
    return httpx.get(store.base + path, auth=(DEMO_KEY, ""), **options)  # type: ignore[arg-type]


def test_a_page_that_is_read_twice_counts_once_as_objects(store: ServedStore) -> None:
    for _ in range(2):
        assert _get(store, "/v1/customers?limit=10").status_code == 200
    _get(store, "/v1/customers?limit=nothing")
    reached = store.reached()
    assert (reached.objects, reached.requests) == (10, 2)


def test_events_are_no_objects_of_the_task(store: ServedStore) -> None:
    _get(store, "/v1/events?limit=10")
    assert store.reached().objects == 0


def test_a_new_pace_counts_again_and_refuses_what_is_too_fast(store: ServedStore) -> None:
    _get(store, "/v1/customers?limit=10")
    store.start("live")
    assert store.reached().requests == 0
    assert _get(store, "/v1/customers?limit=1").elapsed.total_seconds() >= 0.2


def test_what_only_the_old_api_expands_is_left_out_for_it(store: ServedStore) -> None:
    path = "/v1/customers?limit=1&expand%5B0%5D=data.sources&expand%5B1%5D=data.subscriptions"
    assert _get(store, path).status_code == 400
    answer = _get(store, path, headers=OLD)
    assert answer.status_code == 200
    assert answer.json()["data"][0]["subscriptions"]["object"] == "list"
    assert _get(store, "/v1/accounts/acct_1", headers=OLD).json()["object"] == "account"


def test_it_can_be_used_as_a_proxy(store: ServedStore) -> None:
    with httpx.Client(proxy=store.base, auth=(DEMO_KEY, "")) as client:
        answer = client.get("http://api.stripe.com/v1/customers?limit=3")
    assert len(answer.json()["data"]) == 3
