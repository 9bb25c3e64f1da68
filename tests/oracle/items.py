"""The items of subscriptions, and what was invoiced for a subscription."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from .bodies import item_price, subscription_items
from .money import exponent, half_up, to_major
from .mrr import Mrr
from .objects import Body, Objects, id_of
from .orders import Order
from .prices import UnknownAmountError, recurrence, unit_amount
from .profiles import Row, grouped
from .question import Question, naive
from .sales import rounded


class Items:
    """Makes the rows of marts.subscription_items; reads the catalogue once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._mrr = Mrr(objects, question)
        self._prices = objects.last_body("prices")
        products = objects.last_body("products") if objects.can_read("products") else {}
        self._names = {key: body.get("name") or None for key, body in products.items()}

    def rows(self, subscription: Body) -> list[Row]:
        """The items of one subscription, in their order."""
        bodies = subscription_items(subscription)
        return [self._row(subscription, body, place) for place, body in enumerate(bodies, 1)]

    def _row(self, subscription: Body, item: Body, place: int) -> Row:
        price, currency = item_price(item), self._mrr.currency(subscription)
        listed = self._prices.get(id_of(price) or "", {})
        whole = price if isinstance(price, dict) else listed
        product = id_of(whole.get("product")) or id_of(listed.get("product"))
        exact = self._mrr.monthly(item, currency)
        return {
            "subscription_id": subscription["id"],
            "item_place": place,
            "subscription_item_id": item["id"],
            "stripe_customer_id": id_of(subscription["customer"]),
            "product_id": product,
            "product": self._names.get(product or "") or product,
            "price_id": id_of(price),
            "price_nickname": whole.get("nickname") or whole.get("name") or listed.get("nickname"),
            "quantity": item.get("quantity"),
            "currency": currency,
            "unit_amount": _unit(whole, listed, currency),
            **_recurrence(whole, listed),
            "monthly_amount": to_major(_whole(exact), currency),
            "monthly_amount_minor": _whole(exact),
            **_period(subscription, item),
        }


def _whole(exact: Fraction | None) -> int | None:
    return None if exact is None else half_up(exact)


def _unit(whole: Body, listed: Body, currency: str | None) -> Any:
    """The price of one unit in the major unit; None where there isn't one."""
    if currency is None:
        return None
    try:
        return rounded(unit_amount(whole, listed, currency) / 10 ** exponent(currency))
    except UnknownAmountError:
        return None


def _recurrence(whole: Body, listed: Body) -> Row:
    every = recurrence(whole) or {}
    count = every.get("interval_count")
    usages = {recurrence(price).get("usage_type") for price in (whole, listed)}
    return {
        "billing_scheme": whole.get("billing_scheme") or "per_unit",
        "is_metered": "metered" in usages,
        "recurring_interval": every.get("interval"),
        "interval_count": 1 if count is None else count if count > 0 else None,
    }


def _period(subscription: Body, item: Body) -> Row:
    bounds = {}
    for end in ("start", "end"):
        name = f"current_period_{end}"
        at = subscription.get(name) if item.get(name) is None else item[name]
        bounds[f"current_period_{end}s_at"] = naive(at)
    return bounds


def invoiced(subscription: Row, orders: Iterable[Order], objects: Objects) -> Row:
    """What was invoiced for a subscription (its row), given the orders that name it."""
    own = list(orders)
    counted = [order.total for order in own if order.is_counted]
    currency = subscription["currency"]
    is_known = all(order.currency == currency for order in own) and (currency or not own)
    can_read = objects.can_read("invoices")
    billed = _sum(counted) if is_known and can_read else None
    paid = _sum([order.collected for order in own]) if is_known and can_read else None
    return {
        "invoices": len(counted) if can_read else None,
        "billed": _in_major(billed, currency),
        "billed_minor": billed,
        "paid": _in_major(paid, currency),
        "paid_minor": paid,
    }


def _in_major(minor: int | None, currency: str | None) -> Any:
    """Nothing invoiced is 0 in whichever currency."""
    return minor if minor == 0 else to_major(minor, currency)


def _sum(amounts: list[int | None]) -> int | None:
    return None if None in amounts else sum(each for each in amounts if each is not None)


def subscription_of(invoice: Body) -> str | None:
    """The subscription that an invoice is for."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return id_of(details.get("subscription")) or id_of(invoice.get("subscription"))


def orders_by_subscription(
    objects: Objects, orders: dict[str, Order]
) -> dict[str | None, list[Order]]:
    """The orders that are a subscription's invoices, by the subscription."""
    of = {body["id"]: subscription_of(body) for body in objects.live("invoices")}
    return grouped(orders.values(), lambda order: of.get(order.order_id))
