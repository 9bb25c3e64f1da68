"""Turn a whole object into stored rows: the body as Stripe shows it, and its hidden fields."""

from typing import Any, NamedTuple

import msgspec

from stripe_pipeline.demo.store.endpoints import BY_OBJECT, INCLUDABLE, Endpoint
from stripe_pipeline.demo.store.events import EMBEDDED, as_shown, cut_off

Body = dict[str, Any]


class Row(NamedTuple):
    """One stored object.

    `status` is an event's type. `is_listed` is false for what lists leave out: deleted objects,
    and customers and subscriptions on a test clock. `extras` is the JSON of the fields that are
    sent on `expand` only, None when there are none.
    """

    resource: str
    id: str
    created: int
    status: str | None
    customer: str | None
    subscription: str | None
    invoice: str | None
    charge: str | None
    payment_intent: str | None
    test_clock: str | None
    is_listed: bool
    body: bytes
    extras: bytes | None


class Child(NamedTuple):
    """One entry of a nested list that is too long to be embedded whole."""

    resource: str
    parent: str
    place: int
    id: str
    body: bytes


def row_of(whole: Body) -> Row:
    """Render an object.

    Raises:
        KeyError: the object is of a kind that the store doesn't hold.
    """
    endpoint = BY_OBJECT[whole["object"]]
    extras = {key: whole[key] for key in INCLUDABLE.get(endpoint.object, ()) if key in whole}
    links = _links(whole, endpoint.object)
    clock = whole.get("test_clock")
    hidden = clock is not None and endpoint.resource in ("customers", "subscriptions")
    return Row(
        resource=endpoint.resource,
        id=whole["id"],
        created=whole.get("created") or whole.get("start") or 0,
        status=whole.get("type") if endpoint.object == "event" else whole.get("status"),
        customer=links.customer,
        subscription=links.subscription,
        invoice=links.invoice,
        charge=links.charge,
        payment_intent=links.payment_intent,
        test_clock=clock,
        is_listed=not hidden and not whole.get("deleted", False),
        body=msgspec.json.encode(as_shown(whole)),
        extras=_encode_extras(extras, endpoint),
    )


def _encode_extras(extras: Body, endpoint: Endpoint) -> bytes | None:
    if not extras:
        return None
    if endpoint.nested and endpoint.nested.field in extras:
        field = endpoint.nested.field
        extras = extras | {field: cut_off(extras[field])}
    return msgspec.json.encode(extras)


class Links(NamedTuple):
    """The ids by which lists can be filtered."""

    customer: str | None = None
    subscription: str | None = None
    invoice: str | None = None
    charge: str | None = None
    payment_intent: str | None = None


def _links(whole: Body, kind: str) -> Links:
    if kind == "event":
        return Links()
    links = Links(*(whole.get(name) for name in Links._fields))
    if kind == "invoice":
        details = (whole["parent"] or {}).get("subscription_details") or {}
        return links._replace(subscription=details.get("subscription"))
    if kind == "invoice_payment":
        return links._replace(payment_intent=whole["payment"].get("payment_intent"))
    return links


def children_of(whole: Body) -> list[Child]:
    """Return the entries of the object's nested list, if Stripe doesn't embed them all."""
    endpoint = BY_OBJECT[whole["object"]]
    entries = nested_entries(whole, endpoint)
    if len(entries) <= EMBEDDED:
        return []
    return [
        Child(endpoint.resource, whole["id"], place, entry["id"], msgspec.json.encode(entry))
        for place, entry in enumerate(entries)
    ]


def nested_entries(body: Body, endpoint: Endpoint) -> list[Body]:
    """Return the entries of an object's nested list; [] when it has no such list."""
    if endpoint.nested is None:
        return []
    entries: list[Body] = (body.get(endpoint.nested.field) or {}).get("data", [])
    return entries
