"""Stripe-shaped catalogue, subscription and Checkout objects; see shapes.py."""

from typing import Any

from .objects import Body
from .shapes import CREATED, list_of

MONTH = 30 * 86_400


def product(key: str, name: str) -> Body:
    """A product that is sold."""
    return {
        "id": key,
        "object": "product",
        "active": True,
        "created": CREATED,
        "default_price": None,
        "description": None,
        "livemode": False,
        "metadata": {},
        "name": name,
        "type": "service",
        "updated": CREATED,
    }


def coupon(key: str, name: str | None) -> Body:
    """A coupon of ten per cent, for good."""
    return {
        "id": key,
        "object": "coupon",
        "amount_off": None,
        "created": CREATED,
        "currency": None,
        "duration": "forever",
        "duration_in_months": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": name,
        "percent_off": 10.0,
        "redeem_by": None,
        "times_redeemed": 1,
        "valid": True,
    }


def discount(key: str, coupon_key: str, owner: str | None) -> Body:
    """A coupon in force; since 2025-09 it names the coupon and no longer holds it."""
    return {
        "id": key,
        "object": "discount",
        "checkout_session": None,
        "customer": owner,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"type": "coupon", "coupon": coupon_key},
        "start": CREATED,
        "subscription": None,
        "subscription_item": None,
    }


def promotion_code(key: str, coupon_key: str) -> Body:
    """A code that customers type in for a coupon."""
    return {
        "id": key,
        "object": "promotion_code",
        "active": True,
        "code": key.upper(),
        "created": CREATED,
        "customer": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"type": "coupon", "coupon": coupon_key},
        "times_redeemed": 0,
    }


def price(key: str, unit_amount: int | None = 1000, **fields: Any) -> Body:
    """A licensed monthly price; `recurring` may be replaced, or None for a one-time price."""
    return {
        "id": key,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": CREATED,
        "currency": "usd",
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": "prod_1",
        "recurring": {
            "interval": "month",
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": unit_amount,
        "unit_amount_decimal": None if unit_amount is None else str(unit_amount),
        **fields,
    }


def metered(key: str, **fields: Any) -> Body:
    """A price billed by usage."""
    body = price(key, **fields)
    body["recurring"] = {**body["recurring"], "usage_type": "metered", "meter": "mtr_1"}
    return body


def subscription_item(key: str, of: str, item_price: Body | str, **fields: Any) -> Body:
    """One item of a subscription."""
    return {
        "id": key,
        "object": "subscription_item",
        "created": CREATED,
        "current_period_end": CREATED + MONTH,
        "current_period_start": CREATED,
        "discounts": [],
        "metadata": {},
        "price": item_price,
        "quantity": 1,
        "subscription": of,
        "tax_rates": [],
        **fields,
    }


def subscription(key: str, owner: str, items: list[Body] | None = None, **fields: Any) -> Body:
    """An active subscription."""
    if items is None:
        items = [subscription_item(f"si_{key}", key, price("price_1"))]
    return {
        "id": key,
        "object": "subscription",
        "billing_cycle_anchor": CREATED,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": CREATED,
        "currency": "usd",
        "customer": owner,
        "discounts": [],
        "ended_at": None,
        "items": list_of(items),
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "start_date": CREATED,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
        **fields,
    }


def checkout_session(key: str, owner: str | None, intent: str | None, **fields: Any) -> Body:
    """A completed one-time Checkout; `quantities` gives its line items."""
    quantities = fields.pop("quantities", [1])
    items = [
        {
            "id": f"li_{key}_{number}",
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": 1000,
            "amount_tax": 0,
            "amount_total": 1000,
            "currency": "usd",
            "description": "Coffee",
            "quantity": quantity,
        }
        for number, quantity in enumerate(quantities)
    ]
    created = fields.get("created", CREATED)
    return {
        "id": key,
        "object": "checkout.session",
        "after_expiration": None,
        "amount_subtotal": 1000,
        "amount_total": 1000,
        "consent": None,
        "created": created,
        "currency": "usd",
        "customer": owner,
        "customer_details": None,
        "expires_at": created + 86_400,
        "invoice": None,
        "line_items": list_of(items),
        "livemode": False,
        "metadata": {},
        "mode": "payment",
        "payment_intent": intent,
        "payment_link": None,
        "payment_status": "paid",
        "recovered_from": None,
        "status": "complete",
        "subscription": None,
        "url": None,
        **fields,
    }
