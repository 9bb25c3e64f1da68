"""What an invoice further says of its order."""

from .money import in_both_units
from .objects import Body, Objects, id_of
from .orders import Order
from .profiles import Row
from .question import naive


def detail_rows(objects: Objects, orders: dict[str, Order]) -> dict[str, Row]:
    """The further columns of marts.orders, by order."""
    invoices = objects.last_body("invoices")
    readable = objects.can_read("invoice_payments")
    reported = _reported(objects)
    return {
        key: _of_payment(order)
        if order.source == "payment"
        else _of_invoice(order, invoices[key], key in reported, readable)
        for key, order in orders.items()
    }


def _reported(objects: Objects) -> set[str]:
    """Invoices with a payment that was reported from outside of Stripe."""
    return {
        str(id_of(body["invoice"]))
        for body in objects.live("invoice_payments")
        if body.get("status") == "paid"
        and not any((body.get("payment") or {}).get(by) for by in ("charge", "payment_intent"))
    }


def _of_payment(order: Order) -> Row:
    none: Row = dict.fromkeys(
        ("subscription_id", "billing_reason", "number", "due_at", "hosted_invoice_url")
    )
    amounts = {"discount": None, "tax": None, "amount_due": order.total, "amount_remaining": 0}
    return {**none, "is_paid_out_of_band": False, **in_both_units(amounts, order.currency)}


def _of_invoice(order: Order, body: Body, was_reported: bool, readable: bool) -> Row:
    named = (body.get("parent") or {}).get("subscription_details") or {}
    untaxed = body.get("total_excluding_tax")
    discounts = body.get("total_discount_amounts")
    due, remaining = body.get("amount_due"), body.get("amount_remaining")
    if remaining is None and due is not None and order.collected is not None:
        remaining = max(due - order.collected, 0)
    if body.get("paid_out_of_band"):
        remaining = 0
    taken_off = [entry.get("amount") or 0 for entry in discounts or []]
    total = body.get("total")
    tax = body.get("tax") or 0
    if untaxed is not None:
        tax = None if total is None else total - untaxed
    amounts = {
        "discount": None if discounts is None else sum(taken_off),
        "tax": tax,
        "amount_due": due,
        "amount_remaining": remaining,
    }
    return {
        "subscription_id": id_of(named.get("subscription") or body.get("subscription")),
        "billing_reason": body.get("billing_reason"),
        "number": body.get("number") or None,
        "due_at": naive(body.get("due_date")),
        "hosted_invoice_url": body.get("hosted_invoice_url") or None,
        "is_paid_out_of_band": _elsewhere(body, was_reported, readable),
        **in_both_units(amounts, order.currency),
    }


def _elsewhere(body: Body, was_reported: bool, readable: bool) -> bool | None:
    off = body.get("amount_paid_off_stripe")
    if body.get("paid_out_of_band") or (off or 0) > 0 or (readable and was_reported):
        return True
    return False if readable or off is not None else None
