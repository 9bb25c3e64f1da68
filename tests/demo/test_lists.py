"""Lists: order, cursors, filters, what they hide, nested lists and expansion."""

import operator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from stripe_pipeline.demo.store.endpoints import ENDPOINTS
from tests.demo.conftest import LIVE_KEY, NOW, Body, Kinds, pages

PATHS = [endpoint.path for endpoint in ENDPOINTS if endpoint.is_listed]
NEWEST = int(NOW.timestamp())


def _list(client: httpx.Client, path: str, **parameters: Any) -> Body:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    body: Body = answer.json()
    return body


@pytest.mark.parametrize("path", PATHS)
def test_lists_come_newest_first_without_gaps(client: httpx.Client, path: str) -> None:
    whole = pages(client, path)
    assert all(a["created"] >= b["created"] for a, b in pairwise(whole))
    by_threes = pages(client, path, limit=7)
    assert by_threes == whole
    assert len({body["id"] for body in whole}) == len(whole)


def test_limit_is_ten_unless_said(client: httpx.Client) -> None:
    page = _list(client, "/v1/invoices")
    assert page["object"] == "list"
    assert page["url"] == "/v1/invoices"
    assert page["has_more"] is True
    assert len(page["data"]) == 10
    assert "total_count" not in page


def test_ending_before_reads_backwards(client: httpx.Client) -> None:
    first = _list(client, "/v1/invoices", limit=30)["data"]
    page = _list(client, "/v1/invoices", limit=5, ending_before=first[20]["id"])
    assert page["data"] == first[15:20]
    assert page["has_more"] is True
    page = _list(client, "/v1/invoices", limit=20, ending_before=first[20]["id"])
    assert page["data"] == first[:20]
    assert page["has_more"] is False


