"""Both sides of the books: what payments took, and what orders say they collected of it."""

from collections import Counter

from .bodies import captured_of, created_of, invoice_currency
from .money import to_major
from .objects import Body, Objects, id_of
from .orders import Order, taken_charges, test_clock_customers
from .payments import PaymentLinks, share
from .profiles import Row
from .question import Question


def unmatched_rows(objects: Objects, question: Question, orders: dict[str, Order]) -> list[Row]:
    """The rows of marts.unmatched_money."""
    if not all(map(objects.can_read, ("charges", "invoice_payments", "invoices"))):
        return []
    books = _Books(objects, question, orders)
    return [*books.of_orders(), *books.outside()]


class _Books:
    """The shares of charges among invoices, and what else was paid for them."""

    def __init__(self, objects: Objects, question: Question, orders: dict[str, Order]) -> None:
        self._objects, self._question, self._orders = objects, question, orders
        self._invoices = objects.last_body("invoices")
        links = PaymentLinks(objects)
        self._charges = {body["id"]: body for body in taken_charges(objects)}
        self._shares = {
            key: _shares(body, links)
            for key, body in self._charges.items()
            if captured_of(body) is not None
        }
        self._linked = links.paid_by_invoice()
        self._reported = _reported(objects)

    def of_orders(self) -> list[Row]:
        """Orders that collected other than was paid for them."""
        rows = []
        for order in self._orders.values():
            if order.source != "invoice" or order.collected is None or order.currency is None:
                continue
            paid = self._paid(order, order.collected)
            over = self._invoices[order.order_id].get("amount_overpaid") or 0
            if paid < order.collected:
                why = "it collected more than its payments took"
            elif paid > order.collected + over:
                why = "its payments took more than it collected"
            else:
                continue
            rows.append(_row(order.order_id, "order", order.currency, paid, order.collected, why))
        return rows

    def _paid(self, order: Order, collected: int) -> int:
        """By charges in its currency, reported from outside, and what no one reported."""
        charged = sum(
            shares.get(order.order_id, 0)
            for key, shares in self._shares.items()
            if _currency(self._charges[key]) == order.currency
        )
        reported = self._reported[order.order_id]
        unreported = max(collected - self._linked.get(order.order_id, 0) - reported, 0)
        return charged + reported + unreported

    def outside(self) -> list[Row]:
        """Charges, or shares of one, that are in no order."""
        rows = []
        for key, shares in self._shares.items():
            body = self._charges[key]
            found = {
                invoice: (part, self._why(invoice))
                for invoice, part in shares.items()
                if invoice not in self._orders and part and self._counts(invoice, body)
            }
            if not shares and self._is_lost(body):
                found = {"": (captured_of(body) or 0, "it is in no order")}
            if found:
                paid, why = (
                    sum(part for part, _ in found.values()),
                    min(w for _, w in found.values()),
                )
                rows.append(_row(key, "charge", _currency(body), paid, 0, why))
        return rows

    def _why(self, invoice: str) -> str:
        is_read = invoice in self._objects.history("invoices")
        return f"it pays an invoice that {'is no order' if is_read else 'was never read'}"

    def _counts(self, invoice: str, charge: Body) -> bool:
        """Whether the invoice is neither a test's nor still to come."""
        body = self._invoices.get(invoice)
        if body is None:
            return self._question.exists(charge["created"])
        is_test = id_of(body.get("customer")) in test_clock_customers(self._objects)
        is_test = is_test or body.get("test_clock") is not None
        return not is_test and self._question.exists(created_of(body))

    def _is_lost(self, charge: Body) -> bool:
        """Whether a charge pays nothing and is none of the orders, although it should be one."""
        is_wanted = "payment" in self._question.order_sources and captured_of(charge) != 0
        return (
            is_wanted
            and charge["id"] not in self._orders
            and self._question.exists(charge["created"])
        )


def _shares(charge: Body, links: PaymentLinks) -> dict[str, int]:
    paying = links.of(charge["id"], id_of(charge.get("payment_intent")))
    return share(captured_of(charge) or 0, paying) if paying else {}


def _reported(objects: Objects) -> Counter[str]:
    """By invoice, what InvoicePayments say was paid outside of Stripe."""
    found: Counter[str] = Counter()
    for body in objects.live("invoice_payments"):
        payment = body.get("payment") or {}
        if body.get("status") == "paid" and not (
            payment.get("charge") or payment.get("payment_intent")
        ):
            found[str(id_of(body["invoice"]))] += body.get("amount_paid") or 0
    return found


def _currency(charge: Body) -> str | None:
    return invoice_currency(charge)


def _row(key: str, kind: str, currency: str | None, paid: int, collected: int, why: str) -> Row:
    return {
        "object_id": key,
        "object_type": kind,
        "currency": currency,
        "paid": to_major(paid, currency),
        "collected": to_major(collected, currency),
        "paid_minor": paid,
        "collected_minor": collected,
        "reason": why,
    }
