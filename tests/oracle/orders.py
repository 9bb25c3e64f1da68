"""Orders: invoices, and payments that pay no invoice."""

from dataclasses import dataclass

from .bodies import entries, invoice_status, is_proration, item_price, line_price, usage_type
from .objects import Body, Objects, id_of
from .payments import PaymentLinks
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
    currency: str
    total: int
    untaxed: int | None
    items: int
    collected: int

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
    metered = _metered_prices(objects)
    return [
        _invoice_order(body, question, metered)
        for body in objects.live("invoices")
        if (body.get("subtotal") or 0) > 0 and question.exists(body["created"])
    ]


def _invoice_order(body: Body, question: Question, metered: set[str]) -> Order:
    transitions = body.get("status_transitions") or {}
    paid_at, voided_at = transitions.get("paid_at"), transitions.get("voided_at")
    status = invoice_status(body)
    return Order(
        order_id=body["id"],
        customer=id_of(body.get("customer")),
        source="invoice",
        status=status,
        ordered_at=body["created"],
        paid_at=paid_at if question.exists(paid_at) else None,
        voided_at=voided_at if question.exists(voided_at) else None,
        currency=body["currency"].lower(),
        total=body["total"],
        untaxed=body.get("total_excluding_tax"),
        items=_items(body, metered) if status == "paid" else 0,
        collected=_collected(body),
    )


def _collected(invoice: Body) -> int:
    """What was paid; money from outside of Stripe wasn't always part of `amount_paid`."""
    paid: int = invoice.get("amount_paid") or 0
    if invoice.get("paid_out_of_band") is True:
        return max(paid, invoice.get("amount_due") or 0)
    return paid


def _metered_prices(objects: Objects) -> set[str]:
    """Prices by usage: from the price list, and from subscriptions, which hold theirs whole."""
    items = [
        item
        for subscription in objects.last_body("subscriptions").values()
        for item in entries(subscription, "items")
    ]
    prices = [*objects.last_body("prices").values(), *map(item_price, items)]
    return {price["id"] for price in prices if _is_metered(price, set())}


def _is_metered(price: object, metered: set[str]) -> bool:
    """Whether a price that is given by its id, or whole, is billed by usage."""
    whole = price if isinstance(price, dict) else {}
    return usage_type(whole) == "metered" or id_of(price) in metered


def _items(invoice: Body, metered: set[str]) -> int:
    """Products bought: quantities of lines that cost something and are no prorations."""
    lines = entries(invoice, "lines")
    bought = [line for line in lines if (line.get("amount") or 0) > 0 and not is_proration(line)]
    return sum(1 if _is_metered(line_price(line), metered) else _quantity(line) for line in bought)


def _quantity(line: Body) -> int:
    quantity = line.get("quantity")
    return 1 if quantity is None else quantity


def _payment_orders(objects: Objects, question: Question) -> list[Order]:
    links = PaymentLinks(objects)
    baskets = _baskets(objects, question)
    return [
        _payment_order(body, baskets)
        for body in objects.live("charges")
        # Without InvoicePayments nobody knows which charges pay invoices.
        if objects.can_read("invoice_payments")
        and body.get("status") == "succeeded"
        and body.get("captured") is True
        and question.exists(body["created"])
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
        currency=body["currency"].lower(),
        total=captured_of(body),
        untaxed=None,
        items=baskets.get(id_of(body.get("payment_intent")) or "", 1),
        collected=captured_of(body),
    )


def captured_of(charge: Body) -> int:
    """What was taken of a charge; one that doesn't say was captured whole or not at all."""
    captured: int | None = charge.get("amount_captured")
    if captured is None:
        captured = int(charge["amount"]) if charge.get("captured") is True else 0
    return captured


def _baskets(objects: Objects, question: Question) -> dict[str, int]:
    """Items bought by payment intent, from the newest Checkout whose line items were read."""
    baskets = {}
    begun = [body for body in objects.live("checkout_sessions") if question.exists(body["created"])]
    for session in sorted(begun, key=lambda body: (body["created"], body["id"])):
        intent, lines = id_of(session.get("payment_intent")), entries(session, "line_items")
        if intent and lines:
            baskets[intent] = sum(_quantity(line) for line in lines)
    return baskets