def test_created_takes_bounds_and_exact_moments(client: httpx.Client) -> None:
    whole = pages(client, "/v1/charges")
    middle = whole[len(whole) // 2]["created"]
    for sign, kept in (
        ("gt", operator.gt), ("gte", operator.ge), ("lt", operator.lt), ("lte", operator.le),
    ):  # fmt: skip
        found = pages(client, "/v1/charges", **{f"created[{sign}]": middle})
        assert found == [body for body in whole if kept(body["created"], middle)]
    exact = pages(client, "/v1/charges", created=middle)
    assert exact == [body for body in whole if body["created"] == middle]


@pytest.mark.parametrize("path", ["/v1/invoices", "/v1/subscriptions", "/v1/checkout/sessions"])
def test_status_filters(client: httpx.Client, path: str) -> None:
    everything = {"status": "all"} if path == "/v1/subscriptions" else {}
    whole = pages(client, path, **everything)
    for status in {body["status"] for body in whole}:
        found = pages(client, path, status=status)
        assert found == [body for body in whole if body["status"] == status]


def test_subscriptions_hide_the_canceled(client: httpx.Client) -> None:
    whole = pages(client, "/v1/subscriptions", status="all")
    assert {body["status"] for body in whole} > {"canceled", "incomplete_expired"}
    shown = [body for body in whole if body["status"] != "canceled"]
    assert pages(client, "/v1/subscriptions") == shown
    ended = [body for body in whole if body["status"] in ("canceled", "incomplete_expired")]
    assert pages(client, "/v1/subscriptions", status="ended") == ended


def test_test_clock_objects_are_hidden_unless_asked_for(
    client: httpx.Client, of_kind: Kinds
) -> None:
    hidden = next(body for body in of_kind("customer") if body["test_clock"])
    clock = hidden["test_clock"]
    assert hidden["id"] not in {body["id"] for body in pages(client, "/v1/customers")}
    for path, kind in (("/v1/customers", "customer"), ("/v1/subscriptions", "subscription")):
        shown = pages(client, path, test_clock=clock)
        assert [body["object"] for body in shown] == [kind]
    by_customer = pages(client, "/v1/subscriptions", customer=hidden["id"])
    assert [body["test_clock"] for body in by_customer] == [clock]
    assert _list(client, f"/v1/customers/{hidden['id']}")["test_clock"] == clock
    invoices = pages(client, "/v1/invoices", customer=hidden["id"])
    assert {body["test_clock"] for body in invoices} == {clock}


def test_deleted_customers_are_never_listed(client: httpx.Client, objects: list[Body]) -> None:
    gone = {body["id"] for body in objects if body.get("deleted")}
    assert not gone & {body["id"] for body in pages(client, "/v1/customers")}
    for identifier in gone:
        stub = _list(client, f"/v1/customers/{identifier}")
        assert stub == {"id": identifier, "object": "customer", "deleted": True}
        assert pages(client, "/v1/invoices", customer=identifier)


@pytest.mark.parametrize(
    ("path", "parameter", "field"),
    [
        ("/v1/invoices", "customer", "customer"),
        ("/v1/charges", "customer", "customer"),
        ("/v1/charges", "payment_intent", "payment_intent"),
        ("/v1/refunds", "charge", "charge"),
        ("/v1/disputes", "payment_intent", "payment_intent"),
        ("/v1/credit_notes", "invoice", "invoice"),
        ("/v1/invoice_payments", "invoice", "invoice"),
        ("/v1/prices", "product", "product"),
        ("/v1/promotion_codes", "code", "code"),
        ("/v1/customers", "email", "email"),
    ],
)
def test_filters_by_field(client: httpx.Client, path: str, parameter: str, field: str) -> None:
    whole = pages(client, path)
    value = next(body[field] for body in whole if body[field])
    found = pages(client, path, **{parameter: value})
    assert found == [body for body in whole if body[field] == value]


def test_filters_by_boolean_and_nested_field(client: httpx.Client) -> None:
    inactive = pages(client, "/v1/prices", active="false")
    assert inactive and not any(body["active"] for body in inactive)
    yearly = pages(client, "/v1/prices", **{"recurring[interval]": "year"})
    assert {body["recurring"]["interval"] for body in yearly} == {"year"}
    named = pages(client, "/v1/prices", **{"lookup_keys[]": ["mug_usd", "mug_jpy"]})
    assert {body["currency"] for body in named} == {"usd", "jpy"}


def test_invoices_of_a_subscription(client: httpx.Client) -> None:
    subscription = pages(client, "/v1/subscriptions", status="active")[0]["id"]
    found = pages(client, "/v1/invoices", subscription=subscription)
    details = [body["parent"]["subscription_details"]["subscription"] for body in found]
    assert set(details) == {subscription}


def test_the_payment_of_an_invoice_is_found(client: httpx.Client) -> None:
    paid = pages(client, "/v1/invoice_payments", status="paid")
    intent = next(body["payment"]["payment_intent"] for body in paid
                  if body["payment"]["type"] == "payment_intent")  # fmt: skip
    asked = {"payment[type]": "payment_intent", "payment[payment_intent]": intent}
    found = pages(client, "/v1/invoice_payments", **asked)
    assert {body["payment"]["payment_intent"] for body in found} == {intent}


@pytest.mark.parametrize(
    ("path", "field", "nested"),
    [
        ("/v1/invoices", "lines", "/v1/invoices/{}/lines"),
        ("/v1/credit_notes", "lines", "/v1/credit_notes/{}/lines"),
    ],
)
def test_nested_lists_are_cut_at_ten(
    client: httpx.Client, of_kind: Kinds, path: str, field: str, nested: str
) -> None:
    whole = {body["id"]: body[field]["data"] for kind in ("invoice", "credit_note")
             for body in of_kind(kind)}  # fmt: skip
    cut = False
    for body in pages(client, path)[-400:]:
        entries = whole[body["id"]]
        shown = body[field]
        cut = cut or shown["has_more"]
        assert shown["data"] == entries[:10]
        assert shown["has_more"] == (len(entries) > 10)
        assert shown["url"] == nested.format(body["id"])
        if shown["has_more"]:
            assert pages(client, shown["url"]) == entries
    assert cut


def test_subscription_items_are_paged(client: httpx.Client, of_kind: Kinds) -> None:
    whole = {body["id"]: body["items"]["data"] for body in of_kind("subscription")}
    for body in pages(client, "/v1/subscriptions", status="all"):
        assert body["items"]["data"] == whole[body["id"]][:10]
        items = pages(client, "/v1/subscription_items", subscription=body["id"])
        assert items == whole[body["id"]]


def test_line_items_come_only_when_expanded(client: httpx.Client, of_kind: Kinds) -> None:
    whole = {body["id"]: body["line_items"]["data"] for body in of_kind("checkout.session")}
    assert "line_items" not in _list(client, "/v1/checkout/sessions")["data"][0]
    for body in pages(client, "/v1/checkout/sessions", **{"expand[]": "data.line_items"}):
        entries = whole[body["id"]]
        assert body["line_items"]["data"] == entries[:10]
        assert body["line_items"]["has_more"] == (len(entries) > 10)
        assert pages(client, f"/v1/checkout/sessions/{body['id']}/line_items") == entries


def test_hidden_fields_come_only_when_expanded(client: httpx.Client) -> None:
    assert not any("tiers" in body for body in pages(client, "/v1/prices"))
    tiered = [body for body in pages(client, "/v1/prices", **{"expand[]": "data.tiers"})
              if body["billing_scheme"] == "tiered"]  # fmt: skip
    assert tiered and all(len(body["tiers"]) == 3 for body in tiered)
    coupon = _list(client, "/v1/coupons/CLUBONLY")
    assert "applies_to" not in coupon
    coupon = _list(client, "/v1/coupons/CLUBONLY", **{"expand[]": "applies_to"})
    assert coupon["applies_to"]["products"]


def test_expansion_puts_objects_for_ids(client: httpx.Client) -> None:
    asked = ["data.customer", "data.discounts.source.coupon", "data.payments.data.payment"]
    plain = pages(client, "/v1/invoices")
    for before, after in zip(
        plain, pages(client, "/v1/invoices", **{"expand[]": asked}), strict=True
    ):
        assert after["customer"]["id"] == before["customer"]
        assert [discount["id"] for discount in after["discounts"]] == before["discounts"]
        for discount in after["discounts"]:
            coupon = discount["source"]["coupon"]
            # The id of a coupon that was deleted stays.
            assert coupon == "GONE50" or coupon["object"] == "coupon"
        assert {entry["invoice"] for entry in after["payments"]["data"]} <= {after["id"]}


def test_expansion_of_a_retrieved_object(client: httpx.Client) -> None:
    subscription = pages(client, "/v1/subscriptions", status="active")[0]["id"]
    path = f"/v1/subscriptions/{subscription}"
    body = _list(client, path, **{"expand[]": ["customer", "latest_invoice.payments"]})
    assert body["customer"]["object"] == "customer"
    assert body["latest_invoice"]["payments"]["object"] == "list"


def test_deleted_customers_expand_to_their_stub(client: httpx.Client, objects: list[Body]) -> None:
    gone = next(body["id"] for body in objects if body.get("deleted"))
    found = pages(client, "/v1/invoices", customer=gone, **{"expand[]": "data.customer"})
    assert found[0]["customer"]["deleted"] is True


def test_a_live_key_reads_live_objects(client: httpx.Client) -> None:
    answer = client.get("/v1/customers", headers={"Authorization": f"Bearer {LIVE_KEY}"})
    assert {body["livemode"] for body in answer.json()["data"]} == {True}
    assert {body["livemode"] for body in _list(client, "/v1/customers")["data"]} == {False}
