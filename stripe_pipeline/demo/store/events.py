"""Events: what changed, with a snapshot of the object in the shape of an older API version.

Stripe renders `data.object` at the account's default version when the event is created, regardless
of the version requested. The demo account's default is from before 2025-03-31.basil, which moved
fields: https://docs.stripe.com/changelog/basil
"""

from typing import Any

from stripe_pipeline.demo.store.chance import Chance
from stripe_pipeline.demo.store.endpoints import BY_OBJECT, INCLUDABLE
from stripe_pipeline.demo.store.shopper import Change

Body = dict[str, Any]

EVENT_API_VERSION = "2025-02-24.acacia"
EMBEDDED = 10  # entries of a nested list that Stripe sends along


def event(chance: Chance, change: Change) -> Body:
    """Return the event of a change in the life of a customer."""
    snapshot = change.body | change.state
    return event_body(chance, change.type, change.at, snapshot, change.previous)


def event_body(chance: Chance, kind: str, at: int, snapshot: Body, previous: Body | None) -> Body:
    """Return an event object with a snapshot of another object."""
    data: Body = {"object": at_older_version(snapshot)}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": chance.identifier("evt"),
        "object": "event",
        "api_version": EVENT_API_VERSION,
        "created": at,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def at_older_version(body: Body) -> Body:
    """Return an object in the account's default version, with nested lists truncated."""
    shown = as_shown(body)
    mover = MOVED.get(body["object"])
    return mover(shown) if mover else shown


def as_shown(whole: Body) -> Body:
    """Return a copy of an object as Stripe sends it when nothing is expanded."""
    shown = whole.copy()
    for name in INCLUDABLE.get(whole["object"], ()):
        shown.pop(name, None)
    endpoint = BY_OBJECT.get(whole["object"])
    if endpoint and endpoint.nested and endpoint.nested.field in shown:
        shown[endpoint.nested.field] = cut_off(shown[endpoint.nested.field])
    return shown


def cut_off(entries: Body) -> Body:
    """Return a nested list, truncated to its first entries if it is long."""
    if len(entries["data"]) <= EMBEDDED:
        return entries
    return entries | {"data": entries["data"][:EMBEDDED], "has_more": True}


def _invoice(body: Body) -> Body:
    details = (body.pop("parent", None) or {}).get("subscription_details") or {}
    lines = body["lines"]
    return body | {
        "charge": None,
        "discount": None,
        "lines": lines | {"data": [_line(line) for line in lines["data"]]},
        "paid": body["status"] == "paid",
        "payment_intent": None,
        "subscription": details.get("subscription"),
        "tax": sum(entry["amount"] for entry in body.pop("total_taxes", [])),
    }


def _line(body: Body) -> Body:
    parent = body["parent"]
    details = parent["subscription_item_details"] or parent["invoice_item_details"]
    pricing = body["pricing"]
    kept = {key: body[key] for key in body if key not in ("parent", "pricing", "taxes")}
    return kept | {
        "invoice_item": details.get("invoice_item"),
        "price": {"id": pricing["price_details"]["price"], "object": "price"} if pricing else None,
        "proration": details["proration"],
        "subscription_item": details.get("subscription_item"),
        "tax_amounts": [],
        "type": "subscription" if parent["subscription_item_details"] else "invoiceitem",
    }


def _subscription(body: Body) -> Body:
    first = body["items"]["data"][0]
    return body | {
        "current_period_end": first["current_period_end"],
        "current_period_start": first["current_period_start"],
        "discount": None,
    }


def _charge(body: Body) -> Body:
    return body | {"invoice": None}


MOVED = {"invoice": _invoice, "subscription": _subscription, "charge": _charge}
