"""Reading Stripe's objects whichever API version rendered them: where a field moved, both places.

Where both are filled, the newer place wins.
"""

from collections.abc import Iterable
from typing import Any

from .objects import Body, Objects, id_of


def entries(body: Body, field: str) -> list[Body]:
    """The entries of a nested list, such as an invoice's lines."""
    return (body.get(field) or {}).get("data") or []


def invoice_status(invoice: Body) -> str | None:
    """An invoice's status; before there was one, `paid` said it."""
    if invoice.get("status") is None and invoice.get("paid") is True:
        return "paid"
    return invoice.get("status")


def line_price(line: Body) -> Any:
    """What a line of an invoice is for: a price (or plan) or its id, or None."""
    details = (line.get("pricing") or {}).get("price_details") or {}
    return details.get("price") or line.get("price") or line.get("plan")


def is_proration(line: Body) -> bool:
    """Whether a line settles a change within a period."""
    parent = line.get("parent") or {}
    details = (parent.get("subscription_item_details"), parent.get("invoice_item_details"))
    said = [detail["proration"] for detail in details if detail and "proration" in detail]
    return any(said) if said else line.get("proration") is True


def item_price(item: Body) -> Any:
    """What an item of a subscription is for: a price (or plan) or its id."""
    return item.get("price") or item.get("plan")


def usage_type(price: Body) -> str | None:
    """How a price is counted; a plan says it itself, a price in `recurring`."""
    recurring = price.get("recurring") or {}
    return recurring.get("usage_type") or price.get("usage_type")


def period_end(subscription: Body) -> int | None:
    """The end of the current period: the first of its items', or once its own."""
    ends = [item.get("current_period_end") for item in entries(subscription, "items")]
    known = [end for end in ends if end is not None]
    return min(known) if known else subscription.get("current_period_end")


def discounts_of(body: Body) -> list[Any]:
    """The discounts on an object, or their ids; there was a time of one at most."""
    single = body.get("discount")
    return body.get("discounts") or ([single] if single else [])


def coupon_of(discount: Body) -> Any:
    """A discount's coupon, as an id or whole."""
    return (discount.get("source") or {}).get("coupon") or discount.get("coupon")


def coupon_of_code(code: Body) -> Any:
    """A promotion code's coupon, as an id or whole."""
    return (code.get("promotion") or {}).get("coupon") or code.get("coupon")


def seen_discounts(objects: Objects) -> dict[str, Body]:
    """Every discount that stands somewhere as a whole, by id."""
    found: dict[str, Body] = {}
    for holder in _holders(objects):
        # The single one is there beside a list of ids.
        for discount in [*discounts_of(holder), holder.get("discount")]:
            if isinstance(discount, dict) and coupon_of(discount):
                found[discount["id"]] = discount
    return found


def _holders(objects: Objects) -> Iterable[Body]:
    for subscription in objects.last_body("subscriptions").values():
        yield from (subscription, *entries(subscription, "items"))
    for invoice in objects.last_body("invoices").values():
        yield from (invoice, *entries(invoice, "lines"))


def whole_discount(discount: Any, seen: dict[str, Body]) -> Body | None:
    """A discount that is given whole or by an id that was seen; None for one nobody knows."""
    if isinstance(discount, dict) and coupon_of(discount):
        return discount
    return seen.get(id_of(discount) or "")
