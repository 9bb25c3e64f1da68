"""Accidents that are certain: to which request they happen, and what the client gets."""

import httpx
import pytest

from stripe_pipeline.demo.store import DEMO_KEY, Accident, Faults, Options, Store, serve
from stripe_pipeline.demo.store.accidents import Kind

HEADERS = {"Authorization": f"Bearer {DEMO_KEY}"}


def _statuses(store: Store, accident: Accident, paths: list[str]) -> list[int]:
    with (
        serve(store, faults=Faults(accidents=(accident,))) as address,
        httpx.Client(base_url=address, headers=HEADERS) as client,
    ):
        return [client.get(path).status_code for path in paths]


def test_only_the_requests_that_are_meant_are_befallen(store: Store) -> None:
    accident = Accident("server_error", "/v1/cou*", after=1, times=2)
    paths = ["/v1/coupons", "/v1/products", *["/v1/coupons"] * 4]
    assert _statuses(store, accident, paths) == [200, 200, 500, 500, 200, 200]


def test_a_key_that_is_revoked_stays_so(store: Store) -> None:
    accident = Accident("key_revoked", after=2, times=None)
    assert _statuses(store, accident, ["/v1/coupons"] * 5) == [200, 200, 401, 401, 401]


def test_a_permission_that_is_lost_is_named(store: Store) -> None:
    faults = Faults(accidents=(Accident("permission_lost", "/v1/checkout/sessions*"),))
    with serve(store, faults=faults) as address:
        answer = httpx.get(f"{address}/v1/checkout/sessions/cs_1", headers=HEADERS)
    assert answer.status_code == 403
    assert "checkout_session_read" in answer.json()["error"]["message"]


def test_a_server_that_hangs(store: Store) -> None:
    with serve(store, faults=Faults(hang=1)) as address, pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{address}/v1/coupons", headers=HEADERS, timeout=0.1)


def test_a_body_that_is_no_json(store: Store) -> None:
    with serve(store, faults=Faults(not_json=1)) as address:
        answer = httpx.get(f"{address}/v1/coupons", headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain")
    assert b"{" not in answer.content


def test_a_page_that_repeats_is_the_lists_first(store: Store) -> None:
    faults = Faults(repeated_page=1)
    with serve(store, faults=faults) as address, httpx.Client(headers=HEADERS) as client:
        first = client.get(f"{address}/v1/invoices?limit=5").json()
        after = first["data"][-1]["id"]
        again = client.get(f"{address}/v1/invoices?limit=5&starting_after={after}").json()
    assert first == again


@pytest.mark.parametrize("kind", ["empty_page", "stranger"])
def test_a_page_that_is_not_right(store: Store, kind: Kind) -> None:
    faults = Faults(accidents=(Accident(kind, times=None),))
    with serve(store, faults=faults) as address, httpx.Client(headers=HEADERS) as client:
        page = client.get(f"{address}/v1/invoices").json()
        single = client.get(f"{address}/v1/coupons/WELCOME10").json()
    if kind == "empty_page":
        assert (page["data"], page["has_more"]) == ([], True)
    else:
        assert [body["object"] for body in page["data"]] == ["line_item", *["invoice"] * 9]
    assert single["object"] == "coupon"


def test_a_watcher_sees_each_request_before_its_answer(store: Store) -> None:
    seen: list[str] = []
    with serve(store, Options(watcher=seen.append)) as address:
        httpx.get(f"{address}/v1/coupons?limit=3", headers=HEADERS)
    assert seen == ["/v1/coupons?limit=3"]
