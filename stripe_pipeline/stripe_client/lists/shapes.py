"""The fields that figures are computed from, with the type and bounds that each must have.

dbt reads a field of another type, or a number out of range, as null, and so would lose it
silently. Stripe's types: https://docs.stripe.com/api. Other fields aren't validated.
A test compares these with the shapes of dbt's staging.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

# 9000-01-01, the last year that a run can be computed for. Stripe has no time before 1970.
LATEST = 221_845_392_000
# Stripe's largest amounts have twelve digits; sums of these still fit dbt's column types.
MOST = 10**13

TIME = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
MINOR = Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)]
COUNT = MINOR  # a quantity bought; sums of these fit as well
FLAG = bool
TEXT = str

Fields = Mapping[str, Any]


class Anything(msgspec.Struct, gc=False):
    """An object whose content isn't validated."""


@dataclass(frozen=True)
class ListOf:
    """A nested list, by the fields of its entries."""

    fields: Fields


def list_of(**fields: Any) -> ListOf:
    """Describe a nested list."""
    return ListOf(fields)


def optional(fields: Fields) -> list[Any]:
    """Return the fields as those of a struct, each of which may be null or absent."""
    return [(name, _type(kind) | None, None) for name, kind in fields.items()]


def _type(kind: Any) -> Any:
    """Return the type of a field; that of a nested list has `has_more` as well."""
    if not isinstance(kind, ListOf):
        return kind
    entry: Any = _struct("Entry", kind.fields)
    fields: list[Any] = [("data", list[entry] | None, None), ("has_more", bool, False)]
    return msgspec.defstruct("List", fields, gc=False)


def _struct(name: str, fields: Fields) -> Any:
    return msgspec.defstruct(name, optional(fields), gc=False)


def group(**fields: Any) -> Any:
    """Return the type of an object within an object."""
    return _struct("Group", fields)


_PRICE = {"unit_amount": MINOR, "recurring": Anything, "transform_quantity": Anything}
_AMOUNT: Any = group(amount=MINOR)
_AMOUNTS: Any = list[_AMOUNT]
_WHO = group(address=Anything, email=TEXT, name=TEXT, phone=TEXT)

SHAPES: Mapping[str, Fields] = {
    "customers": {
        "email": TEXT,
        "name": TEXT,
        "phone": TEXT,
        "address": Anything,
        "delinquent": FLAG,
        "metadata": Anything,
    },
    "products": {"name": TEXT},
    "prices": {"currency": TEXT, **_PRICE},
    "coupons": {"amount_off": MINOR, "currency": TEXT, "duration": TEXT},
    "promotion_codes": {"code": TEXT},
    "subscriptions": {
        "status": TEXT,
        "currency": TEXT,
        "start_date": TIME,
        "start": TIME,
        "trial_start": TIME,
        "trial_end": TIME,
        "cancel_at": TIME,
        "cancel_at_period_end": FLAG,
        "canceled_at": TIME,
        "ended_at": TIME,
        "current_period_start": TIME,
        "current_period_end": TIME,
        "pause_collection": Anything,
        "quantity": COUNT,
        "items": list_of(quantity=COUNT, current_period_start=TIME, current_period_end=TIME),
    },
    "invoices": {
        "date": TIME,
        "status": TEXT,
        "paid": FLAG,
        "status_transitions": group(paid_at=TIME, voided_at=TIME),
        "currency": TEXT,
        "subtotal": MINOR,
        "total": MINOR,
        "total_excluding_tax": MINOR,
        "amount_due": MINOR,
        "amount_paid": MINOR,
        "amount_overpaid": MINOR,
        "amount_remaining": MINOR,
        "amount_paid_off_stripe": MINOR,
        "tax": MINOR,
        "total_discount_amounts": _AMOUNTS,
        "total_taxes": _AMOUNTS,
        "total_tax_amounts": _AMOUNTS,
        "total_pretax_credit_amounts": _AMOUNTS,
        "shipping_cost": group(amount_tax=MINOR, amount_total=MINOR),
        "amount_shipping": MINOR,
        "due_date": TIME,
        "paid_out_of_band": FLAG,
        "lines": list_of(
            amount=MINOR,
            quantity=COUNT,
            discount_amounts=_AMOUNTS,
            taxes=_AMOUNTS,
            tax_amounts=_AMOUNTS,
        ),
    },
    "invoice_payments": {"status": TEXT, "amount_paid": MINOR, "payment": Anything},
    "charges": {
        "status": TEXT,
        "paid": FLAG,
        "captured": FLAG,
        "currency": TEXT,
        "amount": MINOR,
        "amount_captured": MINOR,
        "amount_refunded": MINOR,
        "refunded": FLAG,
        "billing_details": _WHO,
        "receipt_email": TEXT,
    },
    "refunds": {"status": TEXT, "currency": TEXT, "amount": MINOR},
    "credit_notes": {
        "status": TEXT,
        "currency": TEXT,
        "out_of_band_amount": MINOR,
        "lines": list_of(amount=MINOR),
    },
    "disputes": {"status": TEXT, "currency": TEXT, "amount": MINOR},
    "checkout_sessions": {
        "status": TEXT,
        "expires_at": TIME,
        "customer_details": _WHO,
        "shipping_cost": group(amount_total=MINOR),
        "total_details": group(amount_shipping=MINOR),
        "line_items": list_of(
            quantity=COUNT,
            amount_subtotal=MINOR,
            amount_discount=MINOR,
            amount_tax=MINOR,
            amount_total=MINOR,
        ),
    },
}
