"""What a subscription brings in a month, exactly, in the minor unit of its currency."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from .bodies import (
    coupon_of,
    discounts_of,
    item_price,
    seen_discounts,
    subscription_items,
    whole_discount,
)
from .objects import Body, Objects, id_of
from .prices import UnknownAmountError, amount_of, per_month, recurrence
from .profiles import is_collection_paused
from .question import Question

BILLED = {"active", "past_due"}


@dataclass(frozen=True)
class Item:
    """What is left of one item a month, how often a month it is billed, and for what."""

    left: Fraction
    per_month: Fraction | None
    product: str | None
    is_metered: bool


class Mrr:
    """Works out subscriptions' monthly amounts; reads catalogue and discounts once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._question = question
        self._prices = objects.last_body("prices")
        self._coupons = objects.last_body("coupons")
        self._customers = {body["id"]: body for body in objects.live("customers")}
        self._discounts = seen_discounts(objects)

    def of(self, subscription: Body) -> Fraction | None:
        """The monthly amount; None where a part of it isn't known."""
        if subscription["status"] not in BILLED or is_collection_paused(subscription):
            return Fraction(0)
        currency, bodies = self.currency(subscription), subscription_items(subscription)
        if currency is None or not bodies:
            return None
        try:
            items = [self._item(item, currency) for item in bodies]
            amount = self._discounted(self._bearer(subscription), items, currency, _period(items))
        except UnknownAmountError:
            return None
        return max(amount, Fraction(0))

    def at(self, moment: datetime) -> "Mrr":
        """The same at another instant, for what was seen then."""
        other = copy(self)
        other._question = replace(self._question, as_of=moment)
        return other

    def monthly(self, item: Body, currency: str | None) -> Fraction | None:
        """What an item comes to a month after its own discounts; None where it isn't known."""
        try:
            return self._item(item, currency or "").left
        except UnknownAmountError:
            return None

    def currency(self, subscription: Body) -> str | None:
        """A subscription's currency: its own, or else the one that its prices have."""
        if subscription.get("currency"):
            return str(subscription["currency"]).lower()
        prices = [item_price(item) for item in subscription_items(subscription)]
        found = {
            whole["currency"].lower()
            for price in prices
            if (whole := _with_currency(price) or self._prices.get(id_of(price) or ""))
            and whole.get("currency")
        }
        return found.pop() if len(found) == 1 else None

    def _bearer(self, subscription: Body) -> Body:
        """Whose discounts come off: the subscription's own in force, or else the customer's."""
        for reference in discounts_of(subscription):
            discount = whole_discount(reference, self._discounts)
            if discount is None or self._is_in_force(discount):
                return subscription
        return self._customers.get(id_of(subscription["customer"]) or "", {})

    def _item(self, item: Body, currency: str) -> Item:
        price = item_price(item)
        row = self._prices.get(id_of(price) or "", {})
        whole = price if isinstance(price, dict) else row
        times, is_metered = per_month(whole), recurrence(whole).get("usage_type") == "metered"
        product = id_of(whole.get("product"))
        if is_metered or times is None:
            full = Item(Fraction(0), times, product, is_metered)
        else:
            quantity = item.get("quantity")
            amount = amount_of(whole, row, currency, 1 if quantity is None else quantity)
            full = Item(amount * times, times, product, is_metered)
        left = self._discounted(item, [full], currency, times)
        return Item(left, times, product, is_metered)

    def _discounted(
        self, of: Body, items: list[Item], currency: str, times: Fraction | None
    ) -> Fraction:
        """The items' sum less the discounts on the object, one after the other."""
        left = sum((item.left for item in items), Fraction(0))
        if not left:
            return left
        for coupon in self._lasting_coupons(of):
            part = left * _share(coupon, items)
            left -= min(part, _off(coupon, part, currency, times or Fraction(0)))
        return left

    def _lasting_coupons(self, of: Body) -> Iterable[Body]:
        """The coupons of the discounts in force that come off again and again."""
        for reference in discounts_of(of):
            discount = whole_discount(reference, self._discounts)
            if discount is None:
                raise UnknownAmountError("a discount that was never seen whole")
            if self._is_in_force(discount):
                coupon = self._coupon(coupon_of(discount))
                if coupon.get("duration") in {"forever", "repeating"}:
                    yield coupon

    def _is_in_force(self, discount: Body) -> bool:
        start, end = discount.get("start"), discount.get("end")
        has_begun = start is None or self._question.exists(start)
        return has_begun and not self._question.exists(end)

    def _coupon(self, reference: Any) -> Body:
        """The coupon as listed, or as it was once held in a discount."""
        held = reference if isinstance(reference, dict) else None
        coupon = self._coupons.get(id_of(reference) or "", held)
        if coupon is None:
            raise UnknownAmountError("a coupon that may not be read")
        return coupon


def _with_currency(price: Any) -> Body | None:
    return price if isinstance(price, dict) and price.get("currency") else None


def _period(items: list[Item]) -> Fraction | None:
    """The billing period for amounts off all of a subscription: the shortest."""
    licensed = [item for item in items if not item.is_metered] or items
    return max((item.per_month for item in licensed if item.per_month is not None), default=None)


def _share(coupon: Body, items: list[Item]) -> Fraction:
    """The part of the sum that the coupon's products have; all, if it is for anything."""
    products = (coupon.get("applies_to") or {}).get("products")
    total = sum((item.left for item in items), Fraction(0))
    if not products or not total:
        return Fraction(1)
    return sum((item.left for item in items if item.product in products), Fraction(0)) / total


def _off(coupon: Body, part: Fraction, currency: str, times: Fraction) -> Fraction:
    """What a coupon takes off a part of the sum a month."""
    if coupon.get("percent_off") is not None:
        # As a text: 33.33 is no binary fraction.
        percent = Fraction(str(coupon["percent_off"]))
        if not 0 <= percent <= 100:
            raise UnknownAmountError("more off than all, or less than nothing")
        return part * percent / 100
    if coupon.get("amount_off") is None:
        return Fraction(0)
    if (coupon.get("currency") or "").lower() == currency:
        return Fraction(coupon["amount_off"]) * times
    other = (coupon.get("currency_options") or {}).get(currency) or {}
    if other.get("amount_off") is None:
        raise UnknownAmountError("an amount off in another currency")
    return Fraction(other["amount_off"]) * times
