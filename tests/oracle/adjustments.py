"""What was taken back from an order: refunds, lost disputes, money credited outside of Stripe."""

from dataclasses import dataclass

from .objects import Body, Objects, id_of
from .orders import Order
from .payments import PaymentLinks, share
from .question import Question


@dataclass(frozen=True)
class Adjustment:
    """One amount above 0 taken back from one order, in the order's currency's minor unit."""

    adjustment_id: str
    order_id: str
    customer: str | None
    kind: str
    adjusted_at: int
    currency: str
    amount: int


def is_refunding(refund: Body) -> bool:
    """Whether a refund takes money back: any status but the two that came to nothing."""
    return refund.get("status") not in {"failed", "canceled"}


def is_lost(dispute: Body) -> bool:
    """Whether a dispute took the money for good."""
    return dispute.get("status") == "lost"


def is_issued(note: Body) -> bool:
    """Whether a credit note stands."""
    return note.get("status") == "issued"


def adjustments_of(
    objects: Objects, question: Question, orders: dict[str, Order]
) -> list[Adjustment]:
    """Every adjustment of these orders that was dated by the as-of instant and stands."""
    finder = Finder(objects, orders)
    refunds = [body for body in objects.live("refunds") if is_refunding(body)]
    disputes = [body for body in objects.live("disputes") if is_lost(body)]
    notes = [body for body in objects.live("credit_notes") if is_issued(body)]
    found = [row for body in refunds for row in finder.of_payment("refund", body)]
    found += [row for body in disputes for row in finder.of_payment("dispute", body)]
    found += [row for body in notes for row in finder.of_credit_note(body)]
    return [row for row in found if question.exists(row.adjusted_at)]


class Finder:
    """Finds the orders that an adjusting object belongs to."""

    def __init__(self, objects: Objects, orders: dict[str, Order]) -> None:
        self._links = PaymentLinks(objects)
        self._charges = objects.last_body("charges")
        self._orders = orders
        self._order_of_intent = {
            intent: key
            for key, order in orders.items()
            if order.source == "payment" and (intent := self._intent_of(key))
        }

    def of_payment(self, kind: str, body: Body) -> list[Adjustment]:
        """A refund or dispute: all of it on its payment's order, or shared among invoices."""
        charge = id_of(body.get("charge"))
        intent = id_of(body.get("payment_intent")) or self._intent_of(charge)
        links = self._links.of(charge, intent)
        if links:
            return self._rows(kind, body, share(body["amount"], links))
        order = charge or self._order_of_intent.get(intent or "")
        return self._rows(kind, body, {order: body["amount"]} if order else {})

    def of_credit_note(self, body: Body) -> list[Adjustment]:
        """The part of a credit note that was paid back outside of Stripe."""
        amount = body.get("out_of_band_amount") or 0
        return self._rows("credit_note", body, {str(id_of(body["invoice"])): amount})

    def _intent_of(self, charge: str | None) -> str | None:
        return id_of(self._charges.get(charge or "", {}).get("payment_intent"))

    def _rows(self, kind: str, body: Body, shares: dict[str, int]) -> list[Adjustment]:
        rows = []
        for order_id, amount in shares.items():
            order = self._orders.get(order_id)
            if order and amount > 0:
                rows.append(
                    Adjustment(
                        adjustment_id=body["id"],
                        order_id=order_id,
                        customer=order.customer,
                        kind=kind,
                        adjusted_at=body["created"],
                        currency=order.currency,
                        amount=amount,
                    )
                )
        return rows
