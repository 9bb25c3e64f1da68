"""Changes to a whole lake of which one knows beforehand what must come of them."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from ..oracle import shapes
from ..oracle.bodies import entries
from ..oracle.merchant import objects_of
from ..oracle.objects import Body, id_of
from ..oracle.payments import PaymentLinks

Row = dict[str, Any]

TAKING_BACK = {"refund", "dispute", "credit_note"}
# What the two halves of an invoice share out between them.
SHARED_OUT = ("subtotal", "total", "total_excluding_tax", "amount_paid", "amount_due")


def nothing_taken_back(bodies: Iterable[Body]) -> list[Body]:
    """The merchants before anything was refunded, disputed or credited."""
    return [
        body | {"amount_refunded": 0, "refunded": False} if body["object"] == "charge" else body
        for body in bodies
        if body["object"] not in TAKING_BACK
    ]


def everything_refunded(orders: Iterable[Row], bodies: list[Body]) -> list[Body]:
    """What gives back all that was collected, order by order, on the order's own day.

    A payment is refunded; an invoice by the charge that pays it and nothing else, or else by a
    credit note for money given back outside of Stripe.
    """
    charges = _sole_charges(bodies)
    return [
        _given_back(order, charges.get(order["order_id"]))
        for order in orders
        if order["collected_minor"]
    ]


def _sole_charges(bodies: list[Body]) -> dict[str, str]:
    """The charge by its invoice, where it pays only this one."""
    objects = objects_of(*bodies)
    links = PaymentLinks(objects)
    return {
        found[0].invoice: charge["id"]
        for charge in objects.live("charges")
        for found in [links.of(charge["id"], id_of(charge.get("payment_intent")))]
        if len(found) == 1
    }


def _given_back(order: Row, charge: str | None) -> Body:
    key, amount = order["order_id"], order["collected_minor"]
    seconds = order["ordered_at"].replace(tzinfo=UTC).timestamp()
    common = {"created": int(seconds), "currency": order["currency"]}
    of = key if order["order_source"] == "payment" else charge
    if of:
        return shapes.refund(f"re_all_{key}", of, amount, **common)
    return shapes.credit_note(f"cn_all_{key}", key, None, amount, **common)


def halved(bodies: list[Body]) -> list[Body]:
    """Every invoice that can be is two of the same day, each with some of the lines.

    What pays it pays both, each its part; an invoice that shares its payment stays whole, as the
    parts of a refund would be rounded otherwise. So does one whose amount paid only its charge
    tells, or whose currency only its lines do.
    """
    objects = objects_of(*bodies)
    shared = _sharing_a_payment(bodies)
    newest = {body["id"]: body for body in objects.live("invoices")}
    splitting = {
        key
        for key, body in newest.items()
        if key not in shared
        and (body.get("subtotal") or 0) > 1
        and body.get("amount_paid") is not None
        and body.get("currency")
    }
    return [half for body in bodies for half in _halves(body, splitting)]


def _sharing_a_payment(bodies: list[Body]) -> set[str]:
    objects = objects_of(*bodies)
    links = PaymentLinks(objects)
    named = [
        (id_of(body.get("charge")) or body["id"], id_of(body.get("payment_intent")))
        for resource in ("charges", "refunds", "disputes")
        for body in objects.live(resource)
    ]
    found = [{link.invoice for link in links.of(*keys)} for keys in named]
    return {invoice for invoices in found if len(invoices) > 1 for invoice in invoices}


def _halves(body: Body, splitting: set[str]) -> list[Body]:
    if body["object"] == "invoice" and body["id"] in splitting and not body.get("deleted"):
        return [_half(body, 0), _half(body, 1)]
    if body["object"] == "invoice_payment" and id_of(body["invoice"]) in splitting:
        return [_half_payment(body, 0), _half_payment(body, 1)]
    return [body]


def _half(body: Body, part: int) -> Body:
    """The first half, under a new id, or the second, under the old one."""
    lines = entries(body, "lines")
    kept = lines[: len(lines) // 2] if part == 0 else lines[len(lines) // 2 :]
    amounts = {name: _part(body[name], part) for name in SHARED_OUT if body.get(name) is not None}
    key = f"{body['id']}_half" if part == 0 else body["id"]
    return {**body, **amounts, "id": key, "lines": {**body["lines"], "data": kept}}


def _half_payment(body: Body, part: int) -> Body:
    if part:
        return {**body, "amount_paid": _part(body["amount_paid"], 1)}
    paid = _part(body["amount_paid"], 0)
    invoice = f"{id_of(body['invoice'])}_half"
    return {**body, "id": f"{body['id']}_half", "invoice": invoice, "amount_paid": paid}


def _part(amount: int | None, part: int) -> int | None:
    """Half of it, and the other half with the remainder."""
    if amount is None:
        return None
    half = amount // 2
    return half if part == 0 else amount - half
