"""Orders: invoices, and payments that pay no invoice."""

import math
from dataclasses import dataclass
from fractions import Fraction

from .bodies import (
    captured_of,
    charge_status,
    created_of,
    entries,
    invoice_currency,
    invoice_status,
    is_captured,
    is_proration,
    item_price,
    line_price,
    subscription_items,
    usage_type,
)
from .objects import Body, Objects, id_of
from .payments import PaymentLinks, share
from .question import Question

COUNTED = {"open", "paid", "uncollectible"}


@dataclass(frozen=True)
class Order:
    """One order; instants in Unix seconds, amounts in the currency's minor unit."""

    order_id: str
    customer: str | None
    source: str
    status: str | None
    ordered_at: int
    paid_at: int | None
    voided_at: int | None
    currency: str | None
    total: int | None
    untaxed: int | None
    items: int
    collected: int | None

    @property
    def is_counted(self) -> bool:
        """Whether it was placed and not taken back."""
        return self.status in COUNTED

    @property
    def is_paid(self) -> bool:
        """Whether its newest status says so, even if it was paid after the as-of instant."""
        return self.status == "paid"


def orders_of(objects: Objects, question: Question) -> dict[str, Order]:
    """Every order that had been placed by the as-of instant, by id."""
    on_clock = test_clock_customers(objects)
    found = []
    if "invoice" in question.order_sources:
        found += _invoice_orders(objects, question)
    if "payment" in question.order_sources:
        found += _payment_orders(objects, question)
    return {order.order_id: order for order in found if order.customer not in on_clock}


def test_clock_customers(objects: Objects) -> set[str]:
    """Customers on a test clock: whatever hangs on them is in no mart."""
    bodies = objects.last_body("customers")
    return {key for key, body in bodies.items() if body.get("test_clock") is not None}


def _invoice_orders(objects: Objects, question: Question) -> list[Order]:
    metered = metered_prices(objects)
    charged, paid_at = charged_by_invoice(objects), _paid_by_invoice(objects)
    found = [
        _invoice_order(body, question, metered, charged.get(body["id"]), paid_at.get(body["id"]))
        for body in objects.live("invoices")
        if body.get("test_clock") is None and question.exists(created_of(body))
    ]
    subtotals = {body["id"]: body.get("subtotal") for body in objects.live("invoices")}
    return [order for order in found if _is_order(order, subtotals[order.order_id])]


def _is_order(order: Order, subtotal: int | None) -> bool:
    """Not an invoice of nothing, nor one that gives money back."""
    return any((amount or 0) > 0 for amount in (subtotal, order.total, order.collected))


def _invoice_order(
    body: Body, question: Question, metered: set[str], charged: int | None, last_paid: int | None
) -> Order:
    transitions = body.get("status_transitions") or {}
    paid_at, voided_at = transitions.get("paid_at"), transitions.get("voided_at")
    status = invoice_status(body)
    if paid_at is None and status == "paid":
        paid_at = created_of(body) if last_paid is None else last_paid
    return Order(
        order_id=body["id"],
        customer=id_of(body.get("customer")),
        source="invoice",
        status=status,
        ordered_at=created_of(body),
        paid_at=paid_at if question.exists(paid_at) else None,
        voided_at=voided_at if question.exists(voided_at) else None,
        currency=invoice_currency(body),
        total=body.get("total"),
        untaxed=body.get("total_excluding_tax"),
        items=_items(body, metered) if status == "paid" else 0,
        collected=_collected(body, charged),
    )


def _collected(invoice: Body, charged: int | None) -> int | None:
    """What was paid; money from outside of Stripe wasn't always part of `amount_paid`.

    Before 2018 an invoice said only that it was paid: its charge or what was due says how much.
    """
    paid: int | None = invoice.get("amount_paid")
    due: int | None = invoice.get("amount_due")
    if paid is None and invoice.get("paid") is False:
        paid = 0
    if invoice.get("paid_out_of_band") is True:
        return max((each for each in (paid, due) if each is not None), default=None)
    if paid is not None:
        return paid
    if invoice_status(invoice) == "paid":
        return due if charged is None else charged
    return 0 if invoice_status(invoice) in {"draft", "open", "void", "uncollectible"} else None


