"""Every object the store serves, and every parameter it takes, against Stripe's description."""

import httpx
import pytest
import stripe

from stripe_pipeline.demo.store.endpoints import (
    BY_RESOURCE,
    COLLECTED,
    CURSORS,
    ENDPOINTS,
    INCLUDABLE,
    REFERENCES,
    Endpoint,
)
from tests.demo.conftest import Body, Kinds, pages
from tests.demo.published import faults, paths, schema

LISTED = [endpoint for endpoint in ENDPOINTS if endpoint.is_listed]
EXPANDED = {
    "prices": ["data.tiers", "data.currency_options"],
    "coupons": ["data.applies_to", "data.currency_options"],
    "subscriptions": ["data.discounts", "data.latest_invoice"],
    "invoices": ["data.discounts", "data.amount_paid_off_stripe", "data.payments"],
    "checkout_sessions": ["data.line_items"],
    "charges": ["data.customer", "data.refunds"],
    "refunds": ["data.charge"],
    "disputes": ["data.charge"],
}


# The classes of the SDK that speaks the served version.
CLASSES: dict[str, type[stripe.StripeObject]] = {
    "customers": stripe.Customer,
    "products": stripe.Product,
    "prices": stripe.Price,
    "coupons": stripe.Coupon,
    "promotion_codes": stripe.PromotionCode,
    "subscriptions": stripe.Subscription,
    "invoices": stripe.Invoice,
    "invoice_payments": stripe.InvoicePayment,
    "charges": stripe.Charge,
    "refunds": stripe.Refund,
    "credit_notes": stripe.CreditNote,
    "disputes": stripe.Dispute,
    "checkout_sessions": stripe.checkout.Session,
    "events": stripe.Event,
    "test_clocks": stripe.test_helpers.TestClock,
}


def _served(client: httpx.Client, endpoint: Endpoint) -> list[Body]:
    everything = {"status": "all"} if endpoint.resource == "subscriptions" else {}
    expand = {"expand[]": EXPANDED.get(endpoint.resource, [])}
    return pages(client, endpoint.path, **everything, **expand)


@pytest.mark.parametrize("endpoint", LISTED, ids=lambda endpoint: endpoint.resource)
def test_objects_are_as_published(client: httpx.Client, endpoint: Endpoint) -> None:
    served = _served(client, endpoint)
    assert served
    # Distinct shapes are few: every 7th object and the untidy first customers' (the last listed).
    chosen = served[::7] + served[-150:] if len(served) > 300 else served
    wrong = [line for body in chosen for line in faults(endpoint.object, body)]
    assert wrong == []


@pytest.mark.parametrize("endpoint", LISTED, ids=lambda endpoint: endpoint.resource)
def test_no_field_is_made_up(client: httpx.Client, endpoint: Endpoint) -> None:
    """The SDK of the pinned version knows every field: fields that have moved are not served."""
    known = set(CLASSES[endpoint.resource].__annotations__)
    for body in _served(client, endpoint):
        assert set(body) <= known


def test_a_wrong_body_is_noticed(of_kind: Kinds) -> None:
    invoice = of_kind("invoice")[0]
    assert faults("invoice", invoice) == []
    assert faults("invoice", {**invoice, "total": "12"})
    assert faults("invoice", {**invoice, "status": "lost"})
    assert faults("invoice", {key: invoice[key] for key in invoice if key != "lines"})


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/invoices/{id}/lines", "line_item"),
        ("/v1/credit_notes/{id}/lines", "credit_note_line_item"),
        ("/v1/checkout/sessions/{id}/line_items", "item"),
    ],
)
def test_nested_entries_are_as_published(client: httpx.Client, path: str, kind: str) -> None:
    parent_path = path.split("/{id}")[0]
    for parent in pages(client, parent_path)[:20]:
        for entry in pages(client, path.replace("{id}", parent["id"])):
            assert faults(kind, entry) == []


def test_subscription_items_are_as_published(client: httpx.Client) -> None:
    for parent in pages(client, "/v1/subscriptions", status="all"):
        for entry in pages(client, "/v1/subscription_items", subscription=parent["id"]):
            assert faults("subscription_item", entry) == []


def test_stubs_of_deleted_customers_are_as_published(
    client: httpx.Client, objects: list[Body]
) -> None:
    stubs = [body for body in objects if body.get("deleted")]
    assert stubs
    for stub in stubs:
        answer = client.get(f"/v1/customers/{stub['id']}").json()
        assert faults("deleted_customer", answer) == []


def _described_parameters(path: str) -> set[str]:
    names = set()
    for parameter in paths()[path]["get"].get("parameters", []):
        described = parameter["schema"]
        inside = described.get("properties", {})
        if parameter["in"] == "query" and not inside:
            names.add(parameter["name"])
        names |= {f"{parameter['name']}[{name}]" for name in inside}
    return names


@pytest.mark.parametrize("endpoint", LISTED, ids=lambda endpoint: endpoint.resource)
def test_parameters_are_the_published_ones(endpoint: Endpoint) -> None:
    taken = {
        *CURSORS,
        *endpoint.parameters,
        *(name for name, _ in (*endpoint.columns, *endpoint.fields, *endpoint.ranges)),
    }
    assert taken == _described_parameters(endpoint.path)


@pytest.mark.parametrize("endpoint", LISTED, ids=lambda endpoint: endpoint.resource)
def test_retrieve_and_nested_paths_are_published(endpoint: Endpoint) -> None:
    below = [path for path in paths() if path.startswith(f"{endpoint.path}/{{")]
    assert any(path.count("/") == endpoint.path.count("/") + 1 for path in below)
    if endpoint.nested and endpoint.nested.path:
        assert any(path.endswith(f"/{endpoint.nested.path}") for path in below)


@pytest.mark.parametrize("kind", sorted({*INCLUDABLE, *COLLECTED, *REFERENCES}))
def test_expandable_fields_exist(kind: str) -> None:
    fields = {*INCLUDABLE.get(kind, ()), *COLLECTED.get(kind, {}), *REFERENCES.get(kind, {})}
    embedded = ("source", "promotion", "payment", "price_details", "refunds")
    inner = kind.endswith(("_details", "_amounts")) or kind in embedded
    if not inner:
        assert fields <= set(schema(kind)["properties"])
    assert {name for refs in REFERENCES.values() for name in refs.values()} <= set(BY_RESOURCE)


# Fields of nested objects that the SDK's types require, and that the described version lacks.
REQUIRED_BY_THE_SDK = {
    "disputes": (
        (("evidence_details",), stripe.Dispute.EvidenceDetails),
        (("payment_method_details", "card"), stripe.Dispute.PaymentMethodDetails.Card),
    ),
}


def test_disputes_have_every_nested_field_that_the_sdk_requires(client: httpx.Client) -> None:
    for body in pages(client, "/v1/disputes"):
        for path, kind in REQUIRED_BY_THE_SDK["disputes"]:
            nested = body
            for name in path:
                nested = nested[name]
            assert set(nested) == set(kind.__annotations__) - {"deleted"}


def test_subscription_items_hold_their_price_as_a_plan_too(client: httpx.Client) -> None:
    required = {"tiers", "deleted", "OBJECT_NAME"}
    for parent in pages(client, "/v1/subscriptions", status="all"):
        for item in parent["items"]["data"]:
            plan, price = item["plan"], item["price"]
            assert faults("plan", plan) == []
            assert set(plan) == set(stripe.Plan.__annotations__) - required
            assert (plan["id"], plan["amount"]) == (price["id"], price["unit_amount"])
            assert plan["interval"] == price["recurring"]["interval"]
