"""Stripe-shaped objects of the pinned API version, with every field that the marts look at.

Each function gives a whole, unremarkable object; keyword arguments replace its fields.
"""

from typing import Any

from .objects import Body

CREATED = 1_767_225_600  # 2026-01-01 00:00:00 UTC


def customer(key: str, created: int = CREATED, **fields: Any) -> Body:
    """A customer with a name and an email address."""
    return {
        "id": key,
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": created,
        "currency": "usd",
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": f"{key.lower()}@example.com",
        "individual_name": None,
        "invoice_prefix": "ABC",
        "invoice_settings": {"custom_fields": None, "default_payment_method": None},
        "livemode": False,
        "metadata": {},
        "name": "Ada Lovelace",
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **fields,
    }


def line(key: str, amount: int, quantity: int | None = 1, **fields: Any) -> Body:
    """A line of an invoice; `price` and `proration` say what it is for."""
    price = fields.pop("price", "price_1")
    proration = fields.pop("proration", False)
    item = {"subscription_item": "si_1", "subscription": "sub_1", "proration": proration}
    return {
        "id": key,
        "object": "line_item",
        "amount": amount,
        "currency": "usd",
        "description": "1 x Coffee",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": item,
        },
        "period": {"start": CREATED, "end": CREATED},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price, "product": "prod_1"},
            "unit_amount_decimal": None,
        },
        "quantity": quantity,
        "taxes": [],
        **fields,
    }


def list_of(items: list[Body], url: str = "/v1/lines") -> Body:
    """A completed nested list."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def invoice(key: str, owner: str | None, total: int = 1000, **fields: Any) -> Body:
    """A paid invoice of one line; `paid_at` and `lines` (a list) may be given."""
    created = fields.get("created", CREATED)
    status = fields.get("status", "paid")
    transitions = {
        "finalized_at": None if status == "draft" else created,
        "marked_uncollectible_at": created if status == "uncollectible" else None,
        "paid_at": fields.pop("paid_at", created if status == "paid" else None),
        "voided_at": created if status == "void" else None,
    }
    lines = fields.pop("lines", [line(f"il_{key}", total)])
    paid = total if status == "paid" else 0
    return {
        "id": key,
        "object": "invoice",
        "amount_due": max(total, 0),
        "amount_overpaid": 0,
        "amount_paid": paid,
        "amount_remaining": max(total, 0) - paid,
        "attempt_count": 1,
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "created": created,
        "currency": "usd",
        "customer": owner,
        "customer_email": None,
        "customer_name": None,
        "discounts": [],
        "due_date": None,
        "lines": list_of(lines),
        "livemode": False,
        "metadata": {},
        "number": None,
        "parent": None,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": status,
        "status_transitions": transitions,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_taxes": [],
        **fields,
    }


def invoice_payment(key: str, of: str, intent: str | None, paid: int | None, **fields: Any) -> Body:
    """The link from a payment intent to an invoice; `payment` may be replaced for a charge."""
    return {
        "id": key,
        "object": "invoice_payment",
        "amount_paid": paid,
        "amount_requested": paid or 0,
        "created": CREATED,
        "currency": "usd",
        "invoice": of,
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": CREATED},
        **fields,
    }


def charge(key: str, owner: str | None, amount: int = 1000, **fields: Any) -> Body:
    """A captured, successful charge without a payment intent."""
    return {
        "id": key,
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": CREATED,
        "currency": "usd",
        "customer": owner,
        "description": None,
        "disputed": False,
        "failure_code": None,
        "livemode": False,
        "metadata": {},
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": "pm_1",
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
        "receipt_email": None,
        "refunded": False,
        "status": "succeeded",
        **fields,
    }


def refund(key: str, of: str | None, amount: int, **fields: Any) -> Body:
    """A successful refund of a charge."""
    return {
        "id": key,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": of,
        "created": CREATED,
        "currency": "usd",
        "metadata": {},
        "payment_intent": None,
        "reason": None,
        "receipt_number": None,
        "status": "succeeded",
        **fields,
    }


def dispute(key: str, of: str | None, amount: int, **fields: Any) -> Body:
    """A lost dispute of a charge."""
    return {
        "id": key,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of,
        "created": CREATED,
        "currency": "usd",
        "evidence_details": {"due_by": None, "has_evidence": False, "past_due": False},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": None,
        "reason": "fraudulent",
        "status": "lost",
        **fields,
    }


def credit_note(key: str, of: str, owner: str | None, out_of_band: int, **fields: Any) -> Body:
    """An issued credit note that was paid back outside of Stripe."""
    return {
        "id": key,
        "object": "credit_note",
        "amount": out_of_band,
        "created": CREATED,
        "currency": "usd",
        "customer": owner,
        "customer_balance_transaction": None,
        "invoice": of,
        "lines": list_of([]),
        "livemode": False,
        "metadata": {},
        "number": f"{key}-CN-01",
        "out_of_band_amount": out_of_band,
        "post_payment_amount": out_of_band,
        "pre_payment_amount": 0,
        "reason": None,
        "refunds": [],
        "status": "issued",
        "subtotal": out_of_band,
        "total": out_of_band,
        "type": "post_payment",
        "voided_at": None,
        **fields,
    }