def taken_charges(objects: Objects) -> list[Body]:
    """Charges that took money, of customers who are no test."""
    on_clock = test_clock_customers(objects)
    if not objects.can_read("charges"):
        return []
    return [
        body
        for body in objects.live("charges")
        if charge_status(body) == "succeeded"
        and is_captured(body)
        and id_of(body.get("customer")) not in on_clock
    ]


def charged_by_invoice(objects: Objects) -> dict[str, int]:
    """What charges paid of each invoice, shared as refunds are."""
    links = PaymentLinks(objects)
    sums: dict[str, int] = {}
    for charge in taken_charges(objects):
        amount = captured_of(charge)
        paying = links.of(charge["id"], id_of(charge.get("payment_intent")))
        if paying and amount is not None:
            for invoice, part in share(amount, paying).items():
                sums[invoice] = sums.get(invoice, 0) + part
    return sums


def _paid_by_invoice(objects: Objects) -> dict[str, int]:
    """When the newest payment of each invoice was made, as InvoicePayments say."""
    newest: dict[str, int] = {}
    for body in objects.live("invoice_payments") if objects.can_read("invoice_payments") else ():
        at = (body.get("status_transitions") or {}).get("paid_at")
        invoice = str(id_of(body["invoice"]))
        if body.get("status") == "paid" and at is not None:
            newest[invoice] = max(at, newest.get(invoice, at))
    return newest


def metered_prices(objects: Objects) -> set[str]:
    """Prices by usage: from the price list, and from subscriptions, which hold theirs whole."""
    items = [
        item
        for subscription in objects.last_body("subscriptions").values()
        for item in subscription_items(subscription)
    ]
    prices = [*objects.last_body("prices").values(), *map(item_price, items)]
    return {price["id"] for price in prices if is_metered(price, set())}


def is_metered(price: object, metered: set[str]) -> bool:
    """Whether a price that is given by its id, or whole, is billed by usage."""
    whole = price if isinstance(price, dict) else {}
    return usage_type(whole) == "metered" or id_of(price) in metered


def _items(invoice: Body, metered: set[str]) -> int:
    """Products bought: quantities of lines that cost something and are no prorations."""
    lines = entries(invoice, "lines")
    bought = [line for line in lines if (line.get("amount") or 0) > 0 and not is_proration(line)]
    return sum(1 if is_metered(line_price(line), metered) else quantity_of(line) for line in bought)


def quantity_of(line: Body) -> int:
    """How many things: of half a metre one."""
    if line.get("quantity_decimal") is not None:
        return math.ceil(Fraction(str(line["quantity_decimal"])))
    quantity = line.get("quantity")
    return 1 if quantity is None else quantity


def _payment_orders(objects: Objects, question: Question) -> list[Order]:
    links = PaymentLinks(objects)
    baskets = _baskets(objects, question)
    # Without InvoicePayments no one knows which charges pay invoices.
    if not objects.can_read("invoice_payments"):
        return []
    return [
        _payment_order(body, baskets)
        for body in taken_charges(objects)
        if question.exists(body["created"])
        and not links.of(body["id"], id_of(body.get("payment_intent")))
    ]


def _payment_order(body: Body, baskets: dict[str, int]) -> Order:
    return Order(
        order_id=body["id"],
        customer=id_of(body.get("customer")),
        source="payment",
        status="paid",
        ordered_at=body["created"],
        paid_at=body["created"],
        voided_at=None,
        currency=body["currency"].lower() if body.get("currency") else None,
        total=captured_of(body),
        untaxed=None,
        items=baskets.get(id_of(body.get("payment_intent")) or "", 1),
        collected=captured_of(body),
    )


def _baskets(objects: Objects, question: Question) -> dict[str, int]:
    """Items bought by payment intent, from the newest Checkout whose line items were read."""
    baskets = {}
    begun = [body for body in objects.live("checkout_sessions") if question.exists(body["created"])]
    for session in sorted(begun, key=lambda body: (body["created"], body["id"])):
        intent, lines = id_of(session.get("payment_intent")), entries(session, "line_items")
        if intent and lines:
            baskets[intent] = sum(quantity_of(line) for line in lines)
    return baskets
