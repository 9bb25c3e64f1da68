"""Every attempt to take a payment, with the order that it was for and why it failed."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from .bodies import captured_of, charge_status, is_captured
from .cards import expiry
from .money import to_major
from .objects import Body, Objects, id_of
from .orders import Order, test_clock_customers
from .payments import PaymentLinks
from .profiles import Row
from .question import Question, naive

CLASSES = Path(__file__).parents[2] / "dbt_project" / "seeds" / "payment_failures.csv"
LATELY = 30


def payment_rows(objects: Objects, question: Question, orders: dict[str, Order]) -> list[Row]:
    """The rows of marts.payments."""
    if not objects.can_read("charges"):
        return []
    on_clock, links = test_clock_customers(objects), PaymentLinks(objects)
    with CLASSES.open() as file:
        classes = {row["code"]: row["failure_class"] for row in csv.DictReader(file)}
    charges = [
        body
        for body in objects.live("charges")
        if question.exists(body["created"]) and id_of(body.get("customer")) not in on_clock
    ]
    paid_later = _paid_later(charges, orders)
    return [
        {**_of_order(body, links, orders, paid_later), **_row(body), **_failure(body, classes)}
        for body in charges
    ]


def failed_lately(payments: list[Row], question: Question) -> dict[str, int]:
    """By customer, how many payments failed in the last 30 days."""
    return Counter(
        row["stripe_customer_id"] for row in payments if has_failed_lately(row, question)
    )


def unpaid_invoices(question: Question, orders: list[Row], payments: list[Row]) -> dict[str, Row]:
    """By customer, the oldest invoice that is known to be overdue or to have a failed payment."""
    failed = {row["order_id"] for row in payments if row["payment_status"] == "failed"}
    now = question.as_of.replace(tzinfo=None)
    unpaid = [
        row
        for row in orders
        if row["order_status"] == "open"
        and (row["amount_remaining_minor"] or 0) > 0
        and (row["order_id"] in failed or (row["due_at"] is not None and row["due_at"] < now))
    ]
    unpaid.sort(key=lambda row: (row["ordered_at"], row["order_id"]), reverse=True)
    return {row["stripe_customer_id"]: row for row in unpaid}


def unpaid_fields(invoice: Row) -> Row:
    """What a profile says of its unpaid invoice, if there is one."""
    return {
        "stripe_unpaid_invoice_url": invoice.get("hosted_invoice_url"),
        "stripe_unpaid_invoice_amount": invoice.get("amount_remaining"),
        "stripe_unpaid_invoice_amount_minor": invoice.get("amount_remaining_minor"),
        "stripe_unpaid_invoice_currency": invoice.get("currency"),
    }


def has_failed_lately(row: Row, question: Question) -> bool:
    """Whether a row of marts.payments failed in the last 30 days."""
    since = question.days_before(LATELY).replace(tzinfo=None)
    return bool(row["payment_status"] == "failed" and row["attempted_at"] >= since)


def _status(body: Body) -> str | None:
    status = charge_status(body)
    if status != "succeeded":
        return status
    if is_captured(body):
        return "paid"
    return "released" if body.get("refunded") else "authorized"


def _row(body: Body) -> Row:
    currency = body["currency"].lower() if body.get("currency") else None
    amount = body.get("amount")
    captured = captured_of(body) if _status(body) == "paid" else 0
    details, source = body.get("payment_method_details") or {}, body.get("source") or {}
    card = details.get("card") or {}
    brand = card.get("brand") or source.get("brand")
    return {
        "charge_id": body["id"],
        "stripe_customer_id": id_of(body.get("customer")),
        "payment_intent_id": id_of(body.get("payment_intent")),
        "attempted_at": naive(body["created"]),
        "payment_status": _status(body),
        "payment_method": details.get("type") or source.get("object"),
        "card_brand": brand.lower() if brand else None,
        "card_country": card.get("country") or source.get("country") or None,
        "card_expires_on": expiry(body),
        "currency": currency,
        "amount": to_major(amount, currency),
        "captured": to_major(captured, currency),
        "amount_minor": amount,
        "captured_minor": captured,
    }


def _failure(body: Body, classes: dict[str, str]) -> Row:
    outcome: dict[str, Any] = body.get("outcome") or {}
    code, reason = body.get("failure_code") or None, outcome.get("reason") or None
    if _status(body) != "failed":
        return {"failure_code": code, "decline_code": None, "failure_class": None}
    kinds = {"blocked": "blocked", "issuer_declined": "declined"}
    found = classes.get(reason or "") or classes.get(code or "")
    by_type = kinds.get(outcome.get("type") or "", "other")
    return {"failure_code": code, "decline_code": reason, "failure_class": found or by_type}


def _of_order(
    body: Body, links: PaymentLinks, orders: dict[str, Order], paid_later: dict[str, str]
) -> Row:
    """The first of its invoices that are orders; else its own order, or that of its intent."""
    intent = id_of(body.get("payment_intent"))
    found = [link.invoice for link in links.of(body["id"], intent) if link.invoice in orders]
    own = [body["id"]] if body["id"] in orders else [paid_later.get(intent or "")]
    named = found or [order for order in own if order]
    return {"order_id": named[0] if named else None, "orders": len(set(named))}


def _paid_later(charges: list[Body], orders: dict[str, Order]) -> dict[str, str]:
    """By payment intent, the first charge of it that is an order."""
    by_time = sorted(charges, key=lambda body: (body["created"], body["id"]), reverse=True)
    return {
        str(id_of(body["payment_intent"])): body["id"]
        for body in by_time
        if body.get("payment_intent") and body["id"] in orders
    }
