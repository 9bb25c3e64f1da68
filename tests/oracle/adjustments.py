"""What was taken back from an order: refunds, lost disputes, money credited outside of Stripe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .bodies import captured_of
from .money import Fact, exponent, half_up
from .objects import Body, Objects, id_of
from .orders import Order
from .payments import PaymentLinks, share
from .question import Question


@dataclass(frozen=True)
class Adjustment:
    """One amount above 0 taken back from one order, in its currency's minor unit.

    `of_order` is the amount in the order's currency; None where the two rates of its day lack.
    """

    adjustment_id: str
    order_id: str
    customer: str | None
    kind: str
    adjusted_at: int
    currency: str | None
    amount: int
    of_order: int | None
    stands: bool = True  # False: it did once, as an earlier version says (a refund that failed)


def is_refunding(refund: Body) -> bool:
    """Whether a refund takes money back: any status but the two that came to nothing."""
    return refund.get("status") not in {"failed", "canceled"}


def released(objects: Objects) -> set[str]:
    """Refunds by which Stripe once recorded that a partial capture released the rest."""
    charges = objects.last_body("charges")
    first: dict[str, Body] = {}
    for refund in sorted(
        objects.last_body("refunds").values(), key=lambda body: (body["created"], body["id"])
    ):
        first.setdefault(id_of(refund.get("charge")) or "", refund)
    return {
        refund["id"]
        for key, refund in first.items()
        if key in charges and _is_release(refund, charges[key])
    }


def _is_release(refund: Body, charge: Body) -> bool:
    """Whether a charge's first refund is of just what wasn't captured, by Stripe's own sum too."""
    captured, refunded = captured_of(charge), charge.get("amount_refunded") or 0
    if captured is None or charge.get("amount") is None:
        return False
    rest = charge["amount"] - captured
    # Since 2025-03 the sum is of what was captured, and full with that.
    is_of_today = charge.get("refunded") is True and refunded <= captured
    return 0 < rest == refund["amount"] <= refunded and not is_of_today


def is_lost(dispute: Body) -> bool:
    """Whether a dispute took the money for good."""
    return dispute.get("status") == "lost"


def is_issued(note: Body) -> bool:
    """Whether a credit note stands."""
    return note.get("status") == "issued"


def adjustments_of(
    objects: Objects, question: Question, orders: dict[str, Order]
) -> list[Adjustment]:
    """Every adjustment of these orders that was dated by the as-of instant, and stood once."""
    finder = Finder(objects, question, orders)
    releases = released(objects)
    found = [
        row
        for resource, kind, stands in (
            ("refunds", "refund", is_refunding),
            ("disputes", "dispute", is_lost),
            ("credit_notes", "credit_note", is_issued),
        )
        for body in _that_stood(objects, resource, stands)
        if body["id"] not in releases
        for row in finder.of(kind, body, stands(body))
    ]
    return [row for row in found if question.exists(row.adjusted_at)]


def _that_stood(objects: Objects, resource: str, stands: Callable[[Body], bool]) -> Iterator[Body]:
    """The newest body of each object of which any version stood."""
    for body in objects.live(resource):
        versions = objects.history(resource)[body["id"]]
        if any(stands(version.body) for version in versions if not version.is_deleted):
            yield body


class Finder:
    """Finds the orders that an adjusting object belongs to."""

    def __init__(self, objects: Objects, question: Question, orders: dict[str, Order]) -> None:
        self._question = question
        self._links = PaymentLinks(objects)
        self._charges = objects.last_body("charges")
        self._orders = orders
        self._order_of_intent = {
            intent: key
            for key, order in orders.items()
            if order.source == "payment" and (intent := self._intent_of(key))
        }

    def of(self, kind: str, body: Body, stands: bool) -> list[Adjustment]:
        """An object's adjustments, one for each order that it touches."""
        shares = self._noted(body) if kind == "credit_note" else self._shared(body)
        return [
            self._row(kind, body, stands, self._orders[order_id], amount)
            for order_id, amount in shares.items()
            if order_id in self._orders and amount > 0
        ]

    def _row(self, kind: str, body: Body, stands: bool, order: Order, amount: int) -> Adjustment:
        currency = body["currency"].lower() if body.get("currency") else order.currency
        return Adjustment(
            adjustment_id=body["id"],
            order_id=order.order_id,
            customer=order.customer,
            kind=kind,
            adjusted_at=body["created"],
            currency=currency,
            amount=amount,
            of_order=self._converted(amount, currency, order, body["created"]),
            stands=stands,
        )

    def _converted(self, amount: int, currency: str | None, order: Order, at: int) -> int | None:
        """An amount in the order's currency, by the two rates of its own day."""
        if currency == order.currency:
            return amount
        if currency is None or order.currency is None:
            return None
        day = self._question.day(at)
        exact = self._question.table.convert(Fact(amount, currency, day))
        rate = self._question.table.rate(order.currency, day)
        if exact is None or not rate:
            return None
        return half_up(exact / rate * 10 ** exponent(order.currency))

    def _shared(self, body: Body) -> dict[str, int]:
        """A refund or dispute: all of it on its payment's order, or shared among invoices."""
        charge = id_of(body.get("charge"))
        intent = id_of(body.get("payment_intent")) or self._intent_of(charge)
        links = self._links.of(charge, intent)
        if links:
            return share(body["amount"], links)
        order = charge or self._order_of_intent.get(intent or "")
        return {order: body["amount"]} if order else {}

    def _noted(self, body: Body) -> dict[str, int]:
        """The part of a credit note that was paid back outside of Stripe."""
        return {str(id_of(body["invoice"])): body.get("out_of_band_amount") or 0}

    def _intent_of(self, charge: str | None) -> str | None:
        return id_of(self._charges.get(charge or "", {}).get("payment_intent"))
