"""Which coupons were used on an order."""

from collections.abc import Iterable
from typing import Any

from .bodies import (
    coupon_of,
    coupon_of_code,
    discounts_of,
    entries,
    seen_discounts,
    whole_discount,
)
from .objects import Body, Objects, id_of
from .orders import Order
from .profiles import Row, grouped
from .question import Question


class Coupons:
    """Finds the coupons of orders; reads the objects once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._can_read = objects.can_read("coupons")
        self._coupons = objects.last_body("coupons")
        self._codes = objects.last_body("promotion_codes")
        self._invoices = objects.last_body("invoices")
        self._charges = objects.last_body("charges")
        self._seen = seen_discounts(objects)
        begun = [
            body for body in objects.live("checkout_sessions") if question.exists(body["created"])
        ]
        self._by_intent = grouped(begun, lambda body: id_of(body.get("payment_intent")))
        self._by_invoice = grouped(begun, lambda body: id_of(body.get("invoice")))

    def rows(self, orders: Iterable[Order]) -> list[Row]:
        """The rows of marts.order_coupons: one for each order and coupon."""
        return [
            {
                "order_id": order.order_id,
                "stripe_customer_id": order.customer,
                "is_counted": order.is_counted,
                "coupon_id": key,
                "coupon": name,
            }
            for order in orders
            for key, name in self._named(order).items()
        ]

    def _named(self, order: Order) -> dict[str, str | None]:
        """The names of an order's coupons by their ids; any name rather than an id."""
        names: dict[str, str | None] = {}
        for coupon in self._of(order):
            key = id_of(coupon)
            if key and names.get(key, key) == key:
                names[key] = self._name(coupon)
        return names

    def used_on(self, orders: list[Order]) -> list[str] | None:
        """The coupons' names, or for want of one their ids, each once; None if not readable."""
        if not self._can_read:
            return None
        return sorted({str(row["coupon"]) for row in self.rows(orders)})

    def _of(self, order: Order) -> list[Any]:
        if order.source == "invoice":
            return self._of_invoice(order.order_id)
        intent = id_of(self._charges[order.order_id].get("payment_intent"))
        return self._of_sessions(self._by_intent.get(intent, []) if intent else [])

    def _of_invoice(self, key: str) -> list[Any]:
        invoice = self._invoices[key]
        references = [
            discount
            for holder in (invoice, *entries(invoice, "lines"))
            for discount in discounts_of(holder)
        ]
        known = [whole_discount(reference, self._seen) for reference in references]
        coupons = [coupon_of(discount) for discount in known if discount]
        return coupons + self._of_sessions(self._by_invoice.get(key, []))

    def _of_sessions(self, sessions: list[Body]) -> list[Any]:
        """A Checkout's discounts name a coupon or a promotion code."""
        discounts = [each for session in sessions for each in session.get("discounts") or []]
        return [each.get("coupon") or self._by_code(each) for each in discounts]

    def _by_code(self, discount: Body) -> Any:
        reference = discount.get("promotion_code")
        held = reference if isinstance(reference, dict) else {}
        return coupon_of_code(self._codes.get(id_of(reference) or "", held))

    def _name(self, coupon: Any) -> str | None:
        held = coupon if isinstance(coupon, dict) else {}
        key = id_of(coupon)
        return self._coupons.get(key or "", held).get("name") or key
