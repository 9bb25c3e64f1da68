"""Reading Stripe's objects whichever API version rendered them: where a field moved, both places.

Where both are filled, the newer place wins.
"""

from collections.abc import Iterable
from typing import Any

from .objects import Body, Objects, id_of


def entries(body: Body, field: str) -> list[Body]:
    """The entries of a nested list, such as an invoice's lines."""
    return (body.get(field) or {}).get("data") or []


def subscription_items(subscription: Body) -> list[Body]:
    """A subscription's items; before there were any, its one plan was all that it had."""
    listed = entries(subscription, "items")
    if listed or not subscription.get("plan"):
        return listed
    plan = subscription["plan"]
    return [{"id": id_of(plan), "plan": plan, "quantity": subscription.get("quantity")}]


def created_of(body: Body) -> int:
    """When an object was made, under whichever name it stands."""
    names = ("created", "date", "start_date", "start")
    found: int = next(body[name] for name in names if body.get(name) is not None)
    return found


def charge_status(charge: Body) -> str | None:
    """A charge's status; it was once called paid, and before that `paid` said it."""
    status = charge.get("status")
    if status is None and charge.get("paid") is not None:
        return "succeeded" if charge["paid"] else "failed"
    return "succeeded" if status == "paid" else status


def is_captured(charge: Body) -> bool:
    """Whether the money was taken; what doesn't say so is older than the difference."""
    if charge.get("captured") is not None:
        return charge["captured"] is True
    return charge.get("amount_captured") is None or charge["amount_captured"] > 0


def captured_of(charge: Body) -> int | None:
    """What was taken of a charge; one that doesn't say was captured whole or not at all."""
    captured: int | None = charge.get("amount_captured")
    if captured is not None:
        return captured
    return 0 if charge.get("captured") is False else charge.get("amount")


def invoice_currency(invoice: Body) -> str | None:
    """The currency of an invoice, or of its first line where it doesn't say."""
    first = next(iter(entries(invoice, "lines")), {})
    currency = invoice.get("currency") or first.get("currency")
    return currency and str(currency).lower()


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
        yield from (subscription, *subscription_items(subscription))
    yield from objects.last_body("customers").values()
    for invoice in objects.last_body("invoices").values():
        yield from (invoice, *entries(invoice, "lines"))


def whole_discount(discount: Any, seen: dict[str, Body]) -> Body | None:
    """A discount that is given whole or by an id that was seen; None for an unknown one."""
    if isinstance(discount, dict) and coupon_of(discount):
        return discount
    return seen.get(id_of(discount) or "")
