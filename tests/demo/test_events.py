"""Events: 30 days of notices, in an older shape, and those of changes made while serving."""

import copy
from typing import Any

import httpx
import pytest

from stripe_pipeline.demo.store import Store
from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.events import EVENT_API_VERSION
from stripe_pipeline.demo.store.world import API_VERSION
from tests.demo.conftest import NOW, Body, Kinds, pages

PRESENT = int(NOW.timestamp())

Changing = tuple[Store, httpx.Client]


def test_events_reach_thirty_days_back(client: httpx.Client) -> None:
    moments = [event["created"] for event in pages(client, "/v1/events")]
    assert PRESENT - 30 * DAY <= min(moments) < PRESENT - 25 * DAY
    assert max(moments) <= PRESENT


def test_every_young_object_is_announced(client: httpx.Client, of_kind: Kinds) -> None:
    announced = {event["data"]["object"]["id"] for event in pages(client, "/v1/events")}
    since = PRESENT - 30 * DAY
    for kind in (
        "customer",
        "subscription",
        "invoice",
        "charge",
        "refund",
        "credit_note",
        "dispute",
    ):
        young = {body["id"] for body in of_kind(kind) if body["created"] > since}
        assert young
        assert young <= announced


def test_deletions_are_announced(client: httpx.Client, objects: list[Body]) -> None:
    gone = {body["id"] for body in objects if body.get("deleted")}
    told = pages(client, "/v1/events", type="customer.deleted")
    announced = {event["data"]["object"]["id"] for event in told}
    # One of them was deleted longer ago than events reach.
    assert announced
    assert announced < gone
    drafts = pages(client, "/v1/events", type="invoice.deleted")
    assert drafts
    for event in drafts:
        assert client.get(f"/v1/invoices/{event['data']['object']['id']}").status_code == 404


def test_event_types_filter(client: httpx.Client) -> None:
    whole = pages(client, "/v1/events")
    types = {event["type"] for event in whole}
    assert {"invoice.paid", "charge.succeeded", "customer.created"} <= types
    for asked in ("invoice.paid", "invoice.*", "customer.subscription.*", "*"):
        prefix = asked.rstrip("*")
        kept = [event for event in whole if event["type"].startswith(prefix)]
        assert pages(client, "/v1/events", type=asked) == kept
    several = ["invoice.paid", "charge.succeeded"]
    kept = [event for event in whole if event["type"] in several]
    assert pages(client, "/v1/events", **{"types[]": several}) == kept


def test_snapshots_have_an_older_shape(client: httpx.Client) -> None:
    assert EVENT_API_VERSION != API_VERSION
    by_kind = {event["data"]["object"]["object"]: event for event in pages(client, "/v1/events")}
    invoice = by_kind["invoice"]["data"]["object"]
    assert by_kind["invoice"]["api_version"] == EVENT_API_VERSION
    assert {"subscription", "paid", "charge"} <= set(invoice)
    assert not {"parent", "total_taxes", "amount_paid_off_stripe"} & set(invoice)
    assert "price" in invoice["lines"]["data"][0]
    assert "current_period_end" in by_kind["subscription"]["data"]["object"]


def test_snapshots_carry_ten_lines(client: httpx.Client) -> None:
    shown = [
        event["data"]["object"]["lines"] for event in pages(client, "/v1/events", type="invoice.*")
    ]
    assert max(len(lines["data"]) for lines in shown) == 10
    assert any(lines["has_more"] for lines in shown)


def test_previous_attributes_come_with_updates_only(client: httpx.Client) -> None:
    for event in pages(client, "/v1/events"):
        if event["type"].endswith(".updated"):
            assert event["data"]["previous_attributes"]
        if event["type"].endswith((".created", ".deleted")):
            assert "previous_attributes" not in event["data"]


def _latest(client: httpx.Client, count: int) -> list[str]:
    found = client.get("/v1/events", params={"limit": count}).json()["data"]
    return [event["type"] for event in found]


def test_a_change_is_served_and_announced(changing: Changing) -> None:
    store, client = changing
    customer = client.get("/v1/customers").json()["data"][-1]
    whole = store.read("customers", customer["id"]) or {}
    told = store.put(whole | {"email": "new@mail.example"})
    assert told == ["customer.updated"]
    served = client.get(f"/v1/customers/{customer['id']}").json()
    assert served == customer | {"email": "new@mail.example"}
    event = client.get("/v1/events", params={"limit": 1}).json()["data"][0]
    assert event["type"] == "customer.updated"
    assert event["created"] == PRESENT
    assert event["data"]["previous_attributes"] == {"email": customer["email"]}


def test_a_changed_object_keeps_its_place(changing: Changing) -> None:
    store, client = changing
    before = [body["id"] for body in pages(client, "/v1/invoices")]
    whole = store.read("invoices", before[3]) or {}
    store.put(whole | {"description": "changed"})
    assert [body["id"] for body in pages(client, "/v1/invoices")] == before


def test_paying_an_open_invoice(changing: Changing) -> None:
    store, client = changing
    model = client.get("/v1/invoices", params={"limit": 1}).json()["data"][0]
    drafted = model | {"id": "in_new", "status": "draft"}
    assert store.put(drafted) == ["invoice.created"]
    assert store.put(drafted | {"status": "open"}) == ["invoice.updated", "invoice.finalized"]
    assert store.put(drafted | {"status": "paid"}) == [
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    assert _latest(client, 3) == ["invoice.payment_succeeded", "invoice.paid", "invoice.updated"]


def test_cancelling_a_subscription(changing: Changing) -> None:
    store, client = changing
    active = client.get("/v1/subscriptions", params={"status": "active"}).json()["data"][0]
    whole = store.read("subscriptions", active["id"]) or {}
    told = store.put(whole | {"status": "canceled", "ended_at": PRESENT})
    assert told == ["customer.subscription.updated", "customer.subscription.deleted"]
    assert client.get(f"/v1/subscriptions/{active['id']}").json()["status"] == "canceled"


def test_a_new_object_and_a_long_list(changing: Changing) -> None:
    store, client = changing
    model = client.get("/v1/invoices", params={"limit": 1}).json()["data"][0]
    lines = [copy.deepcopy(model["lines"]["data"][0]) | {"id": f"il_{n}"} for n in range(23)]
    invoice = model | {"id": "in_new", "lines": model["lines"] | {"data": lines}}
    assert store.put(invoice)[0] == "invoice.created"
    assert len(client.get("/v1/invoices/in_new").json()["lines"]["data"]) == 10
    assert pages(client, "/v1/invoices/in_new/lines", limit=4) == lines
    store.put(invoice | {"lines": model["lines"] | {"data": lines[:12]}})
    assert pages(client, "/v1/invoices/in_new/lines") == lines[:12]
    store.put(invoice | {"lines": model["lines"] | {"data": lines[:2]}})
    assert pages(client, "/v1/invoices/in_new/lines") == lines[:2]
    assert (store.read("invoices", "in_new") or {})["lines"]["data"] == lines[:2]


def test_deleting_a_customer_leaves_a_stub(changing: Changing) -> None:
    store, client = changing
    gone = client.get("/v1/customers").json()["data"][0]["id"]
    store.delete("customers", gone)
    assert client.get(f"/v1/customers/{gone}").json()["deleted"] is True
    assert gone not in {body["id"] for body in pages(client, "/v1/customers")}
    assert _latest(client, 1) == ["customer.deleted"]
    with pytest.raises(KeyError):
        store.delete("customers", gone)


def test_deleting_a_coupon_leaves_nothing(changing: Changing) -> None:
    store, client = changing
    store.delete("coupons", "WELCOME10")
    assert client.get("/v1/coupons/WELCOME10").status_code == 404
    assert _latest(client, 1) == ["coupon.deleted"]


def test_time_ages_events_out(changing: Changing) -> None:
    store, client = changing
    oldest = pages(client, "/v1/events")[-1]
    store.now = oldest["created"] + 30 * DAY
    assert oldest["id"] not in {event["id"] for event in pages(client, "/v1/events")}
    answer = client.get("/v1/events", params={"starting_after": oldest["id"]})
    assert answer.status_code == 400
    assert "aged out" in answer.json()["error"]["message"]


def test_silent_changes_send_no_event(changing: Changing) -> None:
    store, client = changing
    session: dict[str, Any] = client.get("/v1/checkout/sessions").json()["data"][0]
    whole = store.read("checkout_sessions", session["id"]) or {}
    assert store.put(whole | {"metadata": {"note": "seen"}}) == []


def test_what_turns_with_the_clock_alone_sends_no_event(changing: Changing) -> None:
    store, client = changing
    before = _latest(client, 1)
    coupon = store.read("coupons", "WELCOME10") or {}
    assert store.put(coupon | {"valid": False}, silently=True) == []
    assert client.get("/v1/coupons/WELCOME10").json()["valid"] is False
    code = client.get("/v1/promotion_codes").json()["data"][0]["id"]
    store.delete("promotion_codes", code)
    assert client.get(f"/v1/promotion_codes/{code}").status_code == 404
    assert _latest(client, 1) == before
